"""What pages have done in the background: layouts as asked, why, best use, risk of a project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chainsim.errors import DataError
from chainsim.library.files import load_library
from chainsim.report import front_chart as front
from chainsim.report.best_page import repair_page, worth_section
from chainsim.report.candidates_page import (
    budget_yi,
    candidate_names,
    clause_names,
    file_names,
    limit_names,
)
from chainsim.report.charts import as_spec
from chainsim.report.downloads import zip_bytes
from chainsim.report.layout_page import hindrance_page, plan_section
from chainsim.report.project_risk_page import SHOWN, risk_chart, risk_frame, risk_sections
from chainsim.report.waterfall import explained_chart
from chainsim.study.best_use import BestAsk, NoUse, best_use
from chainsim.study.cache import shipped_park
from chainsim.study.drafts import read_draft
from chainsim.study.flips import zero_points
from chainsim.study.layout.asking import (
    LayoutAsk,
    NoLayout,
    narrowed,
    possible,
    read_candidates,
    search_layouts,
)
from chainsim.study.optimise import Effort, Optimised
from chainsim.study.optimum import Optimum
from chainsim.study.project_risk import (
    FNPV,
    ProjectRisk,
    RiskAsk,
    named_downside,
    project_risk,
    quantiles,
)
from chainsim.study.valuation import Valued
from chainsim.study.why import Why, WhyAsk, scenario_of_case, why

SHIPPED = "xinzhou-2026-2030"
PROJECT = "investor-lng"
SMALL = """
schema_version: 1
kind: candidates
id: small
name_zh: 小例
name_en: small example
base: xinzhou-built
years: [2026, 2027]
budget: 20 yi_CNY
scenario:
  sell:
    yp_hydrogen: {material: hydrogen, site: yuanping, limit: 8000 Nm3/h, priority: 46}
  vents:
    yp_tail: {material: psa_tail_gas, site: yuanping, kind: flare}
candidates:
  psa:
    name_zh: 制氢
    name_en: hydrogen
    unit: {process: psa_hydrogen, priority: 45}
    sites: {yuanping: yuanping_chemical}
    trains: {of: 4000 Nm3/h, up_to: 2}
    start: [2026]
limits:
  coke: {measure: coke, at_least: 390 万t/a}
"""


def silent(done: int, total: int) -> None:
    assert 0 <= done <= total


def ask(**changes: object) -> LayoutAsk:
    asked = LayoutAsk(
        source="own",
        text=SMALL,
        chosen=("psa",),
        budget_yi=20.0,
        limits=("coke",),
        years=(2026, 2027),
        effort=Effort(alternatives=0, front=("carbon",), points=2, time_limit_s=20.0),
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small() -> Optimised:
    found = search_layouts(ask(), silent)
    assert isinstance(found, Optimised)
    return found


def test_what_needs_something_left_out_is_left_out() -> None:
    file = read_candidates(SHIPPED)
    every = tuple(file.record.candidates)
    assert possible(file, every, (2026, 2030)) == every
    left = possible(file, [k for k in every if k != "coker"], (2026, 2030))
    assert not {"coker", "calciner", "anode"} & set(left)
    assert possible(file, every, (2029, 2030)) == ()
    with pytest.raises(DataError, match="no candidate"):
        narrowed(file, ask(source=SHIPPED, text="", chosen=(), years=(2026, 2030)))


def test_a_file_is_narrowed_as_asked() -> None:
    file = read_candidates(SHIPPED)
    found = narrowed(
        file,
        ask(chosen=("psa", "anode"), budget_yi=None, limits=(), policies=("q03",),
            years=(2026, 2028)),
    ).record  # fmt: skip
    assert list(found.candidates) == ["psa"]
    assert (found.budget, found.limits, found.apart) == (None, {}, {})
    assert (found.policies, found.years) == (["q03"], [2026, 2028])


@pytest.mark.parametrize("base", ["/etc/passwd.yaml", "../x.yaml", "scenarios/xinzhou-base.yaml"])
def test_a_file_of_a_visitor_stands_on_a_shipped_scenario_only(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError) as caught:
        read_candidates("own", SMALL.replace("xinzhou-built", base).encode())
    assert [p.code for p in caught.value.problems] == ["CS-F006"]


def test_layouts_are_found_told_and_opened(small: Optimised) -> None:
    assert small.layouts[0].siting <= {"psa_yuanping"}
    for lang in ("zh", "en"):
        spec = as_spec(front.front_chart(small, "carbon", "best", lang))  # type: ignore[arg-type]
        assert any(p["name"] == front.PICK for p in spec["params"])
        assert plan_section(small, small.layouts[0], lang).title  # type: ignore[arg-type]
    frame = front.front_frame(small, "carbon")
    assert frame["id"].iloc[0] == "best"
    assert frame["value"].iloc[0] == small.layouts[0].value
    draft = read_draft(small.texts["best"].encode(), "best.yaml")
    assert draft["id"] == "small-best"
    assert zip_bytes(dict(small.texts)) == zip_bytes(dict(small.texts))


def test_an_impossible_layout_says_what_must_give_way() -> None:
    text = SMALL.replace("390 万t/a", "900 万t/a")
    found = search_layouts(ask(text=text), silent)
    assert isinstance(found, NoLayout)
    page = hindrance_page(found.file, found, "en")
    assert "coke" in " ".join(page.sections[0].lines)


def test_what_a_file_offers() -> None:
    file = read_candidates(SHIPPED)
    assert SHIPPED in file_names("zh")
    assert candidate_names(file, "en")["psa"] == "PSA hydrogen"
    assert budget_yi(file) == 50.0
    assert set(clause_names(file, "zh")) == {"q02", "q03", "q04"}
    assert "80 ha" in limit_names(file, "en")["land_yuanping"]


def test_why_adds_up_and_a_price_that_turns_it_is_found() -> None:
    dearer = (PROJECT, ("economics.prices.lng=6000", "economics.prices.electricity=0.6"))
    found = why(WhyAsk(first=(PROJECT, ()), second=dearer, kpi="value.added_cny"), silent)
    assert isinstance(found, Why)
    told = found.explained
    assert told.parts["part"].sum() == pytest.approx(told.difference)
    parks = (shipped_park(PROJECT), shipped_park(*dearer))
    for way in ("shared", "alone"):
        spec = as_spec(explained_chart(told, parks, ("A", "B"), way, "zh"))
        rows = next(iter(spec["datasets"].values()))
        moved = sum(r["change"] for r in rows[1:-1])
        assert rows[0]["end"] + moved == pytest.approx(rows[-1]["end"])


def test_a_price_at_which_the_present_value_is_zero() -> None:
    scenario = scenario_of_case((PROJECT, ()))
    frame = zero_points(scenario, FNPV, drivers=["prices.lng"])
    flip = float(frame["flip"].iloc[0])
    scale = abs(float(frame["base_gap"].iloc[0]))
    lng = load_library().prices["lng"].coefficient
    assert abs(Valued(scenario).kpi_at(FNPV, lng, flip)) < 1e-3 * scale


@pytest.fixture(scope="module")
def risk() -> ProjectRisk:
    return project_risk(RiskAsk(case=(PROJECT, ()), runs=4), silent)


def test_a_project_is_run_many_times(risk: ProjectRisk) -> None:
    assert len(risk.runs) == len(risk.prices) == 4
    assert "prices.lng" in risk.prices
    value = risk.runs[FNPV]
    assert risk.loss.mean == (value < 0).mean()
    assert risk.downside.mean == value.min()
    table = risk.quantiles.set_index("id")
    assert table.loc[FNPV, "q0.5"] == pytest.approx(value.median())


def test_runs_are_the_same_again_and_held_prices_stand_still(risk: ProjectRisk) -> None:
    again = project_risk(RiskAsk(case=(PROJECT, ()), runs=2), silent)
    pd.testing.assert_frame_equal(again.runs, risk.runs.head(2))
    pd.testing.assert_frame_equal(again.prices, risk.prices.head(2)[list(again.prices.columns)])
    held = project_risk(RiskAsk(case=(PROJECT, ()), runs=2, anchor="", failures=False), silent)
    assert held.prices.empty
    assert held.runs[FNPV].nunique() == 1


def test_risk_is_drawn_and_told(risk: ProjectRisk) -> None:
    for lang in ("zh", "en"):
        sections = risk_sections(risk, lang)  # type: ignore[arg-type]
        assert len(sections) == 5
        for kpi in SHOWN:
            assert risk_chart(risk, kpi, 0.0, lang) is not None  # type: ignore[arg-type]
    assert risk_frame(risk, FNPV)["runs"].sum() == 4


def test_the_downside_names_what_moved_it() -> None:
    rng = np.random.default_rng(1)
    prices = pd.DataFrame({"a": rng.random(40) + 0.5, "b": rng.random(40) + 0.5})
    found = named_downside((prices["b"] * 10).to_numpy(), prices)
    assert list(found["price"]) == ["b", "a"]
    assert found["link"].iloc[0] == pytest.approx(1.0)
    assert found["bad"].iloc[0] < found["usual"].iloc[0]
    missing = quantiles(pd.DataFrame({FNPV: [1.0, float("nan"), 3.0]})).iloc[0]
    assert (missing["n"], missing["q0.5"]) == (2, 2.0)


def test_the_best_use_of_a_scheme() -> None:
    found = best_use(BestAsk(name=PROJECT, overrides=(), objective="profit", limits="kept"), silent)
    assert isinstance(found, Optimum)
    assert found.gain >= found.rule_gain - 1e-6 * abs(found.rule_gain)
    park = shipped_park(PROJECT)
    section = worth_section(park, found, "en")
    assert section is None or len(section.lines) == len(found.worths[:15])
    assert repair_page(park, NoUse(alone=(), together=()), "zh").sections[0].lines
