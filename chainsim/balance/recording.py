"""Exact totals by calendar period, accumulated from constant-flow intervals.

Intervals may span period ends: they are split there, so reporting never changes a total. Levels are
linear inside an interval, hence their means are exact as well.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainsim.balance.program import Array, Program
from chainsim.park.model import Buffer, Link, Market, Obligation, Park, Unit, Vent
from chainsim.results import (
    EVENT_COLUMNS,
    FLOW_COLUMNS,
    LEVEL_COLUMNS,
    OBLIGATION_COLUMNS,
    UNIT_COLUMNS,
    Simulation,
    table,
)

_UNIT_METRICS = ("full", "running", "available", "failed", "overhaul", "held", "starts")


@dataclass(slots=True)
class Interval:
    """One stretch of constant flows, hours [begin, end)."""

    begin: float
    end: float
    values: Array
    """(n,) column values."""
    available: Array
    """(units,) share of nameplate available; failed and overhaul in the same order."""
    failed: Array
    overhaul: Array
    held: NDArray[np.bool_]
    requested: Array
    """(obligations,) base units per hour."""
    levels: Array
    """(buffers,) at the beginning."""


class Recorder:
    """Adds up intervals for one run of one park."""

    def __init__(self, park: Park, program: Program) -> None:
        self.park = park
        self.program = program
        self.periods = park.horizon.periods()
        count = len(self.periods)
        self._ends = np.array([end for _, _, end in self.periods])
        self.flow = np.zeros((count, program.n))
        self.metric = {m: np.zeros((count, len(park.units))) for m in _UNIT_METRICS}
        self.requested = np.zeros((count, len(park.obligations)))
        self.short_h = np.zeros((count, len(park.obligations)))
        buffers = len(park.buffers)
        self.level_integral = np.zeros((count, buffers))
        self.empty_h = np.zeros((count, buffers))
        self.full_h = np.zeros((count, buffers))
        self.level_start = np.zeros((count, buffers))
        self.level_end = np.zeros((count, buffers))
        self.events: list[dict[str, object]] = []
        self._seen = np.zeros(count, dtype=bool)
        column = program.column
        self._units = np.array([column[f"unit:{k}"] for k in park.units], dtype=int)
        self._owed = np.array([column[f"obligation:{k}"] for k in park.obligations], dtype=int)
        self._fill = np.array([column[f"fill:{k}"] for k in park.buffers], dtype=int)
        self._draw = np.array([column[f"draw:{k}"] for k in park.buffers], dtype=int)
        self._capacity = np.array([b.capacity for b in park.buffers.values()])

    def net(self, values: Array) -> Array:
        """(buffers,) rate at which each level rises."""
        scale = self.program.scale
        filled = values[self._fill] * scale[self._fill]
        return np.asarray(filled - values[self._draw] * scale[self._draw])

    def add(self, interval: Interval) -> None:
        """Add one interval; a zero-length one adds nothing."""
        if interval.end <= interval.begin:
            return
        rate = interval.values * self.program.scale
        net = self.net(interval.values)
        activity = interval.values[self._units]
        begin, levels = interval.begin, interval.levels
        first = int(np.searchsorted(self._ends, begin, side="right"))
        for p in range(min(first, len(self._ends) - 1), len(self._ends)):
            end = min(interval.end, self._ends[p])
            hours = end - begin
            if hours <= 0:
                break
            after = levels + net * hours
            self.flow[p] += rate * hours
            self._add_units(p, hours, activity, interval)
            self.requested[p] += interval.requested * hours
            served = rate[self._owed]
            short = served < interval.requested * (1.0 - 1e-9) - 1e-12
            self.short_h[p] += hours * short
            self._add_levels(p, hours, levels, after)
            begin, levels = end, after

    def _add_units(self, p: int, hours: float, activity: Array, interval: Interval) -> None:
        metric = self.metric
        metric["full"][p] += activity * hours
        metric["running"][p] += (activity > 0) * hours
        metric["available"][p] += interval.available * hours
        metric["failed"][p] += interval.failed * hours
        metric["overhaul"][p] += interval.overhaul * hours
        metric["held"][p] += interval.held * hours

    def _add_levels(self, p: int, hours: float, before: Array, after: Array) -> None:
        if not self._seen[p]:
            self.level_start[p] = before
            self._seen[p] = True
        self.level_end[p] = after
        self.level_integral[p] += (before + after) / 2.0 * hours
        steady = np.abs(after - before) <= 1e-12 * np.maximum(self._capacity, 1.0)
        self.empty_h[p] += hours * (steady & (before <= 1e-9 * self._capacity))
        self.full_h[p] += hours * (steady & (before >= (1 - 1e-9) * self._capacity))

    def count_start(self, unit: int, time_h: float) -> None:
        """A unit went from standing to running."""
        p = min(int(np.searchsorted(self._ends, time_h, side="right")), len(self._ends) - 1)
        self.metric["starts"][p, unit] += 1

    def event(self, time_h: float, component: str, event: str, value: float = 0.0) -> None:
        """Note something that happened."""
        self.events.append(
            {"time_h": time_h, "component": component, "event": event, "value": value}
        )

    # -- tables -------------------------------------------------------------------------------

    def simulation(
        self,
        *,
        engine: str,
        seed: int,
        replication: int,
        residual: float,
        allocations: int,
        bottlenecks: Mapping[str, tuple[str, ...]],
    ) -> Simulation:
        """Everything recorded, as tables; events in order of time."""
        events = sorted(self.events, key=operator.itemgetter("time_h"))
        return Simulation(
            engine=engine,
            hours=self.park.horizon.hours,
            seed=seed,
            replication=replication,
            flows=table(self._flow_rows(), FLOW_COLUMNS),
            units=table(self._unit_rows(), UNIT_COLUMNS),
            obligations=table(self._obligation_rows(), OBLIGATION_COLUMNS),
            levels=table(self._level_rows(), LEVEL_COLUMNS),
            events=table(events, EVENT_COLUMNS),
            bottlenecks=bottlenecks,
            residual=residual,
            allocations=allocations,
        )

    def _flow_rows(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for p, (period, _, _) in enumerate(self.periods):
            for flow in _flows(self.park, self.program.column, self.flow[p]):
                if flow.quantity == 0.0:
                    continue
                material = self.park.materials.get(flow.material)
                rows.append(
                    {
                        "period": period,
                        "kind": flow.kind,
                        "component": flow.component,
                        "site": flow.site,
                        "owner": flow.owner,
                        "port": flow.port,
                        "material": flow.material,
                        "quantity": flow.quantity,
                        "unit": "t" if material is None else material.unit,
                    }
                )
        return rows

    def _unit_rows(self) -> list[dict[str, object]]:
        rows = []
        for p, (period, begin, end) in enumerate(self.periods):
            for i, unit in enumerate(self.park.units.values()):
                reference = next((x for x in unit.ports if x.name == unit.reference), None)
                rows.append(
                    {
                        "period": period,
                        "component": unit.id,
                        "hours": end - begin,
                        "full_load_h": self.metric["full"][p, i],
                        "running_h": self.metric["running"][p, i],
                        "available_h": self.metric["available"][p, i],
                        "failed_h": self.metric["failed"][p, i],
                        "overhaul_h": self.metric["overhaul"][p, i],
                        "held_h": self.metric["held"][p, i],
                        "starts": self.metric["starts"][p, i],
                        "nameplate": unit.nameplate_per_h,
                        "unit": reference.material.unit if reference else "activity",
                    }
                )
        return rows

    def _obligation_rows(self) -> list[dict[str, object]]:
        rows = []
        for p, (period, _, _) in enumerate(self.periods):
            for i, (key, item) in enumerate(self.park.obligations.items()):
                header = self.park.headers[item.header]
                served = float(self.flow[p, self.program.column[f"obligation:{key}"]])
                requested = float(self.requested[p, i])
                rows.append(
                    {
                        "period": period,
                        "component": key,
                        "site": header.site,
                        "material": header.material.id,
                        "requested": requested,
                        "served": served,
                        "shortfall": max(requested - served, 0.0) if self.short_h[p, i] else 0.0,
                        "short_h": self.short_h[p, i],
                        "unit": header.material.unit,
                    }
                )
        return rows

    def _level_rows(self) -> list[dict[str, object]]:
        rows = []
        for p, (period, begin, end) in enumerate(self.periods):
            for i, (key, buffer) in enumerate(self.park.buffers.items()):
                material = self.park.headers[buffer.header].material
                rows.append(
                    {
                        "period": period,
                        "component": key,
                        "material": material.id,
                        "level_start": self.level_start[p, i],
                        "level_end": self.level_end[p, i],
                        "level_mean": self.level_integral[p, i] / (end - begin),
                        "empty_h": self.empty_h[p, i],
                        "full_h": self.full_h[p, i],
                        "capacity": buffer.capacity,
                        "unit": material.unit,
                    }
                )
        return rows


@dataclass(frozen=True, slots=True)
class _Flow:
    """One row of the flow table but for its period and unit."""

    kind: str
    component: str
    site: str
    owner: str
    port: str
    material: str
    quantity: float


def _flows(park: Park, column: Mapping[str, int], totals: Array) -> Iterator[_Flow]:
    """What moved in one period; `totals` (n,) in base units, full-load hours for units."""
    for unit in park.units.values():
        hours = float(totals[column[f"unit:{unit.id}"]])
        for port, material, quantity in _port_flows(unit, hours, totals, column):
            yield _Flow("unit", unit.id, unit.site, unit.owner, port, material, quantity)
    kinds: tuple[tuple[str, float, Mapping[str, Market | Obligation | Vent | Buffer]], ...] = (
        ("buy", 1.0, park.buy),
        ("sell", -1.0, park.sell),
        ("obligation", -1.0, park.obligations),
        ("vent", -1.0, park.vents),
        ("fill", -1.0, park.buffers),
        ("draw", 1.0, park.buffers),
    )
    for kind, sign, group in kinds:
        for key, item in group.items():
            header = park.headers[item.header]
            quantity = sign * float(totals[column[f"{kind}:{key}"]])
            yield _Flow(kind, key, header.site, "", kind, header.material.id, quantity)
    for link in park.links.values():
        yield from _link_flows(park, link, float(totals[column[f"link:{link.id}"]]))


def _link_flows(park: Park, link: Link, carried: float) -> Iterator[_Flow]:
    rows = [("in", link.origin, -carried), ("out", link.target, carried)]
    if link.electricity_header:
        rows.append(("power", link.electricity_header, -carried * link.electricity_mwh))
    for port, key, quantity in rows:
        header = park.headers[key]
        material = header.material.id
        yield _Flow("link", link.id, header.site, link.owner, port, material, quantity)


def _port_flows(
    unit: Unit, full_load_h: float, flow: Array, column: Mapping[str, int]
) -> Sequence[tuple[str, str, float]]:
    """(port, material, quantity) of one unit over one period."""
    found = []
    for port in unit.ports:
        if port.alternative:
            sign = 1.0 if port.rate > 0 else -1.0
            for option in port.options:
                key = f"feed:{unit.id}.{port.name}.{option.material}"
                found.append((port.name, option.material, sign * float(flow[column[key]])))
        elif port.options:
            option = port.options[0]
            found.append((port.name, option.material, full_load_h * port.rate * option.per_need))
        else:
            found.append((port.name, port.material.id, full_load_h * port.rate))
    return found
