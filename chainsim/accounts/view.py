"""A view of the ledger: account sums of the whole park or of a part, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import itemgetter
from typing import Final, NamedTuple

import pandas as pd

from chainsim.accounts import formulas as f
from chainsim.accounts.conventions import COKING, Figures, material_id
from chainsim.accounts.postings import net_bought
from chainsim.park.model import Park
from chainsim.results import Simulation
from chainsim.units import HOURS_PER_YEAR, factor

OUTPUT: Final = ("revenue.", "stock.")
INTERMEDIATE: Final = (
    "cost.material",
    "cost.energy",
    "cost.freight",
    "cost.maintenance",
    "cost.other",
)
DIRECT_CARBON: Final = (
    "carbon.combustion",
    "carbon.process",
    "carbon.vent",
    "carbon.other_gas",
)


class Row(NamedTuple):
    """Ledger rows of one account, component and material, added up over the periods."""

    account: str
    unit: str
    material: str
    site: str
    enterprise: str
    amount: float


class FlowSum(NamedTuple):
    """One flow added up over the periods."""

    kind: str
    component: str
    port: str
    material: str
    site: str
    quantity: float


def condensed(ledger: pd.DataFrame) -> tuple[Row, ...]:
    """The ledger added up over its periods and ports, in a fixed order."""
    sums = ledger.groupby(list(Row._fields[:-1]), sort=True)["amount"].sum().reset_index()
    return tuple(Row(*values) for values in sums.itertuples(index=False, name=None))


def summed(flows: pd.DataFrame) -> tuple[FlowSum, ...]:
    """Flows added up over their periods, in a fixed order."""
    sums = flows.groupby(list(FlowSum._fields[:-1]), sort=True)["quantity"].sum().reset_index()
    return tuple(FlowSum(*values) for values in sums.itertuples(index=False, name=None))


class View:
    """Sums over ledger rows.

    Args:
        park: the park.
        simulation: tables that are not flows (availability, hours).
        rows: the condensed ledger rows looked at; a part of them is a view as well.
        hours: length of the time covered.
        figures: collects what the library lacks.
        flows: flows of the whole park over the time; added up when left out.
        part: True for an enterprise or boundary, whose dealings with the rest are transfers.
        lasting: what has been worked out from the park alone, shared by the views of all its runs.
    """

    def __init__(
        self,
        park: Park,
        simulation: Simulation,
        rows: tuple[Row, ...],
        hours: float,
        *,
        figures: Figures,
        flows: tuple[FlowSum, ...] | None = None,
        part: bool = False,
        lasting: dict[object, object] | None = None,
    ) -> None:
        self.park = park
        self.simulation = simulation
        self.rows = rows
        self.hours = hours
        self.figures = figures
        self.part = part
        self.memo: dict[object, object] = {}
        """What others have worked out from this view, by a key of theirs; a view never changes."""
        self.lasting: dict[object, object] = {} if lasting is None else lasting
        """The same from the park alone; shared by the views of all its runs."""
        self._flows = flows
        self._parts: dict[tuple[str, frozenset[str]], View] = {}
        self._prefixed: dict[tuple[str, ...], float] = {}
        self._listed: dict[str, dict[str, list[int]]] = {}

    @property
    def years(self) -> float:
        """Time covered in years of 8760 h."""
        return self.hours / HOURS_PER_YEAR

    def with_rows(self, rows: tuple[Row, ...]) -> View:
        """The same place and time with other rows."""
        return self._with(rows, part=self.part)

    def _with(self, rows: tuple[Row, ...], *, part: bool) -> View:
        return View(
            self.park,
            self.simulation,
            rows,
            self.hours,
            figures=self.figures,
            flows=self._flows,
            part=part,
            lasting=self.lasting,
        )

    def where(self, column: str, values: Iterable[str]) -> View:
        """The part of the ledger in which `column` (a field of `Row`) is one of `values`."""
        wanted = frozenset(values)
        key = (column, wanted)
        if key not in self._parts:
            self._parts[key] = self._with(tuple(self._rows(column, wanted)), part=True)
        return self._parts[key]

    def _rows(self, column: str, wanted: frozenset[str]) -> Iterable[Row]:
        """Rows in which `column` is one of `wanted`; a whole park is asked often enough to list."""
        field = Row._fields.index(column)
        if self.part:
            return (row for row in self.rows if row[field] in wanted)
        if column not in self._listed:
            places = self._listed[column] = {}
            for i, value in enumerate(map(itemgetter(field), self.rows)):
                places.setdefault(value, []).append(i)
        places = self._listed[column]
        found = sorted(i for value in wanted for i in places.get(value, ()))
        return (self.rows[i] for i in found)

    def coking(self) -> View:
        """Units of the coking process (boundary A)."""
        return self.where("unit", [u.id for u in self.park.units.values() if u.boundary == COKING])

    @cached_property
    def _sums(self) -> Mapping[str, float]:
        sums: dict[str, float] = {}
        for account, _, _, _, _, amount in self.rows:
            sums[account] = sums.get(account, 0.0) + amount
        return sums

    def sum(self, *prefixes: str) -> float:
        """Sum of all rows whose account begins with one of `prefixes`."""
        found = self._prefixed.get(prefixes)
        if found is None:
            found = sum(v for k, v in self._sums.items() if k.startswith(prefixes))
            self._prefixed[prefixes] = found
        return found

    def by_material(self, account: str) -> dict[str, float]:
        """Sum of one account by material."""
        sums: dict[str, float] = {}
        for _, _, material, _, _, amount in self._rows("account", frozenset((account,))):
            sums[material] = sums.get(material, 0.0) + amount
        return sums

    @cached_property
    def flows(self) -> tuple[FlowSum, ...]:
        """Flows of the whole park over the time, in a fixed order."""
        return summed(self.simulation.flows) if self._flows is None else self._flows

    @cached_property
    def flows_of(self) -> Mapping[str, list[FlowSum]]:
        """The same by component."""
        found: dict[str, list[FlowSum]] = {}
        for flow in self.flows:
            found.setdefault(flow.component, []).append(flow)
        return found

    @cached_property
    def full_load_h(self) -> Mapping[str, float]:
        """Hours at full load of every unit over the time."""
        table, found = self.simulation.units, dict[str, float]()
        for unit, hours in zip(table["component"].tolist(), table["full_load_h"], strict=True):
            found[unit] = found.get(unit, 0.0) + hours
        return found

    @cached_property
    def bought(self) -> frozenset[str]:
        """Headers at which more is bought than sold."""
        return net_bought(self.park, ((f.kind, f.component, f.quantity) for f in self.flows))

    # -- outputs ------------------------------------------------------------------------------

    @cached_property
    def coke_t(self) -> float:
        """Dry coke made, t."""
        return self.by_material("output.made").get(material_id("coke"), 0.0)

    # -- energy -------------------------------------------------------------------------------

    @property
    def energy_a_kgce(self) -> float:
        """Coking process by GB 21342: coal + process energy - products - recovered heat."""
        return self.sum("energy.a.")

    @property
    def energy_b_kgce(self) -> float:
        """Whole park by GB/T 2589: carriers bought less delivered less stock increase.

        Of a part: carriers its units took in less those they gave out.
        """
        if self.part:
            return self.sum("energy_use.carrier")
        bought = self.sum("energy.b.purchase")
        gone = -self.sum("energy.b.delivery") - self.sum("energy.b.stock")
        return f.comprehensive_energy_kgce([bought], [gone])

    @property
    def feedstock_kgce(self) -> float:
        """Energy embodied in chemicals sold, less that of chemicals bought; never negative."""
        account = "energy_use.feedstock" if self.part else "energy.c.feedstock"
        return max(0.0, -self.sum(account))

    @property
    def equal_value_kgce(self) -> float:
        """What source energy adds on boundary B."""
        return self.sum("energy_use.equal" if self.part else "energy_equal.b")

    def energy_kgce(self, boundary: str) -> float:
        """Energy of boundary A, B or C."""
        if boundary == "A":
            return self.energy_a_kgce
        return self.energy_b_kgce - (self.feedstock_kgce if boundary == "C" else 0.0)

    @property
    def coke_unit_energy(self) -> float | None:
        """Unit energy of dry coke, kgce/t (GB 21342)."""
        if self.coke_t <= 0:
            return None
        return f.coke_unit_energy(
            self.sum("energy.a.coal"),
            self.sum("energy.a.process"),
            -self.sum("energy.a.product"),
            -self.sum("energy.a.recovered"),
            self.coke_t,
        )

    @property
    def closure_error(self) -> float | None:
        """Chemical energy in the closing streams of the coking process, kgce per t of coke."""
        return self.sum("loss.a.") / self.coke_t if self.coke_t > 0 else None

    @property
    def coal_heat_band(self) -> float:
        """What the error of the coal's heat value means, kgce per t of coke."""
        share = self.figures("coal_heat_error", "ratio", 0.0)
        if self.coke_t <= 0:
            return 0.0
        return f.coal_heat_band_kgce_per_t(self.sum("energy.a.coal"), self.coke_t, share)

    # -- carbon -------------------------------------------------------------------------------

    @property
    def carbon_direct_t(self) -> float:
        """CO2 from combustion, processes and vents, other gases in t CO2e."""
        return self.sum(*DIRECT_CARBON)

    @property
    def carbon_indirect_t(self) -> float:
        """CO2 of power and heat bought less delivered; of a part with that of its transfers."""
        own = self.sum("carbon.power", "carbon.heat")
        return own + (self.sum("carbon_transfer.") if self.part else 0.0)

    # -- value --------------------------------------------------------------------------------

    @property
    def vat_payable(self) -> float:
        """Output tax less input tax; for a part, with the tax on transfers."""
        return self.sum("vat.", *(("transfer.vat",) if self.part else ()))

    @property
    def turnover(self) -> float:
        """Sales; of a part with what it gives to the rest at transfer prices, CNY."""
        if not self.part:
            return self.sum("revenue.")
        given = (r.amount for r in self.rows if r.account == "transfer.value" and r.amount > 0)
        return math.fsum(given)

    @property
    def value_added(self) -> float:
        """Industrial value added by the production method, current prices, CNY."""
        output = self.sum(*OUTPUT, *(("transfer.value",) if self.part else ()))
        return f.value_added_production(output, -self.sum(*INTERMEDIATE), self.vat_payable)

    @property
    def value_added_income(self) -> float:
        """The same by the income method, from the books of every enterprise with its transfers."""
        depreciation, labour = -self.sum("cost.depreciation"), -self.sum("cost.labour")
        tax = self.sum("vat.", "transfer.vat") - self.sum("cost.carbon")
        booked = (*OUTPUT, "transfer.value", "cost.")
        books: dict[str, float] = {}
        for row in self.rows:
            if row.account.startswith(booked):
                books[row.enterprise] = books.get(row.enterprise, 0.0) + row.amount
        surplus = math.fsum(books.values())
        return f.value_added_income(depreciation, labour, tax, surplus)

    def tce_per_wan_yuan(self, boundary: str) -> float | None:
        """Energy per value added with the same boundary in both, tce per ten thousand yuan."""
        value = self.coking().value_added if boundary == "A" else self.value_added
        if value == 0.0:
            return None
        return self.energy_kgce(boundary) / value * factor("kgce/CNY", "tce/wan_CNY")
