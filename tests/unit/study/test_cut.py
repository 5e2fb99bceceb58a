"""A cut run again: output reaches the target and no oven leaves its stable load."""

from __future__ import annotations

import pytest

from chainsim.study.cut import study_cut
from tests.city import FILE


def test_output_is_the_target_and_floors_hold() -> None:
    study = study_cut(str(FILE), 130e4)
    assert study.after is not None
    years = study.before.simulation.hours / 8760
    assert study.after.kpi("output.coke_t") / years == pytest.approx(130e4, rel=1e-6)
    for unit in study.after.park.units.values():
        assert unit.load >= unit.min_load - 1e-12
    shares = study.shares()
    assert (shares["after"] >= shares["floor"] - 1e-9).all()
    assert float(shares["margin_change"].sum()) < 0


def test_civil_gas_raises_a_floor() -> None:
    loads = "[40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40]"
    much = study_cut(str(FILE), 150e4, overrides=[f"obligations.civil_gas.monthly={loads}"])
    little = study_cut(str(FILE), 150e4)
    assert much.cut.civil_floors["west"] > 10 * little.cut.civil_floors["west"]
    assert much.cut.load_floors == pytest.approx(little.cut.load_floors, rel=0.05)


def test_an_infeasible_cut_is_not_run() -> None:
    study = study_cut(str(FILE), 10e4)
    assert study.after is None
    assert study.effects().empty
    assert study.cut.result.missing > 0
