"""What stops a unit and what stands by: failure modes with their crews, planned stops, spares."""

from __future__ import annotations

import math
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from chainsim.errors import Problem
from chainsim.library.model import Coefficient, Failure, Overhaul
from chainsim.library.processes import failure
from chainsim.library.sampled import Values
from chainsim.library.scenario_records import UnitRecord
from chainsim.park.references import References


def trains_needed(refs: References, path: str, record: UnitRecord) -> int:
    """Trains that carry the nameplate."""
    needed = record.trains if record.needed is None else record.needed
    if needed > record.trains:
        refs.problems.append(
            Problem(
                code="CS-S023",
                path=f"{path}.needed",
                found=str(needed),
                expected=f"<= {record.trains}",
            )
        )
        return record.trains
    return needed


def stand_by(refs: References, key: str, record: UnitRecord) -> tuple[str, ...]:
    """Units that this one may replace; not itself."""
    for name in record.standby_for:
        refs.known(f"units.{key}.standby_for", name, set(refs.record.units) - {key})
    return tuple(sorted(set(record.standby_for)))


def refuse_circles(refs: References) -> None:
    """Units that stand by for each other would all stand for ever (CS-S032)."""
    waits = {key: record.standby_for for key, record in sorted(refs.record.units.items())}
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle = error.args[1][:-1]
        start = min(circle)
        found = circle[circle.index(start) :] + circle[: circle.index(start)]
        refs.problems.append(
            Problem(code="CS-S032", path=f"units.{start}.standby_for", found=", ".join(found))
        )


def unit_failures(
    refs: References, path: str, record: UnitRecord, inherited: tuple[Failure, ...]
) -> tuple[Failure, ...]:
    """Failure modes, each with the crew that mends it."""
    if record.crew is not None:
        refs.known(f"{path}.crew", record.crew, refs.record.crews)
    crew, priority = record.crew or "", record.crew_priority
    if record.failures is None:
        return tuple(replace(f, crew=crew, priority=priority) for f in inherited)
    used: list[Coefficient] = []
    found: list[Failure] = []
    for index, given in enumerate(record.failures):
        if given.crew is not None:
            refs.known(f"{path}.failures.{index}.crew", given.crew, refs.record.crews)
        if given.mode in {f.mode for f in found}:
            refs.problems.append(
                Problem(code="CS-S024", path=f"{path}.failures.{index}.mode", found=given.mode)
            )
        mode = failure(f"{path}.failures.{given.mode}", given, Values(), used)
        found.append(
            replace(
                mode,
                crew=given.crew or crew,
                priority=priority if given.priority is None else given.priority,
            )
        )
    return tuple(found)


def planned_stops(
    refs: References, path: str, record: UnitRecord, inherited: Overhaul | None
) -> Overhaul | None:
    """The unit's overhauls: its own plan, else the process's; None when there are none."""
    plan = record.overhaul
    if plan is None:
        return inherited
    if plan is False:
        return None
    for name in plan.not_with:
        others = set(refs.record.units) - {path.removeprefix("units.")}
        refs.known(f"{path}.overhaul.not_with", name, others)
    starts = tuple(sorted({refs.horizon.hour_of(day) for day in plan.dates or ()}))
    interval = math.inf if plan.interval is None else plan.interval
    return Overhaul(
        interval_h=interval,
        duration_h=plan.duration,
        first_h=interval / 2.0 if plan.first is None else plan.first,
        clock=plan.clock,
        starts_h=starts,
        not_with=tuple(sorted(set(plan.not_with))),
    )
