"""Scores of the evaluation: one indicator between its two lines, dimensions, the weighted whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.verdicts import Measured
from chainsim.library.model import Indicator

SURVIVAL_SCORE: Final = 60.0
FULL_SCORE: Final = 100.0
_SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One indicator of one enterprise.

    Attributes:
        indicator: what is measured.
        value: None when it is not known.
        survival: past the survival line; None when not known, True where there is no line.
        development: past the development line; None when not known or not set.
        score: 0 to 100; None when not known.
        missing: path of the data that would tell.
        assumed: the value rests on an assumption.
    """

    indicator: Indicator
    value: float | None
    survival: bool | None
    development: bool | None
    score: float | None
    missing: str = ""
    assumed: bool = False


def mark(indicator: Indicator, found: Measured | None) -> Mark:
    """One indicator's mark from a measured value."""
    if found is None or found.value is None:
        lacking = "" if found is None else str(found.notes.get("missing", {}).get("what", ""))
        known = found is not None and "no_subject" in found.notes
        return Mark(
            indicator=indicator,
            value=None,
            survival=True if known or indicator.survival is None else None,
            development=True if known else None,
            score=None,
            missing=lacking,
        )
    value = found.value
    past = _past(indicator, found, indicator.survival)
    far = _past(indicator, found, indicator.development)
    return Mark(
        indicator=indicator,
        value=value,
        survival=True if indicator.survival is None else _unless_assumed(past, found),
        development=_unless_assumed(far, found),
        score=score(
            value,
            indicator.survival,
            indicator.development,
            up=indicator.direction == "up",
        ),
        missing=_measurement(found) if found.assumed else "",
        assumed=found.assumed,
    )


def _unless_assumed(reached: bool | None, found: Measured) -> bool | None:
    """A line passed by an assumption alone is not known to be passed."""
    return None if reached and found.assumed else reached


def _measurement(found: Measured) -> str:
    """Where the measurement of an assumed value would stand."""
    return f"facts.units.{found.subject}.measured"


def _past(indicator: Indicator, found: Measured, line: float | None) -> bool | None:
    """Whether a line is reached; None without a line or where the band reaches over it."""
    value = found.value
    if line is None or value is None:
        return None
    if abs(value - line) < found.band:
        return None
    slack = _SLACK * max(1.0, abs(line))
    return value >= line - slack if indicator.direction == "up" else value <= line + slack


def score(value: float, survival: float | None, development: float | None, *, up: bool) -> float:
    """Score of one indicator: 0 below the survival line, 60 on it, 100 at the development line.

    Linear between the lines. Without a development line (or with both the same) a passed survival
    line gives 60 or, when the lines coincide, 100; without a survival line the score runs from 0 at
    nothing to 100 at the development line.

    >>> score(95.0, 110.0, 90.0, up=False), score(40.0, None, 80.0, up=True)
    (90.0, 50.0)
    """
    sign = 1.0 if up else -1.0
    if survival is not None and sign * value < sign * survival - _SLACK * max(1.0, abs(survival)):
        return 0.0
    if survival is None and development is None:
        return FULL_SCORE
    if development is None:
        return SURVIVAL_SCORE
    if survival is None:
        share = value / development if up else (development / value if value > 0 else 1.0)
        return FULL_SCORE * min(1.0, max(0.0, share))
    if survival == development:
        return FULL_SCORE
    share = (value - survival) / (development - survival)
    return SURVIVAL_SCORE + (FULL_SCORE - SURVIVAL_SCORE) * min(1.0, max(0.0, share))


def total_score(marks: Iterable[Mark], weights: Mapping[str, float]) -> float | None:
    """Weighted mean of the dimensions' scores; unknown indicators and dimensions are left out."""
    sums: dict[str, list[float]] = {}
    for found in marks:
        if found.score is not None:
            part = sums.setdefault(found.indicator.dimension, [0.0, 0.0])
            part[0] += found.indicator.weight * found.score
            part[1] += found.indicator.weight
    parts = [
        (weights.get(key, 0.0), total / weight)
        for key, (total, weight) in sorted(sums.items())
        if weight > 0
    ]
    whole = math.fsum(w for w, _ in parts)
    return math.fsum(w * s for w, s in parts) / whole if whole > 0 else None
