"""Why two scenarios differ in a KPI: the difference shared out to the levers that were changed.

A lever is a group of changed components that hang together: those that meet at one header of a
material that is neither a gas nor a utility, and the plants that only serve them. For few levers
each gets its Shapley value (Shapley 1953; of all orders in which the levers may be pulled, the mean
of what it adds), for many the change it makes when the levers are pulled in one order, the
strongest first. Either way the parts add up to the difference.
What the levers do alone does not: the rest is interaction.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from chainsim.errors import UserError
from chainsim.library.model import Material
from chainsim.library.scenarios import Scenario, load_scenario
from chainsim.park.model import Park
from chainsim.study.input_diff import ABSENT, Change, applied, changes, undrawn
from chainsim.study.uncertain.draws import park_at
from chainsim.study.valuation import kpis_of_data

FEW: Final = 7
"""Levers of which all combinations are run."""
_COMMON: Final = frozenset({"coke_oven_gas", "steam", "water", "fresh_water"})
"""Utilities that everything shares."""
_NO_SUPPLY: Final = "CS-S017"
_FRAMES: Final = frozenset({"enterprises", "sites"})
COLUMNS: Final = ["lever", "components", "part", "alone", "share"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`parts`: a row per lever: components, part of the difference, what it does alone."""

    kpi: str
    before: float
    after: float
    method: str
    """`shapley` or `ordered`."""
    parts: pd.DataFrame
    changes: tuple[Change, ...]

    @property
    def difference(self) -> float:
        """What there is to explain."""
        return self.after - self.before

    @property
    def interaction(self) -> float:
        """Difference less what the levers do alone; positive when they help each other."""
        return self.difference - float(self.parts["alone"].sum())


Value = Callable[[frozenset[int]], float]
Progress = Callable[[int, int], None]


def _read(scenario: Scenario | str | Path) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load_scenario(scenario)


def explain(
    first: Scenario | str | Path,
    second: Scenario | str | Path,
    kpi: str,
    *,
    by: str = "chain",
    progress: Progress | None = None,
) -> Explained:
    """Attribute the difference of a KPI between two scenarios to the levers between them.

    Args:
        first: where it starts: a scenario, its file, or the id of a shipped one.
        second: where it ends.
        kpi: what is explained.
        by: `chain` (components that meet at a header together) or `component`.
        progress: called with (runs done, runs in all).

    Raises:
        UserError: a scenario that cannot be run, an unknown KPI.
    """
    return explain_all(_read(first), _read(second), [kpi], by=by, progress=progress)[kpi]


def explain_all(
    first: Scenario,
    second: Scenario,
    kpis: Sequence[str],
    *,
    by: str = "chain",
    progress: Progress | None = None,
) -> dict[str, Explained]:
    """The same for several KPIs, from the same runs."""
    levers = _Levers(first, second, by)
    known: dict[frozenset[int], dict[str, float]] = {}
    n = len(levers.names)
    few = n <= FEW
    count = 2**n if few else (2 * n + 1) * len(kpis)

    def value(kpi: str, pulled: frozenset[int]) -> float:
        if pulled not in known:
            known[pulled] = levers.kpis(pulled, kpis)
            if progress is not None:
                progress(min(len(known), count), count)
        return known[pulled][kpi]

    return {kpi: _explained(levers, kpi, partial(value, kpi)) for kpi in kpis}


class _Levers:
    """The levers between two scenarios, and the scenario with some of them pulled.

    A plant that one lever adds and another one feeds comes when both are pulled.
    """

    def __init__(self, first: Scenario, second: Scenario, by: str) -> None:
        self.changes = tuple(changes(first.data, second.data))
        self._first = undrawn(first.data)
        pulled = changes(self._first, undrawn(second.data))
        mine = [c for c in pulled if not _frame(c)]
        self._added = [c for c in pulled if _frame(c) and c.before is ABSENT]
        self._removed = [c for c in pulled if _frame(c) and c.after is ABSENT]
        groups = _groups(mine, park_at(first, {}), park_at(second, {}), by)
        self.groups = self._buildable(groups)
        self.names = sorted(self.groups)

    def kpis(self, pulled: frozenset[int], keys: Sequence[str]) -> dict[str, float]:
        """KPIs of the first scenario with the levers `pulled`; all of them make the second."""
        chosen = [c for k in sorted(pulled) for c in self.groups[self.names[k]]]
        return self._kpis(chosen, keys, whole=len(pulled) == len(self.names))

    def _kpis(
        self, chosen: list[Change], keys: Sequence[str], *, whole: bool = False
    ) -> dict[str, float]:
        frame = [*(self._added if chosen or whole else ()), *(self._removed if whole else ())]
        while True:
            try:
                return kpis_of_data(applied(self._first, [*frame, *chosen]), keys)
            except UserError as exc:
                lost = {p.path for p in exc.problems if p.code == _NO_SUPPLY}
                kept = [c for c in chosen if c.lever not in lost or c.before is not ABSENT]
                if whole or len(kept) == len(chosen):
                    raise
                chosen = kept

    def _buildable(self, groups: Groups) -> Groups:
        """Levers that can be pulled alone and left out alone; those that cannot are joined."""
        everything = [c for g in groups.values() for c in g]
        stuck = [
            name
            for name, group in sorted(groups.items())
            if not self._builds(group)
            or not self._builds([c for c in everything if c not in group])
        ]
        if len(stuck) < 2:
            return groups
        joined = {name: group for name, group in groups.items() if name not in stuck}
        joined[stuck[0]] = [c for name in stuck for c in groups[name]]
        return joined

    def _builds(self, chosen: list[Change]) -> bool:
        try:
            self._kpis(chosen, ["reliability.availability"])
        except UserError:
            return False
        return True


def _frame(change: Change) -> bool:
    """Whether it adds or removes an owner or a place: without its plants it does nothing."""
    whole = change.before is ABSENT or change.after is ABSENT
    return whole and len(change.path) == 2 and change.path[0] in _FRAMES


def _explained(levers: _Levers, kpi: str, value: Value) -> Explained:
    n = len(levers.names)
    before, after = value(frozenset()), value(frozenset(range(n)))
    alone = [value(frozenset({k})) - before for k in range(n)]
    few = n <= FEW
    parts = shapley(n, value) if few else ordered(n, value, alone)
    rows = [
        {
            "lever": name,
            "components": ", ".join(dict.fromkeys(c.lever for c in levers.groups[name])),
            "part": part,
            "alone": single,
            "share": part / (after - before) if after != before else math.nan,
        }
        for name, part, single in zip(levers.names, parts, alone, strict=True)
    ]
    rows.sort(key=lambda r: (-abs(float(str(r["part"]))), str(r["lever"])))
    return Explained(
        kpi=kpi,
        before=before,
        after=after,
        method="shapley" if few else "ordered",
        parts=pd.DataFrame(rows, columns=COLUMNS),
        changes=levers.changes,
    )


def shapley(n: int, value: Value) -> list[float]:
    """Shapley values of `n` players.

    >>> shapley(2, lambda s: float(len(s) == 2) + float(0 in s))
    [1.5, 0.5]
    """
    parts = [0.0] * n
    for k in range(n):
        others = [j for j in range(n) if j != k]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for chosen in itertools.combinations(others, size):
                with_ = frozenset({*chosen, k})
                parts[k] += weight * (value(with_) - value(frozenset(chosen)))
    return parts


def ordered(n: int, value: Value, alone: Sequence[float]) -> list[float]:
    """What each of `n` players adds when they come one after another, the strongest first."""
    parts = [0.0] * n
    here: frozenset[int] = frozenset()
    for k in sorted(range(n), key=lambda j: (-abs(alone[j]), j)):
        parts[k] = value(here | {k}) - value(here)
        here |= {k}
    return parts


Groups = dict[str, list[Change]]


def _groups(listed: Sequence[Change], first: Park, second: Park, by: str) -> Groups:
    """Levers by name: the component that comes first in each group."""
    found: Groups = {}
    for change in listed:
        found.setdefault(change.lever, []).append(change)
    if by == "component":
        return found
    goods = {n: _headers(n, first, _good) | _headers(n, second, _good) for n in found}
    groups = _joined([([name], goods[name]) for name in found])
    helpers = {n: _headers(n, first, _helper) | _headers(n, second, _helper) for n in found}
    for lonely in [g for g in groups if not g[1]]:
        reach = set().union(*(helpers[n] for n in lonely[0]))
        hosts = [g for g in groups if g[1] and any(helpers[n] & reach for n in g[0])]
        if hosts:
            hosts[0][0].extend(lonely[0])
            groups.remove(lonely)
    joined = {}
    for names, _ in groups:
        title = min(names, key=lambda n: (not n.startswith("units."), n))
        joined[title] = [c for n in sorted(names) for c in found[n]]
    return joined


Group = tuple[list[str], set[str]]


def _joined(single: Sequence[Group]) -> list[Group]:
    """Groups that share a header become one."""
    groups: list[Group] = []
    for names, headers in single:
        meeting = [g for g in groups if g[1] & headers]
        merged = headers.union(*(g[1] for g in meeting))
        rest = [g for g in groups if g not in meeting]
        groups = [*rest, ([n for g in meeting for n in g[0]] + names, merged)]
    return groups


def _good(material: Material) -> bool:
    """Materials that hold a chain together."""
    return material.group not in ("utility", "gas", "hydrogen")


def _helper(material: Material) -> bool:
    """Oxygen, nitrogen, purge gas: what one plant is there to give another."""
    return not _good(material) and material.phase != "energy" and material.id not in _COMMON


def _headers(lever: str, park: Park, wanted: Callable[[Material], bool]) -> set[str]:
    """Headers of `wanted` materials that a component touches."""
    section, _, key = lever.partition(".")
    found: set[str] = set()
    if section == "units" and key in park.units:
        found = {o.header for p in park.units[key].ports for o in p.options}
    elif section == "links" and key in park.links:
        found = {park.links[key].origin, park.links[key].target}
    elif section in ("buy", "sell", "buffers", "vents", "obligations"):
        component = getattr(park, section).get(key)
        found = set() if component is None else {component.header}
    return {h for h in found if h in park.headers and wanted(park.headers[h].material)}
