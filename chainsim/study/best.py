"""The lp engine: the best use of a park, what its limits are worth, where the dispatch list loses.

The dispatch list's own allocation is made first; the optimum stays as near to it as its value
allows, so every difference between the two is worth something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from chainsim.accounts.account import account
from chainsim.balance.best import Best, Task, marginal_use, solve_best, value_with
from chainsim.balance.kernel import Kernel
from chainsim.balance.plant import Plant
from chainsim.balance.program import Array, Program
from chainsim.balance.repairs import repairs
from chainsim.balance.steady import Stretch, booked, stretches
from chainsim.errors import Problem, UserError
from chainsim.park.model import Goal, Park
from chainsim.results import Simulation
from chainsim.study.aim import Aim, Bound, bounds_of, calendar_years, caps_of
from chainsim.study.optimum import GasUse, ImpossibleError, Loss, Optimum, Worth
from chainsim.study.rates import Rates, unit_of
from chainsim.study.repair_costs import priced
from chainsim.units import HOURS_PER_YEAR

_SMALL = 1e-7
"""Share of the objective below which a price or loss is rounding."""
_PROBE = 1e-3
"""Share of a header's size that is added to see where more of it would go."""


def run_best(
    park: Park, plant: Plant, aim: Aim, *, outages: bool = True
) -> tuple[Simulation, Optimum]:
    """The best use of a park.

    Raises:
        ImpossibleError: nothing keeps the limits (CS-E007), with repairs.
        InfeasibleError: the objective is unbounded (CS-E002).
        ScenarioError: an unknown measure, clause or amount.
    """
    program = plant.program
    years = calendar_years(park)
    parts = stretches(plant, outages=outages, breaks=[begin for begin, _ in years])
    rule = [plant.kernel.allocate(p.upper, p.floors).values for p in parts]
    span = park.horizon.hours / HOURS_PER_YEAR
    before = account(
        park,
        booked(plant, parts, rule, engine="steady", outages=outages, first=None),
        finance=False,
    )
    rates = Rates(park, program)
    total = _hours(parts) @ np.stack(rule) / span
    bounds, skipped = bounds_of(park, rates, aim, before.policy, total)
    caps, owner = caps_of(bounds, parts, years)
    gain = rates.weighted(aim.weights)
    task = Task(
        program=program,
        stretches=parts,
        gain=gain,
        caps=tuple(caps),
        min_loads=aim.min_loads,
        hard=tuple(
            program.column[f"obligation:{k}"] for k, o in park.obligations.items() if o.hard
        ),
        near=tuple(rule),
    )
    best = solve_best(task)
    if best is None:
        raise _impossible(park, task, bounds)
    simulation = booked(plant, parts, best.values, engine="lp", outages=outages, first=None)
    seen = _Seen(park, _served(task, best), best, span)
    kept = all(_keeps(bound, total) for bound in bounds)
    resolution = best.resolution / span
    rule_gain = float(gain @ total)
    loads = tuple(_loads(park, program, total, _hours(parts) @ np.stack(best.values) / span))
    optimum = Optimum(
        aim=aim,
        unit=unit_of(aim.weights, park.economics.boundary),
        gain=best.gain / span,
        resolution=resolution,
        rule_gain=rule_gain if abs(rule_gain) > resolution else 0.0,
        rule_feasible=kept,
        worths=(*seen.limits(bounds, owner), *seen.columns()),
        gases=tuple(seen.gases()),
        losses=tuple(_losses(seen, rule, kept and not aim.saving)) if kept else (),
        loads=loads,
        short=tuple(
            (program.keys[j].split(":", 1)[1], share) for j, share in sorted(best.short.items())
        ),
        skipped=tuple(skipped),
    )
    return simulation, optimum


def _served(task: Task, best: Best) -> Task:
    """The task with obligations lowered to what can be delivered."""
    parts = []
    for stretch, values in zip(task.stretches, best.values, strict=True):
        upper = stretch.upper.copy()
        for j in best.short:
            upper[j] = min(upper[j], values[j] * (1.0 - 1e-9))
        parts.append(replace(stretch, upper=upper))
    return replace(task, stretches=tuple(parts))


def _hours(parts: Sequence[Stretch]) -> Array:
    return np.array([p.hours for p in parts])


def _keeps(bound: Bound, total: Array) -> bool:
    value = float(bound.rates @ total)
    room = 1e-6 * max(1.0, abs(value))
    return bound.lower - room <= value <= bound.upper + room


def _impossible(park: Park, task: Task, bounds: Sequence[Bound]) -> ImpossibleError:
    alone, together = repairs(task)
    units = {f"cap:{b.key}": b.unit.removesuffix("/a") for b in bounds}
    priced_alone = priced(park, task.stretches, alone, units)
    priced_together = priced(park, task.stretches, together, units)
    first = (priced_alone or priced_together or (None,))[0]
    problem = Problem(
        code="CS-E007",
        path=park.id,
        found="" if first is None else first.key,
    )
    return ImpossibleError(problem, priced_alone, priced_together)


def _loads(
    park: Park, program: Program, rule: Array, best: Array
) -> Iterator[tuple[str, float, float]]:
    for key in park.units:
        j = program.column[f"unit:{key}"]
        then, now = float(rule[j]) / HOURS_PER_YEAR, float(best[j]) / HOURS_PER_YEAR
        if abs(then - now) > 1e-4:
            yield key, then, now


@dataclass(frozen=True, slots=True)
class _Seen:
    """Prices of an optimum as a planner reads them."""

    park: Park
    task: Task
    best: Best
    span: float

    def real(self, worth: float) -> bool:
        """Whether a price or loss of a year is more than rounding."""
        least = max(_SMALL * abs(self.best.gain), self.best.resolution)
        return abs(worth) * self.span > least

    def limits(self, bounds: Sequence[Bound], owner: Sequence[int]) -> Iterator[Worth]:
        """Limits of a year that bind; over several years their mean price."""
        prices = np.zeros(len(bounds))
        for index, price in zip(owner, self.best.cap_prices, strict=True):
            basis = bounds[index].basis
            moved = 1.0 if basis is None else self._total(basis)
            prices[index] += price * moved / self.span
        for bound, price in zip(bounds, prices.tolist(), strict=True):
            if self.real(price * max(1.0, abs(bound.limit))):
                yield Worth(
                    kind="limit", key=bound.key, unit=bound.unit, limit=bound.limit, price=price
                )

    def _total(self, rates: Array) -> float:
        """A measure of the optimum over a mean year."""
        pairs = zip(self.best.values, self.task.stretches, strict=True)
        return float(sum(s.hours * (rates @ v) for v, s in pairs)) / self.span

    def columns(self) -> Iterator[Worth]:
        """Capacities, market limits and obligations that bind, the dearest first."""
        found = []
        for j, key in enumerate(self.task.program.keys):
            kind, name = key.split(":", 1)
            if kind in ("feed", "fill", "draw"):
                continue
            worth = self._column(j, kind, name)
            if worth is not None and self.real(worth.price * worth.limit):
                found.append(worth)
        found.sort(key=lambda w: (-abs(w.price * w.limit), w.key))
        yield from found

    def _column(self, j: int, kind: str, name: str) -> Worth | None:
        uppers = np.array([s.upper[j] for s in self.task.stretches])
        values = np.array([v[j] for v in self.best.values])
        full = (values > 0.0) & (values >= uppers - 1e-9)
        prices = np.where(full, self.best.bound_prices[:, j], 0.0)
        worth = float(prices @ np.where(full, uppers, 0.0)) / self.span
        if not worth:
            return None
        if kind == "unit":
            unit = self.park.units[name]
            port = next((p for p in unit.ports if p.name == unit.reference), None)
            label = "activity" if port is None else port.material.unit
            return Worth(
                kind=kind,
                key=name,
                unit=f"{label}/a",
                limit=unit.capacity_per_a,
                price=worth / unit.capacity_per_a,
            )
        hours = _hours(self.task.stretches)
        used = float((hours * values) @ full) * float(self.task.program.scale[j]) / self.span
        label = _header_of(self.park, kind, name)
        return Worth(kind=kind, key=name, unit=f"{label}/a", limit=used, price=worth / used)

    def gases(self) -> Iterator[GasUse]:
        """Fuel gases with a value: what one more would earn and where it would go."""
        task, hours = self.task, _hours(self.task.stretches)
        longest = int(np.argmax(hours))
        for row, name in enumerate(task.program.row_names):
            header = self.park.headers.get(name.removeprefix("header:"))
            if header is None or header.material.unit != "kNm3" or header.material.lhv_gj <= 0.0:
                continue
            size = float(task.program.row_scale[row])
            price = float(self.best.row_prices[:, row].sum()) / (size * float(hours.sum()))
            if self.real(price * size * HOURS_PER_YEAR):
                change = marginal_use(task, longest, row, _PROBE)
                uses = tuple(_takers(task.program, row, change))
                yield GasUse(header=header.id, price=price, uses=uses)


def _header_of(park: Park, kind: str, name: str) -> str:
    """Unit of what a market, link, vent or obligation moves."""
    groups = {
        "buy": park.buy,
        "sell": park.sell,
        "obligation": park.obligations,
        "vent": park.vents,
    }
    if kind == "link":
        return park.links[name].material.unit
    if kind == "cap":
        return park.materials[name.partition(".")[2]].unit
    return park.headers[groups[kind][name].header].material.unit  # type: ignore[attr-defined]


def _takers(program: Program, row: int, change: Array) -> Iterator[tuple[str, float]]:
    """Columns that take a part of what was added at a row, or give so much less (negative)."""
    taken = []
    for j in np.flatnonzero(np.abs(change) > 1e-6).tolist():
        for at, value in program.entries(j):
            share = float(-value * change[j])
            if at == row and share > 0.05:
                taken.append((program.keys[j], share if value < 0.0 else -share))
    yield from sorted(taken, key=lambda x: (-abs(x[1]), x[0]))[:3]


# -- where the dispatch list loses ------------------------------------------------------------


def _losses(seen: _Seen, rule: Sequence[Array], exchange: bool) -> Iterator[Loss]:
    """Units that run wrongly by themselves, and neighbours whose exchange earns something."""
    found = list(_single(seen, rule))
    if exchange:
        found += _pairs(seen, rule)
    yield from sorted(found, key=lambda x: (-x.gain, x.first, x.then))


def _single(seen: _Seen, rule: Sequence[Array]) -> Iterator[Loss]:
    """What the optimum loses when one unit has to run as the dispatch list runs it."""
    task = seen.task
    for unit in seen.park.units:
        j = task.program.column[f"unit:{unit}"]
        pairs = zip(seen.best.values, rule, strict=True)
        if all(abs(float(a[j] - b[j])) < 1e-6 for a, b in pairs):
            continue
        value = value_with(task, j, [float(v[j]) for v in rule])
        if value is not None and seen.real((seen.best.gain - value) / seen.span):
            yield Loss(header="", first=unit, then="", gain=(seen.best.gain - value) / seen.span)


def _pairs(seen: _Seen, rule: Sequence[Array]) -> Iterator[Loss]:
    task = seen.task
    hours = _hours(task.stretches)
    now = float(sum(h * (task.gain @ v) for h, v in zip(hours, rule, strict=True)))
    for header, first, then in _neighbours(seen.park, task, rule):
        value = _gain_of(task, _exchanged(seen.park.goals, f"unit:{first}", f"unit:{then}"))
        if value is not None and value > now and seen.real((value - now) / seen.span):
            yield Loss(header=header, first=first, then=then, gain=(value - now) / seen.span)


def _neighbours(park: Park, task: Task, rule: Sequence[Array]) -> Iterator[tuple[str, str, str]]:
    """(header, unit, next unit) in dispatch order, where one of both gets less than it could."""
    place = {
        target: index
        for index, goal in enumerate(park.goals)
        if goal.sense == "max"
        for target in goal.targets
    }
    wanting = set()
    for unit in park.units:
        j = task.program.column[f"unit:{unit}"]
        if any(v[j] < s.upper[j] - 1e-6 for v, s in zip(rule, task.stretches, strict=True)):
            wanting.add(unit)
    seen = set()
    for header in park.headers:
        takers = [
            u.id
            for u in park.units.values()
            if f"unit:{u.id}" in place
            and any(p.rate < 0 and any(o.header == header for o in p.options) for p in u.ports)
        ]
        takers.sort(key=lambda u: (place[f"unit:{u}"], u))
        for one, other in pairwise(takers):
            differ = place[f"unit:{one}"] != place[f"unit:{other}"]
            if differ and (one in wanting or other in wanting) and (one, other) not in seen:
                seen.add((one, other))
                yield header, one, other


def _exchanged(goals: Sequence[Goal], one: str, other: str) -> tuple[Goal, ...]:
    """The dispatch list with two targets in each other's place."""
    names = {one: other, other: one}
    return tuple(
        replace(goal, targets=tuple(names.get(target, target) for target in goal.targets))
        for goal in goals
    )


def _gain_of(task: Task, goals: Sequence[Goal]) -> float | None:
    """Objective of the dispatch list `goals`; None when it cannot be allocated."""
    column = task.program.column
    stages = tuple(
        replace(stage, columns=tuple(column[target] for target in goal.targets))
        for stage, goal in zip(task.program.stages, goals, strict=True)
    )
    try:
        kernel = Kernel(replace(task.program, stages=stages))
        values = [kernel.allocate(s.upper, s.floors).values for s in task.stretches]
    except UserError:
        return None
    pairs = zip(values, task.stretches, strict=True)
    return float(sum(s.hours * (task.gain @ v) for v, s in pairs))
