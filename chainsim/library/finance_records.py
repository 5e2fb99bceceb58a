"""Shapes of what is written about finance: project files, and the `finance` section of a scenario.

Shares and rates are plain numbers (0.12 for 12 %). Money (`Amount`) is a number in the file's
`money` unit, or text with a unit (`12 亿元`). What is left out comes from the library's figures.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chainsim.library.records import Id, Name, NonNegative, Positive, Record, Share, Text

Amount = NonNegative | Annotated[str, StringConstraints(max_length=80)]
Amounts = Annotated[list[Amount], Field(min_length=1, max_length=60)]
Rate = Annotated[float, Field(gt=-1, le=1, allow_inf_nan=False)]
Years = Annotated[int, Field(ge=1, le=60)]
PathKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*(@[a-z0-9_-]+)?$", max_length=121)
]
CapexClass = Literal["equipment", "installation", "building", "other", "contingency", "land"]
CostKind = Literal["material", "energy", "freight", "labour", "maintenance", "other", "carbon"]
PRODUCTS = "products"
"""Stands for all products where kinds of cost are named."""
PRICED = (*get_args(CostKind), PRODUCTS)
"""What a price index may be of, besides single products, costs and materials."""
_ONE = 1e-6


class LoanRecord(Record):
    """The long-term loan."""

    rate: Share | None = None
    """Interest per year."""
    years: Years | None = None
    """Years of repayment, from the first year of operation."""
    method: Literal["equal_principal", "equal_instalment"] = "equal_principal"
    draws: Amounts | None = None
    """Project files: loan drawn in each year of construction, instead of by `equity_share`."""


class WorkingCapitalRecord(Record):
    """Working capital (流动资金): put in as operation ramps up, back in the last year."""

    share: Annotated[float, Field(ge=0, le=2)] | None = None
    """Of the year's operating cost."""
    by_year: Amounts | None = None
    """Project files: sums needed in each year of operation, instead of a share; the last one
    holds on."""
    equity_share: Share | None = None
    rate: Share | None = None
    """Interest of what is borrowed of it."""


class TaxRecord(Record):
    """Taxes and what profit must be used for."""

    income: Share | None = None
    surcharges: Share | None = None
    """On VAT payable."""
    loss_years: Annotated[int, Field(ge=0, le=60)] | None = None
    """Years a loss may be carried forward; 0 for not at all."""
    reserve: Share | None = None
    """Statutory surplus reserve, share of net profit."""
    reserve_cap: Share | None = None
    """The reserve stops at this share of equity."""


class ConventionsRecord(Record):
    """Choices of method; what is left out is what Chinese feasibility studies do."""

    discounting: Literal["year_end", "mid_year", "year_begin"] = "year_end"
    """When the flows of a year happen: year 1 discounted once, half a year, or not at all."""
    payback_from: Literal["construction", "operation"] = "construction"
    construction_interest: Literal["half_year", "full_year", "year_end"] = "half_year"
    """Draws bear interest for half of their year, all of it, or none of it."""
    interest_paid: Literal["capitalised", "equity"] = "capitalised"
    """Interest of construction: added to the loan, or paid from equity."""
    construction_vat: Literal["carried", "refunded", "capitalised"] = "carried"
    """Input tax of construction: carried forward until used, paid back in the first year of
    operation, or not deductible and part of the assets."""
    cash_vat: Literal["with", "without"] = "with"
    """Cash tables with VAT or without; the profit table is always without."""
    unlevered_depreciation: Literal["without_interest", "with_interest"] = "without_interest"
    """Depreciation behind the tax of the project cash flow: with the interest of construction in
    the assets or without."""
    recovery: Literal["last_year", "none"] = "last_year"
    """Residual value and working capital come back in the last year, or not at all."""
    renewals: Literal["capitalised", "expensed", "left_out"] = "capitalised"
    """Sustaining investment: an asset written off over its own life, written off in its year, or
    left out."""
    price_paths: Literal["applied", "left_out"] = "applied"
    """Whether prices follow `price_paths`, or stay as they are."""
    sensitivity_of: Literal["after_tax", "before_tax"] = "after_tax"
    levelised_by: Literal["revenue", "credit"] = "revenue"
    """Levelised cost of several products: shared by revenue, or all on the main product less what
    the others earn."""


class RenewalRecord(Record):
    """Sustaining investment (维持运营投资): renewed in some years of operation."""

    name_zh: Name | None = None
    name_en: Name | None = None
    amount: Amount | None = None
    """Spent each time; with VAT as `capex_tax` says."""
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    """The same as a share of the construction investment without VAT; instead of `amount`."""
    years: Annotated[list[Years], Field(min_length=1, max_length=60)] | None = None
    """Years of operation in which it falls due, the first is 1."""
    every: Years | None = None
    """Interval in years of operation, instead of `years`; not in the last year."""
    kind: CapexClass = "equipment"
    """Class that gives VAT, and life where it does not come back at intervals."""
    vat: Share | None = None
    life: Positive | None = None
    """Years over which it is written off; the interval, else that of its class."""
    residual: Share = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        for ways in (("amount", "share"), ("years", "every")):
            if sum(getattr(self, way) is not None for way in ways) != 1:
                told = {"ways": " | ".join(ways)}
                raise PydanticCustomError("CS-N011", "give one of {ways}", told)
        return self


class TermsRecord(Record):
    """Terms that a project file and a scenario share."""

    construction: Annotated[list[Share], Field(min_length=1, max_length=10)] | None = None
    """Share of the investment spent in each year of construction; adds up to 1."""
    operation_years: Years | None = None
    ramp: Annotated[list[Share], Field(min_length=1, max_length=60)] | None = None
    """Load in each year of operation; the last one holds on."""
    hurdle_rate: Rate | None = None
    """Discount rate and benchmark of rates of return."""
    equity_share: Share | None = None
    loan: LoanRecord = LoanRecord()
    working_capital: WorkingCapitalRecord = WorkingCapitalRecord()
    tax: TaxRecord = TaxRecord()
    dividends: Share = 0.0
    """Share of distributable profit paid out, as far as there is cash."""
    lives: dict[CapexClass, Positive] = {}
    """Years over which each class of investment is written off."""
    residual_share: Share | None = None
    """Of equipment, installation, buildings and contingency."""
    vat: dict[Literal["goods", "construction", "services", "low"], Share] = {}
    """Rates of VAT: of goods and equipment, of construction, of services, of freight (`low`)."""
    capex_tax: Literal["included", "excluded"] = "included"
    """Whether investment sums include VAT."""
    renewals: dict[Id, RenewalRecord] = {}
    """Sustaining investment by id."""
    price_paths: dict[PathKey, Annotated[list[Positive], Field(min_length=1, max_length=60)]] = {}
    """Price indices by year of operation (1 is the price given, the last one holds on), for a
    product or cost, a material, a kind of cost, or all `products`; the nearest wins."""
    conventions: ConventionsRecord = ConventionsRecord()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.construction is not None and abs(sum(self.construction) - 1.0) > _ONE:
            total = f"{sum(self.construction):g}"
            raise PydanticCustomError(
                "CS-N010", "{what} add up to {total}", {"what": "construction", "total": total}
            )
        return self


class FinanceRecord(TermsRecord):
    """The `finance` section of a scenario: which plants are appraised, and on which terms."""

    subject: Literal["planned", "park"] = "planned"
    """Plants and links that are not built yet, or everything."""
    units: list[Id] | None = None
    """Units and links by id, instead of `subject`."""
    price_year: Annotated[int, Field(ge=1950, le=2100)] | None = None
    """Year in whose money investments are counted; that of the horizon's start by default."""
    escalation: Rate | None = None
    """Yearly rise of investment costs, from the year of a process's figure to `price_year`."""
    site_integration: Positive | dict[Id, Positive] | None = None
    """Factor on investments, for all sites or by site."""
    capex_shares: dict[CapexClass, Share] | None = None
    """How an investment splits; adds up to 1."""
    transfer_price: Literal["deal", "header"] = "deal"
    """What the project pays for what the park buys at that header: the price of the purchase, or
    the header's price (its sale first)."""

    @model_validator(mode="after")
    def _split(self) -> Self:
        shares = self.capex_shares
        if shares is not None and abs(sum(shares.values()) - 1.0) > _ONE:
            total = f"{sum(shares.values()):g}"
            raise PydanticCustomError(
                "CS-N010", "{what} add up to {total}", {"what": "capex_shares", "total": total}
            )
        return self


class InvestmentRecord(Record):
    """One part of the investment."""

    name_zh: Name | None = None
    name_en: Name | None = None
    amount: Amount | None = None
    """Spent over the years as `construction` says."""
    by_year: Amounts | None = None
    """Spent in each year of construction."""
    kind: CapexClass | None = None
    """Class that gives VAT, life and residual share; the part's own id when that is one."""
    vat: Share | None = None
    life: Positive | None = None
    """Years."""
    residual: Share | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.amount is None) == (self.by_year is None):
            raise PydanticCustomError("CS-N011", "give one of {ways}", {"ways": "amount | by_year"})
        return self


class ProductRecord(Record):
    """What is sold, per year at full load."""

    name_zh: Name | None = None
    name_en: Name | None = None
    amount: Amount | None = None
    """Money per year."""
    by_year: Amounts | None = None
    """Money in each year of operation, the ramp in it; the last one holds on."""
    quantity: Amount | None = None
    """Per year, for example `20 万t/a`; needs `price`, and gives levelised costs."""
    price: Amount | None = None
    """For example `2100 元/t`."""
    vat: Share | None = None
    note: Text = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_price = self.quantity is not None and self.price is not None
        ways = [self.amount is not None, self.by_year is not None, by_price, self._shared()]
        stray = (self.quantity is None) != (self.price is None)
        if sum(ways) != 1 or stray:
            raise PydanticCustomError("CS-N011", "give one of {ways}", {"ways": self._ways()})
        return self

    def _shared(self) -> bool:
        return False

    def _ways(self) -> str:
        return "amount | by_year | quantity + price"


class CostRecord(ProductRecord):
    """What is paid for, per year at full load."""

    kind: CostKind = "material"
    variable: bool | None = None
    """Moves with the load; labour and maintenance do not unless said."""
    share: Share | None = None
    """Of the investment without VAT, per year."""

    def _shared(self) -> bool:
        return self.share is not None

    def _ways(self) -> str:
        return "amount | by_year | quantity + price | share"


class StaffRecord(Record):
    """Staff and what it costs."""

    persons: NonNegative
    wage: Amount | None = None
    """Cost of a person per year with social charges; the library's when left out."""


class ProjectRecord(TermsRecord):
    """A project file: finance alone, without a park."""

    schema_version: Literal[1]
    kind: Literal["project"]
    id: Id
    name_zh: Name
    name_en: Name
    story_zh: Text = ""
    story_en: Text = ""
    money: Annotated[str, StringConstraints(max_length=20)] = "CNY"
    """Unit of bare numbers that are money: `CNY`, `万元`, `亿元`."""
    price_tax: Literal["included", "excluded"] = "excluded"
    """Whether products and costs include VAT."""
    investment: Annotated[dict[Id, InvestmentRecord | Amount], Field(min_length=1)]
    products: Annotated[dict[Id, ProductRecord | Amount], Field(min_length=1)]
    costs: dict[Id, CostRecord | Amount] = {}
    staff: StaffRecord | None = None


def project_schema() -> dict[str, object]:
    """JSON Schema of a project file."""
    schema: dict[str, object] = ProjectRecord.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
