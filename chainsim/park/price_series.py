"""Prices that a scenario gives by month: what holds in each month of the horizon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from chainsim.errors import Problem
from chainsim.library.model import Library, Material
from chainsim.library.price_records import PriceSeriesRecord
from chainsim.library.scenario_records import ScenarioRecord
from chainsim.park.amounts import Reader
from chainsim.park.model import Horizon

ByMonth = Mapping[str, float]


class Lookups(Protocol):
    """What a series needs of the lookups of a scenario (`References`)."""

    record: ScenarioRecord
    library: Library
    materials: dict[str, Material]
    horizon: Horizon
    read: Reader
    problems: list[Problem]

    def known(self, path: str, word: str, known: Iterable[str]) -> bool:
        """Whether `word` is among `known`; a problem when it is not."""

    def price_base(self, key: str) -> str:
        """Unit per which the price `key` counts."""


def series_prices(refs: Lookups) -> dict[str, tuple[float, ByMonth]]:
    """Price key -> (net mean over the horizon, month -> its price as a share of the mean).

    What is wrong with a series is recorded as a problem, and the series left out.
    """
    found: dict[str, tuple[float, ByMonth]] = {}
    for key, record in refs.record.economics.price_series.items():
        path = f"economics.price_series.{key}"
        if key in refs.record.economics.prices:
            both = ", ".join((f"economics.prices.{key}", path))
            refs.problems.append(Problem(code="CS-S033", path=path, found=both))
        elif key in refs.materials or refs.known(path, key, refs.library.prices):
            months = _written(refs, path, key, record)
            priced = _in_horizon(refs, path, record, months) if months else {}
            if priced:
                net = record.factor / (1.0 + _vat(refs, key, record))
                found[key] = shares_of({k: v * net for k, v in priced.items()}, refs.horizon)
    return found


def shares_of(prices: ByMonth, horizon: Horizon) -> tuple[float, ByMonth]:
    """(mean over the horizon by hours, month -> share of the mean; none where the mean is 0)."""
    hours = {period: end - begin for period, begin, end in horizon.periods()}
    mean = sum(prices[k] * w for k, w in hours.items()) / sum(hours.values())
    return mean, {k: price / mean for k, price in prices.items()} if mean > 0.0 else {}


def _written(refs: Lookups, path: str, key: str, record: PriceSeriesRecord) -> ByMonth:
    """Month -> price as written, with its VAT, per unit of the price."""
    given = {"months": record.months, "file": record.file, "series": record.series}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        code, text = ("CS-S033", ", ".join(named)) if named else ("CS-S035", "")
        refs.problems.append(Problem(code=code, path=path, found=text))
        return {}
    if record.file is not None:
        refs.problems.append(Problem(code="CS-S036", path=f"{path}.file", found=record.file))
        return {}
    per = f"CNY/{refs.price_base(key)}"
    if record.series is not None:
        known = refs.library.series
        if not refs.known(f"{path}.series", record.series, known):
            return {}
        unit = refs.read(f"{path}.series", "1 CNY/t", per)
        return {month: value * unit for month, value in known[record.series].months.items()}
    return {
        month: refs.read(f"{path}.months.{month}", amount, per)
        for month, amount in (record.months or {}).items()
    }


def _vat(refs: Lookups, key: str, record: PriceSeriesRecord) -> float:
    """Rate of the VAT that a written price holds: as in the library, in published series always."""
    known = refs.library.prices.get(key)
    if known is None or not (known.taxed or record.series is not None):
        return 0.0
    return known.vat


def _in_horizon(
    refs: Lookups, path: str, record: PriceSeriesRecord, months: ByMonth
) -> dict[str, float]:
    """The prices of the horizon's months; a month without one has that of the month before."""
    periods = [period for period, _, _ in refs.horizon.periods()]
    shift = 0 if record.first is None else _count(record.first) - _count(periods[0])
    known = sorted(months)
    wanted = [_month(_count(period) + shift) for period in periods]
    if wanted[0] < known[0] or (wanted[-1] > known[-1] and record.months is None):
        refs.problems.append(
            Problem(
                code="CS-S037",
                path=path,
                found=f"{wanted[0]} – {wanted[-1]}",
                expected=f"{known[0]} – {known[-1]}",
            )
        )
        return {}
    latest = (max(k for k in known if k <= month) for month in wanted)
    return {period: months[month] for period, month in zip(periods, latest, strict=True)}


def _count(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(count: int) -> str:
    return f"{count // 12:04d}-{count % 12 + 1:02d}"
