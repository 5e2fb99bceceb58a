"""Layouts put to the test: the event engine runs them with failures, and the ledger judges.

All layouts and the park as it stands draw the same random numbers, so their differences are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from chainsim.accounts.account import view_of
from chainsim.accounts.ledger import build_ledger
from chainsim.accounts.policy import judge_policies
from chainsim.accounts.rates import MEASURES, measured
from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from chainsim.errors import Problem
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.study.aim import calendar_years
from chainsim.study.layout.formulation import BUILT
from chainsim.study.layout.layouts import Layout
from chainsim.study.layout.search import Search
from chainsim.study.layout.writing import layout_scenario
from chainsim.units import HOURS_PER_YEAR

Progress = Callable[[int, int], None]
Key = tuple[str, str]
LIMIT: Final = "limit"
"""Instead of a clause: the subject is a limit of the file."""
_ROOM: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A layout as it did under failures.

    Attributes:
        layout: on paper.
        paper: what it adds by its objective, money in CNY.
        values: the same by replication.
        kept: share of replications that keep every rule of the file in every year, and break no
            clause that the standing park keeps.
        broken: clause or limit and subject -> replications in which it was broken.
        regret: mean distance to the best layout of the same replication.
        paper_rank, rank: places by paper and by simulation, from 1.
    """

    layout: Layout
    paper: float
    values: tuple[float, ...]
    kept: float
    broken: tuple[tuple[Key, int], ...]
    regret: float
    paper_rank: int
    rank: int

    @property
    def mean(self) -> float:
        """Mean over the replications."""
        return float(np.mean(self.values))


@dataclass(frozen=True, slots=True)
class Trial:
    """One replication: objective, and the clauses that failed."""

    value: float
    failed: frozenset[Key]


def verify(
    search: Search,
    layouts: Sequence[Layout],
    *,
    reps: int,
    seed: int,
    progress: Progress | None = None,
) -> list[Verified]:
    """Run every layout `reps` times beside the park as it stands; the best simulated first.

    Raises:
        UserError: as the event engine.
    """
    standing = nothing(layouts[0])
    count, done = (len(layouts) + 1) * reps, 0
    trials: list[list[Trial]] = []
    for layout in (standing, *layouts):
        plant = Plant(build_park(layout_scenario(search.ground, layout)))
        row = []
        for replication in range(reps):
            row.append(trial(search, layout, plant, seed, replication))
            done += 1
            if progress is not None:
                progress(done, count)
        trials.append(row)
    base, rest = trials[0], trials[1:]
    added = np.array([[t.value - b.value for t, b in zip(row, base, strict=True)] for row in rest])
    best = added.max(axis=0)
    by_paper = _places([layout.value for layout in layouts])
    by_run = _places(added.mean(axis=1).tolist())
    found = []
    for i, layout in enumerate(layouts):
        new = [_new(search, t, b) for t, b in zip(rest[i], base, strict=True)]
        counts: dict[Key, int] = {}
        for keys in new:
            for key in keys:
                counts[key] = counts.get(key, 0) + 1
        found.append(
            Verified(
                layout=layout,
                paper=layout.value,
                values=tuple(added[i].tolist()),
                kept=sum(not keys for keys in new) / reps,
                broken=tuple(sorted(counts.items())),
                regret=float((best - added[i]).mean()),
                paper_rank=by_paper[i],
                rank=by_run[i],
            )
        )
    return sorted(found, key=lambda v: (v.rank, v.paper_rank))


def _new(search: Search, own: Trial, standing: Trial) -> frozenset[Key]:
    """What a replication broke: rules of the file, and clauses that the standing park keeps."""
    record = search.ground.file.record
    asked = {LIMIT, *record.policies}
    return frozenset(k for k in own.failed if k[0] in asked or k not in standing.failed)


def nothing(like: Layout) -> Layout:
    """The park as it stands, as a layout."""
    return Layout(
        name="standing",
        built=(),
        links=(),
        value=0.0,
        bound=0.0,
        status=like.status,
        measures=dict.fromkeys(like.measures, 0.0),
        prices={},
    )


def _places(values: Sequence[float]) -> list[int]:
    order = sorted(range(len(values)), key=lambda i: (-values[i], i))
    places = [0] * len(values)
    for place, i in enumerate(order, 1):
        places[i] = place
    return places


def trial(search: Search, layout: Layout, plant: Plant, seed: int, replication: int) -> Trial:
    """One replication of a layout by the event engine."""
    simulation = run_des(plant.park, seed=seed, replication=replication, plant=plant)
    park, problems = plant.park, list[Problem]()
    ledger = build_ledger(park, simulation)
    policy = judge_policies(park, view_of(park, simulation, ledger), ledger, problems)
    failed = policy[policy["verdict"] == "fail"]
    keys = frozenset(zip(failed["id"], failed["subject"], strict=True))
    return Trial(_objective(search, layout, park, ledger), keys | _beyond(search, park, ledger))


def _beyond(search: Search, park: Park, ledger: pd.DataFrame) -> frozenset[Key]:
    """Limits of the file on flows that some year does not keep."""
    found = set()
    for key, given in search.ground.file.record.limits.items():
        if given.measure in BUILT:
            continue
        measure = search.form.rates.known(given.measure)
        part = {"site": given.site, "county": given.county, "owner": given.owner}
        low, high = search.form.limit_ends[key]
        for year in search.ground.years:
            value = of_year(park, ledger, measure, year, **{k: v or "" for k, v in part.items()})
            room = _ROOM * max(1.0, abs(value))
            if not low - room <= value <= high + room:
                found.add((LIMIT, key))
    return frozenset(found)


def _objective(search: Search, layout: Layout, park: Park, ledger: pd.DataFrame) -> float:
    """The search's objective with flows as they were simulated."""
    total = 0.0
    last = search.ground.years[-1]
    for key, weight in search.weights.items():
        if key == "fnpv":
            value = present_value(search, layout, park, ledger)
        elif key in BUILT:
            value = layout.measures[key]
        else:
            value = of_year(park, ledger, search.form.rates.known(key), last)
        total += weight * value
    return total


def of_year(
    park: Park,
    ledger: pd.DataFrame,
    key: str,
    year: int,
    *,
    site: str = "",
    county: str = "",
    owner: str = "",
) -> float:
    """A measure of one calendar year by the ledger, for 8760 h; depreciation costs nothing.

    Of the park, or of a part of it with what it deals with the rest.
    """
    spans = dict(zip(_years(park), calendar_years(park), strict=True))
    begin, end = spans[year]
    rows = ledger[ledger["period"].str.startswith(f"{year:04d}")]
    part = bool(site or county or owner)
    if county:
        rows = rows[rows["site"].isin([s.id for s in park.sites.values() if s.county == county])]
    if site:
        rows = rows[rows["site"] == site]
    if owner:
        rows = rows[rows["enterprise"] == owner]
    sums = rows.groupby(["account", "material"], sort=True)["amount"].sum()
    total = 0.0
    listed = sums.reset_index()
    booked = zip(listed["account"], listed["material"], listed["amount"].tolist(), strict=True)
    for name, material, amount in booked:
        if name != "cost.depreciation":
            total += measured(MEASURES[key], name, material, part=part) * amount
    return total * HOURS_PER_YEAR / (end - begin)


def _years(park: Park) -> list[int]:
    return sorted({int(period[:4]) for period, _, _ in park.horizon.periods()})


def present_value(search: Search, layout: Layout, park: Park, ledger: pd.DataFrame) -> float:
    """Before tax, CNY: margins as simulated, investment as planned."""
    money = search.form.money
    margins = sum(
        money.year_weight(year) * of_year(park, ledger, "profit", year)
        for year in search.ground.years
    )
    return margins - sum(money.spent_weight(b.year) * b.capex_cny for b in layout.built)
