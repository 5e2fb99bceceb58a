"""What changes during a run, in flat arrays: units, buffers, waits, totals by calendar period.

The event engine writes what its clocks decide (shares of units that are up, demand of the month)
and `motion.py` does the rest. Columns stand in the order of the kernel's layout; -1 means a column
that can never flow. Rates are base units per hour, levels base units, times hours from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainsim.balance.bundle import (
    Bundle,
    Flags1,
    Flags3,
    Floats,
    Floats1,
    Floats2,
    Floats3,
    Ints,
    Ints1,
    Ints2,
)
from chainsim.balance.hauls import Hauls, new_hauls, shipping_links
from chainsim.balance.kernel import Kernel
from chainsim.balance.program import Program
from chainsim.park.model import Park, Unit

# Rows of `unit`: share up, down by failure, in overhaul; the same in the interval that runs;
# set-point, least load, least stop; earliest restart; share that measures leave.
(
    UP,
    FAILED,
    OVERHAUL,
    UP_NOW,
    FAILED_NOW,
    OVERHAUL_NOW,
    LOAD,
    LEAST_LOAD,
    LEAST_STOP,
    FREE_AT,
    CAP,
    UNIT_ROWS,
) = range(12)
COLUMN, RUNNING, RAN, HELD, FOLLOWS, WATCHED, TOLD, UNIT_MARKS = range(8)
# Rows of `buffer`: level at an instant, that instant, capacity, rate, tolerance of its ends, rate
# that counts as none.
LEVEL, LEVEL_AT, CAPACITY, RATE, SLACK_LEVEL, LEAST_RATE, BUFFER_ROWS = range(7)
# Rows of `buffer_mark`: columns of filling and drawing; 1 at an end; periods seen; 1 where somebody
# can draw from it, 1 where something other than batches can fill it.
FILL, DRAW, EMPTY, FULL, SEEN, GIVES, TAKES, BUFFER_MARKS = range(8)
# Rows of `owed`: demand of the month, and in the interval that runs; 1 where it is hard; base units
# of value 1.
DEMAND, DEMAND_NOW, HARD, OWED_SCALE, OWED_ROWS = range(5)
# Rows of `wait_mark`: unit, buffer, 1 if the unit takes from it, 1 while waiting.
WAIT_UNIT, WAIT_BUFFER, WAIT_TAKES, WAIT_WAITS, WAIT_MARKS = range(5)
# Rows of `touch_mark`: a unit's port at the header of a buffer: unit, buffer, 1 if it takes.
TOUCH_UNIT, TOUCH_BUFFER, TOUCH_TAKES, TOUCH_MARKS = range(4)
# Rows of `watch_mark`: buffer; 1 when it is to rise to the level; 0 free, 1 waiting, 2 reached.
WATCH_BUFFER, WATCH_RISES, WATCH_STATE, WATCH_MARKS = range(4)
# Rows of `column`: value now, bound with everything up, bound and floor now, base units of value 1,
# value recorded last.
VALUE, MOST_NOW, UPPER_NOW, FLOOR_NOW, SCALE, POINTED, COLUMN_ROWS = range(7)
# Entries of `clock`: begin of the interval that runs; next crossing or end of a wait; next act of a
# shipment; next level that a process waits for; instant looked at last; largest imbalance; instant
# of the allocations counted and their number; windows of the changes and of acts of vehicles.
SINCE, WAKE, TRIP, WATCH, NOW, RESIDUAL, INSTANT, WINDOW, RUSH_WINDOW, CLOCKS = range(10)
# Entries of `tally`: allocations in all; at this instant; states tried at it; changes in the
# window; events logged; 1 when units are to be woken; place of the state woken from; what went
# wrong; 1 when a batch asks for an allocation; 1 when draws run low; 1 to record; points recorded;
# instants in all, and how many there may be; period looked up last; acts of vehicles
# in the window; 1 when a batch moved a level; 1 when `column[MOST_NOW]` was written.
(
    ALLOCATIONS,
    AT_INSTANT,
    TRIED,
    CHANGES,
    EVENTS,
    WOKEN,
    WOKEN_FROM,
    CULPRIT,
    CALL,
    LOW_DRAWS,
    RECORD,
    POINTS,
    INSTANTS,
    INSTANT_LIMIT,
    PERIOD,
    ACTS,
    MOVED,
    NEW_LIMITS,
    COUNTS,
) = range(19)
# Rows of `by_unit` and `by_buffer`.
FULL_H, RUNNING_H, AVAILABLE_H, FAILED_H, OVERHAUL_H, HELD_H, STARTS, BY_UNIT = range(8)
LEVEL_START, LEVEL_END, LEVEL_SUM, EMPTY_H, FULL_TIME_H, BY_BUFFER = range(6)
# Kinds of events logged.
START, STOP, REACHED_FULL, REACHED_EMPTY = range(4)

# What `motion.advance` may end with, beside OK and the statuses of the kernel.
CHATTER, ENDLESS, SHORT, CLOCKS_TURN, LOG_FULL, DRAWS_SPENT, WATCHED_LEVEL, TOO_MANY = range(10, 18)

CHATTER_LIMIT = 60
"""Allocations at one instant."""
WATCHERS = 32
"""Levels that processes of the user may wait for at a time."""
_EVENTS = 4096


@dataclass(frozen=True, eq=False)
class State(Bundle):
    """Arrays of one run: u units, b buffers, o obligations, c columns, p periods."""

    clock: Floats1
    tally: Ints1
    unit: Floats2
    unit_mark: Ints2
    buffer: Floats2
    buffer_mark: Ints2
    owed: Floats2
    owed_column: Ints1
    wait_level: Floats1
    wait_mark: Ints2
    touch_mark: Ints2
    column: Floats2
    most_bits: Ints1
    """(c,) `column[MOST_NOW]` as bits."""
    most_key: Ints1
    """(2,) what stands for these bounds."""
    told: Floats1
    """(u + o + b,) what an allocation is asked under, beside those bounds: shares of units that may
    run, demand, and of buffers 1 where they cannot fill, 2 where they cannot give, 3 for both."""
    told_bits: Ints1
    """The same as bits."""
    states: Flags3
    """(CHATTER_LIMIT + 1, 3, u) at this instant: running after each allocation; running and barred
    of the states from which units were woken."""
    changed: Flags1
    """(CHATTER_LIMIT + 1,) whether waking from there changed anything."""
    log: Floats2
    """(events, 4) hour, kind, component, value."""
    ends: Floats1
    """(p,) ends of the calendar periods."""
    flow: Floats2
    """(p, c) base units moved."""
    by_unit: Floats3
    """(p, BY_UNIT, u)"""
    by_owed: Floats3
    """(p, 2, o) requested; hours short."""
    by_buffer: Floats3
    """(p, BY_BUFFER, b)"""
    watch: Floats1
    """(w,) levels that processes of the user wait for."""
    watch_mark: Ints2
    points: Floats2
    """(points, 3) hour; column, or beyond the columns link by link loaded and given; rate or amount
    in base units."""
    haul: Hauls

    def copied(self) -> State:
        """The same in arrays of its own, of which the bits are views again."""
        content = self.fields().items()
        own: dict[str, Any] = {
            k: v.copied() if isinstance(v, Bundle) else v.copy() for k, v in content
        }
        return State(**own | _views(own["column"], own["told"]))


def _views(column: Floats, told: Floats) -> dict[str, Any]:
    """What bounds are remembered by, as bits."""
    return {"most_bits": column[MOST_NOW].view(np.int64), "told_bits": told.view(np.int64)}


def new_state(park: Park, kernel: Kernel, periods: Floats, *, record: bool = False) -> State:
    """The state at hour 0, nothing booked yet.

    Args:
        park: the park.
        kernel: its allocator.
        periods: (p,) ends of the calendar periods.
        record: True to record every change of a rate.
    """
    program = kernel.program
    place = np.full(program.n, -1)
    place[kernel.layout.live] = np.arange(kernel.layout.columns)
    units, buffers, count = list(park.units.values()), list(park.buffers.values()), len(periods)

    def columns(kind: str, names: list[str]) -> Ints:
        return np.array([place[program.column[f"{kind}:{k}"]] for k in names], dtype=np.int64)

    unit = np.zeros((UNIT_ROWS, len(units)))
    unit[UP] = 1.0
    unit[LOAD] = [u.load for u in units]
    unit[LEAST_LOAD] = [u.least_load for u in units]
    unit[CAP] = 1.0
    unit[LEAST_STOP] = [u.min_down_h for u in units]
    unit[FREE_AT] = -np.inf
    unit_mark = np.zeros((UNIT_MARKS, len(units)), dtype=np.int64)
    unit_mark[COLUMN] = columns("unit", list(park.units))
    unit_mark[FOLLOWS] = [u.follow for u in units]
    unit_mark[WATCHED] = [_counts_hours_run(u) for u in units]
    buffer = np.zeros((BUFFER_ROWS, len(buffers)))
    buffer[LEVEL] = [b.initial for b in buffers]
    buffer[CAPACITY] = [b.capacity for b in buffers]
    buffer[SLACK_LEVEL] = LEVEL_TOLERANCE * np.maximum(buffer[CAPACITY], 1e-9)
    fills = [program.column[f"fill:{k}"] for k in park.buffers]
    buffer[LEAST_RATE] = RATE_FLOOR * program.scale[fills]
    buffer_mark = np.zeros((BUFFER_MARKS, len(buffers)), dtype=np.int64)
    buffer_mark[FILL] = columns("fill", list(park.buffers))
    buffer_mark[DRAW] = columns("draw", list(park.buffers))
    takers, givers = _takers_and_givers(park)
    buffer_mark[GIVES] = [b.header in takers for b in buffers]
    buffer_mark[TAKES] = [b.header in givers for b in buffers]
    owed = np.zeros((OWED_ROWS, len(park.obligations)))
    owed[HARD] = [o.hard for o in park.obligations.values()]
    owed[OWED_SCALE] = [program.scale[program.column[f"obligation:{k}"]] for k in park.obligations]
    level, waits = _waits(park)
    column = np.zeros((COLUMN_ROWS, kernel.layout.columns))
    column[MOST_NOW] = program.upper[kernel.layout.live]
    column[SCALE] = program.scale[kernel.layout.live]
    carried = [program.column[f"link:{x.id}"] for x in shipping_links(park)]
    column[MOST_NOW, [place[j] for j in carried if place[j] >= 0]] = 0.0
    clock = np.zeros(CLOCKS)
    clock[[WAKE, TRIP, WATCH]] = np.inf
    clock[INSTANT] = -1.0
    tally = np.zeros(COUNTS, dtype=np.int64)
    tally[WOKEN_FROM] = -1
    tally[RECORD] = record
    tally[INSTANT_LIMIT] = np.iinfo(np.int64).max
    tally[NEW_LIMITS] = 1
    told = np.zeros(len(units) + len(park.obligations) + len(buffers))
    size = _EVENTS + 4 * kernel.layout.columns if record else 0
    return State(
        clock=clock,
        tally=tally,
        unit=unit,
        unit_mark=unit_mark,
        buffer=buffer,
        buffer_mark=buffer_mark,
        owed=owed,
        owed_column=columns("obligation", list(park.obligations)),
        wait_level=level,
        wait_mark=waits,
        touch_mark=_touches(park),
        column=column,
        most_key=np.zeros(2, dtype=np.int64),
        told=told,
        **_views(column, told),
        states=np.zeros((CHATTER_LIMIT + 2, 3, len(units)), dtype=np.bool_),
        changed=np.zeros(CHATTER_LIMIT + 2, dtype=np.bool_),
        log=np.zeros((_EVENTS, 4)),
        ends=periods,
        flow=np.zeros((count, kernel.layout.columns)),
        by_unit=np.zeros((count, BY_UNIT, len(units))),
        by_owed=np.zeros((count, 2, len(park.obligations))),
        by_buffer=np.zeros((count, BY_BUFFER, len(buffers))),
        watch=np.zeros(WATCHERS),
        watch_mark=np.zeros((WATCH_MARKS, WATCHERS), dtype=np.int64),
        points=np.zeros((size, 3)),
        haul=new_hauls(park, count),
    )


def _takers_and_givers(park: Park) -> tuple[set[str], set[str]]:
    """Headers from which something flows, and those into which something does, but for buffers."""
    ports = [(p.rate, o.header) for u in park.units.values() for p in u.ports for o in p.options]
    flowing = [x for x in park.links.values() if x.shipment is None]
    outlets = (park.sell, park.obligations, park.vents)
    takers = {header for rate, header in ports if rate < 0.0}
    takers |= {x.header for group in outlets for x in group.values()}
    takers |= {x.origin for x in flowing} | {x.electricity_header for x in flowing}
    givers = {header for rate, header in ports if rate > 0.0}
    givers |= {x.header for x in park.buy.values()} | {x.target for x in flowing}
    return takers, givers


def _counts_hours_run(unit: Unit) -> bool:
    by_failure = any(f.clock == "operating" for f in unit.failures)
    return by_failure or (unit.overhaul is not None and unit.overhaul.clock == "operating")


LEVEL_TOLERANCE = 1e-9
"""Share of a buffer's capacity within which its level counts as empty or full."""
RATE_FLOOR = 1e-10
"""Buffer rates below this share of their header's size count as zero."""


def full_columns(program: Program, kernel: Kernel, values: Floats) -> Floats:
    """(..., n) `values` (..., c) in the order of the program, zero for what cannot flow."""
    full = np.zeros((*values.shape[:-1], program.n))
    full[..., kernel.layout.live] = values
    return full


def _waits(park: Park) -> tuple[Floats, Ints]:
    """Restart levels: (w,) amounts, and who waits for which buffer."""
    places = {key: i for i, key in enumerate(park.buffers)}
    levels, marks = [], []
    for i, unit in enumerate(park.units.values()):
        for key, level in unit.restart_levels.items():
            header = park.buffers[key].header
            takes = any(o.header == header and p.rate < 0 for p in unit.ports for o in p.options)
            levels.append(level)
            marks.append((i, places[key], int(takes), 0))
    return np.array(levels, dtype=float), _marks(marks, WAIT_MARKS)


def _touches(park: Park) -> Ints:
    """Ports of units at headers that have a buffer, each once."""
    at: dict[str, list[int]] = {}
    for i, buffer in enumerate(park.buffers.values()):
        at.setdefault(buffer.header, []).append(i)
    found = {
        (i, b, int(port.rate < 0.0))
        for i, unit in enumerate(park.units.values())
        for port in unit.ports
        for option in port.options
        for b in at.get(option.header, ())
    }
    return _marks(sorted(found), TOUCH_MARKS)


def _marks(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(-1, width).T.copy()
