"""The plan of a sweep: points, replications and the chunks they are handed out in."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from chainsim.accounts.kpis import OUTPUT, is_kpi, kpi_catalogue
from chainsim.errors import DataError, LimitError, Problem, UserError, did_you_mean, shorten
from chainsim.library.census import figures
from chainsim.library.files import load_library
from chainsim.library.scenarios import Scenario, canonical
from chainsim.library.study_files import StudyFile
from chainsim.library.study_records import MAX_POINTS
from chainsim.library.uncertainty_names import unknown_names
from chainsim.library.yaml_writer import to_yaml
from chainsim.study.sweeps.model import RESOLVED, Model, ParkModel
from chainsim.study.sweeps.points import Point, Ranges, study_points

MAX_RUNS = 10_000_000
CHECKED_POINTS = 200
"""Parks built before anything runs; of a larger study, points evenly spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Runs handed out together: (point, replication) in order."""

    number: int
    runs: tuple[tuple[Point, int], ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything a sweep does. Run k is replication k % reps of point k // reps."""

    id: str
    model: Model
    points: tuple[Point, ...]
    scenarios: tuple[str, ...]
    """Ids of the scenarios, as points count them."""
    reps: int
    chunk: int
    study: Mapping[str, Any]
    """The study's data, its scenarios inline, from which the plan can be made again."""

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.points) * self.reps

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.runs // self.chunk)

    def runs_of(self, number: int) -> Chunk:
        """Chunk `number`."""
        first = number * self.chunk
        numbers = range(first, min(first + self.chunk, self.runs))
        return Chunk(
            number=number,
            runs=tuple((self.points[k // self.reps], k % self.reps) for k in numbers),
        )

    @cached_property
    def key(self) -> str:
        """Digest of everything that decides a byte of the results."""
        points = [(p.scenario, p.overrides, p.figures, p.values) for p in self.points]
        data = [self.model.key, points, self.reps, self.chunk]
        return hashlib.sha256(canonical(data).encode()).hexdigest()


def library_ranges() -> Ranges:
    """low, typical, high of every figure of the shipped library, in the unit it is written in."""
    return {path: (c.low, c.value, c.high) for path, c in figures(load_library()).items()}


def study_plan(study: StudyFile) -> Plan:
    """The plan of a study file, checked: every mistake is told before anything runs.

    Raises:
        UserError: wrong keys, values, scenarios, parks that cannot be built, too many runs.
    """
    return checked_plan(study, study.scenarios())


def checked_plan(study: StudyFile, scenarios: list[Scenario]) -> Plan:
    """The same with the scenarios read already."""
    plan = plan_of(study, scenarios)
    _check_parks(plan, scenarios)
    return plan


def plan_of(study: StudyFile, scenarios: list[Scenario]) -> Plan:
    """The plan without building any park; raises UserError for a study that does not fit."""
    record = study.record
    drawn = record.uncertainty or any(s.record.uncertainty for s in scenarios)
    if record.engine == "steady" and record.reps > 1 and not drawn:
        raise DataError(study.place(Problem(code="CS-T015", path="reps", found=str(record.reps))))
    _check_names(study, scenarios)
    points = study_points(study, library_ranges())
    runs = len(points) * record.reps
    if runs > MAX_RUNS or len(points) > MAX_POINTS:
        expected = f"<= {MAX_RUNS:,}"
        raise LimitError(Problem(code="CS-T005", found=f"{runs:,}", expected=expected))
    texts = tuple(to_yaml(s.data) for s in scenarios)
    model = ParkModel(
        scenarios=texts,
        engine=record.engine,
        years=record.years,
        seed=record.seed,
        outages=record.outages,
        kpis=tuple(record.kpis),
        policy=record.policy,
        finance=record.finance,
        uncertainty=record.uncertainty,
    )
    inline = {k: v for k, v in study.data.items() if k != "scenarios"}
    return Plan(
        id=record.id,
        model=model,
        points=points,
        scenarios=tuple(s.record.id for s in scenarios),
        reps=record.reps,
        chunk=record.chunk,
        study={**inline, "scenarios": [s.data for s in scenarios]},
    )


def _placed(problem: Problem, written: Scenario) -> Problem:
    """A problem of the resolved scenario, at its place in the file that somebody wrote."""
    if problem.file != RESOLVED:
        return problem
    return written.place(replace(problem, file="", line=0, column=0))


def _check_names(study: StudyFile, scenarios: list[Scenario]) -> None:
    """Names of KPIs, figures and prices, before anything is built."""
    record, library = study.record, load_library()
    materials = {*library.materials, *(m for s in scenarios for m in s.record.materials)}
    problems = [
        study.place(replace(p, path=f"kpis.{index}"))
        for index, key in enumerate(record.kpis)
        for p in unknown_kpis([key], materials)
    ]
    if record.uncertainty is not None:
        wrong = unknown_names(record.uncertainty, library, {*library.prices, *materials})
        problems += [study.place(p) for p in wrong]
    if problems:
        raise DataError(problems)


def unknown_kpis(keys: Sequence[str], materials: Collection[str]) -> Iterator[Problem]:
    """Those of `keys` that no park with these materials can have."""
    for key in keys:
        if not is_kpi(key, materials):
            known = [*kpi_catalogue(), *(f"{OUTPUT}{m}_t" for m in materials)]
            yield Problem(code="CS-T007", found=shorten(key), hint=did_you_mean(key, known))


def _check_parks(plan: Plan, scenarios: list[Scenario]) -> None:
    """Build the parks of the points, of many points an even choice with both ends."""
    model = plan.model
    assert isinstance(model, ParkModel)
    count = len(plan.points)
    step = max(1, -(-count // CHECKED_POINTS))
    problems: dict[tuple[str, str, str], Problem] = {}
    for index in sorted({*range(0, count, step), count - 1}):
        try:
            model.park(plan.points[index])
            model.check_draws(plan.points[index])
        except UserError as exc:
            written = scenarios[plan.points[index].scenario]
            for problem in exc.problems:
                key = (problem.code, problem.path, problem.found)
                problems.setdefault(key, _placed(problem, written))
            if len(problems) > CHECKED_POINTS:
                break
    if problems:
        raise DataError(problems.values())
