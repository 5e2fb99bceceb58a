"""Layout optimisation on parks small enough to try every layout."""

from __future__ import annotations

import itertools
import math
import textwrap

import pytest

from chainsim.errors import DataError, InfeasibleError, ScenarioError, UserError
from chainsim.library.candidate_files import candidates_from, load_candidates, parse_candidates
from chainsim.park.build import build_park
from chainsim.study.layout.hindrances import no_layout
from chainsim.study.layout.search import Search
from chainsim.study.layout.several import find_alternatives, find_front
from chainsim.study.layout.verify import verify
from chainsim.study.layout.writing import layout_scenario, layout_text
from chainsim.study.optimise import Effort, optimise
from chainsim.study.run import run

BASE = """
schema_version: 1
id: ground
name_zh: ground
name_en: ground
library: false
horizon: {start: 2026-01-01, years: 1}
sites:
  east: {name_zh: e, name_en: e, county: E, x_km: 0}
  west: {name_zh: w, name_en: w, county: W, x_km: 30}
materials: {gas: {unit: kNm3}, a: {price_cny: 100}, b: {price_cny: 60}}
finance: {escalation: 0, site_integration: 1, operation_years: 10, construction: [1]}
units:
  ovens: {recipe: {products: {gas: 1}}, capacity: 10, site: east, priority: 1, approval: one}
  flame: {recipe: {products: {gas: 1}}, capacity: 4, site: west, priority: 1}
vents: {east_gas: {material: gas, site: east}, west_gas: {material: gas, site: west}}
"""
FILE = """
schema_version: 1
kind: candidates
id: small
name_zh: small
name_en: small
base: ground.yaml
years: [2026, 2028]
discount: 0.1
scenario:
  sell:
    east_a: {material: a, site: east}
    east_b: {material: b, site: east}
    west_a: {material: a, site: west}
    west_b: {material: b, site: west}
  links:
    pipe: {material: gas, from: east, to: west, mode: truck, km: 1, freight: 0, capacity: 3}
candidates:
  maker_a:
    unit: {recipe: {feeds: {gas: 2}, products: {a: 1}}, capex: 12000000, priority: 2}
    sites: {east: null, west: null}
    sizes: [2, 4]
    start: [2026, 2027]
  maker_b:
    unit: {recipe: {feeds: {gas: 1}, products: {b: 1}}, capex: 9000000, priority: 3}
    sites: {east: null, west: null}
    sizes: [3]
    start: [2026]
"""
WEIGHTS = [(1.1**-k) for k in range(1, 11)]


@pytest.fixture
def made(tmp_path):
    """Makes a search of the small file with changes."""

    def make(*changes, base=BASE, gap=0.0, **options):
        (tmp_path / "ground.yaml").write_text(base, "utf-8")
        text = FILE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "small.yaml"
        path.write_text(text, "utf-8")
        return Search(load_candidates(path), gap=gap, **options)

    return make


def every_layout(search):
    """(picks, value) of every set of picks that keeps all rules."""
    names = [search.form.model.names[p.column] for p in search.form.picks]
    found = []
    for bits in itertools.product((0, 1), repeat=len(names)):
        picks = frozenset(n for n, b in zip(names, bits, strict=True) if b)
        answer = search.fixed(picks)
        if answer is not None:
            found.append((picks, -answer.objective * search.scale))
    return found


RULES = [
    (),
    (("discount: 0.1", "discount: 0.1\nbudget: 20000000"),),
    (("discount: 0.1", "discount: 0.1\napart: {far: {of: [maker_a, maker_b], km: 10}}"),),
    (("    sizes: [3]\n", "    sizes: [3]\n    required: true\n    several: true\n"),),
    (("    sizes: [3]\n", "    sizes: [3]\n    needs: [maker_a]\n"),),
    (("    sizes: [2, 4]\n", "    sizes: [2, 4]\n    several: true\n"),),
    (("priority: 3}", "priority: 3, approval: one}"), ("    sizes: [2, 4]\n", "    sizes: [2]\n")),
    (("discount: 0.1", "discount: 0.1\nlimits: {w: {measure: revenue, site: west, at_most: 1}}"),),
]


@pytest.mark.parametrize("changes", RULES, ids=range(len(RULES)))
def test_the_best_of_all_layouts_is_found(made, changes):
    search = made(*changes)
    best = search.best()
    every = every_layout(search)
    assert len(every) > 2
    assert best.value == pytest.approx(max(value for _, value in every), rel=1e-6, abs=2e3)
    assert best.bound == pytest.approx(best.value, rel=1e-7, abs=1.0)
    assert best.status == "optimal"


def test_a_park_of_small_money_is_built_like_one_of_large(made):
    # A token of 1,000 CNY for building anything stopped whatever earned less.
    cheap = BASE.replace("price_cny: 100", "price_cny: 1e-4").replace("cny: 60", "cny: 6e-5")
    large, small = made(), made(("12000000", "12"), ("9000000", "9"), base=cheap)
    best, other = large.best(), small.best()
    assert [b.component for b in other.built] == [b.component for b in best.built] != []
    assert other.value == pytest.approx(best.value * 1e-6, rel=1e-6)


def test_a_wrong_unit_of_a_limit_is_told_where_it_stands(made):
    change = "discount: 0.1\nlimits: {x: {measure: revenue, at_least: 500 wan_CNY}}"
    with pytest.raises(UserError) as caught:
        made(("discount: 0.1", change))
    [problem] = caught.value.problems
    assert (problem.code, problem.path) == ("CS-U002", "limits.x.at_least")
    assert problem.line == FILE.splitlines().index("discount: 0.1") + 2


def test_value_in_closed_form(made):
    search = made(
        ("    sizes: [2, 4]\n", "    sizes: [2]\n"),
        ("[2026, 2027]", "[2026]"),
        ("capex: 12000000", "capex: 6000000"),
    )
    best = search.best()
    # 10 of gas at east: all to b would be 3 x 60; a takes 2 for 100. Two of a and three of b fit.
    a = sum(WEIGHTS) * 8760 * 2 * 100 - 6e6
    b = sum(WEIGHTS) * 8760 * 3 * 60 - 9e6
    assert {x.candidate for x in best.built} == {"maker_a", "maker_b"}
    assert best.value == pytest.approx(a + b, rel=1e-6)
    assert best.measures["capex"] == pytest.approx(15e6)
    assert best.measures["fnpv"] == pytest.approx(best.value, rel=1e-6)


def test_trains_cost_whole_and_ranges_by_the_piece(made):
    trains = made(("    sizes: [2, 4]\n", "    trains: {of: 2, up_to: 2}\n")).ground.choices
    sizes = [(o.low, o.trains, o.capex_low) for o in trains[0].options]
    assert sizes == [(0.5, 1, 6e6), (1.0, 2, 12e6)]
    ranged = made(("    sizes: [2, 4]\n", "    size: {low: 1, high: 4, pieces: 2}\n"))
    pieces = ranged.ground.choices[0].options
    assert [(o.low, o.high) for o in pieces] == [(0.25, 0.5), (0.5, 1.0)]
    assert pieces[0].capex_high == pieces[1].capex_low
    best = ranged.best()
    assert best.value >= made().best().value - 1e3


def test_a_replaced_unit_closes(made):
    change = ("    sizes: [3]\n", "    sizes: [3]\n    replaces: [flame]\n    required: true\n")
    search = made(change)
    best = search.best()
    text = layout_text(search.ground, best)
    park = build_park(layout_scenario(search.ground, best))
    assert math.isfinite(park.units["flame"].close_h)
    assert "close" in text


def test_written_scenarios_earn_what_the_paper_says(made):
    search = made()
    best = search.best()
    scenario = layout_scenario(search.ground, best)
    park = build_park(scenario)
    assert set(park.units) == {"ovens", "flame", *(b.component for b in best.built)}
    result = run(park, engine="lp")
    assert result.optimum.gain == pytest.approx(best.measures["value_added"], rel=1e-6)
    assert park.horizon.start.year == 2026
    assert len({p[:4] for p, _, _ in park.horizon.periods()}) == 3


def test_without_failures_simulation_equals_paper(made):
    search = made()
    best = search.best()
    (trial,) = verify(search, [best], reps=2, seed=1)
    assert trial.mean == pytest.approx(trial.paper, rel=1e-6)
    assert trial.kept == 1.0
    assert trial.regret == 0.0


def test_failures_cost_and_regret_is_paired(made):
    uptime, repair = "{kind: exponential, mean: 500}", "{kind: constant, value: 200}"
    failing = f"failures: [{{uptime: {uptime}, repair: {repair}}}]"
    cheap = ("capex: 9000000", "capex: 3000000")
    search = made(cheap, ("priority: 3}", f"priority: 3, {failing}}}"))
    best = search.best()
    layouts = [best, *find_alternatives(search, best, 2, 0.9)]
    found = verify(search, layouts, reps=3, seed=5)
    again = verify(search, layouts, reps=3, seed=5)
    assert found == again
    assert min(v.regret for v in found) >= 0
    assert any(abs(v.mean - v.paper) > 1.0 for v in found)
    assert [v.rank for v in found] == list(range(1, len(found) + 1))


def test_alternatives_stand_elsewhere_within_the_tolerance(made):
    search = made()
    best = search.best()
    others = find_alternatives(search, best, 3, 0.5)
    assert others
    seen = [best.siting]
    for other in others:
        assert other.siting not in seen
        seen.append(other.siting)
        assert other.value >= 0.5 * best.value - 1e3
    values = [best.value, *(x.value for x in others)]
    assert values == sorted(values, reverse=True)


def test_a_front_falls_in_both(made):
    search = made(("    sizes: [2, 4]\n", "    sizes: [2, 4]\n    several: true\n"))
    front = find_front(search, "capex", 6)
    values = [x.value for x in front]
    spent = [x.measures["capex"] for x in front]
    assert len(front) >= 3
    assert values == sorted(values, reverse=True)
    assert spent == sorted(spent, reverse=True)
    assert spent[-1] == 0
    for point in front:
        cheaper = [v for _, v in _within(search, point.measures["capex"])]
        assert point.value == pytest.approx(max(cheaper), rel=1e-6, abs=2e3)


def test_a_front_begins_where_two_pieces_of_a_curve_meet(made):
    # The budget buys a size of 2: the first piece ends there, the second begins.
    change = ("    sizes: [2, 4]\n", "    size: {low: 1, high: 4, pieces: 2}\n")
    search = made(change, ("discount: 0.1", "discount: 0.1\nbudget: 6000000"))
    front = find_front(search, "capex", 4)
    assert front[0].built[0].size == pytest.approx(0.5)
    assert [x.measures["capex"] for x in front] == pytest.approx([6e6, 4e6, 0.0], abs=300.0)


def test_a_front_over_two_measures_has_nothing_beaten(made):
    search = made(("    sizes: [2, 4]\n", "    sizes: [2, 4]\n    several: true\n"))
    front = find_front(search, "capex+revenue", 3, after=4)
    assert [x.name for x in front] == ["best", *(f"front-{4 + i}" for i in range(1, len(front)))]
    for one in front:
        for other in front:
            if one is not other:
                assert (
                    other.value < one.value + 1.0
                    or other.measures["capex"] > one.measures["capex"] - 1.0
                    or other.measures["revenue"] < one.measures["revenue"] + 1.0
                )


def _within(search, most):
    capex = {search.form.model.names[p.column]: p.option.capex_low for p in search.form.picks}
    return [
        (picks, v) for picks, v in every_layout(search) if sum(capex[n] for n in picks) <= most + 1
    ]


def test_price_of_the_budget_is_a_difference_where_sizes_are_free(made):
    # Two pieces of one straight line: an investment given for the largest is in proportion.
    change = ("    sizes: [2, 4]\n", "    size: {low: 0.5, high: 4, pieces: 1}\n")

    def solved(budget):
        return made(change, ("discount: 0.1", f"discount: 0.1\nbudget: {budget}")).best()

    low, high = solved(11_000_000), solved(11_100_000)
    assert low.prices["budget"] == pytest.approx((high.value - low.value) / 1e5, rel=1e-3)


def test_same_search_same_layouts(made):
    found = []
    for _ in range(2):
        search = made()
        best = search.best()
        texts = [
            layout_text(search.ground, x) for x in (best, *find_alternatives(search, best, 2, 0.5))
        ]
        found.append((best, texts))
    assert found[0] == found[1]


def test_nothing_is_built_to_stand_idle(made):
    # Jobs are wanted, but 14 of gas do not keep every maker at its least load.
    need = ("products: {b: 1}}, ", "products: {b: 1}}, min_load: 0.9, ")
    search = made(need, ("    sizes: [3]\n", "    sizes: [30]\n    several: true\n"))
    every = {k for picks, _ in every_layout(search) for k in picks}
    assert every
    assert not any(key.startswith("maker_b") for key in every)
    assert {b.candidate for b in search.best().built} <= {"maker_a"}


def test_value_counts_from_the_park_under_the_same_limits(made):
    limit = "limits: {r: {measure: revenue, at_most: 900000}}"
    kept = made(("discount: 0.1", f"discount: 0.1\n{limit}"))
    assert kept.standing_keeps
    assert kept.zero == pytest.approx(0.0, abs=1.0)
    broken = made(("discount: 0.1", f"discount: 0.1\n{limit.replace('at_most', 'at_least')}"))
    assert not broken.standing_keeps


def test_another_objective(made):
    search = made(weights={"value_added": 1.0})
    assert search.best().value == pytest.approx(max(v for _, v in every_layout(search)), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("    sizes: [3]\n", "    sizes: [3]\n    needs: [nobody]\n"), ScenarioError),
        (("    sizes: [3]\n", "    sizes: [3]\n    replaces: [nobody]\n"), ScenarioError),
        (("    sizes: [3]\n", "    sizes: [0]\n"), DataError),
        (("    sizes: [3]\n", "    sizes: ['3 t/h', '3 kt/a']\n"), DataError),
        (("    sizes: [3]\n", "    sizes: [3]\n    trains: {of: 1, up_to: 2}\n"), DataError),
        (("years: [2026, 2028]", "years: [2028, 2026]"), DataError),
        (("discount: 0.1", "discount: 0.1\nobjective: gold"), ScenarioError),
        (("discount: 0.1", "discount: 0.1\npolicies: [q99]"), ScenarioError),
        (("discount: 0.1", "discount: 0.1\nlimits: {x: {measure: gold, at_most: 1}}"), ScenarioError),
        (("discount: 0.1", "discount: 0.1\nlimits: {x: {measure: coke}}"), DataError),
        (("discount: 0.1", "discount: 0.1\nlimits: {x: {measure: coke, county: N, at_most: 1}}"), ScenarioError),
        (("discount: 0.1", "discount: 0.1\nlimits: {x: {measure: coke, site: n, at_most: 1}}"), ScenarioError),
        (("discount: 0.1", "discount: 0.1\nlimits: {x: {measure: coke, owner: n, at_most: 1}}"), ScenarioError),
        (("sites: {east: null, west: null}\n    sizes: [3]", "sizes: [3]"), DataError),
        (("products: {b: 1}", "product: {b: 1}"), UserError),
    ],
)  # fmt: skip
def test_mistakes_are_told(made, change, error):
    with pytest.raises(error):
        made(change)


def test_rules_that_exclude_everything_are_told(made):
    search = made(
        ("    sizes: [3]\n", "    sizes: [3]\n    required: true\n"),
        ("discount: 0.1", "discount: 0.1\nbudget: 1"),
    )
    with pytest.raises(InfeasibleError, match="no layout keeps all rules"):
        search.best()


FAR = "apart: {far: {of: [maker_a, maker_b], km: 40}}"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("budget: 7000000", [("required", "maker_b", 1.0), ("limit", "budget", 2 / 7)]),
        ("limits: {r: {measure: revenue, at_least: 9000000}}", [("limit", "r", None)]),
        (FAR, [("apart", "far", 1.0), ("required", "maker_a", 1.0), ("required", "maker_b", 1.0)]),
    ],
)
def test_rules_in_the_way_are_named_with_the_least_that_is_enough(made, head, expected):
    a = ("    sizes: [2, 4]\n", "    sizes: [2, 4]\n    required: true\n")
    b = ("    sizes: [3]\n", "    sizes: [3]\n    required: true\n")
    changes = [b, ("discount: 0.1", f"discount: 0.1\n{head}")]
    search = made(*changes, *([a] if head == FAR else []))
    with pytest.raises(InfeasibleError):
        search.best()
    found = {(h.kind, h.key): h.share for h in no_layout(search).alone}
    assert set(found) == {(kind, key) for kind, key, _ in expected}
    for kind, key, share in expected:
        assert share is None or found[kind, key] == pytest.approx(share, rel=1e-4)


def test_giving_way_by_that_much_is_enough(made):
    def search(least):
        return made(("discount: 0.1", f"discount: 0.1\n{least}"))

    asked = 9_000_000
    broken = search(f"limits: {{r: {{measure: revenue, at_least: {asked}}}}}")
    (hindrance,) = no_layout(broken).alone
    most = asked - hindrance.amount
    assert search(f"limits: {{r: {{measure: revenue, at_least: {most * 0.9999}}}}}").best()
    with pytest.raises(InfeasibleError):
        search(f"limits: {{r: {{measure: revenue, at_least: {most * 1.001}}}}}").best()


def test_two_rules_in_the_way_are_told_together(made):
    search = made(
        ("discount: 0.1", f"discount: 0.1\nbudget: 5000000\n{FAR}"),
        ("    sizes: [2, 4]\n", "    sizes: [2, 4]\n    required: true\n"),
        ("    sizes: [3]\n", "    sizes: [3]\n    required: true\n"),
    )
    # The smaller a costs 6 million, b 9: without b the budget still is a fifth short.
    error = no_layout(search)
    assert error.alone == ()
    assert [(h.key, h.share) for h in error.together] == [
        ("budget", pytest.approx(0.2, rel=1e-4)),
        ("maker_b", 1.0),
    ]


def test_a_scenario_offers_its_plans(tmp_path):
    path = tmp_path / "plan.yaml"
    plan = """
units:
  extra: {recipe: {feeds: {gas: 1}, products: {b: 1}}, capacity: 3, site: east, status: planned,
    capex: 1000, priority: 2}
sell: {east_b: {material: b, site: east}}
"""
    (tmp_path / "ground.yaml").write_text(BASE, "utf-8")
    head = "schema_version: 1\nbase: ground.yaml\nid: plan\nname_zh: p\nname_en: p\n"
    path.write_text(head + textwrap.dedent(plan), "utf-8")
    found = optimise(path, effort=Effort(alternatives=0))
    assert [b.candidate for b in found.layouts[0].built] == ["extra"]
    with pytest.raises(DataError, match="plans nothing"):
        candidates_from(tmp_path / "ground.yaml")


def test_a_file_that_is_none_is_refused():
    with pytest.raises(DataError):
        parse_candidates("kind: project\ncandidates: {}\n")


def test_xinzhou_within_the_gap_and_its_rules():
    found = optimise("xinzhou-2026-2030", effort=Effort(alternatives=0, gap=0.01))
    best = found.layouts[0]
    assert best.status == "optimal"
    assert best.value > 0
    assert best.gap <= 0.01
    assert best.measures["capex"] <= 50e8
    assert best.measures["land"] <= 110
    assert found.limit_units["water_park"] == "t/a"
    park = build_park(layout_scenario_of(found))
    assert {b.component for b in best.built} <= set(park.units) | set(park.links)


def layout_scenario_of(found):
    from chainsim.library.scenarios import parse_scenario

    return parse_scenario(found.texts["best"])


def test_a_candidate_may_not_begin_outside_the_years_of_its_file(tmp_path):
    """A year outside was passed over, and a candidate with no other was never built."""
    text = FILE.replace("start: [2026, 2027]", "start: [2026, 2029]")
    text = text.replace("start: [2026]\n", "start: [2025]\n")
    with pytest.raises(DataError) as error:
        parse_candidates(text, file="small.yaml")
    found = [(p.code, p.path, p.found, p.expected) for p in error.value.problems]
    assert found == [
        ("CS-O014", "candidates.maker_a.start.1", "2029", "2026 – 2028"),
        ("CS-O014", "candidates.maker_b.start.0", "2025", "2026 – 2028"),
    ]
    lines = text.splitlines()
    assert [lines[p.line - 1].strip() for p in error.value.problems] == [
        "start: [2026, 2029]",
        "start: [2025]",
    ]


def test_when_a_candidate_begins_is_not_said_in_its_unit():
    text = FILE.replace("capex: 9000000,", "capex: 9000000, start: 2035-01-01,")
    with pytest.raises(DataError) as error:
        parse_candidates(text)
    assert [(p.code, p.path) for p in error.value.problems] == [
        ("CS-O015", "candidates.maker_b.unit.start")
    ]
