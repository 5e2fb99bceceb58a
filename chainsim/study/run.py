"""Run one park: an engine, the accounts, the replications, the manifest."""

from __future__ import annotations

import functools
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from chainsim.accounts.account import Accountant, Accounts
from chainsim.balance.plant import Plant
from chainsim.balance.steady import run_steady
from chainsim.des.desk import Process
from chainsim.des.engine import run_des
from chainsim.errors import Problem, ScenarioError, UserError
from chainsim.park.build import load_park
from chainsim.park.checks import check_park
from chainsim.park.model import Horizon, Park
from chainsim.results import KPI_COLUMNS, Manifest, Simulation, frame
from chainsim.study.aim import Aim
from chainsim.study.best import run_best
from chainsim.study.heap import left_alone
from chainsim.study.optimum import Optimum
from chainsim.study.result import RunResult

Engine = Literal["des", "steady", "lp"]
ENGINES: tuple[Engine, ...] = ("des", "steady", "lp")
MOST_YEARS = 60
"""Longest horizon of a run, as of a scenario file."""
Progress = Callable[[int, int], None]
"""Called with (replications done, replications in all)."""

load = load_park


def run(
    park: Park | str | Path,
    *,
    engine: Engine = "des",
    seed: int = 1,
    years: int | None = None,
    reps: int = 1,
    outages: bool = True,
    overrides: Iterable[str] = (),
    aim: Aim | None = None,
    progress: Progress | None = None,
    processes: Iterable[Process] = (),
    log: bool = False,
) -> RunResult:
    """Simulate a park and account for it.

    Args:
        park: a park, a scenario file, or the id of a shipped scenario.
        engine: `des` (events, failures, buffers), `steady` (mean availability) or `lp` (the best
            use of every stream at mean availability).
        seed: root of all random streams.
        years: calendar years to simulate, replacing the scenario's horizon.
        reps: replications of `des`; KPIs are then means with 5th and 95th percentiles.
        outages: False to leave failures and overhauls out.
        overrides: `key.path=value` strings, when `park` is a file or id.
        aim: objective and limits of `lp`; the largest profit when left out.
        progress: told after each replication.
        processes: processes of the user that act on a `des` run, see `chainsim.des.desk`.
        log: record every change of a rate of a `des` run, in `simulation.changes`.

    Raises:
        UserError: an invalid scenario, an infeasible park, a limit reached.
    """
    began = time.perf_counter()
    _check(engine, seed, years, reps)
    if not isinstance(park, Park):
        park = load_park(park, tuple(overrides))
    if years is not None:
        park = replace(park, horizon=Horizon.of_years(park.horizon.start, years))
    try:
        simulations, books, optimum = _replications(
            park,
            reps if engine == "des" else 1,
            engine=engine,
            seed=seed,
            outages=outages,
            aim=aim or Aim(),
            progress=progress,
            processes=tuple(processes),
            log=log,
        )
    except UserError as told:
        written = {*park.resolved, park.id}
        told.locate(lambda p: park.place(p) if p.path.partition(".")[0] in written else p)
        raise
    return assembled(
        park,
        simulations,
        books,
        engine=engine,
        seed=seed,
        wall_s=time.perf_counter() - began,
        optimum=optimum,
    )


def _replications(
    park: Park,
    count: int,
    *,
    engine: Engine,
    seed: int,
    outages: bool,
    aim: Aim,
    progress: Progress | None,
    processes: tuple[Process, ...],
    log: bool,
) -> tuple[list[Simulation], list[Accounts], Optimum | None]:
    """Replications, the accounts of each, and what the lp engine found; arguments as for `run`."""
    simulations: list[Simulation] = []
    books: list[Accounts] = []
    plant, accountant, optimum = Plant(park), Accountant(park), None
    with left_alone():
        for replication in range(count):
            if engine == "steady":
                simulation = run_steady(park, outages=outages, plant=plant)
            elif engine == "lp":
                simulation, optimum = run_best(park, plant, aim, outages=outages)
            else:
                simulation = run_des(
                    park,
                    seed=seed,
                    replication=replication,
                    outages=outages,
                    plant=plant,
                    processes=processes,
                    log=log and replication == 0,
                )
            book = accountant.account(simulation)
            if replication > 0:
                simulation = replace(
                    simulation, flows=simulation.flows.iloc[:0], events=simulation.events.iloc[:0]
                )
                book = replace(book, ledger=book.ledger.iloc[:0])
            simulations.append(simulation)
            books.append(book)
            if progress is not None:
                progress(replication + 1, count)
    return simulations, books, optimum


def assembled(
    park: Park,
    simulations: Sequence[Simulation],
    books: Sequence[Accounts],
    *,
    engine: Engine,
    seed: int,
    wall_s: float,
    optimum: Optimum | None = None,
) -> RunResult:
    """A result of replications and their accounts.

    Args:
        park: the park.
        simulations: its replications; the first brings its tables along.
        books: the accounts of each.
        engine: which engine made them.
        seed: root of their random streams.
        wall_s: what it took.
        optimum: what the lp engine found besides.
    """
    first, book = simulations[0], books[0]
    manifest = Manifest(
        scenario=park.id,
        scenario_digest=park.digest,
        library_digest=park.library.digest,
        engine=engine,
        version=version(),
        seed=seed,
        replications=len(simulations),
        years=park.horizon.years,
        versions=versions(),
        wall_s=wall_s,
        allocations=sum(s.allocations for s in simulations),
        residual=max(s.residual for s in simulations),
    )
    warnings = tuple(p for p in check_park(park) if p.severity == "warning")
    return RunResult(
        park=park,
        simulation=first,
        ledger=book.ledger,
        kpis=summary([b.kpis for b in books]),
        policy=book.policy,
        problems=tuple(map(park.place, (*warnings, *first.problems, *book.problems))),
        manifest=manifest,
        optimum=optimum,
    )


def _check(engine: str, seed: int, years: int | None, reps: int) -> None:
    """Refuse what no run can have.

    Raises:
        ScenarioError: every argument that is wrong (CS-E013).
    """
    told = [
        Problem(code="CS-E013", path=name, found=str(found), expected=expected)
        for name, found, expected, fine in (
            ("engine", engine, " | ".join(ENGINES), engine in ENGINES),
            ("seed", seed, ">= 0", seed >= 0),
            ("years", years, f"1 … {MOST_YEARS}", years is None or 1 <= years <= MOST_YEARS),
            ("reps", reps, ">= 1", reps >= 1),
        )
        if not fine
    ]
    if told:
        raise ScenarioError(told)


def summary(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Mean over replications, with the 5th and 95th percentile beside it.

    A figure that some replications do not have, such as a rate per tonne of what was not made, is
    that of the replications that have it.
    """
    if len(tables) == 1:
        return tables[0]
    every = pd.concat(tables, ignore_index=True)
    groups = every.groupby(["id", "period"], sort=False)
    values = [group.to_numpy() for _, group in groups["value"]]
    data = {
        "id": [key for (key, _), _ in groups],
        "value": [v.mean() for v in values],
        "unit": groups["unit"].first().to_list(),
        "period": [period for (_, period), _ in groups],
        "low": [np.quantile(v, 0.05) for v in values],
        "high": [np.quantile(v, 0.95) for v in values],
    }
    return frame(data, KPI_COLUMNS)


@functools.cache
def version() -> str:
    """Version of chainsim."""
    return metadata.version("chainsim")


def versions() -> dict[str, str]:
    """Versions of what decides the numbers."""
    return dict(_versions())


@functools.cache
def _versions() -> dict[str, str]:
    packages = ("numpy", "numba", "pandas", "highspy", "simpy", "networkx", "pydantic")
    return {"python": platform.python_version()} | {p: metadata.version(p) for p in packages}
