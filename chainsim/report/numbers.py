"""Numbers for people: significant digits and the unit a reader of the language knows.

Values come in any unit of `units.py`; which units are shown is data (`display.toml`). `-` stands
for what does not exist (NaN).
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from chainsim.errors import Lang
from chainsim.units import factor, spelled

_RATES: Final = ("/a", "/h")
"""What an amount may be counted by; it is scaled as the amount alone would be."""
DIGITS: Final = 3
_ZERO: Final = 1e-9
"""Smaller numbers are rounding: no display unit is that coarse."""
NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class DisplayUnit:
    """A unit as shown: shown value = value * `factor`."""

    label: str
    factor: float


@functools.cache
def _display() -> Mapping[str, Any]:
    text = resources.files("chainsim.report").joinpath("display.toml").read_text("utf-8")
    return tomllib.loads(text)


@functools.cache
def _scale_of(unit: str) -> str | None:
    return next((core for core, s in _display()["scales"].items() if unit in s["of"]), None)


@functools.lru_cache(maxsize=4096)
def unit_label(unit: str, lang: Lang) -> str:
    """`unit` as written in `lang`, part by part: `CNY/t` gives the Chinese word for yuan, `/t`."""
    labels = _display()["labels"]
    over, *under = spelled(unit).split("/")
    parts = [labels.get(over, {}).get(lang, over)]
    parts += [labels.get(f"/{x}", labels.get(x, {})).get(lang, x) for x in under]
    return "" if parts == ["ratio"] else "/".join(parts)


def display_unit(values: float | Iterable[float], unit: str, lang: Lang) -> DisplayUnit:
    """The unit in which the largest of `values` (given in `unit`) is best shown."""
    name = spelled(unit)
    rate = next((r for r in _RATES if name.endswith(r)), "")
    name = name.removesuffix(rate)
    core = _scale_of(name)
    if core is None:
        return DisplayUnit(unit_label(unit, lang), 1.0)
    per = unit_label(f"t{rate}", lang)[1:] if rate else ""
    listed = [values] if isinstance(values, int | float) else list(values)
    largest = max((abs(v) for v in listed if math.isfinite(v)), default=0.0)
    to_core = 1.0 if name == core else factor(name, core)
    sizes = _display()["scales"][core][lang]
    fitting = [pair for pair in sizes if largest * to_core >= pair[1] * (1 - 1e-9)]
    if not largest:
        fitting = [pair for pair in sizes if pair[1] <= 1.0]
    label, size = (fitting or sizes[-1:])[0]
    return DisplayUnit(label + per, to_core / size)


def number(value: float, digits: int = DIGITS) -> str:
    """`value` with `digits` significant digits; the whole part is always complete.

    >>> number(3.14159), number(0.012345), number(1234567.0), number(-0.0)
    ('3.14', '0.0123', '1,234,567', '0')
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if abs(value) < _ZERO:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def trimmed(value: float, digits: int) -> str:
    """Like `number`, without zeros at the end of a fraction: limits are round numbers.

    >>> trimmed(399.6, 5), trimmed(44.0, 5), trimmed(1000.0, 3)
    ('399.6', '44', '1,000')
    """
    text = number(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def fmt(value: float, unit: str, lang: Lang, digits: int = DIGITS) -> str:
    """`value` in `unit` as a reader of `lang` expects it, with its unit."""
    if math.isnan(value):
        return NOTHING
    shown = display_unit(value, unit, lang)
    return with_unit(number(value * shown.factor, digits), shown.label)


def rounded(value: float, unit: str, lang: Lang, digits: int = DIGITS) -> str:
    """Like `fmt` without zeros at the end of a fraction, for what somebody has set."""
    if math.isnan(value):
        return NOTHING
    shown = display_unit(value, unit, lang)
    return with_unit(trimmed(value * shown.factor, digits), shown.label)


def signed(value: float, unit: str, lang: Lang, digits: int = DIGITS) -> str:
    """Like `fmt`, with a plus sign where the value is positive."""
    text = fmt(value, unit, lang, digits)
    return f"+{text}" if value > 0 and text[0].isdigit() and text != "0" else text


def signed_number(value: float, digits: int = DIGITS) -> str:
    """Like `number`, with a plus sign where the value is positive.

    >>> signed_number(2.5), signed_number(-2.5), signed_number(0.0)
    ('+2.50', '-2.50', '0')
    """
    text = number(value, digits)
    return f"+{text}" if value > 0 and text != "0" else text


def with_unit(text: str, label: str) -> str:
    """Number and unit, with a blank between except before a percent sign."""
    if not label or text == NOTHING:
        return text
    return f"{text}{label}" if label == "%" else f"{text} {label}"
