"""The few levers of a scheme: what each turns in a park, its range, the overrides it stands for.

A scheme is a shipped scenario, a price set and the levers moved; levers are data (`levers.toml`).
Overrides are always reckoned from the base park, so the order in which levers were moved does not
matter, and a lever put back leaves no trace.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any, Final

from chainsim.errors import UserError
from chainsim.park.model import Park, Unit
from chainsim.study.cache import shipped_park
from chainsim.units import factor

HUNDRED: Final = 100.0
PERCENT: Final = "percent"
GROUPS: Final = ("ovens", "gas", "chains", "prices")
_DIGITS: Final = 6
_NO_SUPPLY: Final = "CS-S017"
_MOST_ROUNDS: Final = 12
_LEAST_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One lever of one park; `base`, bounds and `step` in `unit`."""

    id: str
    group: str
    kind: str
    unit: str
    base: float
    low: float
    high: float
    step: float
    parts: tuple[str, ...]
    """Ids of the units, links or obligations turned, or the price key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A scenario with some levers moved. Equal schemes give equal results."""

    base: str
    values: tuple[tuple[str, float], ...] = ()
    """(lever, value) of the levers moved, by lever."""
    prices: str = ""
    """Price set; the scenario's own when empty."""

    def with_value(self, lever: Lever, value: float) -> Scheme:
        """The scheme with one lever at `value`; at its base it counts as not moved."""
        moved = dict(self.values)
        moved.pop(lever.id, None)
        if not math.isclose(value, lever.base, abs_tol=lever.step * 1e-6):
            moved[lever.id] = round(value, _DIGITS)
        return Scheme(base=self.base, values=tuple(sorted(moved.items())), prices=self.prices)

    def with_prices(self, prices: str) -> Scheme:
        """The scheme under another price set."""
        return Scheme(base=self.base, values=self.values, prices=prices)

    @property
    def changed(self) -> int:
        """How many things differ from the base scenario."""
        return len(self.values) + bool(self.prices)


@functools.cache
def definitions() -> Mapping[str, Mapping[str, Any]]:
    """What stands in `levers.toml`, by lever."""
    text = resources.files("chainsim.study").joinpath("levers.toml").read_text("utf-8")
    found: dict[str, dict[str, Any]] = tomllib.loads(text)["levers"]
    return found


def levers(base: str) -> tuple[Lever, ...]:
    """The levers that a shipped scenario has, group by group.

    Raises:
        UserError: the scenario cannot be read.
    """
    park = shipped_park(base)
    return _levers(base, park.digest, park.library.digest)


@functools.lru_cache(maxsize=128)
def _levers(base: str, digest: str, library: str) -> tuple[Lever, ...]:
    """The same, kept under what decides it."""
    park = shipped_park(base)
    found = [x for key, given in definitions().items() if (x := _lever(key, given, park))]
    return tuple(sorted(found, key=lambda x: GROUPS.index(x.group)))


def _lever(key: str, given: Mapping[str, Any], park: Park) -> Lever | None:
    parts = tuple(_parts(given, park))
    if not parts:
        return None
    kind, step = str(given["kind"]), float(given["step"])
    unit = str(given.get("unit", PERCENT))
    if kind == "load":
        base = _mean_load(park, parts)
        least = max(park.units[p].min_load for p in parts) * HUNDRED
        low = max(float(given["least"]), math.ceil(least - 1e-9))
        high = float(given["most"])
    elif kind == "capacity":
        base = _capacity(park, parts, unit)
        low, high = 0.0, math.ceil(base * float(given["most"]) / HUNDRED / step) * step
    else:
        base = park.economics.carbon_price_cny_per_t if kind == "carbon" else HUNDRED
        low, high = float(given["least"]), float(given["most"])
    if kind in ("capacity", "scale") and not low and not _has_ovens(park):
        low = math.ceil(_LEAST_SHARE * base / step) * step  # the plant is the park
    return Lever(
        id=key, group=str(given["group"]), kind=kind, unit=unit, parts=parts,
        base=round(base, _DIGITS), low=min(low, base), high=max(high, base), step=step,
    )  # fmt: skip


def _has_ovens(park: Park) -> bool:
    return any(u.process is not None and u.process.oven is not None for u in park.units.values())


def _parts(given: Mapping[str, Any], park: Park) -> Iterator[str]:
    """What the lever turns in this park."""
    if given["kind"] == "carbon":
        yield "carbon"
    if "price" in given and given["price"] in park.prices and _trades(park, given["price"]):
        yield str(given["price"])
    for unit in park.units.values():
        name = unit.process.id if unit.process is not None else ""
        if any(fnmatchcase(name, pattern) for pattern in given.get("processes", ())):
            yield unit.id
    for link in park.links.values():
        if link.mode in given.get("modes", ()) and math.isfinite(link.capacity):
            yield link.id
    for obligation in park.obligations.values():
        if park.headers[obligation.header].material.id in given.get("obligations", ()):
            yield obligation.id


def _trades(park: Park, price: str) -> bool:
    """Whether the park buys or sells at a price."""
    markets = (*park.buy.values(), *park.sell.values())
    return any(m.price_path.split(".")[-1] == price for m in markets)


def _mean_load(park: Park, parts: tuple[str, ...]) -> float:
    total = sum(park.units[p].capacity_per_a for p in parts)
    return HUNDRED * sum(park.units[p].load * park.units[p].capacity_per_a for p in parts) / total


def _reference_unit(unit: Unit) -> str:
    port = next((p for p in unit.ports if p.name == unit.reference), None)
    return "t" if port is None else port.material.unit


def _capacity(park: Park, parts: tuple[str, ...], unit: str) -> float:
    """Sum of capacities in `unit`, which is per year or per hour (power)."""
    total = 0.0
    for part in parts:
        found = park.units[part]
        base = _reference_unit(found)
        if unit.endswith("/a"):
            total += found.capacity_per_a * factor(f"{base}/a", unit)
        else:
            hourly = "MW" if base == "MWh" else f"{base}/h"
            total += found.nameplate_per_h * factor(hourly, unit)
    return total


def overrides(scheme: Scheme) -> tuple[str, ...]:
    """The scheme as `key.path=value` strings over its base scenario.

    Where a lever takes out the only source of a material, the plants that lived on it go too.

    Raises:
        UserError: the base scenario cannot be read, or there is no such price set.
    """
    known = {lever.id: lever for lever in levers(scheme.base)}
    prices = (f"economics.price_set={scheme.prices}",) if scheme.prices else ()
    park = shipped_park(scheme.base, prices)
    found = list(prices)
    for key, value in scheme.values:
        if key in known:
            found += _turned(park, known[key], value)
    return (
        tuple(found) if not any(text.endswith("=null") for text in found) else _cut(scheme, found)
    )


def _cut(scheme: Scheme, found: list[str]) -> tuple[str, ...]:
    """`found` with everything taken out that has lost its only supply."""
    for _ in range(_MOST_ROUNDS):
        try:
            shipped_park(scheme.base, tuple(found))
        except UserError as exc:
            lost = {p.path for p in exc.problems if p.code == _NO_SUPPLY and p.path.count(".") == 1}
            if not lost:
                raise
            found = [*found, *(f"{path}=null" for path in sorted(lost))]
        else:
            break
    return tuple(found)


def _turned(park: Park, lever: Lever, value: float) -> Iterator[str]:
    share = value / lever.base if lever.base else 0.0
    if lever.kind == "carbon":
        yield f"economics.carbon_price={value:g} {lever.unit}"
    elif lever.kind == "price":
        (key,) = lever.parts
        known = park.library.prices[key]
        gross = park.prices[key] * share * (1.0 + known.vat if known.taxed else 1.0)
        yield f"economics.prices.{key}={gross!r}"
    elif lever.kind == "load":
        for part in lever.parts:
            unit = park.units[part]
            load = min(max(unit.load * share, unit.min_load), 1.0)
            yield f"units.{part}.load={load!r}"
    else:
        for part in lever.parts:
            yield from _scaled(park, part, share)


def _scaled(park: Park, part: str, share: float) -> Iterator[str]:
    """One unit, link or obligation at `share` of its size; a unit of no size is taken out."""
    if part in park.units:
        unit = park.units[part]
        size = unit.nameplate_per_h * share
        yield f"units.{part}={'null'}" if not size else f"units.{part}.capacity={size!r}"
    elif part in park.links:
        yield f"links.{part}.capacity={park.links[part].capacity * share!r}"
    else:
        rates = ", ".join(repr(rate * share) for rate in park.obligations[part].monthly)
        yield f"obligations.{part}.monthly=[{rates}]"


def price_sets(base: str) -> tuple[str, ...]:
    """Ids of the library's price sets."""
    return tuple(shipped_park(base).library.price_sets)
