"""What the public formulas take: plain numbers, lists and arrays, checked in one place.

`takes` names the rule of each argument; what does not fit is a `DataError` (CS-V020) that names the
formula and the argument. Lists become arrays.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from chainsim.errors import DataError, Problem, shorten

P = ParamSpec("P")
R = TypeVar("R")
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an argument may be: numbers between two ends, or one of some words."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    """`low` itself is out."""
    below: bool = False
    """`high` itself is out."""
    whole: bool = False
    series: bool = False
    """A list of numbers, not a single one."""
    words: tuple[str, ...] = ()

    def read(self, name: str, value: Any) -> Any:
        """`value`, as an array where it was a list.

        Raises:
            DataError: it is not what the rule allows.
        """
        if self.words:
            if value in self.words:
                return value
        elif isinstance(value, (float, int)) and not self.series:
            if self._holds(value):
                return value
        else:
            array = _array(value)
            if array is not None and self._shaped(array) and self._all_hold(array):
                return array if self.series or isinstance(value, (list, tuple)) else value
        raise refused(name, value, self.text)

    def _shaped(self, array: Array) -> bool:
        return array.ndim == 1 or (not self.series and array.ndim > 1)

    def _all_hold(self, array: Array) -> bool:
        return all(map(self._holds, array.ravel().tolist()))

    def _holds(self, value: float) -> bool:
        if not math.isfinite(value) or (self.whole and value != int(value)):
            return False
        low = value > self.low if self.above else value >= self.low
        return low and (value < self.high if self.below else value <= self.high)

    @property
    def text(self) -> str:
        """The rule in signs."""
        if self.words:
            return " | ".join(self.words)
        kind = "[number, …]" if self.series else "integer" if self.whole else "number"
        low = f"{'>' if self.above else '>='} {self.low:g}" if self.low > -math.inf else ""
        high = f"{'<' if self.below else '<='} {self.high:g}" if self.high < math.inf else ""
        return ", ".join(part for part in (kind, low, high) if part)


NUMBER = Rule()
POSITIVE = Rule(low=0.0, above=True)
NOT_NEGATIVE = Rule(low=0.0)
SHARE = Rule(low=0.0, high=1.0)
RATE = Rule(low=-1.0, above=True)
"""A rate per year: at -1 and below nothing can be discounted."""
SERIES = Rule(series=True)
AMOUNTS = Rule(series=True, low=0.0)
YEARS = Rule(low=1, whole=True)


def takes(**rules: Rule) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check the arguments named before a formula sees them."""

    def around(formula: Callable[P, R]) -> Callable[P, R]:
        names = tuple(inspect.signature(formula).parameters)
        called = formula.__name__

        @functools.wraps(formula)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            given: list[Any] = list(args)
            for place, name in enumerate(names[: len(given)]):
                if name in rules:
                    given[place] = rules[name].read(f"{called}.{name}", given[place])
            named: dict[str, Any] = dict(kwargs)
            for name in named.keys() & rules.keys():
                named[name] = rules[name].read(f"{called}.{name}", named[name])
            return formula(*given, **named)

        return checked

    return around


def same_length(name: str, one: Sized, other: Sized) -> None:
    """Refuse lists of different length.

    Raises:
        DataError: CS-V020.
    """
    if len(one) != len(other):
        raise refused(name, len(other), f"{len(one)}")


def refused(name: str, value: object, expected: str) -> DataError:
    """The error of a formula whose argument does not fit."""
    return DataError(Problem(code="CS-V020", path=name, found=shorten(value), expected=expected))


def _array(value: Any) -> Array | None:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
