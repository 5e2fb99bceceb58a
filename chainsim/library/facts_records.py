"""Shapes of `facts` and `assessment`: what clauses ask that no flow tells, and how they apply.

`facts` holds what is known of cities, counties, enterprises and units (permits, quotas, dates,
measurements); nothing in it moves a flow. What is left out is unknown, and a clause that needs it
cannot be judged. The assessment says in which time mode and against which limits a run is judged.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chainsim.library.records import Id, Name, NonNegative, Number, Positive, Record, Share, Text

Amount = (
    Annotated[float, Field(allow_inf_nan=False)] | Annotated[str, StringConstraints(max_length=80)]
)
Mode = Literal["replay", "target_2025", "carbon"]
LimitSet = Literal["new", "special", "ultra_low", "deep"]
Tier = Literal["T0", "T1", "T2", "T3"]


class AirRecord(Record):
    """One figure for each air pollutant; what is left out is unknown."""

    pm: Amount | None = None
    so2: Amount | None = None
    nox: Amount | None = None


class PermitsRecord(Record):
    """The five formalities of a project; true when valid at the start date."""

    capacity_swap: bool | None = None
    filing: bool | None = None
    discharge_permit: bool | None = None
    environment: bool | None = None
    energy_review: bool | None = None


class UnitFactsRecord(Record):
    """What is known of one unit beside its flows."""

    commissioned: dt.date | None = None
    """First year of the oven, for the age correction; its `start` when left out."""
    replaced_by: list[Id] | None = None
    """Units that take over its capacity; those of the same `approval` when left out."""
    ultra_low_since: dt.date | None = None
    """Day from which the ultra-low retrofit holds."""
    never_ultra_low: bool = False
    """True when it is known that the unit has no ultra-low retrofit."""
    measured: AirRecord = AirRecord()
    """Highest hourly concentrations of the stack, mg/Nm3 at the reference oxygen."""
    grid_share: Share | None = None
    """Share of a turbine's capacity that is connected to the grid."""
    civil_source_ready: dt.date | None = None
    """Day on which another source of civil gas and heat stands ready."""
    design_kgce_per_t: Positive | None = None
    """Unit energy of coke by design."""
    volatile: Number | None = None
    """Volatile matter of the charge, % of dry coal."""
    moisture: Number | None = None
    """Moisture of the charge, %."""
    two_cuts_four_stops: bool | None = None
    """Closure accepted: power and water cut; feed, operation, safety and discharge permit ended."""


class EnterpriseFactsRecord(Record):
    """What is known of one enterprise."""

    permits: PermitsRecord = PermitsRecord()
    persons: NonNegative | None = None
    """Employees; the staff of its units when left out."""
    settled_share: Share | None = None
    """Share of the persons affected by closures who have been settled."""
    research: Amount | None = None
    """Spending on research and development, CNY/a."""
    safety_class: Annotated[int, Field(ge=1, le=4)] | None = None
    """Class of work-safety standardisation, 1 the best; 4 for none."""
    months_without_accident: NonNegative | None = None
    metering: bool | None = None
    online_monitoring: bool | None = None
    energy_management: bool | None = None
    energy_quota: Amount | None = None
    """Energy allowed, tce/a; capacity x utilisation x limit when left out."""
    energy_bought: Amount | None = None
    """Energy-use rights bought, tce/a."""
    air_quota: AirRecord = AirRecord()
    """Emission allowed, t/a; capacity x utilisation x flue gas x limit when left out."""
    air_bought: AirRecord = AirRecord()
    """Emission rights bought, t/a."""
    productivity_before: Amount | None = None
    """Value added per employee in the base year, CNY/person/a."""
    tier: Tier | None = None
    """Tier published by the authority; the model's own when left out."""


class CountyFactsRecord(Record):
    """Quotas and targets of one county, by its name as the sites have it."""

    energy_quota: Amount | None = None
    energy_bought: Amount | None = None
    air_quota: AirRecord = AirRecord()
    air_bought: AirRecord = AirRecord()
    energy_target: dict[int, Amount] = {}
    """Year -> energy target, tce/a."""
    freight_before: Amount | None = None
    """Logistics cost per t of coke before the layout, CNY/t."""


class BaselineRecord(Record):
    """Figures of a base year."""

    energy: Amount | None = None
    """tce/a on boundary A."""
    kgce_per_t: Positive | None = None
    tce_per_wan_yuan: Positive | None = None
    carbon: Amount | None = None
    """t CO2/a."""
    carbon_per_coke: Positive | None = None
    """t CO2 per t of coke."""
    note: Text = ""


class BuiltUpRecord(Record):
    """The built-up area as a circle."""

    x_km: Number
    y_km: Number
    radius_km: NonNegative = 0.0
    assumed: bool = False


class CityFactsRecord(Record):
    """Facts of the whole city."""

    baseline_2020: BaselineRecord = BaselineRecord()
    baseline_2025: BaselineRecord = BaselineRecord()
    built_up: BuiltUpRecord | None = None
    energy_target: dict[int, Amount] = {}
    """Year -> energy target of the city, tce/a."""
    park_share_before: Share | None = None
    """Share of coke made inside parks before the layout."""
    research_share: Share | None = None
    """Least share of revenue spent on research that the city asks for."""
    energy_right_price: Amount | None = None
    """Price of an energy-use right, CNY/tce; no Shanxi price is published."""


class FactsRecord(Record):
    """Facts that no flow tells."""

    city: CityFactsRecord = CityFactsRecord()
    counties: dict[Name, CountyFactsRecord] = {}
    enterprises: dict[Id, EnterpriseFactsRecord] = {}
    units: dict[Id, UnitFactsRecord] = {}


class CutMarketRecord(Record):
    """What the market shows, for the triggers of a coordinated cut."""

    price_fall: Number | None = None
    """Fall of the coke price over the weeks of the trigger, as a share."""
    stock_days: NonNegative | None = None
    margin: Amount | None = None
    """Margin of the sector, CNY per t of coke; the run's own when left out."""


class CutRecord(Record):
    """A coordinated cut to be judged with the run."""

    target: Amount
    """Coke output of the city, t/a."""
    market: CutMarketRecord = CutMarketRecord()


class IndicatorEditRecord(Record):
    """What an assessment changes of one indicator; `none` takes a line away."""

    survival: Number | Literal["none"] | None = None
    development: Number | Literal["none"] | None = None
    weight: NonNegative | None = None
    """Weight among the indicators of its dimension."""
    veto: bool | None = None
    """Missing the survival line here settles the lowest tier."""


class AssessmentRecord(Record):
    """How a run is judged."""

    mode: Mode | None = None
    """Time mode; by the first year of the horizon when left out: to 2023 `replay`, to 2025
    `target_2025`, later `carbon`."""
    limits: dict[Id, Number] = {}
    """Clause -> limit in its own unit, in the place of the record's."""
    air_limits: dict[LimitSet, dict[Id, Number]] = {}
    """Set -> limit of `standards/` -> mg/Nm3: enters what is unpublished, or replaces."""
    limit_set: LimitSet = "ultra_low"
    """Set in force outside the deep-treatment zone."""
    constant_prices: Id = "base_2020"
    """Price set of the constant-price version."""
    weights: Id | None = None
    """Preset of the evaluation; the first one when left out."""
    indicators: dict[Id, IndicatorEditRecord] = {}
    """Indicator of the evaluation -> its lines and weight, in the place of the table's."""
    presets: dict[Id, Annotated[dict[Id, NonNegative], Field(min_length=1)]] = {}
    """Presets of one's own: dimension -> weight; dimensions left out do not count."""
    cut: CutRecord | None = None
