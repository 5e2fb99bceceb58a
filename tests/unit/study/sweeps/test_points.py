from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainsim.errors import DataError, UserError
from chainsim.library.study_files import parse_study
from chainsim.study.sweeps.plan import study_plan
from chainsim.study.sweeps.points import Span, study_points, triangular
from tests.unit.study.sweeps.toys import study_text

HEAD = "schema_version: 1\nkind: study\nid: s\nname_zh: x\nname_en: x\nscenarios: [a, b]\n"
RANGES = {"prices.coke": (1000.0, 1400.0, 2000.0)}


def points(body: str):
    return study_points(parse_study(HEAD + body), RANGES)


def codes(body: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        points(body)
    return [p.code for p in caught.value.problems]


def test_a_grid_is_every_combination_in_every_scenario():
    found = points(
        "factors:\n  a: {set: units.x.capacity, values: [1, 2]}\n"
        "  b: {set: [p.q, r.s], values: ['3 t/h', true]}\n"
    )
    assert len(found) == 8
    assert [p.scenario for p in found] == [0] * 4 + [1] * 4
    assert found[0].overrides == ("units.x.capacity=1", "p.q=3 t/h", "r.s=3 t/h")
    assert found[1].overrides[1] == "p.q=true"
    assert [p.index for p in found] == list(range(8))


def test_no_factors_is_one_point_a_scenario():
    assert [p.overrides for p in points("")] == [(), ()]


def test_a_list_may_leave_factors_out():
    found = points(
        "factors:\n  a: {set: x.y, unit: t/h}\n  c: {figure: prices.coke}\n"
        "design: {kind: list, points: [{a: 1.5}, {c: 1500}]}\n"
    )
    assert found[0].overrides == ("x.y=1.5 t/h",)
    assert found[1].figures == (("prices.coke", 1500.0),)


def test_latin_hypercube_meets_every_stratum_once():
    found = points(
        "factors: {a: {set: x.y, low: 0, high: 1}, c: {figure: prices.coke}}\n"
        "design: {kind: latin_hypercube, samples: 20}\n"
    )[:20]
    a = sorted(int(dict(p.values)["a"] * 20) for p in found)
    c = sorted(int((dict(p.values)["c"] - 1000) / 50) for p in found)
    assert a == c == list(range(20))


def test_designs_follow_their_seed():
    body = "factors: {{a: {{set: x.y, low: 0, high: 1}}}}\ndesign: {{kind: {}, samples: 8, seed: {}}}\n"
    for kind in ("latin_hypercube", "sobol", "random"):
        assert points(body.format(kind, 1)) == points(body.format(kind, 1))
        assert points(body.format(kind, 1)) != points(body.format(kind, 2))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("factors: {a: {set: x.y}}\n", "CS-V002"),
        ("factors: {a: {set: x.y}}\ndesign: {kind: random, samples: 2}\n", "CS-T003"),
        ("factors: {a: {set: x.y, low: 0, high: 1}}\ndesign: {kind: sobol, samples: 12}\n", "CS-T004"),
        ("factors: {a: {figure: prices.cok, values: [1]}}\n", "CS-T006"),
        ("design: {kind: list, points: [{z: 1}]}\n", "CS-T002"),
        ("design: {kind: list}\n", "CS-V002"),
        ("factors: {a: {figure: prices.coke}}\ndesign: {kind: list, points: [{a: x}]}\n", "CS-V003"),
        ("factors: {a: {figure: x, set: y}}\n", "CS-V014"),
        ("factors: {a: {}}\n", "CS-V014"),
        ("factors: {a: {set: y, low: 1}}\n", "CS-V015"),
        ("factors: {a: {set: y, low: 2, high: 1}}\n", "CS-V016"),
        ("uncertainty: {prices: {start: last}}\n", "CS-V017"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(body: str, code: str):
    assert code in codes(body)


@given(
    st.floats(-100, 100),
    st.floats(0.01, 100),
    st.floats(0, 1),
)
def test_triangular_quantiles_stay_inside_and_rise(low: float, width: float, at: float):
    mode = low + at * width
    found = triangular(np.linspace(0, 1, 21), low, mode, low + width)
    assert found[0] == pytest.approx(low)
    assert found[-1] == pytest.approx(low + width)
    assert (np.diff(found) >= -1e-9).all()


def test_the_mean_of_a_triangular_span():
    span = Span(low=0.0, high=3.0, shape="triangular", mode=1.5)
    assert span.at((np.arange(20_000) + 0.5) / 20_000).mean() == pytest.approx(1.5, abs=1e-6)
    uneven = Span(low=0.0, high=3.0, shape="triangular", mode=0.0)
    assert uneven.at((np.arange(20_000) + 0.5) / 20_000).mean() == pytest.approx(1.0, abs=1e-4)


def test_kpis_that_no_park_can_have_are_told_before_anything_runs():
    text = study_text(more="kpis: [output.good_t, output.gud_t, value.added_cyn]\n")
    with pytest.raises(DataError) as error:
        study_plan(parse_study(text))
    found = [(p.code, p.path, p.hint) for p in error.value.problems]
    assert found == [
        ("CS-T007", "kpis.1", "output.good_t"),
        ("CS-T007", "kpis.2", "value.added_cny"),
    ]
    assert all(p.line for p in error.value.problems)
