"""A run written down at an instant, so that it can be taken up again and go on bit for bit.

Arrays stay arrays; everything else is plain data that JSON holds exactly.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.balance.branching import Allocation
from chainsim.balance.plant import Plant
from chainsim.des.crews import Job
from chainsim.des.engine import Run
from chainsim.des.outages import Outages
from chainsim.des.state import UnitState
from chainsim.errors import Problem, ScenarioError

_UNIT = ("down", "used", "overhaul", "alive", "out")


@dataclass(frozen=True, slots=True)
class Saved:
    """All that a run has to remember."""

    arrays: Mapping[str, NDArray[Any]]
    data: Mapping[str, Any]


def save(run: Run) -> Saved:
    """A run as it stands.

    Raises:
        ScenarioError: it has processes of the user, which cannot be written down (CS-E010).
    """
    if run.processes:
        raise ScenarioError(Problem(code="CS-E010", path="processes"))
    arrays = run.state.copied().arrays()
    journal = run.journal.write_down()
    for name in ("logs", "points"):
        parts = journal[name]
        width = 4 if name == "logs" else 3
        arrays[f"journal.{name}"] = np.concatenate([*parts, np.zeros((0, width))])
    data: dict[str, Any] = {
        "park": run.park.digest,
        "hours": run.park.horizon.hours,
        "key": list(run.key),
        "hour": run.hour,
        "now": run.agenda.now,
        "agenda": [[hour, name, list(numbers)] for hour, name, numbers in run.agenda.entries()],
        "units": [{name: getattr(state, name) for name in _UNIT} for state in run.units],
        "notes": [list(note) for note in journal["notes"]],
        "supplies": run.supplies.write_down(),
        "conditions": run.conditions.write_down(),
        "outages": None if run.outages is None else _outages(run.outages),
        "first": None,
    }
    if run.first is not None:
        arrays["first"] = run.first.values.copy()
        data["first"] = [list(limits) for limits in run.first.limits]
    return Saved(arrays, copy.deepcopy(data))


def _outages(outages: Outages) -> dict[str, Any]:
    crews = outages.crews
    return {
        "clocks": [list(clock.write_down()) for clock in outages.clocks],
        "draws": [mode.draws.write_down() for mode in outages.modes],
        "due": [list(entry) for entry in outages.due],
        "free": dict(crews.free),
        "waiting": {
            name: [[j.priority, j.since, j.mode, j.hours] for j in jobs]
            for name, jobs in crews.waiting.items()
        },
    }


def resumed(plant: Plant, saved: Saved) -> Run:
    """A run that goes on where another was saved, to the same bits.

    Raises:
        ScenarioError: the park is another one (CS-E011).
    """
    seed, replication = saved.data["key"]
    run = Run(
        plant,
        seed=seed,
        replication=replication,
        outages=saved.data["outages"] is not None,
        log=len(saved.arrays["points"]) > 0,
    )
    _take_up(run, saved)
    return run


def _take_up(run: Run, saved: Saved) -> None:
    arrays, data = saved.arrays, saved.data
    if data["park"] != run.park.digest or data["hours"] != run.park.horizon.hours:
        raise ScenarioError(Problem(code="CS-E011", path=run.park.id))
    for name, array in run.state.arrays().items():
        array[...] = arrays[name]
    run.journal.take_up(
        {
            "notes": [tuple(note) for note in data["notes"]],
            "logs": [arrays["journal.logs"]],
            "points": [arrays["journal.points"]],
        }
    )
    for state, written in zip(run.units, data["units"], strict=True):
        _take_up_unit(state, written)
    run.supplies.take_up(data["supplies"])
    run.conditions.take_up(data["conditions"])
    if run.outages is not None:
        _take_up_outages(run.outages, data["outages"])
    run.env.pass_to(data["now"])
    for hour, name, numbers in data["agenda"]:
        run.agenda.at(hour, name, *numbers)
    run.hour = data["hour"]
    if data["first"] is not None:
        run.first = Allocation(arrays["first"], tuple(tuple(x) for x in data["first"]))


def _take_up_unit(state: UnitState, written: Mapping[str, Any]) -> None:
    for name in _UNIT:
        setattr(state, name, copy.copy(written[name]))


def _take_up_outages(outages: Outages, written: Mapping[str, Any]) -> None:
    for clock, (remaining, since, running, version) in zip(
        outages.clocks, written["clocks"], strict=True
    ):
        clock.take_up((remaining, since, running, version))
    for mode, state in zip(outages.modes, written["draws"], strict=True):
        mode.draws.take_up(state)
    outages.due[:] = [(hour, number) for hour, number in written["due"]]
    outages.crews.free.update(written["free"])
    for name, jobs in written["waiting"].items():
        outages.crews.waiting[name][:] = [Job(*job) for job in jobs]
