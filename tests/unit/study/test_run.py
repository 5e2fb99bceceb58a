"""What a run gives back for small parks that lack something: units, capacity, a figure at times."""

from __future__ import annotations

import pandas as pd
import pytest

from chainsim.errors import InfeasibleError, ScenarioError
from chainsim.results import KPI_COLUMNS, table
from chainsim.study.run import ENGINES, run, summary
from tests.parks import HEAD, park_of

TRADE = """
materials: {heat: {unit: GJ}}
buy: {heat: {limit: 6}}
obligations: {town: {material: heat, rate: 8}}
"""
STANDBY = """
materials: {x: {}, y: {}, z: {}}
units:
  main:
    recipe: {feeds: {x: 1}, products: {y: 1}}
    capacity: 1
    failures: [{uptime: {kind: exponential, mean: 100}, repair: {kind: constant, value: 10}}]
  spare: {recipe: {feeds: {x: 1}, products: {z: 1}}, capacity: 1, standby_for: [main]}
buy: {x: {}}
sell: {y: {}, z: {}}
"""


LATE = """
materials: {x: {}, y: {}}
units:
  late:
    recipe: {feeds: {x: 1}, products: {y: 1}}
    capacity: 1
    start: 2025-01-05
    failures: [{uptime: {kind: constant, value: 100}, repair: {kind: constant, value: 10}}]
buy: {x: {}}
sell: {y: {}}
"""


def kpis(**values: float) -> pd.DataFrame:
    rows = [
        {"id": k, "value": v, "unit": "t", "period": "total", "low": v, "high": v}
        for k, v in values.items()
    ]
    return table(rows, KPI_COLUMNS)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_park_without_units_runs_and_tells_what_it_owes(engine):
    result = run(park_of(TRADE, hours=10), engine=engine)
    flows = result.flows.set_index("component")["quantity"].to_dict()
    assert flows == pytest.approx({"heat": 60.0, "town": -60.0})
    assert "reliability.availability" not in set(result.kpis["id"])
    (problem,) = (p for p in result.problems if p.code == "CS-A011")
    assert (problem.path, problem.found, problem.expected) == ("obligations.town", "60 GJ", "80 GJ")
    assert "short in 10 h" in problem.message()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_unit_of_no_capacity_makes_nothing(engine):
    text = STANDBY.replace("capacity: 1\n    failures", "capacity: 0\n    failures")
    result = run(park_of(text), engine=engine)
    assert result.kpi("output.y_t") == 0.0


def test_what_was_made_in_some_replications_only_counts_in_all():
    result = run(park_of(STANDBY), reps=12, seed=3)
    alone = [run(park_of(STANDBY), seed=3).kpi("output.z_t")]
    low, high = result.kpis.set_index("id").loc["output.z_t", ["low", "high"]]
    assert low == 0.0 < result.kpi("output.z_t") < high
    assert result.kpi("output.y_t") + result.kpi("output.z_t") == pytest.approx(100.0)
    assert alone[0] in (0.0, 10.0, 20.0)


def test_means_of_replications_go_by_name():
    merged = summary([kpis(a=1.0, b=10.0), kpis(b=20.0, c=5.0)]).set_index("id")
    assert merged["value"].to_dict() == {"a": 1.0, "b": 15.0, "c": 5.0}
    assert list(merged.loc["b", ["low", "high"]]) == pytest.approx([10.5, 19.5])
    assert set(merged["unit"]) == {"t"}


def test_a_unit_ages_and_counts_from_its_start_on():
    result = run(park_of(LATE, hours=400))  # up 96 to 196, 206 to 306, 316 to 400
    assert result.kpi("output.y_t") == pytest.approx(284.0)
    assert result.kpi("reliability.availability") == pytest.approx(284.0 / 304.0)
    failed = result.simulation.events.query("event == 'failure:failure'")["time_h"]
    assert list(failed) == pytest.approx([196.0, 306.0])


@pytest.mark.parametrize("engine", ENGINES)
def test_before_its_start_a_unit_is_not_unavailable(engine):
    result = run(park_of(LATE, hours=400), engine=engine, outages=False)
    assert result.kpi("reliability.availability") == pytest.approx(1.0)


TRADED = """
sites: {mine: {}, port: {}}
materials: {coal: {}}
buy: {coal: {site: mine}}
sell: {sold: {material: coal, site: port}}
links:
  road: {material: coal, from: mine, to: port, mode: truck, km: 10,
    shipment: {batch: 1, bays: 1, every: 2, first: 0.5}}
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_what_vehicles_fetch_and_sell_flows_in_every_engine(engine):
    result = run(park_of(TRADED), engine=engine)
    carried = result.flows.set_index(["kind", "port"])["quantity"].to_dict()
    assert carried == pytest.approx(
        {("buy", "buy"): 50, ("sell", "sell"): -50, ("link", "in"): -50, ("link", "out"): 50}
    )
    assert result.kpi("logistics.tkm") == pytest.approx(500.0)


def test_what_no_run_can_have_is_told_at_once():
    with pytest.raises(ScenarioError) as caught:
        run(park_of(TRADE), engine="fast", seed=-1, years=0, reps=0)
    told = {p.path: (p.code, p.found) for p in caught.value.problems}
    assert told == {
        "engine": ("CS-E013", "fast"),
        "seed": ("CS-E013", "-1"),
        "years": ("CS-E013", "0"),
        "reps": ("CS-E013", "0"),
    }


def test_warnings_tell_where_they_come_from(tmp_path):
    """With the line where the path stands in a file, with the file alone where it does not."""
    text = (
        "schema_version: 1\nid: owing\nname_zh: a\nname_en: a\nlibrary: false\n"
        "horizon: {hours: 10}\n" + TRADE
    )
    path = tmp_path / "owing.yaml"
    path.write_text(text, encoding="utf-8")
    (told,) = run(path, engine="steady").problems
    assert (told.code, told.file, told.line) == ("CS-A011", str(path), 10)
    shipped = run("xinzhou-base", engine="steady").problems
    assert {p.file for p in shipped} == {"scenarios/xinzhou-base.yaml"}
    assert [p.line for p in shipped if p.path == "finance.payback_y"] == [0]


@pytest.mark.parametrize(
    ("engine", "line"), [("des", 7), ("steady", 7), ("lp", 0)], ids=["des", "steady", "lp"]
)
def test_what_stops_a_run_has_its_place(tmp_path, engine, line):
    path = tmp_path / "hard.yaml"
    owed = "obligations: {x: {rate: 2, hard: true}}\n"
    path.write_text(f"{HEAD.lstrip()}materials: {{x: {{}}}}\n{owed}buy: {{x: {{limit: 1}}}}\n")
    with pytest.raises(InfeasibleError) as caught:
        run(path, engine=engine)
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == (str(path), line)
