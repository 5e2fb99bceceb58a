"""Units of measure: one registry, one parser, one converter. Conversion happens only here.

What the product itself converts stands ready in `conversions.toml`, so that a run need not wait for
pint to start; everything else pint works out, and a test holds the table to it.

Base units of the core: t, kNm3 (0 degC, 101.325 kPa, dry), GJ, MWh, h, CNY, km, person.
1 kgce = 29.3076 MJ (GB/T 2589-2020: 7000 kcal of 4.1868 kJ). A calendar year `a` has 8760 h.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from chainsim.errors import Problem, UnitError, did_you_mean, shorten

if TYPE_CHECKING:
    import pint

HOURS_PER_YEAR = 8760.0
GJ_PER_TCE = 29.3076
GJ_PER_MWH = 3.6


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("chainsim").joinpath(name).read_text(encoding="utf-8"))


@functools.cache
def _table() -> dict[str, Any]:
    return _read("units.toml")


@functools.cache
def conversions() -> dict[str, dict[str, float | Literal[False]]]:
    """Target -> unit -> the number pint gives; False where the dimensions differ."""
    return _read("conversions.toml")


@functools.cache
def _spelling_pattern() -> re.Pattern[str]:
    words = sorted(_table()["spellings"], key=len, reverse=True)
    return re.compile("|".join(re.escape(w) for w in words))


_QUANTITY = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$")


@functools.cache
def registry() -> pint.UnitRegistry[Any]:
    """The pint registry of exactly the units above."""
    import pint

    reg: pint.UnitRegistry[Any] = pint.UnitRegistry(None)
    reg.load_definitions([line for line in _table()["definitions"].splitlines() if line.strip()])
    return reg


def spelled(unit: str) -> str:
    """`unit` with Chinese and typographic spellings replaced by the registry's names."""
    text = re.sub(r"\byuan per\b", "CNY/", unit)
    spellings = _table()["spellings"]
    text = _spelling_pattern().sub(lambda m: spellings[m.group(0)], text)
    return text if text not in ("", "-", "1") else "ratio"


@functools.lru_cache(maxsize=4096)
def _parsed(unit: str) -> Any:
    try:
        return registry().parse_units(spelled(unit))
    except Exception as exc:  # pint raises many kinds for a word it does not know
        known = [str(name) for name in registry()._units] + list(_table()["spellings"])
        raise UnitError(
            Problem(code="CS-U001", found=shorten(unit), hint=did_you_mean(unit, known))
        ) from exc


@functools.lru_cache(maxsize=4096)
def factor(unit: str, target: str) -> float:
    """Number by which a value in `unit` is multiplied to be in `target`.

    Raises:
        UnitError: `unit` is unknown (CS-U001) or of another dimension than `target` (CS-U002).
    """
    found = conversions().get(target, {}).get(unit)
    if found is None:
        found = worked_out(unit, target)
    if found is False:
        raise UnitError(Problem(code="CS-U002", found=shorten(unit), expected=target))
    return found


def worked_out(unit: str, target: str) -> float | Literal[False]:
    """What pint gives for `factor`, False for another dimension; raises UnitError (CS-U001)."""
    source, wanted = _parsed(unit), _parsed(target)
    if source.dimensionality != wanted.dimensionality:
        return False
    return float(registry().Quantity(1.0, source).to(wanted).magnitude)


def same_dimension(unit: str, other: str) -> bool:
    """True when `unit` can be converted to `other`.

    Raises:
        UnitError: one of them is unknown.
    """
    found = conversions().get(other, {}).get(unit)
    if found is None:
        return bool(_parsed(unit).dimensionality == _parsed(other).dimensionality)
    return found is not False


def convert(value: float, unit: str, target: str) -> float:
    """`value` in `unit` expressed in `target`; raises UnitError as `factor` does."""
    return value * factor(unit, target)


def split_quantity(text: str) -> tuple[float, str]:
    """Number and unit of a written quantity such as `110 万t/a`.

    Raises:
        UnitError: no finite number at the start (CS-U003).
    """
    match = _QUANTITY.match(text)
    if match is None or not math.isfinite(float(match.group(1))):
        raise UnitError(Problem(code="CS-U003", found=shorten(text)))
    return float(match.group(1)), match.group(2)
