"""Layouts that a search has found: what they build, where, and what it is worth on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """One thing that a layout builds; `size` is its share of the largest."""

    candidate: str
    component: str
    site: str
    size: float
    text: str
    trains: int
    year: int
    capex_cny: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A layout on paper.

    Attributes:
        name: `best`, `alternative-2`, `front-3` …
        built: what it builds, in a fixed order.
        links: links of the park that carry something in the last year.
        value: objective beyond the park as it stands; money in CNY.
        bound: no layout has more, but for what the search takes for building one more thing.
        status: `optimal` within the gap, or `limit` when time ran out.
        measures: `SHOWN` and those of a front, of the last year (`fnpv` and
            `capex` of the whole time); `fnpv` is what the layout adds.
        prices: limit -> objective per unit more of it with everything built as it is.
    """

    name: str
    built: tuple[Built, ...]
    links: tuple[str, ...]
    value: float
    bound: float
    status: str
    measures: Mapping[str, float]
    prices: Mapping[str, float]

    @property
    def gap(self) -> float:
        """How much more another layout may add, as a share of what this one adds."""
        return abs(self.bound - self.value) / max(abs(self.value), 1e-9)

    @property
    def siting(self) -> frozenset[str]:
        """What stands where, whatever its size and year."""
        return frozenset(b.component for b in self.built)
