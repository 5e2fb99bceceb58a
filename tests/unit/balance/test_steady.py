"""Mean availability, overhauls, dates and hard obligations of the steady engine."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainsim.balance.steady import (
    condition_changes,
    failure_availability,
    mean_duration,
    overhaul_share,
    run_steady,
)
from chainsim.des.clocks import Draws
from chainsim.des.engine import run_des
from chainsim.errors import InfeasibleError
from chainsim.library.model import Distribution
from chainsim.study.run import run
from tests.parks import park_of

DISTRIBUTIONS = [
    ("exponential", {"mean": 70.0}, 70.0),
    ("weibull", {"shape": 2.0, "scale": 100.0}, 100.0 * math.sqrt(math.pi) / 2),
    ("lognormal", {"median": 50.0, "sigma": 0.5}, 50.0 * math.exp(0.125)),
    ("gamma", {"shape": 3.0, "scale": 20.0}, 60.0),
    ("triangular", {"low": 10.0, "mode": 20.0, "high": 60.0}, 30.0),
    ("triangular", {"low": 10.0, "mode": 10.0, "high": 10.0}, 10.0),
    ("constant", {"value": 24.0}, 24.0),
]


@pytest.mark.parametrize(("kind", "parameters", "mean"), DISTRIBUTIONS)
def test_means_and_draws_agree(kind, parameters, mean):
    law = Distribution(kind=kind, parameters=parameters)
    assert mean_duration(law) == pytest.approx(mean)
    draws = Draws(1, 0, kind)
    sample = [draws.duration(law) for _ in range(20000)]
    assert min(sample) >= 0.0
    error = 5 * float(np.std(sample)) / math.sqrt(len(sample))
    assert float(np.mean(sample)) == pytest.approx(mean, abs=error + 1e-9)


def unit_of(extra: str, hours: float = 1000.0):
    return park_of(
        f"""
        materials: {{x: {{}}, y: {{}}}}
        units: {{m: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 10, {extra}}}}}
        buy: {{x: {{}}}}
        sell: {{y: {{}}}}
        """,
        hours=hours,
    )


MODE = "{uptime: {kind: exponential, mean: 90}, repair: {kind: constant, value: 10}}"
OTHER = "{mode: other, uptime: {kind: constant, value: 30}, repair: {kind: constant, value: 10}}"


def test_failure_modes_multiply():
    unit = unit_of(f"failures: [{MODE}, {OTHER}]").units["m"]
    assert failure_availability(unit) == pytest.approx(0.9 * 0.75)


@pytest.mark.parametrize(
    ("plan", "hours", "share"),
    [
        ("{interval: 400, duration: 50}", 1000.0, 0.1),  # at 200 and 600
        ("{interval: 400, duration: 50, first: 0}", 1000.0, 0.15),
        ("{interval: 400, duration: 50, first: 980}", 1000.0, 0.02),  # cut by the horizon
        ("{interval: 400, duration: 50, first: 2000}", 1000.0, 0.0),
    ],
)
def test_overhaul_share(plan, hours, share):
    assert overhaul_share(unit_of(f"overhaul: {plan}", hours).units["m"], hours) == pytest.approx(
        share
    )
    assert overhaul_share(unit_of("overhaul: false").units["m"], hours) == 0.0


def test_availability_enters_the_flows_and_the_unit_table():
    park = unit_of(f"failures: [{MODE}], overhaul: {{interval: 400, duration: 50}}")
    found = run_steady(park)
    row = found.units.iloc[:, 2:-1].select_dtypes("number").sum()
    assert row.full_load_h == pytest.approx(1000 * 0.9 * 0.9)
    assert row.available_h == pytest.approx(810.0)
    assert row.failed_h == pytest.approx(90.0)
    assert row.overhaul_h == pytest.approx(100.0)
    assert run_steady(park, outages=False).units.full_load_h.sum() == pytest.approx(1000.0)


def test_conditions_change_with_months_and_dates():
    park = park_of(
        """
        materials: {x: {}}
        buy: {x: {}}
        units: {m: {recipe: {feeds: {x: 1}}, capacity: 1, start: 2025-01-11}}
        obligations: {x: {monthly: [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]}}
        """,
        hours=90 * 24.0,
    )
    assert condition_changes(park) == [(0.0, 1), (240.0, 1), (59 * 24.0, 3)]
    found = run_steady(park)
    assert found.units.full_load_h.sum() == pytest.approx(80 * 24.0)
    assert found.obligations.served.tolist() == pytest.approx([31 * 24, 28 * 24, 31 * 48])


def test_a_hard_obligation_that_cannot_be_met_stops_the_run():
    text = """
        materials: {{gas: {{unit: kNm3}}}}
        buy: {{gas: {{limit: 6}}}}
        obligations: {{town: {{material: gas, rate: {rate}, hard: true}}}}
    """
    assert run_steady(park_of(text.format(rate=6))).obligations.shortfall.sum() == 0.0
    with pytest.raises(InfeasibleError) as caught:
        run_steady(park_of(text.format(rate=10)))
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, problem.found, problem.expected) == (
        "CS-E004",
        "obligations.town",
        "6",
        "10",
    )
    assert caught.value.exit_code == 5


def test_an_unbounded_goal_is_named():
    park = park_of("""
        materials: {x: {}}
        buy: {x: {}}
        sell: {x: {}}
        dispatch: [{maximise: 'sell:x'}]
    """)
    with pytest.raises(InfeasibleError) as caught:
        run_steady(park)
    assert (caught.value.problems[0].code, caught.value.problems[0].found) == ("CS-E002", "sell:x")


def test_bottlenecks_name_what_limits_a_unit():
    park = park_of("""
        materials: {x: {}, y: {}}
        units: {m: {recipe: {feeds: {x: 1}, products: {y: 1}}, capacity: 10}}
        buy: {x: {limit: 4}}
        sell: {y: {}}
    """)
    assert "buy:x" in run_steady(park).bottlenecks["m"]


@pytest.mark.parametrize("engine", ["steady", "des"])
def test_rows_of_headers_add_up_by_month_site_and_material(engine):
    flows = run("xinzhou-base", engine=engine).flows
    units = flows[flows["kind"] == "unit"]
    assert {"feed", "product", "ambient", "emission", "loss"} <= set(units["role"])
    assert set(flows.loc[flows["kind"] != "unit", "role"]) == {""}
    at_headers = flows[~flows["role"].isin(["ambient", "emission", "loss"])]
    sums = at_headers.groupby(["period", "site", "material"])["quantity"].agg(
        gap="sum", size=lambda x: x.abs().sum()
    )
    assert (sums["gap"].abs() <= 1e-9 * sums["size"]).all()


@pytest.mark.parametrize(
    ("unit", "made"),
    [
        # On since four days when the year begins, six days left; two days of the second one.
        ("overhaul: {dates: [2024-12-28, 2025-12-30], duration: 240}", 8760 - 144 - 48),
        # February's stop is before its time.
        ("start: 2025-07-01, overhaul: {dates: [2025-02-01, 2025-08-01], duration: 240}", 4176),
        ("start: 2025-07-01, overhaul: {interval: 1000, duration: 100, clock: operating}", 4016),
        ("close: 2025-03-01, overhaul: {interval: 1000, duration: 100}", 1316),
    ],
)
def test_stops_count_within_the_horizon_and_the_life_of_the_unit(unit, made):
    park = park_of(
        f"""
        materials: {{x: {{}}, y: {{}}}}
        units: {{m: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, {unit}}}}}
        buy: {{x: {{}}}}
        sell: {{y: {{}}}}
        """,
        hours=8760.0,
    )
    for found in (run_steady(park), run_des(park)):
        sold = found.flows[found.flows.port == "sell"].quantity.sum()
        assert -sold == pytest.approx(made, rel=1e-9)
