"""What a process of the user may do to a running park.

A process is a function that takes a `Desk` and is a generator: it yields what it waits for.

    def watch(desk):
        while True:
            yield desk.rises_to("holder", 45_000)
            desk.limit("sell.methanol", 5.0)
            yield desk.falls_to("holder", 20_000)
            desk.limit("sell.methanol", None)

Nothing is polled: a level is waited for at the exact instant at which it is reached.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable
from typing import Any

import simpy

from chainsim.balance.state import (
    CAPACITY,
    COLUMN,
    LEVEL,
    LEVEL_AT,
    RATE,
    VALUE,
    WATCH,
    WATCH_BUFFER,
    WATCH_RISES,
    WATCH_STATE,
    State,
)
from chainsim.des.agenda import Timeline
from chainsim.des.conditions import Conditions
from chainsim.des.state import UnitState
from chainsim.errors import LimitError, Problem, ScenarioError, did_you_mean, shorten
from chainsim.park.model import Park

Process = Callable[["Desk"], Generator[simpy.Event, Any, Any]]
_SECTIONS = ("units", "buy", "sell")
_WAITS = "yield desk.wait(…) | desk.at(…) | desk.rises_to(…) | desk.falls_to(…)"


class Desk:
    """The park as a process of the user sees it. Amounts in base units, times in h."""

    def __init__(
        self,
        park: Park,
        env: Timeline,
        state: State,
        units: dict[str, UnitState],
        conditions: Conditions,
        changed: Callable[[UnitState, str, float], None],
        note: Callable[[str, str, float], None],
    ) -> None:
        self._park, self._env, self._state = park, env, state
        self._units, self._conditions = units, conditions
        self._changed, self._note = changed, note
        self._buffers = {key: i for i, key in enumerate(park.buffers)}
        self._waiting: dict[int, simpy.Event] = {}

    @property
    def now(self) -> float:
        """Hours from the start."""
        return float(self._env.now)

    def begin(self, process: Process) -> None:
        """Let a process run from now.

        The run raises ScenarioError where the process yields what cannot be waited for (CS-E014)
        or is no generator (CS-E015).
        """
        self._env.process(self._steps(process))

    def _steps(self, process: Process) -> Generator[simpy.Event, Any, Any]:
        steps = process(self)
        if not isinstance(steps, Generator):
            raise ScenarioError(_wrong("CS-E015", process, steps))
        step, given = steps.send, None
        while True:
            try:
                asked = step(given)
            except StopIteration as end:
                return end.value
            if not isinstance(asked, simpy.Event) or asked.env is not self._env:
                raise ScenarioError(_wrong("CS-E014", process, asked, steps))
            try:
                step, given = steps.send, (yield asked)
            except Exception as exc:
                step, given = steps.throw, exc

    # -- waiting ------------------------------------------------------------------------------

    def wait(self, hours: float) -> simpy.Event:
        """So many hours from now."""
        return self.at(self.now + hours)

    def at(self, hour: float) -> simpy.Event:
        """An hour from the start; now when it is past."""
        return self._env.event_at(hour)

    def rises_to(self, buffer: str, level: float) -> simpy.Event:
        """The instant at which a buffer holds at least `level`.

        Raises:
            ScenarioError: there is no such buffer (CS-S002).
            LimitError: too many levels are waited for (CS-E009).
        """
        return self._watch(buffer, level, True)

    def falls_to(self, buffer: str, level: float) -> simpy.Event:
        """The instant at which a buffer holds at most `level`; raises like `rises_to`."""
        return self._watch(buffer, level, False)

    def _watch(self, buffer: str, level: float, rises: bool) -> simpy.Event:
        marks = self._state.watch_mark
        free = [w for w in range(marks.shape[1]) if marks[WATCH_STATE, w] == 0]
        if not free:
            most = str(marks.shape[1])
            raise LimitError(Problem(code="CS-E009", path=buffer, expected=f"<= {most}"))
        slot = free[0]
        marks[WATCH_BUFFER, slot] = self._place("buffers", buffer, self._buffers)
        marks[WATCH_RISES, slot] = rises
        marks[WATCH_STATE, slot] = 1
        self._state.watch[slot] = level
        self._state.clock[WATCH] = self.now
        self._waiting[slot] = self._env.event()
        return self._waiting[slot]

    def wake(self) -> None:
        """Go on with the processes whose level is reached."""
        marks = self._state.watch_mark
        for slot in sorted(self._waiting):
            if marks[WATCH_STATE, slot] == 2:
                marks[WATCH_STATE, slot] = 0
                self._waiting.pop(slot).succeed()

    # -- looking ------------------------------------------------------------------------------

    def level(self, buffer: str) -> float:
        """What a buffer holds now."""
        own = self._state.buffer[:, self._place("buffers", buffer, self._buffers)]
        level = own[LEVEL] + own[RATE] * (self.now - own[LEVEL_AT])
        return float(min(max(level, 0.0), own[CAPACITY]))

    def activity(self, unit: str) -> float:
        """Share of nameplate at which a unit runs now."""
        column = int(self._state.unit_mark[COLUMN, self._unit(unit).index])
        return float(self._state.column[VALUE, column]) if column >= 0 else 0.0

    # -- acting -------------------------------------------------------------------------------

    def take_down(self, unit: str) -> None:
        """Stop a unit until it is brought back."""
        self._set_out(unit, True)

    def bring_back(self, unit: str) -> None:
        """Let a unit run again that was taken down."""
        self._set_out(unit, False)

    def _set_out(self, unit: str, out: bool) -> None:
        state = self._unit(unit)
        if state.out != out:
            state.out = out
            self._changed(state, "taken_down" if out else "brought_back", 0.0)

    def limit(self, component: str, most: float | None) -> None:
        """Let a unit reach at most a share of nameplate, a purchase or sale a rate per hour.

        Args:
            component: `units.id`, `buy.id` or `sell.id`.
            most: the limit, below those of the scenario; None to lift it.

        Raises:
            ScenarioError: there is no such component (CS-S002).
        """
        section, _, key = component.partition(".")
        self._place("", section, _SECTIONS)
        self._place(section, key, getattr(self._park, section))
        conditions = self._conditions
        kept = conditions.shares if section == "units" else conditions.limits
        name = key if section == "units" else f"{section}:{key}"
        if most is None:
            kept.pop(name, None)
        else:
            kept[name] = max(most, 0.0)
        conditions.limit(self.now)
        self._note(component, "limited", math.inf if most is None else most)

    def note(self, component: str, event: str, value: float = 0.0) -> None:
        """Write something into the table of events."""
        self._note(component, event, value)

    def _unit(self, unit: str) -> UnitState:
        self._place("units", unit, self._units)
        return self._units[unit]

    def _place(self, section: str, name: str, known: Iterable[str]) -> int:
        names = list(known)
        if name not in names:
            problem = Problem(
                code="CS-S002", path=section, found=name, hint=did_you_mean(name, names)
            )
            raise ScenarioError(problem)
        return names.index(name)


def _wrong(code: str, process: Process, found: object, steps: object = None) -> Problem:
    """What a process should not have given, with the line at which it stands."""
    frame = getattr(steps, "gi_frame", None)
    body = getattr(process, "__code__", None)
    line = getattr(body, "co_firstlineno", 0) if frame is None else frame.f_lineno
    return Problem(
        code=code,
        file=getattr(body, "co_filename", ""),
        line=line,
        path=getattr(process, "__name__", type(process).__name__),
        found=shorten(repr(found)),
        expected=_WAITS,
    )
