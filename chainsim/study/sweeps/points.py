"""The points of a study: every scenario at every place of its design, as overrides and figures.

Random designs are drawn from the design's own seed, so the points are a function of the file.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.errors import DataError, Problem, did_you_mean
from chainsim.library.study_files import StudyFile
from chainsim.library.study_records import FactorRecord

Value = bool | float | int | str
Ranges = Mapping[str, tuple[float, float, float]]
"""Path of a figure of the library -> low, typical, high."""
_EXACT = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One setting of all factors in one scenario."""

    index: int
    scenario: int
    """Place of the scenario in the study's list."""
    overrides: tuple[str, ...] = ()
    figures: tuple[tuple[str, float], ...] = ()
    """Figures of the library set here: (path, value)."""
    values: tuple[tuple[str, Value], ...] = ()
    """(factor, value) as the file or the design has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The range of a factor for designs that fill one."""

    low: float
    high: float
    shape: str
    mode: float

    def at(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Quantiles of the factor's distribution at `share` (0..1), any shape."""
        width = self.high - self.low
        if self.shape == "uniform":
            return self.low + width * share
        return triangular(share, self.low, self.mode, self.high)


def triangular(
    share: NDArray[np.float64], low: float, mode: float, high: float
) -> NDArray[np.float64]:
    """Quantiles of the triangular distribution; a range without width is its one value.

    >>> triangular(np.array([0.0, 0.5, 1.0]), 0.0, 0.5, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    width = high - low
    if width <= 0.0:
        return np.full_like(share, mode)
    turn = (mode - low) / width
    left = low + np.sqrt(share * width * (mode - low))
    right = high - np.sqrt((1.0 - share) * width * (high - mode))
    return np.where(share < turn, left, right)


def spans(study: StudyFile, ranges: Ranges, problems: list[Problem]) -> dict[str, Span]:
    """Ranges of all factors; what lacks one is told."""
    found = {}
    for name, factor in study.record.factors.items():
        low, high = factor.low, factor.high
        middle = None
        if low is None and factor.figure is not None and factor.figure in ranges:
            low, middle, high = ranges[factor.figure]
        if low is None or high is None or not low < high:
            path = f"factors.{name}"
            problems.append(Problem(code="CS-T003", path=path, expected="low, high"))
            continue
        mode = factor.mode if factor.mode is not None else middle
        mode = (low + high) / 2.0 if mode is None else mode
        found[name] = Span(low=low, high=high, shape=factor.distribution, mode=mode)
    return found


def study_points(study: StudyFile, ranges: Ranges) -> tuple[Point, ...]:
    """All points in order: scenario by scenario, the design's order within.

    Args:
        study: the file.
        ranges: the library's figures, for factors that take their range from it.

    Raises:
        DataError: factors and design do not fit together, or a figure is unknown.
    """
    problems = list(_unknown_figures(study, ranges))
    rows = [] if problems else list(_design(study, ranges, problems))
    if problems:
        raise DataError([study.place(p) for p in problems])
    count = len(study.record.scenarios)
    return tuple(
        point_of(study.record.factors, index, scenario, row)
        for index, (scenario, row) in enumerate(itertools.product(range(count), rows))
    )


def point_of(
    factors: Mapping[str, FactorRecord], index: int, scenario: int, row: Mapping[str, Value]
) -> Point:
    """One point from the values of its factors."""
    overrides: list[str] = []
    figures: list[tuple[str, float]] = []
    for name, value in row.items():
        factor = factors[name]
        if factor.figure is not None:
            figures.append((factor.figure, float(value)))
            continue
        paths = [factor.set] if isinstance(factor.set, str) else factor.set or []
        overrides += [f"{path}={_written(value, factor.unit)}" for path in paths]
    return Point(
        index=index,
        scenario=scenario,
        overrides=tuple(overrides),
        figures=tuple(figures),
        values=tuple(row.items()),
    )


def _written(value: Value, unit: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    whole = float(value).is_integer() and abs(value) < _EXACT
    return f"{int(value) if whole else value!r} {unit}".strip()


def _unknown_figures(study: StudyFile, ranges: Ranges) -> Iterator[Problem]:
    for name, factor in study.record.factors.items():
        if factor.figure is not None and factor.figure not in ranges:
            yield Problem(
                code="CS-T006",
                path=f"factors.{name}.figure",
                found=factor.figure,
                hint=did_you_mean(factor.figure, ranges),
            )


def _design(
    study: StudyFile, ranges: Ranges, problems: list[Problem]
) -> Iterator[dict[str, Value]]:
    design, factors = study.record.design, study.record.factors
    if design.kind == "grid":
        yield from _grid(factors, problems)
    elif design.kind == "list":
        yield from _list(study, problems)
    else:
        found = spans(study, ranges, problems)
        if design.samples is None:
            problems.append(Problem(code="CS-V002", path="design.samples"))
        elif design.kind == "sobol" and design.samples & (design.samples - 1):
            path, written = "design.samples", str(design.samples)
            problems.append(Problem(code="CS-T004", path=path, found=written))
        elif not problems:
            shares = unit_sample(design.kind, len(found), design.samples, design.seed)
            yield from from_shares(found, shares)


def _grid(factors: Mapping[str, FactorRecord], problems: list[Problem]) -> Iterator[dict[str, Any]]:
    for name, factor in factors.items():
        if factor.values is None:
            problems.append(Problem(code="CS-V002", path=f"factors.{name}.values"))
    if not problems:
        listed = [factor.values or [] for factor in factors.values()]
        yield from (dict(zip(factors, row, strict=True)) for row in itertools.product(*listed))


def _list(study: StudyFile, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    given = study.record.design.points
    if given is None:
        problems.append(Problem(code="CS-V002", path="design.points"))
        return
    known = study.record.factors
    for index, row in enumerate(given):
        for name, value in row.items():
            path = f"design.points.{index}.{name}"
            if name not in known:
                hint = did_you_mean(name, known)
                problems.append(Problem(code="CS-T002", path=path, found=name, hint=hint))
            elif known[name].figure is not None and isinstance(value, str | bool):
                problems.append(Problem(code="CS-V003", path=path, expected="number"))
        yield row


def unit_sample(kind: str, dimensions: int, samples: int, seed: int) -> NDArray[np.float64]:
    """(samples, dimensions) points of the unit cube."""
    if dimensions == 0:
        return np.zeros((samples, 0))
    if kind == "random":
        return np.random.default_rng(seed).random((samples, dimensions))
    from scipy.stats import qmc

    engine: Any
    if kind == "latin_hypercube":
        engine = qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed))
    else:
        engine = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
    return np.asarray(engine.random(samples), dtype=np.float64)


def from_shares(
    found: Mapping[str, Span], shares: NDArray[np.float64]
) -> Iterator[dict[str, Value]]:
    """Rows of factor values at the quantiles `shares` (samples, factors)."""
    columns = [span.at(shares[:, k]) for k, span in enumerate(found.values())]
    for row in zip(*columns, strict=True) if columns else ((),) * len(shares):
        yield {name: float(value) for name, value in zip(found, row, strict=True)}


def values_table(points: Sequence[Point], scenarios: Sequence[str]) -> dict[str, list[Any]]:
    """Columns of the table of points: `point`, `scenario`, then the factors as text or number."""
    names = list(dict.fromkeys(name for p in points for name, _ in p.values))
    rows = [dict(p.values) for p in points]
    columns: dict[str, list[Any]] = {
        "point": [p.index for p in points],
        "scenario": [scenarios[p.scenario] for p in points],
    }
    return columns | {name: [row.get(name, "") for row in rows] for name in names}
