"""Whether what an `uncertainty` section names exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from chainsim.errors import Problem, did_you_mean
from chainsim.library.census import figures
from chainsim.library.model import Library
from chainsim.library.uncertainty_records import UncertaintyRecord

SECTION = "uncertainty"


def unknown_names(
    record: UncertaintyRecord, library: Library, prices: Collection[str]
) -> Iterator[Problem]:
    """Figures and price keys that do not exist, at their key paths.

    Args:
        record: the section.
        library: whose figures may be named.
        prices: price keys that may be named.
    """
    if record.coefficients is not None:
        known = figures(library)
        begun = {path[:end] for path in known for end in _ends(path)}
        for index, name in enumerate(record.coefficients.only):
            if name not in begun:
                yield _unknown(f"coefficients.only.{index}", name, begun, "CS-T006")
        for key, given in record.coefficients.ranges.items():
            if given.figure not in known:
                yield _unknown(f"coefficients.ranges.{key}.figure", given.figure, known, "CS-T006")
    for key in record.prices.ranges if record.prices is not None else ():
        if key not in prices:
            yield _unknown(f"prices.ranges.{key}", key, prices, "CS-S002")


def _ends(path: str) -> Iterator[int]:
    """Where a path may be cut off: before each dot, and behind."""
    yield from (k for k, letter in enumerate(path) if letter == ".")
    yield len(path)


def _unknown(path: str, name: str, known: Collection[str], code: str) -> Problem:
    return Problem(code=code, path=f"{SECTION}.{path}", found=name, hint=did_you_mean(name, known))
