"""The winner's overhauls and buffers, tuned by simulation.

Every combination of a plan of overhauls and a size of buffers runs under the same random numbers.
Fully sequential ranking and selection (Kim and Nelson 2001, procedure KN) drops what is worse with
confidence after every replication, so that effort goes to what is still open. Larger buffers cost
nothing here: of equals the smallest is taken, and the table tells what a larger one would earn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np

from chainsim.balance.plant import Plant
from chainsim.library.scenarios import parse_scenario
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.build import build_park
from chainsim.park.model import Park, Unit
from chainsim.study.layout.layouts import Layout
from chainsim.study.layout.options import Ground
from chainsim.study.layout.search import Search
from chainsim.study.layout.verify import Trial, trial
from chainsim.study.layout.writing import layout_data

Progress = Callable[[int, int], None]
PLANS: Final = ("planned", "spread", "together")
SIZES: Final = (0.5, 1.0, 2.0)
FIRST: Final = 5
"""Replications before anything is dropped."""
ERROR: Final = 0.05
"""Chance of dropping the best, where it is the best by more than the indifference."""
INDIFFERENCE: Final = 0.005
"""Share of the layout's value below which two variants count as equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A way to run a layout.

    Attributes:
        plan: `planned` as the scenario has it, `spread` evenly over the interval at every site, or
            `together`, all of a site at once, one site after another.
        buffers: times their size in the scenario.
    """

    plan: str
    buffers: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a variant did.

    Attributes:
        variant: what was tried.
        gain: mean objective beyond the layout as planned, same replications, money in CNY.
        reps: replications before it was dropped, or all.
        kept: share of them that break no clause which the layout as planned keeps.
        chosen: it is the one to take.
    """

    variant: Variant
    gain: float
    reps: int
    kept: float
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """All variants, the chosen one first; and its scenario file."""

    tried: tuple[Tried, ...]
    text: str


def tune(
    search: Search, layout: Layout, *, most: int, seed: int, progress: Progress | None = None
) -> Tuned:
    """Choose overhauls and buffers for a layout.

    Args:
        search: the program it comes from.
        layout: the layout.
        most: replications at most of each variant.
        seed: of the replications.
        progress: called with (runs done, runs at most).

    Raises:
        UserError: as the event engine.
    """
    data = layout_data(search.ground, layout)
    park = _park(data)
    variants = list(_variants(park))
    texts = [to_yaml(varied(search.ground, data, park, v)) for v in variants]
    plants = [Plant(build_park(parse_scenario(t, file="tuned.yaml"))) for t in texts]
    count, done = len(variants) * most, 0
    trials: list[list[Trial]] = [[] for _ in variants]
    alive = list(range(len(variants)))
    room = INDIFFERENCE * max(abs(layout.value), 1.0)
    for replication in range(most):
        # The planned variant always runs: gains and kept clauses are counted from it.
        for i in sorted({0, *alive}):
            trials[i].append(trial(search, layout, plants[i], seed, replication))
            done += 1
            if progress is not None:
                progress(done, count)
        if replication + 1 >= min(FIRST, most) and replication > 0:
            alive = survivors([[t.value for t in row] for row in trials], alive, room)
        if len(alive) == 1:
            break
    if progress is not None:
        progress(count, count)
    tried = [_tried(v, own, trials[0]) for v, own in zip(variants, trials, strict=True)]
    best = _pick(tried, alive, room)
    tried[best] = replace(tried[best], chosen=True)
    tried.sort(key=lambda t: (not t.chosen, -t.gain))
    return Tuned(tried=tuple(tried), text=texts[best])


def survivors(values: Sequence[Sequence[float]], alive: Sequence[int], room: float) -> list[int]:
    """Variants that are not worse than another with confidence.

    Args:
        values: by variant, one for each replication; those of `alive` are equally many.
        alive: variants still in.
        room: difference that does not matter.

    Returns:
        Those of `alive` that stay; Kim and Nelson, ACM TOMACS 11 (2001) 251, with c = 1.
    """
    if len(alive) < 2:
        return list(alive)
    table = np.array([values[i] for i in alive])
    n = table.shape[1]
    first = min(FIRST, n)
    # The paper counts the systems that began; those dropped stay in the count.
    rivals = max(len(values) - 1, 1)
    eta = 0.5 * ((2.0 * ERROR / rivals) ** (-2.0 / (first - 1)) - 1.0)
    stretch = 2.0 * eta * (first - 1)
    means = table.mean(axis=1)
    kept = []
    for i, own in enumerate(table):
        apart = np.var(own[:first] - table[:, :first], axis=1, ddof=1)
        slack = np.maximum(0.0, room / (2.0 * n) * (stretch * apart / room**2 - n))
        slack[i] = math.inf
        if np.all(means[i] >= means - slack):
            kept.append(alive[i])
    return kept


def _pick(tried: Sequence[Tried], alive: Sequence[int], room: float) -> int:
    """Whatever is within `room` of the best one left and needs the smallest buffers."""
    best = max(tried[i].gain for i in alive)
    near = [i for i, t in enumerate(tried) if t.gain >= best - room]
    return min(near, key=lambda i: (tried[i].variant.buffers, PLANS.index(tried[i].variant.plan)))


def _tried(variant: Variant, own: Sequence[Trial], planned: Sequence[Trial]) -> Tried:
    pairs = list(zip(own, planned, strict=False))
    return Tried(
        variant=variant,
        gain=float(np.mean([a.value - b.value for a, b in pairs])),
        reps=len(own),
        kept=sum(a.failed <= b.failed for a, b in pairs) / len(pairs),
    )


# -- variants ---------------------------------------------------------------------------------


def _park(data: Mapping[str, Any]) -> Park:
    return build_park(parse_scenario(to_yaml(dict(data)), file="tuned.yaml"))


def _variants(park: Park) -> Iterator[Variant]:
    """The layout as planned first; what a park has none of does not vary."""
    plans = PLANS if any(u.overhaul for u in park.units.values()) else PLANS[:1]
    sizes = SIZES if park.buffers else (1.0,)
    yield Variant(plan=PLANS[0], buffers=1.0)
    for plan, size in product(plans, sizes):
        if (plan, size) != (PLANS[0], 1.0):
            yield Variant(plan=plan, buffers=size)


def varied(ground: Ground, data: dict[str, Any], park: Park, variant: Variant) -> dict[str, Any]:
    """A layout's scenario with another plan of overhauls and other sizes of buffers."""
    units = dict(data.get("units", {}))
    buffers = dict(data.get("buffers", {}))
    for unit, first in _firsts(park, variant.plan):
        plan = park.units[unit].overhaul
        assert plan is not None
        stops = {"interval": plan.interval_h, "duration": plan.duration_h, "first": first}
        written = units.get(unit) or {}
        units[unit] = {**written, "overhaul": {**(written.get("overhaul") or {}), **stops}}
    if variant.buffers != 1.0:
        given = ground.scenario.data.get("buffers", {})
        for key, buffer in park.buffers.items():
            body: dict[str, Any] = {"capacity": variant.buffers * buffer.capacity}
            if "initial" in given.get(key, {}):
                share = buffer.initial / buffer.capacity
                body |= {"initial": None, "initial_share": share}
            buffers[key] = {**(buffers.get(key) or {}), **body}
    return {**data, "units": units, "buffers": buffers}


def _firsts(park: Park, plan: str) -> Iterator[tuple[str, float]]:
    """(unit, hour of its first overhaul); nothing where all stays as planned."""
    if plan == PLANS[0]:
        return
    sites: dict[str, list[Unit]] = {}
    for unit in park.units.values():
        if unit.overhaul is not None and math.isfinite(unit.overhaul.interval_h):
            sites.setdefault(unit.site, []).append(unit)
    for index, (_, members) in enumerate(sorted(sites.items())):
        for place, unit in enumerate(members):
            if plan == "together":
                share = (index + 0.5) / len(sites)
            else:
                share = (place + 0.5) / len(members)
            overhaul = unit.overhaul
            assert overhaul is not None
            yield unit.id, round(share * (overhaul.interval_h - overhaul.duration_h))
