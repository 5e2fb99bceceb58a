"""`uncertainty` in a scenario: what studies draw unless they say otherwise, told and checked."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import chainsim as cs
from chainsim.cli.entry import invoke
from chainsim.errors import DataError
from chainsim.library.census import figures
from chainsim.library.files import load_library
from chainsim.library.scenario_records import scenario_schema
from chainsim.library.scenarios import load_scenario, parse_scenario
from chainsim.library.study_files import parse_study
from chainsim.library.study_records import study_schema
from chainsim.library.uncertainty_records import UncertaintyRecord
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.build import build_park
from chainsim.study.drafts import check_draft, draft_text, read_draft
from chainsim.study.project_risk import (
    KPIS,
    SCENARIO,
    RiskAsk,
    _plan,
    says_what_is_drawn,
)
from chainsim.study.sweeps.parts import Rows
from chainsim.study.uncertain.draws import Draws, park_at

PROCESS = "methanol_cog"
PARK = f"""\
schema_version: 1
id: park
name_zh: 园区
name_en: park
horizon: {{hours: 100}}
units: {{make: {{process: {PROCESS}, capacity: 10 t/h}}}}
buy: {{coke_oven_gas: {{}}, electricity: {{}}, fresh_water: {{}}, oxygen: {{}}}}
sell: {{methanol: {{}}}}
"""
LINE = """\
schema_version: 1
id: line
name_zh: 线
name_en: line
library: false
horizon: {hours: 1000}
materials: {raw: {price_cny: 1}, coke: {}, good: {price_cny: 10}}
units:
  m:
    recipe: {feeds: {raw: 1}, products: {good: 1, coke: 1}}
    capacity: 1
    failures: [{uptime: {kind: exponential, mean: 100}, repair: {kind: exponential, mean: 10}}]
buy: {raw: {}}
sell: {good: {}, coke: {}}
"""
DRAWN = "uncertainty: {prices: {ranges: {good: {low: 0.5, high: 1.5}}}}\n"


def study_text(more: str, reps: int = 5) -> str:
    return (
        "schema_version: 1\nkind: study\nid: s\nname_zh: 研\nname_en: s\nscenarios: [one.yaml]\n"
        f"reps: {reps}\npolicy: false\n{more}"
    )


def study_of(folder, scenario: str, more: str = "", *, reps: int = 5):
    (folder / "one.yaml").write_text(scenario, "utf-8")
    return parse_study(study_text(more, reps), folder=folder)


def values(study, out, kpi="value.revenue_cny") -> np.ndarray:
    frame = pd.read_parquet(cs.sweep(study, out).folder / "parts")
    frame = frame[frame["id"] == kpi].sort_values(["point", "replication"])
    return frame["value"].to_numpy()


def test_a_sweep_draws_what_the_scenario_says_unless_the_study_says_otherwise(tmp_path):
    own = values(study_of(tmp_path, LINE + DRAWN), tmp_path / "own")
    told = values(study_of(tmp_path, LINE, DRAWN), tmp_path / "told")
    nothing = values(study_of(tmp_path, LINE + DRAWN, "uncertainty: {}\n"), tmp_path / "nothing")
    plain = values(study_of(tmp_path, LINE), tmp_path / "plain")
    assert own.tolist() == told.tolist()
    assert nothing.tolist() == plain.tolist()
    ratio = own / plain  # same failures, another price
    assert 0.5 <= ratio.min() < 1.0 < ratio.max() <= 1.5


def test_a_self_contained_park_takes_nothing_of_the_library_into_a_study(tmp_path):
    """Its coke has no price, whatever the library's coke costs; no clause judges it."""
    study = study_of(tmp_path, LINE + DRAWN, "kpis: [value.revenue_cny]\n", reps=1)
    study.record.__dict__["policy"] = True
    frame = pd.read_parquet(cs.sweep(study, tmp_path / "out").folder / "parts")
    run = cs.run(build_park(parse_scenario(LINE)), seed=1)
    assert (frame["kind"] == "policy").sum() == len(run.policy) == 0
    good = run.flows.query("kind == 'sell' and material == 'good'")["quantity"].abs().sum()
    assert frame["value"].iloc[0] <= 1.5 * 10.0 * good


def test_without_failures_every_run_is_the_same(tmp_path):
    text = LINE + "uncertainty: {failures: false}\n"
    found = values(study_of(tmp_path, text), tmp_path / "out", "output.good_t")
    assert found == pytest.approx([1000.0] * 5, rel=1e-12)
    assert np.ptp(values(study_of(tmp_path, LINE), tmp_path / "fail", "output.good_t")) > 0.0


def record_of(text: str) -> UncertaintyRecord:
    found = parse_scenario(PARK + text).record.uncertainty
    assert found is not None
    return found


def ranged_figure():
    """A figure of the process's own ports."""
    known = figures(load_library())
    start = f"processes.{PROCESS}.ports."
    return next(c for p, c in sorted(known.items()) if p.startswith(start) and c.low < c.high)


def test_a_range_of_the_scenario_stands_in_for_that_of_the_library():
    figure = ranged_figure()
    width = (figure.high - figure.low) / 10.0
    low, high = figure.value - width, figure.value + width
    text = (
        f"uncertainty: {{coefficients: {{only: [processes.{PROCESS}], ranges: "
        f"{{x: {{figure: {figure.path}, low: {low!r}, high: {high!r}, distribution: uniform}}}}}}}}"
    )
    scenario = parse_scenario(PARK)
    draws = Draws(build_park(scenario), record_of(text), 1)
    found = [draws.figures(k, {}) for k in range(30)]
    drawn = np.array([f[figure.path] for f in found])
    assert low <= drawn.min() < figure.value < drawn.max() <= high
    assert np.ptp(drawn) > width  # uniform over 2 widths, as far as the process closes
    assert len(found[0]) > 1  # and the others, within the library's ranges
    for one in found[:3]:
        park_at(scenario, one)  # raises where the process does not close


def test_a_range_may_lie_beside_the_typical_value_and_is_checked_before_anything_runs(tmp_path):
    figure = ranged_figure()
    beside = {"low": figure.value * 1.001, "high": figure.value * 1.002}
    draws = Draws(build_park(parse_scenario(PARK)), record_of(_only(figure.path, **beside)), 1)
    for k in range(5):
        assert beside["low"] <= draws.figures(k, {})[figure.path] <= beside["high"]
    nowhere = {"low": figure.value * 50.0, "high": figure.value * 60.0}
    with pytest.raises(DataError) as error:
        cs.sweep(study_of(tmp_path, PARK, _only(figure.path, **nowhere)), tmp_path / "out")
    assert any(p.path.startswith(f"processes.{PROCESS}") for p in error.value.problems)
    assert not (tmp_path / "out").exists()


def _only(path: str, *, low: float, high: float) -> str:
    given = f"{{x: {{figure: {path}, low: {low!r}, high: {high!r}}}}}"
    return f"uncertainty: {{coefficients: {{only: [{path}], ranges: {given}}}}}\n"


WRONG = """\
uncertainty:
  coefficients:
    only: [processes.metanol_cog]
    ranges: {x: {figure: factors.nothing, low: 1, high: 2}}
  prices:
    ranges: {methanl: {low: 0.5, high: 1.5}}
"""


@pytest.mark.parametrize("place", ["scenario", "study"])
def test_names_that_do_not_exist_are_told_with_their_place(place, tmp_path):
    text = PARK + WRONG if place == "scenario" else PARK
    study = study_of(tmp_path, text, "" if place == "scenario" else WRONG)
    with pytest.raises(DataError) as error:
        cs.sweep(study, tmp_path / "out")
    found = {p.path.removeprefix("uncertainty."): p for p in error.value.problems}
    assert {path: p.code for path, p in found.items()} == {
        "coefficients.only.0": "CS-T006",
        "coefficients.ranges.x.figure": "CS-T006",
        "prices.ranges.methanl": "CS-S002",
    }
    assert found["coefficients.only.0"].hint == f"processes.{PROCESS}"
    file = str(tmp_path / "one.yaml") if place == "scenario" else "study.yaml"
    assert {p.file for p in found.values()} == {file}
    lines = (PARK if place == "scenario" else study_text("")).count("\n")
    assert [p.line - lines for p in error.value.problems] == [3, 4, 6]


def test_prices_that_are_held_have_to_exist():
    text = PARK + "economics: {fixed_prices: [methanol, sell.methanl]}\n"
    with pytest.raises(cs.StructureError) as error:
        build_park(parse_scenario(text))
    (problem,) = error.value.problems
    assert (problem.code, problem.path) == ("CS-S002", "economics.fixed_prices.1")
    assert problem.hint == "sell.methanol"


def test_one_shape_for_scenarios_and_studies():
    """The schemas hold the same definition, and key paths reach into an absent section."""
    first, second = (
        json.loads(json.dumps(s()["$defs"]))["UncertaintyRecord"]
        for s in (scenario_schema, study_schema)
    )
    assert first == second
    found = load_scenario("xinzhou-base", ("uncertainty.prices.anchor=history",))
    assert found.record.uncertainty.prices.anchor == "history"


def test_the_editor_gives_back_the_section_as_it_was():
    data = parse_scenario(LINE + DRAWN).data
    assert read_draft(draft_text(data).encode()) == data
    assert check_draft(data) == ()
    assert "uncertainty" in draft_text(data)


def test_the_risk_of_a_project_is_what_the_scenario_says():
    scenario = parse_scenario(LINE + DRAWN)
    model = _plan(RiskAsk(case=("", ()), runs=1, anchor=SCENARIO), scenario).model
    assert model.uncertainty == scenario.record.uncertainty
    assert model.kpis == KPIS
    held = _plan(RiskAsk(case=("", ()), runs=1, anchor=""), scenario).model
    assert held.uncertainty == UncertaintyRecord()
    assert not says_what_is_drawn("xinzhou-base", ())
    assert says_what_is_drawn("xinzhou-base", ("uncertainty.prices.anchor=history",))


def test_runs_of_several_scenarios_draw_each_its_own(tmp_path):
    (tmp_path / "two.yaml").write_text(LINE.replace("id: line", "id: other"), "utf-8")
    study = study_of(tmp_path, LINE + DRAWN, "kpis: [value.revenue_cny]\n")
    record = study.record.model_copy(update={"scenarios": ["one.yaml", "two.yaml"]})
    study = type(study)(record, study.document, study.folder)
    found = values(study, tmp_path / "out").reshape(2, 5)
    assert len(set(found[0] / found[1])) == 5


def test_the_command(tmp_path, capsys):
    path, out = tmp_path / "line.yaml", tmp_path / "out"
    path.write_text(LINE + DRAWN, "utf-8")
    run = ["uncertainty", str(path), "--reps", "6", "--engine", "serial"]
    assert invoke([*run, "--out", str(out), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["drawn"]["line"]["prices"]["ranges"]["good"]["high"] == 1.5
    assert (data["done"], data["runs"]) == (6, 6)
    assert invoke(["reproduce", str(out), "--engine", "serial", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True
    assert invoke([*run, "--lang", "en", "--set", "economics.fixed_prices=[sell.good]"]) == 0
    page = capsys.readouterr().out
    assert "Prices held fixed: good (sell.good)." in page
    assert "line: what every run draws" in page
    assert invoke([*run, "--kpi", "output.gud_t"]) == 4  # told before anything runs
    assert "output.good_t" in capsys.readouterr().err
    assert invoke(["summary", str(out), "--kpi", "value.added"]) == 4
    assert "value.added_cny" in capsys.readouterr().err
    assert invoke(["validate", str(path), "--resolved"]) == 0
    assert "ranges" in capsys.readouterr().out


def test_a_scenario_that_says_nothing_has_everything_drawn():
    from chainsim.study.uncertainty import uncertainty_plan

    plan = uncertainty_plan(parse_scenario(PARK), reps=2, seed=1, years=None, kpis=())
    assert plan.model.uncertainty == UncertaintyRecord.model_validate(
        {"coefficients": {}, "prices": {}}
    )
    rows = Rows()
    plan.model.run(plan.points[0], 0, rows)
    assert to_yaml(plan.study)
