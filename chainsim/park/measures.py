"""What changes by dates: limits and prices of markets, measures of the authorities."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from chainsim.errors import Problem
from chainsim.library.scenario_records import MarketRecord, MeasureRecord
from chainsim.park.model import Measure
from chainsim.park.references import References


def dated_limits(
    refs: References, path: str, record: MarketRecord, unit: str, usual: float
) -> tuple[tuple[float, float], ...]:
    """(hour, limit from then on); empty when the limit never changes."""
    rate = f"{unit}/h"
    found = {-math.inf: usual}
    if record.monthly is not None:
        monthly = [
            refs.read(f"{path}.monthly.{i}", amount, rate)
            for i, amount in enumerate(record.monthly)
        ]
        for period, begin, _ in refs.horizon.periods():
            found[begin] = monthly[int(period[5:]) - 1]
        del found[-math.inf]
    for index, step in enumerate(record.steps):
        if step.limit is not None:
            begin = refs.horizon.hour_of(step.begin)
            limit = refs.read(f"{path}.steps.{index}.limit", step.limit, rate)
            found = {hour: value for hour, value in found.items() if hour < begin}
            found[begin] = limit
    return tuple(sorted(found.items())) if len(found) > 1 or record.monthly else ()


def dated_prices(
    refs: References, path: str, record: MarketRecord, unit: str, usual: float
) -> tuple[float, Mapping[str, float]]:
    """(mean price over the horizon, month -> its price as a share of the mean)."""
    per = f"CNY/{unit}"
    steps = [
        (step.begin.replace(day=1), refs.read(f"{path}.steps.{i}.price", step.price, per))
        for i, step in enumerate(record.steps)
        if step.price is not None
    ]
    if record.monthly_prices is None and not steps:
        return usual, {}
    by_month = [usual] * 12
    if record.monthly_prices is not None:
        by_month = [
            refs.read(f"{path}.monthly_prices.{i}", amount, per)
            for i, amount in enumerate(record.monthly_prices)
        ]
    prices, weights = {}, {}
    for period, begin, end in refs.horizon.periods():
        year, month = int(period[:4]), int(period[5:])
        price = by_month[month - 1]
        for day, later in steps:
            if day <= dt.date(year, month, 1):
                price = later
        prices[period], weights[period] = price, end - begin
    mean = sum(prices[k] * w for k, w in weights.items()) / sum(weights.values())
    return mean, {k: price / mean for k, price in prices.items()} if mean > 0.0 else {}


def build_measures(refs: References) -> tuple[Measure, ...]:
    """All measures, by id."""
    return tuple(_measure(refs, k, r) for k, r in sorted(refs.record.measures.items()))


def _measure(refs: References, key: str, record: MeasureRecord) -> Measure:
    path = f"measures.{key}"
    begin = refs.horizon.hour_of(record.begin)
    end = refs.hour(record.end, math.inf)
    if end < begin:
        refs.problems.append(Problem(code="CS-S016", path=f"{path}.to"))
    for name in record.load:
        refs.known(f"{path}.load", name, refs.record.units)
    limits = {}
    for name, amount in record.limit.items():
        kind, _, own = name.partition(".")
        groups = {"buy": refs.record.buy, "sell": refs.record.sell}
        if not refs.known(f"{path}.limit", kind, groups):
            continue
        if not refs.known(f"{path}.limit", own, groups[kind]):
            continue
        material = refs.materials.get(groups[kind][own].material or own)
        unit = "t" if material is None else material.unit
        limits[f"{kind}:{own}"] = refs.read(f"{path}.limit.{name}", amount, f"{unit}/h")
    return Measure(id=key, begin_h=begin, end_h=end, shares=dict(record.load), limits=limits)
