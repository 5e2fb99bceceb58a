"""The planner's pages as text, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from chainsim.errors import Lang
from chainsim.report.assumptions import top_assumptions
from chainsim.report.cards import cards
from chainsim.report.charts import as_spec, change_chart, margin_chart, target_chart
from chainsim.report.compare_page import compare_page
from chainsim.report.document import Page
from chainsim.report.page import layouts_grid, run_page
from chainsim.report.verdict_pages import policy_page, verdict_summary
from chainsim.study.compare import compare
from tests.unit.report.gas_park import gas_result

LANGUAGES: tuple[Lang, ...] = ("zh", "en")


def words(page: Page) -> str:
    parts = [page.title, page.lead]
    for section in page.sections:
        parts += [section.title, *section.lines]
        if section.grid:
            parts += section.grid.headers
            parts += [cell for row in section.grid.rows for cell in row.cells]
    return "\n".join(parts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_run_page_answers_what_a_planner_asks(lang: Lang) -> None:
    page = run_page(gas_result(), lang)
    titles = [section.title for section in page.sections]
    expected = {
        "zh": ["产品", "焦炉煤气平衡", "能耗", "经济与物流", "用工与数据依据", "政策核验"],
        "en": ["Products", "Coke-oven gas balance", "Energy", "Value and transport"],
    }
    assert titles[: len(expected[lang])] == expected[lang]
    assert page.title == {"zh": "煤气小园区", "en": "Small gas park"}[lang]
    text = words(page)
    assert {"zh": "3.77 亿Nm³", "en": "377 MNm³"}[lang] in text
    assert "nan" not in text.lower().split()
    if lang == "en":
        assert not re.search("[\u4e00-\u9fff]", text)


def test_grids_are_rectangular() -> None:
    for section in run_page(gas_result(), "zh").sections:
        if section.grid:
            assert {len(r.cells) for r in section.grid.rows} == {len(section.grid.headers)}


def test_below_the_city_only_the_worst_is_named() -> None:
    page = run_page(gas_result(), "en")
    section = next(s for s in page.sections if s.title == "Policy checks")
    assert section.grid is not None
    assert [row.cells[1] for row in section.grid.rows] == [
        "Coke output",
        "Coke capacity: Pressure-swing adsorption and others (2)",
        "Coke capacity",
    ]
    assert section.grid.rows[0].cells[2:] == ("876 ±1.00 kt/a", "≤ 800", "-76")
    assert [row.tone for row in section.grid.rows] == ["bad", "bad", "good"]
    brief = policy_page(gas_result(), "en").sections[0].grid
    assert brief is not None
    assert len(brief.rows) == 3
    everything = policy_page(gas_result(), "en", every=True).sections[0].grid
    assert everything is not None
    assert len(everything.rows) == 5
    assert verdict_summary(gas_result(), "en") == "pass 2 · fail 3"


def test_a_park_without_policies_says_so() -> None:
    result = gas_result()
    bare = replace(result, policy=result.policy.iloc[:0])
    assert "no policy" in words(policy_page(bare, "en"))
    assert not [s for s in run_page(bare, "en").sections if s.title == "Policy checks"]


def test_comparison_page() -> None:
    parks = [gas_result().park, gas_result(("units.psa.capacity=10",)).park]
    page = compare_page(compare(parks, engine=gas_result().manifest.engine), "en")
    text = words(page)
    assert "-48.2%" in text
    assert "do not change" in text


def test_cards() -> None:
    base, other = gas_result(), gas_result(("units.psa.capacity=10",))
    found = {c.id: c for c in cards(other, base, "en")}
    assert found["output.coke_t"].verdict == "fail"
    assert found["output.coke_t"].target == "target ≤ 800 kt/a, margin -76.0"
    assert found["output.coke_t"].change == ""
    assert found["output.hydrogen_t"].change == "-3.66 kt"
    assert found["value.added_cny"].better == "up"


def test_layouts_beside_each_other() -> None:
    grid = layouts_grid([gas_result(), gas_result(("units.psa.capacity=10",))], "zh")
    assert grid.headers == ("指标", "煤气小园区", "煤气小园区", "限值")
    assert grid.rows[0].cells[0] == "焦炭产量"


def test_stated_assumptions_come_first() -> None:
    assert top_assumptions(gas_result(), "en") == ("Gas make is taken as 430 Nm3/t",)


def test_charts_are_plain_dictionaries() -> None:
    results = [gas_result(), gas_result(("units.psa.capacity=10",))]
    for chart in (
        target_chart(results, "zh"),
        change_chart(results, "zh"),
        margin_chart(results[0], "zh"),
    ):
        spec = as_spec(chart)
        assert type(spec) is dict
        assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
        assert spec["datasets"]
