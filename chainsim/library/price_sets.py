"""Named price sets: base prices carried to another time by their monthly series.

A price with a series of its own moves with the mean of that series over the set's months against
the mean over the price's own year; one that `follows` other prices or series moves by the product
of their ratios, each to the power of its elasticity. A price read for that time wins over both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chainsim.library.model import Coefficient, Price, PriceSet, Series
from chainsim.library.reference_records import PriceSetRecord
from chainsim.library.series import mean


def price_set(
    key: str,
    record: PriceSetRecord,
    prices: Mapping[str, Price],
    series: Mapping[str, Series],
    read: Mapping[str, Coefficient],
) -> PriceSet:
    """The set `key`: every base price that the months or a reading move.

    Args:
        key: id of the set.
        record: months and notes.
        prices: base prices.
        series: monthly series by id.
        read: figures given for that time, by price key.
    """
    first, last = record.months
    moved = _Moved(prices, series, first, last, read)
    found = {}
    for name in sorted(prices):
        if name in read:
            found[name] = read[name]
        elif (ratio := moved.ratio(name)) is not None:
            found[name] = _carried(key, prices[name], ratio)
    return PriceSet(
        id=key,
        name_zh=record.name_zh,
        name_en=record.name_en,
        first_month=first,
        last_month=last,
        prices=found,
        note_zh=record.note_zh,
        note_en=record.note_en,
    )


def _carried(key: str, price: Price, ratio: float) -> Coefficient:
    c = price.coefficient
    by = price.series or ", ".join(price.follows)
    own = bool(price.series)
    return replace(
        c,
        path=f"price_sets.{key}.prices.{price.key}",
        value=c.value * ratio,
        low=c.low * ratio,
        high=c.high * ratio,
        grade=c.grade if own else "C",
        mark="derived",
        note=f"{price.year}: {c.value:g} x {ratio:.4g} ({by})",
    )


def priced_at(prices: Mapping[str, Price], chosen: PriceSet) -> dict[str, Price]:
    """`prices` with the figures of one price set in their place, still going by `prices.<key>`."""

    def at(key: str, price: Price) -> Price:
        figure = replace(chosen.prices[key], path=price.coefficient.path)
        return replace(price, coefficient=figure, value_cny=figure.base)

    return {k: at(k, p) if k in chosen.prices else p for k, p in prices.items()}


class _Moved:
    """How prices of a time stand to base prices."""

    def __init__(
        self,
        prices: Mapping[str, Price],
        series: Mapping[str, Series],
        first: str,
        last: str,
        read: Mapping[str, Coefficient],
    ) -> None:
        self._prices, self._series, self._read = prices, series, read
        self._first, self._last = first, last
        self._open: list[str] = []

    def ratio(self, key: str) -> float | None:
        """Price at the time over base price; None where nothing tells."""
        if key in self._read:
            return self._read[key].value / self._prices[key].coefficient.value
        price = self._prices[key]
        if price.series:
            return self._of_series(price.series, price.year)
        if not price.follows or key in self._open:
            return None
        self._open.append(key)
        ratio = 1.0
        for name, elasticity in price.follows.items():
            known = name in self._prices
            part = self.ratio(name) if known else self._of_series(name, price.year)
            if part is None:
                ratio = 0.0
                break
            ratio *= part**elasticity
        self._open.remove(key)
        return ratio or None

    def _of_series(self, name: str, year: int) -> float | None:
        months = self._series[name].months
        base = mean(months, f"{year}-01", f"{year}-12")
        then = mean(months, self._first, self._last)
        return None if base is None or then is None else then / base
