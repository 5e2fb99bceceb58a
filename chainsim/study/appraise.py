"""Appraise a project file, or the plants of a scenario after a run; write the statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainsim.accounts.account import view_of
from chainsim.accounts.projects.from_file import read_project
from chainsim.accounts.projects.from_park import ParkProject, park_project
from chainsim.accounts.projects.terms import Term
from chainsim.errors import Problem
from chainsim.finance.appraisal import Appraisal
from chainsim.finance.appraisal import appraise as appraise_project
from chainsim.library.files import load_library
from chainsim.library.project_files import load_project, project_path
from chainsim.study.result import RunResult
from chainsim.study.run import Engine, run


@dataclass(frozen=True, kw_only=True)
class Appraised:
    """An appraisal and everything behind it."""

    appraisal: Appraisal
    terms: tuple[Term, ...]
    """Every figure used, with its origin."""
    problems: tuple[Problem, ...]
    park: ParkProject | None = None
    """What of a park was appraised; None for a project file."""
    result: RunResult | None = None
    """The run behind it; None for a project file."""


def appraise(
    name: str | Path,
    *,
    units: Sequence[str] | None = None,
    whole_park: bool = False,
    engine: Engine = "steady",
    seed: int = 1,
    overrides: Sequence[str] = (),
) -> Appraised:
    """Appraise a project file, or plants of a scenario.

    Args:
        name: project file, scenario file, or id of a shipped one.
        units: units and links of the scenario by id; its plants not yet built when left out.
        whole_park: everything in the scenario instead.
        engine: engine of the run behind a scenario's project.
        seed: as in `run`.
        overrides: `key.path=value` strings.

    Raises:
        UserError: an invalid file, an unknown unit, nothing to appraise.
    """
    path = project_path(name)
    if path is not None:
        return _of_file(path, overrides)
    found = run(name, engine=engine, seed=seed, overrides=overrides)
    return appraise_result(found, units=units, whole_park=whole_park)


def _of_file(path: Path, overrides: Sequence[str]) -> Appraised:
    file = load_project(path, overrides)
    read = read_project(file, load_library())
    appraisal = appraise_project(read.project, read.conventions)
    told = tuple(map(file.place, appraisal.problems))
    return Appraised(appraisal=appraisal, terms=read.terms, problems=told)


def appraise_result(
    result: RunResult, *, units: Sequence[str] | None = None, whole_park: bool = False
) -> Appraised:
    """Appraise plants of a run; see `appraise`."""
    found = park_project(
        view_of(result.park, result.simulation, result.ledger),
        result.ledger,
        units=units,
        subject="park" if whole_park else None,
    )
    appraisal = appraise_project(found.project, found.conventions)
    return Appraised(
        appraisal=appraisal,
        terms=found.terms,
        problems=tuple(map(result.park.place, (*found.problems, *appraisal.problems))),
        park=found,
        result=result,
    )
