"""What changes by dates: limits and prices of markets, measures of the authorities."""

from __future__ import annotations

import math
from collections.abc import Sequence

from chainsim.errors import Problem
from chainsim.library.scenario_records import MarketRecord, MarketStepRecord, MeasureRecord
from chainsim.park.model import Measure
from chainsim.park.price_series import ByMonth, shares_of
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
    for index, step in _in_time(record.steps):
        if step.limit is not None:
            begin = refs.horizon.hour_of(step.begin)
            limit = refs.read(f"{path}.steps.{index}.limit", step.limit, rate)
            found = {hour: value for hour, value in found.items() if hour < begin}
            found[begin] = limit
    return tuple(sorted(found.items())) if len(found) > 1 or record.monthly else ()


def dated_prices(
    refs: References, path: str, record: MarketRecord, unit: str, usual: float, shares: ByMonth
) -> tuple[float, ByMonth]:
    """(mean price over the horizon, month -> its price as a share of the mean).

    Args:
        refs: lookups of the scenario.
        path: of the market.
        record: of the market.
        unit: of its material.
        usual: mean price where the market itself gives none.
        shares: the same by month; empty when it never changes.
    """
    per = f"CNY/{unit}"
    steps = [
        (f"{step.begin:%Y-%m}", refs.read(f"{path}.steps.{i}.price", step.price, per))
        for i, step in _in_time(record.steps)
        if step.price is not None
    ]
    if record.monthly_prices is None and not steps:
        return usual, shares
    prices = {period: usual * shares.get(period, 1.0) for period, _, _ in refs.horizon.periods()}
    if record.monthly_prices is not None:
        by_month = [
            refs.read(f"{path}.monthly_prices.{i}", amount, per)
            for i, amount in enumerate(record.monthly_prices)
        ]
        prices = {period: by_month[int(period[5:]) - 1] for period in prices}
    for since, later in steps:
        prices |= {period: later for period in prices if period >= since}
    return shares_of(prices, refs.horizon)


def _in_time(steps: Sequence[MarketStepRecord]) -> list[tuple[int, MarketStepRecord]]:
    """Steps with their places in the file, by date."""
    return sorted(enumerate(steps), key=lambda step: step[1].begin)


def build_measures(refs: References) -> tuple[Measure, ...]:
    """All measures, by id."""
    return tuple(_measure(refs, k, r) for k, r in sorted(refs.record.measures.items()))


def _measure(refs: References, key: str, record: MeasureRecord) -> Measure:
    path = f"measures.{key}"
    begin = refs.horizon.hour_of(record.begin)
    end = refs.hour(record.end, math.inf)
    if end < begin:
        refs.problems.append(Problem(code="CS-S016", path=f"{path}.to"))
    if not (record.load or record.limit or record.output):
        refs.problems.append(Problem(code="CS-S039", path=path))
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
    outputs = {}
    for name, amount in record.output.items():
        material = refs.material(f"{path}.output", name)
        if material is not None:
            outputs[name] = refs.read(f"{path}.output.{name}", amount, f"{material.unit}/h")
    for name in record.units:
        refs.known(f"{path}.units", name, refs.record.units)
    return Measure(
        id=key,
        begin_h=begin,
        end_h=end,
        shares=dict(record.load),
        limits=limits,
        outputs=outputs,
        units=tuple(record.units),
    )
