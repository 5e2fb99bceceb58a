"""Checks of ovens, their retrofit and their replacement by dates."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Final

from chainsim.accounts.cases import HUNDRED, Case, battery_capacity_t_a
from chainsim.accounts.oven_register import closes, is_old, moves, runs_at, successors
from chainsim.accounts.verdicts import Measured, missing
from chainsim.park.model import Unit
from chainsim.units import convert

DEADLINE: Final = dt.date(2023, 12, 31)
REGISTER_DAY: Final = dt.date(2021, 12, 31)
HOURS_PER_DAY: Final = 24.0


def old_ovens(case: Case) -> Iterator[Measured]:
    """Capacity of 4.3 m ovens in operation at the end of the simulated time."""
    end = case.park.horizon.hours
    running = [u for u in case.batteries if is_old(u) and runs_at(u, end)]
    yield Measured(value=_capacity(case, running))


def old_ovens_registered(case: Case) -> Iterator[Measured]:
    """Capacity of 4.3 m ovens at the end of 2021."""
    day = case.hour(REGISTER_DAY)
    there = [u for u in case.batteries if is_old(u) and u.start_h <= day < u.close_h]
    yield Measured(value=_capacity(case, there))


def _capacity(case: Case, units: list[Unit]) -> float:
    return convert(math.fsum(map(battery_capacity_t_a, units)), "t/a", case.policy.unit)


def old_ovens_paired(case: Case) -> Iterator[Measured]:
    """4.3 m ovens without a filed replacement."""
    old = [u for u in case.batteries if is_old(u)]
    alone = [u.id for u in old if not successors(case, u)]
    notes: Mapping[str, Mapping[str, object]] = {}
    if alone:
        notes = {"unpaired": {"units": ",".join(alone)}}
    yield Measured(value=float(len(alone)), notes=notes, nothing=not old)


def ultra_low(case: Case, unit: Unit) -> bool | None:
    """Whether a battery has its ultra-low retrofit at the end of the run; None when unknown."""
    facts = case.facts.unit(unit.id)
    if facts.never_ultra_low:
        return False
    return None if facts.ultra_low_since is None else facts.ultra_low_since <= case.end


def ultra_low_share(case: Case) -> Iterator[Measured]:
    """Share of running capacity whose ultra-low retrofit is complete, %."""
    running = [u for u in case.batteries if runs_at(u, case.park.horizon.hours)]
    unknown = [u for u in running if ultra_low(case, u) is None]
    total = math.fsum(map(battery_capacity_t_a, running))
    done = math.fsum(battery_capacity_t_a(u) for u in running if ultra_low(case, u))
    if unknown or total <= 0:
        yield missing("city", *(f"facts.units.{u.id}.ultra_low_since" for u in unknown))
        return
    yield Measured(value=HUNDRED * done / total)


def other_ovens_below(case: Case) -> Iterator[Measured]:
    """Capacity of running ovens above 4.3 m that have no ultra-low retrofit."""
    running = [u for u in case.batteries if runs_at(u, case.park.horizon.hours) and not is_old(u)]
    unknown = [u for u in running if ultra_low(case, u) is None]
    if unknown:
        yield missing("city", *(f"facts.units.{u.id}.ultra_low_since" for u in unknown))
        return
    yield Measured(value=_capacity(case, [u for u in running if not ultra_low(case, u)]))


def closure_in_time(case: Case) -> Iterator[Measured]:
    """Days by which a closure comes after its successor's start plus grace, or after the deadline.

    Overlap in days and in capacity stands beside it.
    """
    grace_h = case.view.figures("replacement_grace", "h", 0.0)
    old = [u for u in case.batteries if is_old(u)]
    for unit in old:
        ready = min((u.start_h for u in successors(case, unit)), default=math.inf)
        latest = min(ready + grace_h, case.hour(DEADLINE))
        late = max(0.0, unit.close_h - latest) / HOURS_PER_DAY
        if not math.isfinite(late):
            late = max(0.0, case.park.horizon.hours - latest) / HOURS_PER_DAY
        overlap = max(0.0, unit.close_h - max(ready, 0.0)) / HOURS_PER_DAY
        shown = {"days": overlap, "capacity": battery_capacity_t_a(unit) / 1e4}
        known = math.isfinite(overlap)
        yield Measured(subject=unit.id, value=late, notes={"overlap": shown} if known else {})
    if not old:
        yield Measured(notes={"no_subject": {}}, nothing=True)


def civil_source_first(case: Case) -> Iterator[Measured]:
    """Days between the other source of civil gas and heat and the closure, where there is a load.

    Without a date in the facts the start of the successors at the same site counts.
    """
    loads = {case.park.headers[o.header].site for o in case.park.obligations.values()}
    closing = [u for u in case.batteries if closes(case, u) and u.site in loads]
    for unit in closing:
        day = case.facts.unit(unit.id).civil_source_ready
        if day is not None:
            ready, by = case.hour(day), "facts"
        else:
            here = [u.start_h for u in successors(case, unit) if u.site == unit.site]
            ready, by = min(here, default=math.inf), "successor"
        if not math.isfinite(ready):
            yield missing(unit.id, f"facts.units.{unit.id}.civil_source_ready")
            continue
        days = (unit.close_h - max(ready, 0.0)) / HOURS_PER_DAY
        yield Measured(subject=unit.id, value=days, notes={"source_by": {"by": by}})
    if not closing:
        yield Measured(notes={"no_closure": {}}, nothing=True)


def settled(case: Case) -> Iterator[Measured]:
    """Share of the persons of closing ovens who are settled, %, per enterprise."""
    owners = sorted({u.owner for u in case.batteries if closes(case, u)})
    for owner in owners:
        share = case.facts.enterprise(owner).settled_share
        if share is None:
            yield missing(owner or "city", f"facts.enterprises.{owner}.settled_share")
        else:
            yield Measured(subject=owner, value=HUNDRED * share)
    if not owners:
        yield Measured(notes={"no_closure": {}}, nothing=True)


def capacity_unchanged(case: Case) -> Iterator[Measured]:
    """Capacity of replaced ovens against that of their successors, counted by approval."""
    old: dict[str, float] = {}
    new: dict[str, dict[str, float]] = {}
    for unit in case.batteries:
        after = successors(case, unit)
        if math.isfinite(unit.close_h) and after:
            key = unit.approval or after[0].id
            old[key] = old.get(key, 0.0) + battery_capacity_t_a(unit)
            new.setdefault(key, {}).update({u.id: battery_capacity_t_a(u) for u in after})
    before = math.fsum(old.values())
    now = math.fsum(c for group in new.values() for c in group.values())
    away = math.fsum(m.capacity_t_a for m in moves(case))
    shown = {"before": before / 1e4, "after": now / 1e4, "moved": away / 1e4}
    value = convert(max(0.0, now - before), "t/a", case.policy.unit)
    yield Measured(value=value, notes={"capacity_moved": shown}, nothing=not old)
