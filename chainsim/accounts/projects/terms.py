"""Terms of a project: what a file gives, else the library's figure, each with its origin.

Rates and shares per year; lives in years.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from chainsim.accounts.conventions import catalogue
from chainsim.errors import Problem, ScenarioError
from chainsim.finance.project import Conventions, Financing, Taxes, WorkingCapital
from chainsim.library.finance_records import TermsRecord
from chainsim.library.model import Library
from chainsim.units import convert

CATALOGUE: Final = "projects/projects.toml"


def settings(section: str) -> Any:
    """A section of `projects.toml`."""
    return catalogue(CATALOGUE)[section]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One figure used, and where it comes from."""

    key: str
    """Key path in the file, or key of the library's figure."""
    value: float
    unit: str
    given: bool
    """True when it stands in the file or scenario, False for the library's figure."""
    name_zh: str = ""
    name_en: str = ""
    source: str = ""
    grade: str = ""


class Figures:
    """Chooses between what is given and the library's figures; remembers every choice.

    Raises, on use:
        ScenarioError: neither the file nor the library has the figure (CS-N012).
    """

    def __init__(self, library: Library, root: str = "") -> None:
        self._library = library
        self._root = root
        self._used: dict[str, Term] = {}
        self._missing: list[Problem] | None = None

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        """Within it a missing figure counts 1; all that miss are told at its end.

        Raises:
            ScenarioError: CS-N012, for each of them.
        """
        self._missing = []
        try:
            yield
            missing = self._missing
        finally:
            self._missing = None
        if missing:
            raise ScenarioError({(p.path, p.found): p for p in missing}.values())

    @property
    def used(self) -> tuple[Term, ...]:
        """Every figure chosen so far."""
        return tuple(self._used.values())

    def without(self, problem: Problem) -> float:
        """What stands for a figure that is missing, while they are `collected`.

        Raises:
            ScenarioError: `problem`, at any other time.
        """
        if self._missing is None:
            raise ScenarioError(problem)
        self._missing.append(problem)
        return 1.0

    def __call__(self, key: str, unit: str, given: float | None = None, path: str = "") -> float:
        """`given` where there is one, else the library's figure `key`, in `unit`."""
        factor = self._library.factors.get(key)
        if given is not None:
            name = f"{self._root}{path}" if path else key
            zh, en = (factor.name_zh, factor.name_en) if factor else ("", "")
            self._used[name] = Term(
                key=name, value=given, unit=unit, given=True, name_zh=zh, name_en=en
            )
            return given
        if factor is None:
            place = f"{self._root}{path}".rstrip(".")
            return self.without(Problem(code="CS-N012", path=place, found=key))
        figure = factor.coefficient
        value = convert(factor.value, figure.unit, unit)
        self._used[key] = Term(
            key=key,
            value=value,
            unit=unit,
            given=False,
            name_zh=factor.name_zh,
            name_en=factor.name_en,
            source=figure.source,
            grade=figure.grade,
        )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Terms in full."""

    construction: tuple[float, ...]
    """Share of the investment by year of construction."""
    load: tuple[float, ...]
    """By year of operation."""
    financing: Financing
    working_capital: WorkingCapital
    taxes: Taxes
    conventions: Conventions


def terms_of(record: TermsRecord, figures: Figures) -> Terms:
    """All terms but the hurdle rate, which depends on the trade."""
    years = round(figures("operation_years", "a", record.operation_years, "operation_years"))
    return Terms(
        construction=_construction(record, figures),
        load=_load(record, figures, years),
        financing=_financing(record, figures, years),
        working_capital=_working_capital(record, figures),
        taxes=_taxes(record, figures),
        conventions=Conventions(**record.conventions.model_dump()),
    )


def padded(values: Sequence[float], count: int) -> tuple[float, ...]:
    """`values` for `count` years; the last one holds on.

    >>> padded([0.6, 0.8, 1.0], 5)
    (0.6, 0.8, 1.0, 1.0, 1.0)
    """
    return tuple([*values, *[values[-1]] * count][:count])


def _construction(record: TermsRecord, figures: Figures) -> tuple[float, ...]:
    if record.construction is not None:
        return tuple(record.construction)
    years = settings("years")["construction"]
    return tuple(figures(key, "ratio", path="construction") for key in years)


def _load(record: TermsRecord, figures: Figures, years: int) -> tuple[float, ...]:
    if record.ramp is not None:
        return padded(record.ramp, years)
    first = (figures(key, "ratio", path="ramp") for key in settings("years")["ramp"])
    return padded([*first, 1.0], years)


def _financing(record: TermsRecord, figures: Figures, years: int) -> Financing:
    loan = record.loan
    repaid = figures("loan_years", "a", loan.years, "loan.years")
    share = 0.0
    if loan.draws is None:
        share = figures("equity_share", "ratio", record.equity_share, "equity_share")
    return Financing(
        equity_share=share,
        rate=figures("loan_rate", "1/a", loan.rate, "loan.rate"),
        years=round(repaid if loan.years else min(repaid, years)),
        method=loan.method,
    )


def _working_capital(record: TermsRecord, figures: Figures) -> WorkingCapital:
    given, path = record.working_capital, "working_capital"
    equity = figures(
        "working_capital_equity_share", "ratio", given.equity_share, f"{path}.equity_share"
    )
    share = 0.0
    if given.by_year is None:
        share = figures("working_capital_share", "ratio", given.share, f"{path}.share")
    return WorkingCapital(
        share=share,
        equity_share=equity,
        rate=figures("working_capital_rate", "1/a", given.rate, f"{path}.rate"),
    )


def _taxes(record: TermsRecord, figures: Figures) -> Taxes:
    given = record.tax
    return Taxes(
        income=figures("income_tax", "ratio", given.income, "tax.income"),
        surcharges=figures("surcharges_on_vat", "ratio", given.surcharges, "tax.surcharges"),
        loss_years=round(figures("loss_carry_years", "a", given.loss_years, "tax.loss_years")),
        reserve=figures("surplus_reserve", "ratio", given.reserve, "tax.reserve"),
        reserve_cap=figures("surplus_reserve_cap", "ratio", given.reserve_cap, "tax.reserve_cap"),
        dividends=record.dividends,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CapexClass:
    """VAT, life and residual share of one class of investment."""

    key: str
    vat: float
    life_a: float
    residual: float
    intangible: bool
    name_zh: str
    name_en: str


def vat_rate(key: str, record: TermsRecord, figures: Figures) -> float:
    """The rate of VAT that the library calls `key`; none without a key."""
    if not key:
        return 0.0
    name = key.removeprefix("vat_")
    return figures(key, "ratio", record.vat.get(cast("Any", name)), f"vat.{name}")


def capex_class(
    key: str,
    record: TermsRecord,
    figures: Figures,
    *,
    vat: float | None = None,
    life: float | None = None,
    residual: float | None = None,
    path: str = "",
) -> CapexClass:
    """The class `key`, with what a file says of it or of one part of it."""
    entry = cast("dict[str, str]", settings("class")[key])
    intangible = not entry["residual"]
    where = f"{path}.life"
    if life is None:
        life, where = record.lives.get(cast("Any", key)), f"lives.{key}"
    rate = vat_rate(entry["vat"], record, figures) if vat is None else vat
    if vat is not None and entry["vat"]:
        rate = figures(entry["vat"], "ratio", vat, f"{path}.vat")
    kept = 0.0 if residual is None else residual
    if not intangible and residual is None:
        kept = figures("residual_share", "ratio", record.residual_share, "residual_share")
    return CapexClass(
        key=key,
        vat=rate,
        life_a=figures(entry["life"], "a", life, where),
        residual=kept,
        intangible=intangible,
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
    )


def classes() -> tuple[str, ...]:
    """Every class of investment, in the order of a study."""
    return tuple(settings("class"))
