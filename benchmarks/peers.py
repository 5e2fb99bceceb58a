"""The same park in other engines, event by event, with our compiled allocation inside.

`Model` holds what all of them share: shares that are up, levels, the allocation, the draws (the
same streams as ours, so failures fall on the same hours). What differs is who keeps the time:

- *simpy*: a process per unit, one for the tanks that is interrupted whenever rates change;
- *salabim*: the same as components (yieldless mode off);
- *python-drs*: failures as timers, tanks as levels. Its package (0.1.4) names a module
  `drs.components` that it does not contain, so it cannot be imported as it is; an empty stand-in is
  put in its place, and nothing of it is used.

They leave out least stops and restart levels, calendars and bookkeeping by month: less work than
ours. `pypsa_network` is another task altogether: a linear program with perfect foresight over fixed
hours.
"""

from __future__ import annotations

import importlib
import math
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import simpy

from benchmarks.hourly import run_hourly
from chainsim.balance.lexicographic import Lexicographic
from chainsim.balance.plant import Plant
from chainsim.balance.search import search
from chainsim.balance.state import full_columns
from chainsim.des.clocks import Draws
from chainsim.park.model import Park

_TOUCH = 1e-9


class Model:
    """Units, tanks and the allocation, without a clock."""

    def __init__(
        self, park: Park, plant: Plant, seed: int, reference: Lexicographic | None = None
    ) -> None:
        self.park, self.plant, self.reference = park, plant, reference
        self.program, self.kernel = plant.program, plant.kernel
        self.units = list(park.units.values())
        self.up = np.ones(len(self.units), dtype=bool)
        column = self.program.column
        self.unit_at = np.array([column[f"unit:{u.id}"] for u in self.units])
        self.load = np.array([u.load for u in self.units])
        self.least = np.array([u.least_load for u in self.units])
        self.level = np.array([b.initial for b in park.buffers.values()])
        self.capacity = np.array([b.capacity for b in park.buffers.values()])
        self.fill = np.array([column[f"fill:{k}"] for k in park.buffers])
        self.draw = np.array([column[f"draw:{k}"] for k in park.buffers])
        self.rate = np.zeros(len(self.level))
        self.values = np.zeros(self.program.n)
        self.full_load = np.zeros(len(self.units))
        self.since = 0.0
        self.allocations = 0
        self.draws = [Draws(seed, 0, f"{u.id}.0.{u.failures[0].mode}") for u in self.units]

    def go_on(self, now: float) -> None:
        """Book up to `now`."""
        hours = now - self.since
        self.full_load += self.values[self.unit_at] * hours
        self.level = np.clip(self.level + self.rate * hours, 0.0, self.capacity)
        self.since = now

    def allocate(self, now: float) -> None:
        """Book, then allocate anew."""
        self.go_on(now)
        upper = self.program.upper.copy()
        upper[self.unit_at] = self.load * self.up
        upper[self.fill[self.level >= self.capacity * (1.0 - _TOUCH)]] = 0.0
        upper[self.draw[self.level <= self.capacity * _TOUCH]] = 0.0
        floors = np.zeros(self.program.n)
        floors[self.unit_at] = self.least
        live, nodes = self.kernel.layout.live, self.kernel.nodes
        if self.reference is not None:
            self.values = self.reference.allocate(upper, floors).values
        else:
            zeros = nodes.bounds[0, 0]
            search(self.kernel.tableau, zeros, upper[live], floors[live], nodes, False)
            self.values = full_columns(self.program, self.kernel, nodes.answer)
        flows = self.values * self.program.scale
        self.rate = flows[self.fill] - flows[self.draw]
        self.rate[np.abs(self.rate) < 1e-9] = 0.0
        self.allocations += 1

    def next_crossing(self) -> float:
        """Hours until a tank is full or empty."""
        with np.errstate(divide="ignore", invalid="ignore"):
            hours = np.where(
                self.rate > 0.0, (self.capacity - self.level) / self.rate, self.level / -self.rate
            )
        return float(np.min(np.where(self.rate == 0.0, np.inf, hours), initial=np.inf))

    def time_up(self, u: int) -> float:
        return self.draws[u].duration(self.units[u].failures[0].uptime)

    def time_down(self, u: int) -> float:
        return self.draws[u].duration(self.units[u].failures[0].repair)


def run_simpy(park: Park, plant: Plant, seed: int = 1) -> Model:
    """Simpy processes, the kernel called at every event."""
    model, env = Model(park, plant, seed), simpy.Environment()

    def tanks() -> Iterator[simpy.Event]:
        while True:
            hours = model.next_crossing()
            try:
                yield env.timeout(max(hours, 0.0)) if math.isfinite(hours) else env.event()
                model.allocate(env.now)
            except simpy.Interrupt:
                pass

    def unit(u: int) -> Iterator[simpy.Event]:
        while True:
            yield env.timeout(model.time_up(u))
            change(u, False)
            yield env.timeout(model.time_down(u))
            change(u, True)

    def change(u: int, up: bool) -> None:
        model.up[u] = up
        model.allocate(env.now)
        watch.interrupt()

    model.allocate(0.0)
    watch = env.process(tanks())
    for u in range(len(model.units)):
        env.process(unit(u))
    env.run(until=park.horizon.hours)
    model.go_on(park.horizon.hours)
    return model


def run_salabim(park: Park, plant: Plant, seed: int = 1) -> Model:
    """Salabim components, the kernel called at every event."""
    import salabim as sim

    sim.yieldless(False)
    model = Model(park, plant, seed)
    env = sim.Environment(trace=False)

    class Tanks(sim.Component):  # type: ignore[misc]
        def process(self) -> Iterator[Any]:
            while True:
                hours = model.next_crossing()
                yield self.hold(max(hours, 0.0) if math.isfinite(hours) else 1e9)
                model.allocate(env.now())

    class Machine(sim.Component):  # type: ignore[misc]
        def setup(self, u: int) -> None:
            self.u = u

        def process(self) -> Iterator[Any]:
            while True:
                yield self.hold(model.time_up(self.u))
                self.change(False)
                yield self.hold(model.time_down(self.u))
                self.change(True)

        def change(self, up: bool) -> None:
            model.up[self.u] = up
            model.allocate(env.now())
            hours = model.next_crossing()
            tanks.hold(max(hours, 0.0) if math.isfinite(hours) else 1e9)

    model.allocate(0.0)
    tanks = Tanks()
    for u in range(len(model.units)):
        Machine(u=u)
    env.run(till=park.horizon.hours)
    model.go_on(park.horizon.hours)
    return model


def load_drs() -> tuple[Any, str]:
    """The package python-drs, and what had to be done to import it."""
    try:
        return importlib.import_module("drs"), "as it is"
    except ModuleNotFoundError as exc:
        if exc.name != "drs.components":
            raise
        stand_in = types.ModuleType("drs.components")
        stand_in.Storage = stand_in.Processor = object  # type: ignore[attr-defined]
        sys.modules["drs.components"] = stand_in
        return importlib.import_module(
            "drs"
        ), "fails on import (drs.components is missing); stand-in"


def run_drs(
    park: Park, plant: Plant, seed: int = 1, reference: Lexicographic | None = None
) -> Model:
    """python-drs levels and timers; the kernel, or the reference, called at every step."""
    drs, _ = load_drs()
    model = Model(park, plant, seed, reference)
    engine = drs.DRSEngine(max_step_size=park.horizon.hours)
    holder = drs.Module()
    clocks, tanks = [], []
    for u, unit in enumerate(model.units):
        clock = drs.Timer(unit.id, initial_value=model.time_up(u), rate=-1.0)
        clock.lower_threshold = 0.0
        clocks.append(clock)
        setattr(holder, f"clock{u}", clock)
    for b in range(len(model.level)):
        tank = drs.Level(f"tank{b}", initial_value=float(model.level[b]))
        tank.lower_threshold, tank.upper_threshold = 0.0, float(model.capacity[b])
        tanks.append(tank)
        setattr(holder, f"tank{b}", tank)

    def control(now: float) -> None:
        for u, clock in enumerate(clocks):
            if clock.value <= 1e-12:
                model.up[u] = not model.up[u]
                clock.value = model.time_up(u) if model.up[u] else model.time_down(u)
        model.allocate(now)
        for tank, rate in zip(tanks, model.rate.tolist(), strict=True):
            tank.rate = rate

    engine.on_step(control)
    engine.register(holder)
    engine.run(until=park.horizon.hours)
    model.go_on(park.horizon.hours)
    return model


def pypsa_network(park: Park, hours: int) -> Any:
    """The park as a PyPSA network over fixed hours: every unit up, prices by rank of the units."""
    import logging
    import warnings

    import pandas as pd

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    import pypsa

    network = pypsa.Network()
    network.set_snapshots(pd.RangeIndex(hours))
    for header in park.headers:
        network.add("Bus", header)
    for unit in park.units.values():
        ports: list[tuple[str, float]] = []
        for port in unit.ports:
            if not port.options:
                continue
            if not port.alternative:
                ports.append((port.options[0].header, port.rate * port.options[0].per_need))
                continue
            bus = f"{unit.id}.{port.name}"
            network.add("Bus", bus)
            ports.append((bus, port.rate))
            for option in port.options:
                network.add(
                    "Link",
                    f"{bus}.{option.material}",
                    bus0=option.header,
                    bus1=bus,
                    efficiency=1.0 / option.per_need,
                    p_nom=abs(port.rate) * option.per_need,
                )
        feed = next(p for p in ports if p[1] < 0.0)
        others = [p for p in ports if p is not feed]
        extra: dict[str, object] = {}
        for i, (header, rate) in enumerate(others, start=1):
            extra[f"bus{i}"] = header
            extra["efficiency" if i == 1 else f"efficiency{i}"] = rate / -feed[1]
        worth = 0.0 if unit.follow else 200.0 - (unit.priority or 100.0)
        network.add(
            "Link", unit.id, bus0=feed[0], p_nom=-feed[1], marginal_cost=worth / feed[1], **extra
        )
    for kind, markets, sign in (("buy", park.buy, 1.0), ("sell", park.sell, -1.0)):
        for key, market in markets.items():
            size = min(market.limit, 1e5)
            network.add(
                "Generator", f"{kind}.{key}", bus=market.header, p_nom=size, sign=sign,
                marginal_cost=0.5 if sign > 0 else -0.1,
            )  # fmt: skip
    for key, vent in park.vents.items():
        network.add("Generator", f"vent.{key}", bus=vent.header, p_nom=1e5, sign=-1.0,
                    marginal_cost=0.01)  # fmt: skip
    for key, buffer in park.buffers.items():
        network.add(
            "Store", key, bus=buffer.header, e_nom=buffer.capacity, e_initial=buffer.initial
        )
    for key, link in park.links.items():
        network.add("Link", f"link.{key}", bus0=link.origin, bus1=link.target,
                    p_nom=min(link.capacity, 1e5))  # fmt: skip
    return network


def run_pypsa(park: Park, hours: int) -> None:
    """Build and solve."""
    network = pypsa_network(park, hours)
    status = network.optimize(solver_name="highs", solver_options={"output_flag": False})
    if status[0] != "ok":
        raise RuntimeError(f"PyPSA: {status}")


def peer_rows(park: Park, plant: Plant, *, full: bool) -> list[dict[str, object]]:
    """One row per peer; what is not installed (extra `bench`) is said and left out."""
    week = replace(park, horizon=replace(park.horizon, hours=168.0))
    month = replace(park, horizon=replace(park.horizon, hours=730.0))
    hours = 8760 if full else 168
    try:
        drs = f"python-drs ({load_drs()[1]})"
    except ImportError:
        drs = "python-drs"
    cases: list[tuple[str, float, Callable[[], object]]] = [
        ("10 min simpy", 168.0, lambda: run_hourly(week, step=1.0 / 6.0)),
        ("simpy + kernel at every event", park.horizon.hours, lambda: run_simpy(park, plant)),
        ("salabim + kernel", park.horizon.hours, lambda: run_salabim(park, plant)),
        (f"{drs} + kernel", park.horizon.hours, lambda: run_drs(park, plant)),
        (
            "python-drs + reference",
            730.0,
            lambda: run_drs(month, plant, reference=Lexicographic(plant.program)),
        ),
        (f"PyPSA, another task, {hours} h", float(hours), lambda: run_pypsa(park, hours)),
    ]
    rows: list[dict[str, object]] = []
    for name, simulated, action in cases:
        begin = time.process_time()
        try:
            found = action()
        except ImportError as exc:
            print(f"{name}: not installed ({exc.name})", file=sys.stderr)
            continue
        seconds = (time.process_time() - begin) * 8760.0 / simulated
        allocations = found.allocations if isinstance(found, Model) else 0
        rows.append(
            {
                "case": name,
                "ms_per_year": 1e3 * seconds,
                "park_years_per_s": 1.0 / seconds,
                "allocations_per_year": allocations * 8760.0 / simulated,
            }
        )
    return rows
