"""How much of a result rests on figures of grade A or B.

A row is worth what its flow is worth times what turns the flow into the amount: a price, a
standard-coal factor, the carbon of a material. The flow of a unit is worth the grade of its port's
coefficient, that of a market the flow-weighted grades of the coefficients that supply (or, for a
purchase, use) its header; a cost of a unit is worth the lowest grade of the figures behind it. A or
B counts 1; C, figures of a scenario, amounts that close a balance and unknown origins count 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final, cast

from chainsim.accounts.view import FlowSum, Row, View
from chainsim.library.census import figures
from chainsim.park.model import Market, Obligation, Park, Unit

GOOD: Final = ("A", "B")
MONEY: Final = ("revenue.", "cost.")
ENERGY: Final = ("energy.", "energy_equal.")
CARBON: Final = ("carbon.",)
COMPOSITION: Final = ("elements", "composition", "blend")
_UNIT_FIGURES: Final = {
    "cost.other": ("variable_opex",),
    "cost.maintenance": ("fixed_opex", "capex.specific"),
    "cost.depreciation": ("capex.specific",),
    "cost.labour": ("staff.persons",),
}


def evidence_of(view: View) -> Evidence:
    """Grades behind the rows of a view, looked up once."""
    if "grades" not in view.lasting:
        view.lasting["grades"] = Grades(view.park)
    if "evidence" not in view.memo:
        grades = cast("Grades", view.lasting["grades"])
        view.memo["evidence"] = Evidence(view.park, view.flows, grades)
    return cast("Evidence", view.memo["evidence"])


class Grades:
    """What the evidence of all runs of a park rests on.

    Attributes:
        known: coefficients of the library by path.
        ports: path of each port's coefficient by (unit, port).
        rows: evidence of rows of units, which are worth the same in every run.
    """

    def __init__(self, park: Park) -> None:
        self.known = figures(park.library)
        self.ports = {
            (unit.id, port.name): port.coefficient
            for unit in park.units.values()
            for port in unit.ports
        }
        self.rows: dict[tuple[object, ...], float] = {}


class Evidence:
    """Grades behind the ledger rows of one run."""

    def __init__(self, park: Park, flows: Iterable[FlowSum], grades: Grades | None = None) -> None:
        self.park = park
        self._grades = grades or Grades(park)
        self._headers = self._header_grades(flows)

    def share(self, rows: Iterable[Row], accounts: tuple[str, ...] = MONEY) -> float | None:
        """Share of the absolute amounts in `accounts` that rests on grade A or B.

        Args:
            rows: rows of a view.
            accounts: prefixes of accounts.

        Returns:
            None where nothing is booked there.
        """
        weighed = [row for row in rows if row.account.startswith(accounts)]
        total = math.fsum(abs(row.amount) for row in weighed)
        if total == 0.0:
            return None
        return math.fsum(abs(row.amount) * self.row(row) for row in weighed) / total

    def row(self, row: Row) -> float:
        """Evidence of one ledger row, between 0 and 1."""
        key = row[:3]
        value = self._grades.rows.get(key)
        if value is None:
            value = self._of(row)
            if row.unit in self.park.units:
                self._grades.rows[key] = value
        return value

    def _of(self, row: Row) -> float:
        if row.account.startswith(MONEY):
            return self._money(row)
        flow = self._flow(row)
        if row.account.startswith(ENERGY):
            return flow * self.grade(f"materials.{row.material}.tce")
        if row.account == "carbon.power":
            return flow * self.grade(f"factors.{self.park.economics.grid_factor}")
        if row.account.startswith(CARBON):
            return flow * self._composition(row.material)
        return flow

    def _flow(self, row: Row) -> float:
        """Evidence of the amount that flowed."""
        unit = self.park.units.get(row.unit)
        if unit is None:
            way = "in" if row.unit in self.park.buy else "out"
            return self._at_header(row.material, row.site, way)
        grades = [
            self.grade(port.coefficient)
            for port in unit.ports
            if row.material in (port.material.id, *(option.material for option in port.options))
        ]
        return sum(grades) / len(grades) if grades else 0.0

    def _composition(self, material: str) -> float:
        """Evidence of what a material is made of: the lowest grade of its figures."""
        known = self.park.library.materials.get(material)
        if known is None:
            return 0.0
        parts = [c for c in known.coefficients if c.path.split(".")[2] in COMPOSITION]
        return float(all(c.grade in GOOD for c in parts)) if parts else float(bool(known.formula))

    def _money(self, row: Row) -> float:
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
        flows = self._at_header(material, site, "in" if buys else "out")
        return self.grade(deals[component].price_path) * flows

    def _at_header(self, material: str, site: str, way: str) -> float:
        here = self._headers.get((f"{material}@{site}", way))
        return self._headers.get((material, way), 0.0) if here is None else here

    def grade(self, path: str) -> float:
        """1 for a coefficient of grade A or B, else 0."""
        known = self._grades.known.get(path)
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
            grade = self.grade(self._grades.ports.get((flow.component, flow.port), ""))
            pair = (abs(flow.quantity), grade)
            parts.setdefault((f"{flow.material}@{flow.site}", way), []).append(pair)
            parts.setdefault((flow.material, way), []).append(pair)
        return {key: _mean(pairs) for key, pairs in parts.items()}


def _mean(pairs: Iterable[tuple[float, float]]) -> float:
    listed = list(pairs)
    total = sum(weight for weight, _ in listed)
    return sum(weight * grade for weight, grade in listed) / total if total else 0.0
