"""Plain statistics of replications: means, paired differences, probabilities, convergence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean with its confidence interval; no width from a single value."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2.0


def mean_estimate(values: Array, level: float = LEVEL) -> Estimate:
    """Mean of independent values with its interval by Student's t.

    >>> e = mean_estimate(np.array([1.0, 2.0, 3.0]))
    >>> round(e.mean, 3), round(e.half, 3)
    (2.0, 2.484)
    """
    n = len(values)
    if n == 0:
        return Estimate(mean=math.nan, low=math.nan, high=math.nan, n=0)
    mean = float(values.mean())
    half = 0.0
    if n > 1:
        half = t_quantile(level, n - 1) * float(values.std(ddof=1)) / math.sqrt(n)
    return Estimate(mean=mean, low=mean - half, high=mean + half, n=n)


def t_quantile(level: float, freedom: int) -> float:
    """Half width of the central `level` of Student's t, in standard errors."""
    from scipy.stats import t

    return float(t.ppf(0.5 + level / 2.0, freedom))


def share_estimate(hits: int, n: int, level: float = LEVEL) -> Estimate:
    """A probability from `hits` of `n` with Wilson's interval (J. Am. Stat. Assoc. 22 (1927) 209).

    >>> e = share_estimate(10, 10)
    >>> e.mean, round(e.low, 3), e.high
    (1.0, 0.722, 1.0)
    """
    if n == 0:
        return Estimate(mean=math.nan, low=math.nan, high=math.nan, n=0)
    from scipy.stats import norm

    z = float(norm.ppf(0.5 + level / 2.0))
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == n else centre + half
    return Estimate(mean=p, low=low, high=high, n=n)


def convergence(values: Array, steps: Sequence[int] | None = None) -> list[Estimate]:
    """The mean after more and more replications, in their order."""
    n = len(values)
    if steps is None:
        steps = sorted({*(round(2 ** (k / 2)) for k in range(2, 40) if 2 ** (k / 2) < n), n})
    return [mean_estimate(values[:k]) for k in steps if 0 < k <= n]


def regret(values: Array, *, better_up: bool) -> Array:
    """(scenarios, runs) what each run of each scenario falls short of the best of that run.

    >>> regret(np.array([[1.0, 5.0], [2.0, 3.0]]), better_up=True).tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    best = values.max(axis=0) if better_up else values.min(axis=0)
    return np.asarray(best - values if better_up else values - best)
