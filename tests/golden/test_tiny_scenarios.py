"""The four scenario files of docs/scenario-format.md, from file to totals."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.park.build import load_park
from chainsim.park.graph import recycles
from chainsim.results import Simulation

FOLDER = Path(__file__).parents[1] / "scenarios"


def sold(simulation: Simulation, component: str, kind: str = "sell") -> float:
    flows = simulation.flows
    return -float(flows[(flows.kind == kind) & (flows.component == component)].quantity.sum())


@pytest.mark.parametrize("engine", [run_steady, run_des])
def test_splitter(engine):
    found = engine(load_park(FOLDER / "splitter.yaml"))
    assert sold(found, "a") == pytest.approx(60 * 24, abs=1e-9)
    assert sold(found, "b") == 0.0
    assert sold(found, "c") == pytest.approx(30 * 24, abs=1e-9)
    assert sold(found, "gas", "vent") == pytest.approx(10 * 24, abs=1e-9)


@pytest.mark.parametrize("engine", [run_steady, run_des])
def test_underfiring(engine):
    park = load_park(FOLDER / "underfiring.yaml")
    found = engine(park)
    assert sold(found, "methanol") == pytest.approx(0.5 * 3.5458286 * 24, abs=1e-5)
    assert found.obligations.served.sum() == pytest.approx(787.5 * 24, abs=1e-6)
    flows = found.flows.query("component == 'ovens' and port == 'fuel'").set_index("material")
    assert -flows.quantity["tail_gas"] == pytest.approx(499.552 * 24, abs=1e-6)
    assert not recycles(park)  # the tail gas frees gas, it does not return to where it came from


def test_holder():
    found = run_des(load_park(FOLDER / "holder.yaml"))
    assert sold(found, "good") == pytest.approx(8 * (26.25 + 69.75), abs=1e-9)


def test_two_machines():
    found = run_des(load_park(FOLDER / "two-machines.yaml"), seed=1)
    assert sold(found, "good") / found.hours == pytest.approx(0.85577, abs=0.03)
