"""What is appraised: a project as yearly sums, and the conventions under which it is judged.

Money in CNY at constant prices, without VAT unless said; tuples by year. The years of construction
come first, then those of operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from chainsim.finance.loans import InterestRule, Repayment
from chainsim.finance.rates import Timing

Kind = Literal["material", "energy", "freight", "labour", "maintenance", "other", "carbon"]
KINDS: Final[tuple[Kind, ...]] = (
    "material", "energy", "freight", "labour", "maintenance", "other", "carbon"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the construction investment with one life: equipment, building, land."""

    key: str
    spend_cny: tuple[float, ...]
    """By year of construction, without VAT."""
    vat: float
    """VAT rate of the spend; its input tax is deductible."""
    life_a: float
    residual: float = 0.0
    intangible: bool = False
    """Amortised instead of depreciated: land-use right, licences, start-up cost."""
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """Something renewed while the plant runs: furnaces, catalyst, packing, linings."""

    key: str
    spend_cny: tuple[float, ...]
    """By year of operation, without VAT."""
    vat: float
    life_a: float
    residual: float = 0.0
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One product sold or one cost, by year of operation."""

    key: str
    yearly_cny: tuple[float, ...]
    vat: float
    kind: Kind | Literal["product"] = "product"
    variable: bool = True
    """Moves with the load; False for a cost that does not."""
    quantity: tuple[float, ...] = ()
    """By year of operation; needed for levelised costs."""
    unit: str = ""
    name_zh: str = ""
    name_en: str = ""
    basis: str = ""
    """Where the price comes from, for the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Financing:
    """Equity and the long-term loan."""

    equity_share: float
    """Share of each year's spend paid from equity, unless `draws_cny` are given."""
    rate: float
    years: int
    """Years of repayment, from the first year of operation."""
    method: Repayment
    draws_cny: tuple[float, ...] | None = None
    """Loan drawn by year of construction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCapital:
    """Working capital: a share of the year's operating cost, or sums by year of operation."""

    share: float
    equity_share: float
    rate: float
    """Interest of the part that is borrowed."""
    need_cny: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxes:
    """Rates of taxes and of what profit must be used for."""

    income: float
    surcharges: float
    """On VAT payable."""
    loss_years: int
    reserve: float
    """Statutory surplus reserve, share of net profit."""
    reserve_cap: float
    """The reserve stops at this share of equity."""
    dividends: float = 0.0
    """Share of distributable profit paid out, as far as there is cash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project by year."""

    id: str
    name_zh: str
    name_en: str
    parts: tuple[Part, ...]
    products: tuple[Line, ...]
    costs: tuple[Line, ...]
    load: tuple[float, ...]
    """By year of operation, share of full load; its length is the life."""
    financing: Financing
    working_capital: WorkingCapital
    taxes: Taxes
    hurdle: float
    """Rate at which present values are reckoned and with which rates of return are compared."""
    persons: float = 0.0
    renewals: tuple[Renewal, ...] = ()
    price_paths: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Price indices by year of operation that the lines were made with, by what they are of."""

    @property
    def construction_years(self) -> int:
        """Years of construction."""
        return max((len(part.spend_cny) for part in self.parts), default=0)

    @property
    def operation_years(self) -> int:
        """Years of operation."""
        return len(self.load)

    @property
    def years(self) -> int:
        """Years in all."""
        return self.construction_years + self.operation_years

    @property
    def full_year(self) -> int:
        """Index of the first year of operation at the greatest load."""
        return self.load.index(max(self.load))

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """Choices of method; the defaults are what Chinese feasibility studies do."""

    discounting: Timing = "year_end"
    """Flows at the end of their year, year 1 discounted once."""
    payback_from: Literal["construction", "operation"] = "construction"
    construction_interest: InterestRule = "half_year"
    interest_paid: Literal["capitalised", "equity"] = "capitalised"
    """Interest of construction: added to the loan, or paid from equity."""
    construction_vat: Literal["carried", "refunded", "capitalised"] = "carried"
    """Input tax of construction: carried forward until used, paid back in the first year of
    operation, or not deductible and part of the assets."""
    cash_vat: Literal["with", "without"] = "with"
    """Whether the cash tables show VAT received and paid. The profit table never does."""
    unlevered_depreciation: Literal["without_interest", "with_interest"] = "without_interest"
    """Depreciation behind the tax of the project cash flow: of assets with or without the interest
    of construction."""
    recovery: Literal["last_year", "none"] = "last_year"
    """Residual value and working capital come back in the last year, or not at all."""
    renewals: Literal["capitalised", "expensed", "left_out"] = "capitalised"
    """Sustaining investment: an asset written off over its own life, written off in its year, or
    left out."""
    price_paths: Literal["applied", "left_out"] = "applied"
    """Whether prices follow the indices given by year, or stay as they are."""
    sensitivity_of: Literal["after_tax", "before_tax"] = "after_tax"
    """The rate of return that the sensitivity table shows."""
    levelised_by: Literal["revenue", "credit"] = "revenue"
    """Levelised cost of several products: cost shared by revenue, or all cost on the product with
    the largest revenue less what the others earn."""
    sensitivity_steps: tuple[float, ...] = field(default=(-0.2, -0.1, 0.1, 0.2))
