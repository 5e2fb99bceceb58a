"""Measures of the accounts as arrays over the columns of a program: what an optimum is sought in.

The engine knows which flows a column moves, the accounts know where each flow is booked; here the
two meet, so an objective is the same number as the ledger's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainsim.accounts.chart import TRANSFERS
from chainsim.accounts.rates import MEASURES, PostedRate, measured, posted_rates
from chainsim.balance.program import Array, Program
from chainsim.balance.tables import FlowRow, flow_rows
from chainsim.errors import Problem, ScenarioError, did_you_mean
from chainsim.park.model import Park

BOUNDARY = "energy"
"""The measure `energy` is that of the scenario's boundary."""


class Rates:
    """Measures per hour of every column's value."""

    def __init__(self, park: Park, program: Program, bought: frozenset[str] = frozenset()) -> None:
        self.park = park
        self._n = program.n
        self._scale, self._column = program.scale, program.column
        self._flows = tuple(flow_rows(park, program, batches=False))
        self._size = np.array([r.factor * r.per * program.scale[r.column] for r in self._flows])
        keys = [(r.kind, r.component, r.port, r.material) for r in self._flows]
        self._posted = posted_rates(park, keys, bought)
        self._makers = _only_makers(park)

    def of(self, key: str, *, site: str = "", county: str = "", owner: str = "") -> Array:
        """(n,) units of a measure per hour of value 1, of the park or of a part of it.

        Raises:
            ScenarioError: there is no such measure (CS-O001).
        """
        measure = MEASURES[self.known(key)]
        part = bool(site or county or owner)
        rates = np.zeros(self._n)
        for posted in self._posted:
            row = self._flows[posted.flow]
            share = measured(measure, posted.account, row.material, part=part)
            if share and self._inside(row.site, self._owner(row, posted), site, county, owner):
                rates[row.column] += share * posted.amount * self._size[posted.flow]
        return rates

    def known(self, key: str) -> str:
        """`key` as a measure.

        Raises:
            ScenarioError: there is no such measure (CS-O001).
        """
        if key == BOUNDARY:
            return f"energy_{self.park.economics.boundary.lower()}"
        if key not in MEASURES:
            hint = did_you_mean(key, [*MEASURES, BOUNDARY]) or ", ".join([*MEASURES, BOUNDARY])
            raise ScenarioError(Problem(code="CS-O001", path="objective", found=key, hint=hint))
        return key

    def _owner(self, row: FlowRow, posted: PostedRate) -> str:
        """Whose a flow is: what is vented is taken off what its only maker gives the others."""
        if row.kind == "vent" and posted.account.startswith(TRANSFERS):
            return self._makers.get(self.park.vents[row.component].header, "")
        return row.owner

    def _inside(self, at: str, whose: str, site: str, county: str, owner: str) -> bool:
        if (site and at != site) or (owner and whose != owner):
            return False
        return not county or (at in self.park.sites and self.park.sites[at].county == county)

    def column(self, key: str) -> Array:
        """(n,) base units per hour of one column."""
        rates = np.zeros(self._n)
        rates[self._column[key]] = self._scale[self._column[key]]
        return rates

    def weighted(self, weights: Mapping[str, float]) -> Array:
        """(n,) the sum of measures by weight."""
        total = np.zeros(self._n)
        for key, weight in sorted(weights.items()):
            total += weight * self.of(key)
        return total


def _only_makers(park: Park) -> dict[str, str]:
    """Header -> the one enterprise whose units bring something there, where no link does."""
    found: dict[str, set[str]] = {}
    for unit in park.units.values():
        for port in unit.ports:
            for option in port.options if port.rate > 0.0 else ():
                found.setdefault(option.header, set()).add(unit.owner)
    for link in park.links.values():
        found.setdefault(link.target, set()).update(("", link.owner))
    return {header: min(owners) for header, owners in found.items() if len(owners) == 1}


def objective(text: str, more: Mapping[str, bool] | None = None) -> dict[str, float]:
    """`profit`, `carbon` or `value_added=1,energy=-800` as weights; what is better small counts -1.

    Args:
        text: as written.
        more: further measures, each with whether it is better small.

    Raises:
        ScenarioError: an unknown measure (CS-O001) or a weight that is no number (CS-O002).
    """
    weights: dict[str, float] = {}
    small_ones = {k: m.small for k, m in MEASURES.items()} | {BOUNDARY: True} | dict(more or {})
    for part in text.split(","):
        key, equals, number = (x.strip() for x in part.partition("="))
        if key not in small_ones:
            hint = did_you_mean(key, small_ones) or ", ".join(small_ones)
            raise ScenarioError(Problem(code="CS-O001", path="objective", found=key, hint=hint))
        try:
            weights[key] = float(number) if equals else (-1.0 if small_ones[key] else 1.0)
        except ValueError as exc:
            raise ScenarioError(
                Problem(code="CS-O002", path="objective", found=part.strip())
            ) from exc
    return weights


def unit_of(weights: Mapping[str, float], boundary: str) -> str:
    """Unit of an objective: that of its measure when it is one, money when they are weighed."""
    keys = [f"energy_{boundary.lower()}" if k == BOUNDARY else k for k in weights]
    units = {MEASURES[k].unit for k in keys}
    return units.pop() if len(units) == 1 else "CNY"
