"""Amounts of a scenario -> numbers in base units; what does not fit is recorded as a problem."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from chainsim.errors import Problem, UnitError
from chainsim.units import HOURS_PER_YEAR, factor, same_dimension, spelled, split_quantity

_BASES = ("t", "kNm3", "GJ", "MWh", "m3", "km")


class Reader:
    """Reads amounts; every problem goes to the list it was given."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def __call__(self, path: str, amount: float | str, unit: str) -> float:
        """`amount` in `unit`; a bare number is taken to be in `unit`. Negative is a problem."""
        value = self._value(path, amount, unit)
        if value < 0:
            self._problems.append(
                Problem(code="CS-S011", path=path, found=str(amount), expected=">= 0")
            )
        return value

    def limit(self, path: str, amount: float | str | None, unit: str) -> float:
        """Like a call, with None meaning no limit."""
        return math.inf if amount is None else self(path, amount, unit)

    def capacity(
        self,
        path: str,
        amount: float | str,
        unit: str,
        operating_hours: float,
        *,
        plain: bool = False,
    ) -> float:
        """Nameplate per hour. An annual capacity is spread over `operating_hours`.

        With `plain`, the amount is activity of a recipe per hour (or per year): of any unit,
        counted in the base unit of its dimension (`110 kt/a` in t, `20000 Nm3/h` in kNm3).
        """
        if isinstance(amount, float | int):
            return self(path, float(amount), unit or "ratio")
        try:
            value, written = split_quantity(amount)
            if plain and not written:
                return self(path, value, "ratio")
            if plain:
                unit = _activity_unit(written)
            annual = same_dimension(written, f"{unit}/h") and _per_year(written)
            hourly = value * factor(written, f"{unit}/h")
        except UnitError as exc:
            self._problems += [
                replace(
                    p, path=path, found=str(amount), expected=p.expected or f"{unit}/a | {unit}/h"
                )
                for p in exc.problems
            ]
            return 0.0
        if value < 0:
            self._problems.append(Problem(code="CS-S011", path=path, found=amount, expected=">= 0"))
        return hourly * HOURS_PER_YEAR / operating_hours if annual else hourly

    def _value(self, path: str, amount: float | str, unit: str) -> float:
        if not isinstance(amount, str):
            return float(amount)
        try:
            value, written = split_quantity(amount)
            return value * factor(written, unit) if written else value
        except UnitError as exc:
            self._problems += [
                replace(p, path=path, found=amount, expected=p.expected or unit)
                for p in exc.problems
            ]
            return 0.0


def _activity_unit(written: str) -> str:
    """Base unit in which a recipe's activity counts when its capacity is written so."""
    named = written.rsplit("/", 1)[0]
    fitting = [unit for unit in _BASES if same_dimension(written, f"{unit}/h")]
    if named in _BASES or not fitting:
        return named
    return min(fitting, key=lambda unit: ("W" in unit) != ("W" in written))  # GJ or MWh


def _per_year(unit: str) -> bool:
    """True for units written per year, such as `kt/a`."""
    return re.search(r"/\s*a$", spelled(unit).strip()) is not None
