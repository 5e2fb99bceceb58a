"""The plain way: simpy, one process per unit, a Container per header, one step an hour or less.

Written as a careful modeller would without an allocator: every hour the units act in order of
priority. Each looks at what its feed headers hold and what room its product headers have, runs at
the largest load between its least load and what is up, and moves the amounts. Headers without a
buffer hold one hour's flow at most. Markets refill and empty the headers at the top of the hour,
vents take what is over.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import simpy

from chainsim.park.model import Park, Unit


class Hourly:
    """One run."""

    def __init__(self, park: Park, seed: int, step: float) -> None:
        self.park = park
        self.step = step
        self.env = simpy.Environment()
        self.random = random.Random(seed)
        self.up = dict.fromkeys(park.units, True)
        self.moved = dict.fromkeys(park.units, 0.0)
        room = dict.fromkeys(park.headers, 1.0)
        for unit in park.units.values():
            for port in unit.ports:
                for option in port.options:
                    flow = abs(port.rate) * option.per_need * step
                    room[option.header] = max(room[option.header], 2 * flow)
        level = dict.fromkeys(park.headers, 0.0)
        for buffer in park.buffers.values():
            room[buffer.header] += buffer.capacity
            level[buffer.header] += buffer.initial
        self.headers = {
            key: simpy.Container(self.env, capacity=room[key], init=min(level[key], room[key]))
            for key in park.headers
        }
        order = sorted(park.units.values(), key=lambda u: (u.priority or 100.0, u.id))
        for place, unit in enumerate(order):
            self.env.process(self.unit(unit, place))
            for mode in unit.failures:
                self.env.process(self.failures(unit, mode))
        self.env.process(self.markets())

    def failures(self, unit: Unit, mode: object) -> Iterator[simpy.Event]:
        up = mode.uptime.parameters["mean"]  # type: ignore[attr-defined]
        down = mode.repair.parameters["mean"]  # type: ignore[attr-defined]
        while True:
            yield self.env.timeout(self.random.expovariate(1.0 / up))
            self.up[unit.id] = False
            yield self.env.timeout(self.random.expovariate(1.0 / down))
            self.up[unit.id] = True

    def unit(self, unit: Unit, place: int) -> Iterator[simpy.Event]:
        yield self.env.timeout(1e-6 * self.step * (place + 1))
        while True:
            load = unit.load if self.up[unit.id] else 0.0  # share of nameplate
            moves = []
            for port in unit.ports:
                need = abs(port.rate) * self.step
                options = port.options
                if not options or need == 0.0:
                    continue
                if port.rate > 0.0:
                    box = self.headers[options[0].header]
                    amount = need * options[0].per_need
                    load = min(load, (box.capacity - box.level) / amount)
                    moves.append((box, amount))
                    continue
                covered = sum(self.headers[o.header].level / o.per_need for o in options)
                load = min(load, covered / need)
                moves.append((options, -need))
            if load >= unit.min_load and load > 1e-9:
                self.moved[unit.id] += load * self.step
                for target, amount in moves:
                    if amount > 0.0:
                        yield target.put(min(amount * load, target.capacity - target.level))
                        continue
                    left = -amount * load
                    for option in target:
                        box = self.headers[option.header]
                        taken = min(left, box.level / option.per_need)
                        if taken > 0.0:
                            yield box.get(taken * option.per_need)
                            left -= taken
            yield self.env.timeout(self.step)

    def markets(self) -> Iterator[simpy.Event]:
        park = self.park
        while True:
            for market in park.buy.values():
                box = self.headers[market.header]
                amount = min(market.limit * self.step, box.capacity - box.level)
                if amount > 0.0:
                    yield box.put(amount)
            for market in park.sell.values():
                box = self.headers[market.header]
                amount = min(market.limit * self.step, box.level)
                if amount > 0.0 and math.isfinite(amount):
                    yield box.get(amount)
            for vent in park.vents.values():
                box = self.headers[vent.header]
                over = box.level - 0.5 * box.capacity
                if over > 0.0:
                    yield box.get(over)
            yield self.env.timeout(self.step)


def run_hourly(park: Park, seed: int = 1, step: float = 1.0) -> dict[str, float]:
    """Full-load hours by unit; `step` in h."""
    model = Hourly(park, seed, step)
    model.env.run(until=park.horizon.hours)
    return model.moved
