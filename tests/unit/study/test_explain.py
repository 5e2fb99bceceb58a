"""Attribution adds up; flips are where the ranking turns; worth of capacity has the right sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.errors import DataError
from chainsim.library.census import figures
from chainsim.library.files import load_library
from chainsim.library.scenarios import load_scenario, parse_scenario
from chainsim.study import explain as module
from chainsim.study.bottlenecks import bottlenecks
from chainsim.study.explain import explain, explain_all, ordered, shapley
from chainsim.study.flips import FlipSearch, flip_points
from chainsim.study.input_diff import applied, changes
from chainsim.study.valuation import Valued
from tests.parks import park_of

KPI = "value.added_cny"
BASE = "xinzhou-base"
CHANGED = (
    "units.yp_methanol.capacity=20 万t/a",
    "units.yp_psa.capacity=12000 Nm3/h",
    "units.xf_lng.capacity=5 万t/a",
)


@given(st.integers(1, 5), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_parts_add_up_for_any_value(n, random):
    table = {}

    def value(pulled):
        return table.setdefault(pulled, random.uniform(-1e9, 1e9))

    total = value(frozenset(range(n))) - value(frozenset())
    for parts in (shapley(n, value), ordered(n, value, [random.random() for _ in range(n)])):
        assert sum(parts) == pytest.approx(total, rel=1e-9, abs=1e-9 * 1e9)


def test_shapley_of_known_games():
    def gloves(s):  # one left glove, two right ones: 2/3, 1/6, 1/6
        return float(0 in s and len(s) > 1)

    assert shapley(3, gloves) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert shapley(3, lambda s: 5.0 * (1 in s)) == pytest.approx([0.0, 5.0, 0.0])


@pytest.fixture(scope="module")
def two():
    first = load_scenario(BASE)
    return first, load_scenario(BASE, CHANGED)


@pytest.mark.parametrize("few", [7, 0])
def test_a_difference_is_shared_out_to_the_last_digit(two, monkeypatch, few):
    monkeypatch.setattr(module, "FEW", few)
    found = explain(*two, KPI, by="component")
    assert found.method == ("shapley" if few else "ordered")
    assert len(found.parts) == 3
    assert found.after == pytest.approx(Valued(two[1]).kpi(KPI), rel=1e-12)
    assert found.parts["part"].sum() == pytest.approx(found.difference, rel=1e-9)
    alone = found.parts["alone"].sum() + found.interaction
    assert alone == pytest.approx(found.difference, rel=1e-9)


def test_equal_scenarios_have_nothing_to_explain(two):
    found = explain(two[0], two[0], KPI)
    assert found.difference == 0.0
    assert len(found.parts) == 0


def test_an_unknown_kpi_is_named(two):
    with pytest.raises(DataError) as error:
        explain(*two, "value.addet_cny")
    assert error.value.problems[0].code == "CS-T007"
    assert "value.added_cny" in error.value.problems[0].hint


def test_changes_made_lead_from_one_file_to_the_other():
    first, second = load_scenario("layout-dispersed"), load_scenario("layout-yuanping-hub")
    made = applied(first.data, changes(first.data, second.data))
    assert changes(made, second.data) == []


def test_at_a_flip_both_are_worth_the_same():
    pair = load_scenario(BASE), load_scenario(BASE, CHANGED[2:])
    frame = flip_points(*pair, KPI, drivers=["prices.lng", "prices.coke"]).set_index("path")
    row = frame.loc["prices.lng"]
    search = FlipSearch(kpi=KPI, first=Valued(pair[0]), second=Valued(pair[1]))
    lng = figures(load_library())["prices.lng"]
    assert abs(search.gap(lng, row["flip"])) < 1e-4 * abs(row["base_gap"])
    below = search.gap(lng, 0.95 * row["flip"])
    above = search.gap(lng, 1.05 * row["flip"])
    assert below * above < 0
    assert np.isnan(frame.loc["prices.coke", "flip"])  # both make equal coke


LINE = """
    materials: {raw: {}, part: {}, good: {}}
    units:
      narrow: {recipe: {feeds: {raw: 1}, products: {part: 1}}, capacity: 4}
      wide: {recipe: {feeds: {part: 1}, products: {good: 1}}, capacity: 10}
    buy: {raw: {}}
    sell: {good: {limit: 100}}
"""


def test_the_narrow_place_of_a_line_is_found():
    found = bottlenecks(park_of(LINE, hours=8760.0), "output.good_t").table.set_index("unit")
    assert found.loc["narrow", "worth"] == pytest.approx(8760.0, rel=1e-6)
    assert found.loc["wide", "worth"] == 0.0
    assert found.loc["narrow", "side"] == "full"
    assert found.loc["wide", "side"] == "starved"
    assert found.loc["wide", "idle_h"] == pytest.approx(0.6 * 8760.0, rel=1e-6)


def test_a_plant_that_cannot_sell_is_blocked():
    text = LINE.replace("limit: 100", "limit: 2")
    found = bottlenecks(park_of(text, hours=8760.0), "output.good_t").table.set_index("unit")
    assert found["side"].to_dict() == {"narrow": "blocked", "wide": "blocked"}
    assert (found["worth"] == 0.0).all()


def test_a_scenario_text_of_its_own_can_be_explained():
    text = "schema_version: 1\nid: {}\nname_zh: a\nname_en: a\nlibrary: false\nhorizon: {{hours: 100}}\n"
    body = "\n".join(line[4:] for line in LINE.splitlines())
    first = parse_scenario(text.format("a") + body)
    second = parse_scenario(text.format("b") + body.replace("capacity: 4", "capacity: 6"))
    found = explain(first, second, "output.good_t")
    assert found.difference == pytest.approx(200.0)
    assert found.parts["lever"].tolist() == ["units.narrow"]


BEFORE = """\
schema_version: 1
id: before
name_zh: a
name_en: a
library: false
horizon: {hours: 100}
materials: {raw: {}, good: {}, gas: {group: gas}, fine: {}}
units:
  mill: {recipe: {feeds: {raw: 1}, products: {good: 1}}, capacity: 4}
buy: {raw: {}}
sell: {good: {}}
"""
AFTER = BEFORE.replace(
    "buy:",
    """\
  splitter: {recipe: {feeds: {raw: 1}, products: {gas: 1}}, capacity: 2, owner: new}
  finisher: {recipe: {feeds: {good: 1, gas: 1}, products: {fine: 1}}, capacity: 3}
enterprises: {new: {name_zh: a, name_en: New}}
vents: {gas: {}}
buy:""",
).replace("sell: {", "sell: {fine: {}, ")


def test_a_plant_that_another_lever_feeds_comes_when_both_are_pulled():
    """The finisher needs the splitter's gas: neither does anything alone, so they share alike."""
    first, second = parse_scenario(BEFORE), parse_scenario(AFTER)
    found = explain(first, second, "output.fine_t")
    assert (found.before, found.after) == (0.0, pytest.approx(200.0))
    parts = found.parts.set_index("lever")
    assert sorted(parts.index) == ["units.finisher", "units.splitter"]
    assert parts["part"].tolist() == pytest.approx([100.0, 100.0])
    assert parts["alone"].tolist() == [0.0, 0.0]
    assert found.interaction == pytest.approx(200.0)


def test_several_kpis_come_from_the_same_runs():
    first, second = parse_scenario(BEFORE), parse_scenario(AFTER)
    kpis = ["output.fine_t", "output.good_t"]
    together = explain_all(first, second, kpis)
    for kpi in kpis:
        assert together[kpi].parts.equals(explain(first, second, kpi).parts)


LINE_BODY = """\
horizon: {hours: 10}
materials: {raw: {}, good: {}}
units: {m: {recipe: {feeds: {raw: 1}, products: {good: 1}}, capacity: 4}}
buy: {raw: {}}
"""


def test_what_only_studies_look_at_is_no_lever():
    """A price that is held at a market the other scenario does not have stops nothing either."""
    head = "schema_version: 1\nname_zh: 线\nname_en: line\nlibrary: false\n"
    drawn = "economics: {fixed_prices: [sell.more]}\nuncertainty: {failures: false}\n"
    first = parse_scenario(
        f"id: a\n{head}{LINE_BODY}sell: {{good: {{}}, more: {{material: good}}}}\n{drawn}"
    )
    second = parse_scenario(f"id: b\n{head}{LINE_BODY}sell: {{good: {{}}}}\n")
    found = explain(first, second, "output.good_t")
    assert list(found.parts["lever"]) == ["sell.more"]
    assert found.difference == 0.0
