"""Every figure of a library once, and how good they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chainsim.library.model import Coefficient, Library


def figures(library: Library) -> dict[str, Coefficient]:
    """Every coefficient by its path of origin."""
    return {c.path: c for c in _all(library)}


def _all(library: Library) -> Iterator[Coefficient]:
    for material in library.materials.values():
        yield from material.coefficients
    for process in library.processes.values():
        yield from process.coefficients
    for price in library.prices.values():
        yield price.coefficient
    for factor in library.factors.values():
        yield factor.coefficient
    for limit in library.limits.values():
        yield from limit.levels.values()


def grades(library: Library) -> Counter[str]:
    """Number of figures by grade."""
    return Counter(c.grade for c in figures(library).values())


def marks(library: Library) -> Counter[str]:
    """Number of figures by mark; those without one stand under the empty word."""
    return Counter(c.mark for c in figures(library).values())
