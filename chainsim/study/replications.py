"""One replication of the event engine, made to run in a worker process and to come back small.

The replications of a batch are those of `run` with the same seed: number k alone equals number k
of a batch.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from chainsim.accounts.account import account
from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from chainsim.errors import Problem, UserError
from chainsim.park.build import load_park
from chainsim.park.model import Park
from chainsim.results import Manifest, Simulation
from chainsim.study.drafts import source
from chainsim.study.result import RunResult
from chainsim.study.run import run, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A run without its park, which the caller has already."""

    simulation: Simulation
    ledger: pd.DataFrame
    kpis: pd.DataFrame
    policy: pd.DataFrame
    problems: tuple[Problem, ...]
    manifest: Manifest

    def of(self, park: Park) -> RunResult:
        """The run with its park again."""
        return RunResult(
            park=park,
            simulation=self.simulation,
            ledger=self.ledger,
            kpis=self.kpis,
            policy=self.policy,
            problems=self.problems,
            manifest=self.manifest,
        )


def books_of(found: RunResult) -> Books:
    """A run without its park."""
    return Books(
        simulation=found.simulation,
        ledger=found.ledger,
        kpis=found.kpis,
        policy=found.policy,
        problems=found.problems,
        manifest=found.manifest,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """KPIs of one replication; the first brings its books along."""

    number: int
    kpis: pd.DataFrame
    books: Books | None = None


def attempt(
    name: str, overrides: tuple[str, ...], seed: int, number: int
) -> Replication | tuple[Problem, ...]:
    """Replication `number` of a scenario, or what is wrong with the scenario.

    Problems are returned, since an exception with them would not survive the way to the caller.
    """
    try:
        return _replicate(name, overrides, seed, number)
    except UserError as exc:
        return tuple(exc.problems)


def _replicate(name: str, overrides: tuple[str, ...], seed: int, number: int) -> Replication:
    if number == 0:
        found = run(load_park(source(name), overrides), engine="des", seed=seed)
        return Replication(number=0, kpis=found.kpis, books=books_of(found))
    plant = _plant(name, overrides)
    simulation = run_des(plant.park, seed=seed, replication=number, plant=plant)
    return Replication(number=number, kpis=account(plant.park, simulation).kpis)


@functools.lru_cache(maxsize=4)
def _plant(name: str, overrides: tuple[str, ...]) -> Plant:
    return Plant(load_park(source(name), overrides))


def band(found: Sequence[Replication]) -> pd.DataFrame:
    """KPIs as means over replications with their 5th and 95th percentile (`results.KPI_COLUMNS`).

    Replications in which a KPI is missing (nothing was made of a material) count as zero there.
    """
    ids = list(dict.fromkeys(k for r in found for k in r.kpis["id"]))
    units = {k: u for r in found for k, u in zip(r.kpis["id"], r.kpis["unit"], strict=True)}
    tables = []
    for replication in found:
        frame = replication.kpis.drop_duplicates("id").set_index("id").reindex(ids)
        missing = frame["period"].isna()
        frame.loc[missing, ["value", "low", "high"]] = 0.0
        frame["period"] = frame["period"].fillna("total")
        frame["unit"] = [units[k] for k in ids]
        tables.append(frame.reset_index())
    return summary(tables)
