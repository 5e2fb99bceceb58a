"""A project file -> a project: money in CNY, taxes taken out, what is left out from the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainsim.accounts.projects.paths import along, paths_of, renewals_of
from chainsim.accounts.projects.terms import (
    Figures,
    Term,
    Terms,
    capex_class,
    padded,
    settings,
    terms_of,
    vat_rate,
)
from chainsim.errors import Problem, ScenarioError, UnitError, UserError
from chainsim.finance.checks import check_project
from chainsim.finance.project import Conventions, Line, Part, Project
from chainsim.library.finance_records import (
    Amount,
    CostRecord,
    InvestmentRecord,
    ProductRecord,
    ProjectRecord,
)
from chainsim.library.model import Library
from chainsim.library.project_files import ProjectFile
from chainsim.park.amounts import Reader
from chainsim.units import factor, split_quantity

WAGE = "wage_cny_per_person_a"
STAFF = "staff"
"""Id of the cost that the section of this name makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A project with its conventions and every figure behind it."""

    project: Project
    conventions: Conventions
    terms: tuple[Term, ...]


def read_project(file: ProjectFile, library: Library) -> Read:
    """The project of a file.

    Raises:
        ScenarioError: every wrong unit, number and count of years, with its place.
    """
    reading = _Reading(file.record, library)
    try:
        project = reading.project()
        if not reading.problems:
            check_project(project)
    except UserError as exc:
        raise ScenarioError([file.place(p) for p in (*reading.problems, *exc.problems)]) from exc
    if reading.problems:
        raise ScenarioError([file.place(p) for p in reading.problems])
    return Read(project=project, conventions=reading.terms.conventions, terms=reading.figures.used)


class _Reading:
    """One pass over a record; problems are collected."""

    def __init__(self, record: ProjectRecord, library: Library) -> None:
        self.record = record
        self.problems: list[Problem] = []
        self.figures = Figures(library)
        self.read = Reader(self.problems)
        self.terms: Terms = terms_of(record, self.figures)
        self._cny = self._money_unit()

    def project(self) -> Project:
        """The whole project; wrong amounts are 0 and told of."""
        record, terms = self.record, self.terms
        parts = tuple(self._part(key, given) for key, given in record.investment.items())
        base = sum(sum(part.spend_cny) for part in parts)
        products = tuple(
            self._line(f"products.{key}", key, given, base)
            for key, given in record.products.items()
        )
        costs = tuple(
            self._line(f"costs.{key}", key, given, base) for key, given in record.costs.items()
        )
        years = len(terms.load)
        paths = paths_of(record, years, [*record.products, *record.costs, STAFF], self.problems)
        renewals = renewals_of(record, years, base, self.figures, self._money, self.problems)
        hurdle = self.figures("hurdle_default", "1/a", record.hurdle_rate, "hurdle_rate")
        return Project(
            id=record.id,
            name_zh=record.name_zh,
            name_en=record.name_en,
            parts=parts,
            products=tuple(along(paths, line) for line in products),
            costs=tuple(along(paths, line) for line in (*costs, *self._staff())),
            load=terms.load,
            financing=replace(terms.financing, draws_cny=self._draws()),
            working_capital=replace(terms.working_capital, need_cny=self._need()),
            taxes=terms.taxes,
            hurdle=hurdle,
            persons=record.staff.persons if record.staff else 0.0,
            renewals=renewals,
            price_paths=paths,
        )

    # -- amounts ------------------------------------------------------------------------------

    def _money_unit(self) -> float:
        """CNY per unit of bare numbers."""
        try:
            return factor(self.record.money, "CNY")
        except UnitError as exc:
            self.problems += [
                replace(p, path="money", expected="CNY | wan_CNY | yi_CNY") for p in exc.problems
            ]
            return 1.0

    def _money(self, path: str, amount: Amount) -> float:
        if isinstance(amount, str):
            return self.read(path, amount, "CNY")
        return amount * self._cny

    def _moneys(self, path: str, amounts: Sequence[Amount]) -> tuple[float, ...]:
        return tuple(self._money(f"{path}.{i}", a) for i, a in enumerate(amounts))

    def _draws(self) -> tuple[float, ...] | None:
        draws = self.record.loan.draws
        return None if draws is None else self._moneys("loan.draws", draws)

    def _need(self) -> tuple[float, ...] | None:
        given = self.record.working_capital.by_year
        if given is None:
            return None
        path = "working_capital.by_year"
        return self._yearly(path, self._moneys(path, given))

    def _yearly(self, path: str, values: tuple[float, ...]) -> tuple[float, ...]:
        """By year of operation; the last value holds on."""
        years = len(self.terms.load)
        if len(values) > years:
            found, expected = str(len(values)), f"<= {years}"
            self.problems.append(Problem(code="CS-N004", path=path, found=found, expected=expected))
        return padded(values, years)

    # -- investment ---------------------------------------------------------------------------

    def _part(self, key: str, given: InvestmentRecord | Amount) -> Part:
        path = f"investment.{key}"
        record = given if isinstance(given, InvestmentRecord) else InvestmentRecord(amount=given)
        kind = record.kind or (key if key in settings("class") else None)
        if kind is None:
            known = " | ".join(settings("class"))
            self.problems.append(Problem(code="CS-N013", path=path, found=key, expected=known))
            kind = "equipment"
        found = capex_class(
            kind,
            self.record,
            self.figures,
            vat=record.vat,
            life=record.life,
            residual=record.residual,
            path=path,
        )
        spend = np.array(self._spend(path, record))
        if self.record.capex_tax == "included":
            spend = spend / (1.0 + found.vat)
        return Part(
            key=key,
            spend_cny=tuple(spend.tolist()),
            vat=found.vat,
            life_a=found.life_a,
            residual=found.residual,
            intangible=found.intangible,
            name_zh=record.name_zh or found.name_zh,
            name_en=record.name_en or found.name_en,
        )

    def _spend(self, path: str, record: InvestmentRecord) -> list[float]:
        if record.by_year is not None:
            return list(self._moneys(f"{path}.by_year", record.by_year))
        assert record.amount is not None
        whole = self._money(f"{path}.amount", record.amount)
        return [whole * share for share in self.terms.construction]

    # -- products and costs -------------------------------------------------------------------

    def _line(self, path: str, key: str, given: ProductRecord | Amount, investment: float) -> Line:
        record = given
        if not isinstance(record, ProductRecord):
            maker = CostRecord if path.startswith("costs.") else ProductRecord
            record = maker(amount=record)
        kind = record.kind if isinstance(record, CostRecord) else "product"
        vat = record.vat
        if vat is None:
            vat = vat_rate(settings("vat")[kind], self.record, self.figures)
        variable = kind not in settings("fixed")["kinds"]
        if isinstance(record, CostRecord) and record.variable is not None:
            variable = record.variable
        load = np.array(self.terms.load) if variable else np.ones(len(self.terms.load))
        net = 1.0 / (1.0 + vat) if self.record.price_tax == "included" else 1.0
        yearly, quantity, unit = self._full(path, record, investment, net)
        if record.by_year is not None:
            money = self._moneys(f"{path}.by_year", record.by_year)
            values = np.array(self._yearly(f"{path}.by_year", money)) * net
        else:
            values = yearly * load
        return Line(
            key=key,
            kind=kind,
            yearly_cny=tuple(values.tolist()),
            vat=vat,
            variable=variable,
            quantity=tuple((quantity * load).tolist()) if unit else (),
            unit=unit,
            name_zh=record.name_zh or key,
            name_en=record.name_en or key,
            basis=record.note,
        )

    def _full(
        self, path: str, record: ProductRecord, investment: float, net: float
    ) -> tuple[float, float, str]:
        """Money without VAT, quantity and its unit in a year at full load."""
        if record.amount is not None:
            return self._money(f"{path}.amount", record.amount) * net, 0.0, ""
        if isinstance(record, CostRecord) and record.share is not None:
            return record.share * investment, 0.0, ""
        if record.quantity is None or record.price is None:
            return 0.0, 0.0, ""
        unit = self._unit(f"{path}.price", record.price)
        price = self.read(f"{path}.price", record.price, f"CNY/{unit}")
        if not isinstance(record.price, str):
            price *= self._cny
        quantity = self.read(f"{path}.quantity", record.quantity, f"{unit}/a")
        return price * quantity * net, quantity, unit

    def _unit(self, path: str, price: Amount) -> str:
        """The unit that a price is per: `t` of `2100 CNY/t`."""
        written = ""
        if isinstance(price, str):
            try:
                written = split_quantity(price)[1]
            except UnitError as exc:
                self.problems += [replace(p, path=path, expected="CNY/t") for p in exc.problems]
                return "t"
        over, slash, unit = written.rpartition("/")
        if not slash or not over:
            self.problems.append(
                Problem(code="CS-N014", path=path, found=str(price), expected="2100 CNY/t")
            )
            return "t"
        return unit

    def _staff(self) -> tuple[Line, ...]:
        staff = self.record.staff
        if staff is None or not staff.persons:
            return ()
        given = None if staff.wage is None else self._money("staff.wage", staff.wage)
        wage = self.figures(WAGE, "CNY/person/a", given, "staff.wage")
        names = settings("names")
        return (
            Line(
                key=STAFF,
                kind="labour",
                yearly_cny=(staff.persons * wage,) * len(self.terms.load),
                vat=0.0,
                variable=False,
                name_zh=names["labour_zh"],
                name_en=names["labour_en"],
            ),
        )
