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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from chainsim.errors import UserError
from chainsim.library.model import Material
from chainsim.library.scenarios import Scenario, load_scenario
from chainsim.park.model import Park
from chainsim.study.input_diff import Change, applied, changes
from chainsim.study.uncertain.draws import park_at
from chainsim.study.valuation import kpi_of_data

FEW: Final = 7
"""Levers of which all combinations are run."""
_COMMON: Final = frozenset({"coke_oven_gas", "steam", "water", "fresh_water"})
"""Utilities that everything shares."""
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


def _read(scenario: Scenario | str | Path) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load_scenario(scenario)


def explain(
    first: Scenario | str | Path,
    second: Scenario | str | Path,
    kpi: str,
    *,
    by: str = "chain",
    progress: Callable[[int, int], None] | None = None,
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
    first, second = _read(first), _read(second)
    listed = changes(first.data, second.data)
    groups = _groups(listed, park_at(first, {}), park_at(second, {}), by)
    groups = _buildable(first.data, groups)
    order = sorted(groups)
    known: dict[frozenset[int], float] = {}
    count = 2 ** len(order) if len(order) <= FEW else 2 * len(order) + 1

    def value(pulled: frozenset[int]) -> float:
        if pulled not in known:
            chosen = [c for k in sorted(pulled) for c in groups[order[k]]]
            known[pulled] = kpi_of_data(applied(first.data, chosen), kpi)
            if progress is not None:
                progress(min(len(known), count), count)
        return known[pulled]

    n = len(order)
    alone = [value(frozenset({k})) - value(frozenset()) for k in range(n)]
    few = n <= FEW
    parts = shapley(n, value) if few else ordered(n, value, alone)
    before, after = value(frozenset()), value(frozenset(range(n)))
    rows = [
        {
            "lever": name,
            "components": ", ".join(dict.fromkeys(c.lever for c in groups[name])),
            "part": part,
            "alone": single,
            "share": part / (after - before) if after != before else math.nan,
        }
        for name, part, single in zip(order, parts, alone, strict=True)
    ]
    rows.sort(key=lambda r: (-abs(float(str(r["part"]))), str(r["lever"])))
    return Explained(
        kpi=kpi,
        before=before,
        after=after,
        method="shapley" if few else "ordered",
        parts=pd.DataFrame(rows, columns=COLUMNS),
        changes=tuple(listed),
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


def _buildable(data: Mapping[str, Any], groups: Groups) -> Groups:
    """Levers that can be pulled alone and left out alone; those that cannot are joined."""
    everything = [c for g in groups.values() for c in g]
    stuck = [
        name
        for name, group in sorted(groups.items())
        if not _builds(data, group) or not _builds(data, [c for c in everything if c not in group])
    ]
    if len(stuck) < 2:
        return groups
    joined = {name: group for name, group in groups.items() if name not in stuck}
    joined[stuck[0]] = [c for name in stuck for c in groups[name]]
    return joined


def _builds(data: Mapping[str, Any], chosen: list[Change]) -> bool:
    try:
        kpi_of_data(applied(data, chosen), "reliability.availability")
    except UserError:
        return False
    return True
