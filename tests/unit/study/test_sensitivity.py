"""Published indices through the path every study takes: points, engines, parts, reading back."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.errors import DataError, InfeasibleError
from chainsim.library.study_files import parse_study
from chainsim.library.study_records import FactorRecord
from chainsim.study.sensitivity import analysed, sample, sensitivity_plan
from chainsim.study.sweeps.points import Span, from_shares, point_of
from chainsim.study.sweeps.reading import read_results
from chainsim.study.sweeps.sweep import sweep_plan
from tests.unit.study.sweeps.toys import G_WEIGHTS, Function, function_plan

ISHIGAMI = {"first": [0.3139, 0.4424, 0.0], "total": [0.5576, 0.4424, 0.2437]}
"""Ishigami & Homma (1990) with a = 7, b = 0.1; closed form in Saltelli et al. (2008), p. 179."""


def g_indices() -> dict[str, list[float]]:
    """Closed form of the G-function (Saltelli & Sobol 1995)."""
    own = 1 / 3 / (1 + G_WEIGHTS) ** 2
    total = np.prod(1 + own) - 1
    others = np.prod(1 + own) / (1 + own)
    return {"first": (own / total).tolist(), "total": (own * others / total).tolist()}


def swept(folder, model: Function, method: str, ends: list[tuple[float, float]], samples: int):
    names = [f"x{k}" for k in range(len(ends))]
    factors = {n: FactorRecord.model_validate({"set": "a.b"}) for n in names}
    spans = {
        n: Span(low=a, high=b, shape="uniform", mode=a)
        for n, (a, b) in zip(names, ends, strict=True)
    }
    design = sample(method, names, samples, seed=1)
    rows = from_shares(spans, design.shares)
    points = tuple(point_of(factors, k, 0, row) for k, row in enumerate(rows))
    plan = function_plan(model, points, chunk=4096)
    sweep_plan(plan, folder)
    return analysed(design, spans, read_results(folder))


@pytest.mark.parametrize(
    ("name", "ends", "known"),
    [
        ("ishigami", [(-np.pi, np.pi)] * 3, ISHIGAMI),
        ("g", [(0.0, 1.0)] * 8, g_indices()),
    ],
)
def test_sobol_indices_are_the_published_ones_to_a_hundredth(tmp_path, name, ends, known):
    found = swept(tmp_path, Function(name), "sobol", ends, 4096)
    frame = found.indices["y"].sort_values("factor")
    for column, values in known.items():
        assert frame[column].to_numpy() == pytest.approx(values, abs=0.01)
    assert found.runs == 4096 * (len(ends) + 2)


def test_morris_finds_the_factors_that_matter_in_order(tmp_path):
    found = swept(tmp_path, Function("g"), "morris", [(0.0, 1.0)] * 8, 200)
    frame = found.indices["y"]
    assert frame["factor"].tolist()[:4] == ["x0", "x1", "x2", "x3"]
    assert frame["mu_star"].iloc[4:].max() < 0.1 * frame["mu_star"].iloc[0]


def test_a_sum_has_equal_shares_and_a_straight_spider(tmp_path):
    found = swept(tmp_path, Function("sum"), "sobol", [(0.0, 1.0), (0.0, 2.0)], 1024)
    frame = found.indices["y"].set_index("factor")
    assert frame.loc["x1", "first"] == pytest.approx(0.8, abs=0.01)
    assert frame.loc["x0", "total"] == pytest.approx(0.2, abs=0.01)
    bars = found.tornado.set_index("factor")
    assert bars.loc["x1", "at_high"] - bars.loc["x1", "at_low"] == pytest.approx(1.6, abs=0.05)
    line = found.spider[found.spider["factor"] == "x1"]
    assert line["at"].to_numpy() == pytest.approx([0.2, 0.6, 1.0, 1.4, 1.8])
    assert np.diff(line["value"]) == pytest.approx(np.full(4, 0.4), abs=0.05)


def test_a_failed_run_stops_the_analysis(tmp_path):
    with pytest.raises(InfeasibleError) as error:
        swept(tmp_path, Function("sum", fail_at=5000), "sobol", [(0.0, 1.0)] * 2, 2048)
    assert "CS-T001" in {p.code for p in error.value.problems}


def test_a_kpi_without_a_value_somewhere_stops_it_too(tmp_path):
    found = swept(tmp_path, Function("sum"), "sobol", [(0.0, 1.0)] * 2, 8)
    frame = read_results(tmp_path)
    frame.loc[3, "value"] = np.nan
    with pytest.raises(DataError) as error:
        analysed(found.design, found.factors, frame)
    assert error.value.problems[0].code == "CS-T019"


HEAD = "schema_version: 1\nkind: study\nid: s\nname_zh: x\nname_en: x\n"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("scenarios: [xinzhou-base]\n", "CS-V002"),
        ("scenarios: [xinzhou-base]\nfactors: {a: {set: b.c, values: [1]}}\n", "CS-T003"),
        ("scenarios: [a, b]\nfactors: {a: {set: b.c, low: 0, high: 1}}\n", "CS-V006"),
        ("scenarios: [a]\nfactors: {a: {set: b.c, low: 0, high: 1}}\n", "CS-V002"),
    ],
)
def test_a_study_that_cannot_be_analysed_says_why(body, code):
    with pytest.raises(DataError) as error:
        sensitivity_plan(parse_study(HEAD + body), "sobol", None)
    assert code in {p.code for p in error.value.problems}
