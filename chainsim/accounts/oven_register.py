"""Batteries as a register: old and new, who replaces whom, where, and what burns beside the ovens.

An oven's successors are those its facts name, else the ovens of the same approval that stay. A move
is capacity whose successor stands in another county.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.cases import Case, battery_capacity_t_a
from chainsim.park.model import Unit

OLD_CHAMBER_M: Final = 4.3
"""Chamber height the clause names (4.3 m)."""
_HEIGHT_TOLERANCE: Final = 0.05


def is_old(unit: Unit) -> bool:
    """True for an oven of 4.3 m chambers."""
    height = unit.chamber_m
    return height is not None and math.isclose(height, OLD_CHAMBER_M, abs_tol=_HEIGHT_TOLERANCE)


def runs_at(unit: Unit, hour: float) -> bool:
    """True when the unit exists just before `hour` of the run."""
    return unit.start_h < hour <= unit.close_h


def closes(case: Case, unit: Unit) -> bool:
    """True when the unit closes within the run."""
    return 0.0 <= unit.close_h <= case.park.horizon.hours


def successors(case: Case, unit: Unit) -> list[Unit]:
    """Units that take over the capacity of an oven, in id order."""
    named = case.facts.unit(unit.id).replaced_by
    if named is not None:
        return [case.park.units[key] for key in named if key in case.park.units]
    return [
        other
        for other in case.batteries
        if unit.approval
        and other.approval == unit.approval
        and other.id != unit.id
        and not math.isfinite(other.close_h)
        and not is_old(other)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Capacity that an approval carries from one county to another, t/a of coke."""

    old: str
    new: str
    origin: str
    target: str
    capacity_t_a: float


def moves(case: Case) -> Iterator[Move]:
    """Capacity moved across counties: every old oven's, split over its successors by capacity."""
    for unit in case.batteries:
        after = successors(case, unit)
        if not math.isfinite(unit.close_h) or not after:
            continue
        total = sum(battery_capacity_t_a(u) for u in after)
        for new in after:
            share = battery_capacity_t_a(new) / total if total > 0 else 0.0
            origin, target = case.county(unit.site), case.county(new.site)
            if origin != target:
                yield Move(
                    old=unit.id,
                    new=new.id,
                    origin=origin,
                    target=target,
                    capacity_t_a=share * battery_capacity_t_a(unit),
                )
