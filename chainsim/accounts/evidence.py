"""How much of a result rests on figures of grade A or B.

A row of a market is worth the grade of its price times the flow-weighted grades of the port
coefficients that supply (or, for a purchase, use) its header; a cost of a unit is worth the lowest
grade of the figures behind it. A or B counts 1; C, figures of a scenario, amounts that close
a balance and unknown origins count 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

from chainsim.accounts.view import FlowSum, Row
from chainsim.library.census import figures
from chainsim.park.model import Market, Obligation, Park, Unit

GOOD: Final = ("A", "B")
WEIGHED: Final = ("revenue.", "cost.")
_UNIT_FIGURES: Final = {
    "cost.other": ("variable_opex",),
    "cost.maintenance": ("fixed_opex", "capex.specific"),
    "cost.depreciation": ("capex.specific",),
    "cost.labour": ("staff.persons",),
}


class Evidence:
    """Grades behind the ledger rows of one run."""

    def __init__(self, park: Park, flows: Iterable[FlowSum]) -> None:
        self.park = park
        self.known = figures(park.library)
        self._ports = {
            (unit.id, port.name): port.coefficient
            for unit in park.units.values()
            for port in unit.ports
        }
        self._headers = self._header_grades(flows)

    def share(self, rows: Iterable[Row]) -> float | None:
        """Share of the absolute money of revenue and cost rows that rests on grade A or B."""
        money = [row for row in rows if row.account.startswith(WEIGHED)]
        total = math.fsum(abs(row.amount) for row in money)
        if total == 0.0:
            return None
        good = math.fsum(abs(row.amount) * self.row(row) for row in money)
        return good / total

    def row(self, row: Row) -> float:
        """Evidence of one ledger row, between 0 and 1."""
        account, component, material, site, *_ = row
        unit = self.park.units.get(component)
        if unit is not None:
            return self._unit_cost(account, unit)
        if component in self.park.links:
            return self.grade(f"factors.{self.park.links[component].mode}_freight_cny_per_t_km")
        buys = account.startswith("cost.")
        deals: dict[str, Market | Obligation] = (
            {**self.park.buy} if buys else {**self.park.obligations, **self.park.sell}
        )
        if component not in deals:
            return 0.0
        way = "in" if buys else "out"
        here = self._headers.get((f"{material}@{site}", way))
        flows = self._headers.get((material, way), 0.0) if here is None else here
        return self.grade(deals[component].price_path) * flows

    def grade(self, path: str) -> float:
        """1 for a coefficient of grade A or B, else 0."""
        known = self.known.get(path)
        return 1.0 if known is not None and known.grade in GOOD else 0.0

    def _unit_cost(self, account: str, unit: Unit) -> float:
        if unit.process is None or account not in _UNIT_FIGURES:
            return 0.0
        figures = [unit.process.figure(name) for name in _UNIT_FIGURES[account]]
        paths = [figure.path if figure is not None else "" for figure in figures]
        if account == "cost.labour":
            paths.append("factors.wage_cny_per_person_a")
        return min(self.grade(path) for path in paths)

    def _header_grades(self, flows: Iterable[FlowSum]) -> Mapping[tuple[str, str], float]:
        """Flow-weighted evidence of the port coefficients, by (header, direction of flow).

        Also by (material, direction), for headers that only a link or a store serves.
        """
        parts: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for flow in flows:
            if flow.kind != "unit":
                continue
            way = "out" if flow.quantity > 0 else "in"
            grade = self.grade(self._ports.get((flow.component, flow.port), ""))
            pair = (abs(flow.quantity), grade)
            parts.setdefault((f"{flow.material}@{flow.site}", way), []).append(pair)
            parts.setdefault((flow.material, way), []).append(pair)
        return {key: _mean(pairs) for key, pairs in parts.items()}


def _mean(pairs: Iterable[tuple[float, float]]) -> float:
    listed = list(pairs)
    total = sum(weight for weight, _ in listed)
    return sum(weight * grade for weight, grade in listed) / total if total else 0.0
