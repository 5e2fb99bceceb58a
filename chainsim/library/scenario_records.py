"""Shape of a scenario file. `chainsim schema` prints it as JSON Schema.

Amounts (`Amount`) are numbers in base units per hour, or strings with a unit (`110 kt/a`,
`80000 Nm3`). Every collection is a mapping from id to record, so that an override can name any
value by its key path.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, cast

from pydantic import ConfigDict, Field, StringConstraints

from chainsim.library.facts_records import Amount, AssessmentRecord, FactsRecord
from chainsim.library.finance_records import FinanceRecord
from chainsim.library.price_records import PriceSeriesRecord
from chainsim.library.records import (
    Boundary,
    Colour,
    CurvePoint,
    Id,
    Name,
    NonNegative,
    Number,
    Positive,
    Record,
    Share,
    Text,
)
from chainsim.library.reliability_records import CrewRecord, PlannedStopRecord, UnitFailureRecord
from chainsim.library.shipment_records import BaysRecord, ShipmentRecord
from chainsim.library.uncertainty_records import UncertaintyRecord

Status = Literal["built", "under_construction", "planned", "announced"]
Target = Annotated[str, StringConstraints(max_length=200)]


class InlineMaterial(Record):
    """A material of a self-contained park; nothing but the unit is needed for balances."""

    name_zh: Name | None = None
    name_en: Name | None = None
    unit: Literal["t", "kNm3", "GJ", "MWh", "m3", "km", "piece"] = "t"
    mass_t: NonNegative | None = None
    """t per unit; 1 for materials counted in t."""
    elements: dict[str, NonNegative] | None = None
    """t of C, H, O, N, S, other per unit; needed for element balances and carbon."""
    lhv_gj: NonNegative = 0.0
    """GJ per unit; needed where the material serves a port by heat."""
    tce_kgce: NonNegative | None = None
    """Standard coal per unit by calorific value (GB/T 2589); by `lhv_gj` when left out."""
    tce_equal_kgce: NonNegative | None = None
    """The same by the energy it took to make it (equivalent value); for power and heat."""
    price_cny: NonNegative | None = None
    """CNY per unit, without VAT."""
    phase: Literal["solid", "liquid", "gas", "energy"] | None = None
    """Decides the oxidised share where it is burnt; by the unit when left out."""
    group: Id | None = None
    """Family, for colours and legends; `coal` and `coke` tell a battery's charge and product.
    Coking coal and coke have it by their ids, others are `other`."""
    colour: Colour = "#7f8c8d"


class InlinePort(Record):
    """One port of an inline recipe."""

    material: Id | None = None
    """The port's name when left out."""
    rate: Positive
    """Units per unit of activity."""
    alternatives: dict[Id, Positive] | list[Id] | None = None
    """Materials that may serve the port, preferred first. A list converts by `lhv_gj` when the
    port's material is counted in GJ, one for one otherwise; a mapping gives for each material how
    much of the port's need one unit covers."""
    burn: bool = False
    load_curve: Annotated[list[CurvePoint], Field(min_length=1)] | None = None
    """Factor on `rate` at the unit's set-point, linear between the points."""
    connected: bool = True
    """False for emissions and losses: the flow is counted but meets no header."""


class Recipe(Record):
    """What a unit takes in and gives out per unit of activity."""

    feeds: dict[Id, Positive | InlinePort] = {}
    products: dict[Id, Positive | InlinePort] = {}


class CokingRecord(Record):
    """Ovens: the load follows the coking time; coke may leave in discrete pushes."""

    time: Positive | None = None
    """Coking time at nameplate, h; of the process when left out."""
    run_at: Positive | None = None
    """Coking time that is set, h: sets `load`; the one at nameplate when left out."""
    longest: Positive | None = None
    """Longest coking time, h: sets `min_load`."""
    ovens: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Number of ovens; of the process, in proportion to capacity, when left out."""
    pushes: bool = False
    """Every oven is pushed on its own: coke leaves in charges, gas continuously."""
    charging: Literal["top", "stamp"] | None = None
    """Way of charging, for the limits of GB 21342; of the process when left out."""
    chamber_m: Positive | None = None
    """Height of the chambers, m; of the process when left out."""
    product: Id | None = None
    """Port that is pushed; the reference port, or the first product of a recipe, when left out."""


class UnitRecord(Record):
    """A plant or machine of the park."""

    name_zh: Name | None = None
    name_en: Name | None = None
    process: Id | None = None
    """A process of the library."""
    recipe: Recipe | Id | None = None
    """An inline recipe, or the id of one under `recipes`."""
    site: Id | None = None
    owner: Id | None = None
    capacity: Amount
    """Nameplate: in the process's reference port (`110 kt/a`, `20000 Nm3/h`, or base units per
    hour); for recipes, units of activity per hour."""
    trains: Annotated[int, Field(ge=1, le=50)] = 1
    """Equal parallel trains, each failing on its own."""
    needed: Annotated[int, Field(ge=1, le=50)] | None = None
    """Trains that carry the nameplate; all of them when left out. The others are spares."""
    if_short: Literal["part", "stop"] = "part"
    """With fewer trains up than needed: the unit runs in part, or stops."""
    spares: Literal["hot", "cold"] = "hot"
    """Cold spares stand, and do not age, until a train is down."""
    standby_for: list[Id] = []
    """Units that this one stands by for: it may run as many trains as they lack."""
    crew: Id | None = None
    """Crew that mends this unit's failures; repairs begin at once when left out."""
    crew_priority: Number = 0.0
    """Place in the crew's queue, smaller first; then first come, first served."""
    priority: Number | None = None
    """Place in the dispatch list; smaller comes first. Equal numbers share alike."""
    weight: Positive = 1.0
    """Weight when sharing with units of equal priority."""
    load: Share = 1.0
    """Set-point: share of nameplate the unit may reach; load curves are read here."""
    min_load: Share | None = None
    coking: CokingRecord | None = None
    """For coke batteries: coking times instead of loads, and pushes."""
    min_down_h: NonNegative | None = None
    restart_level: dict[Id, Share] | None = None
    """Buffer -> share of its capacity that must be reached before the unit restarts."""
    follow: bool | None = None
    """Run as little as the goals listed before it allow."""
    feeds: dict[Id, list[Id]] | None = None
    """Port -> order of the materials that may serve it, replacing the process's own order."""
    failures: list[UnitFailureRecord] | None = None
    """Replaces the process's failure modes; an empty list means none."""
    overhaul: PlannedStopRecord | Literal[False] | None = None
    start: dt.date | None = None
    close: dt.date | None = None
    approval: Id | None = None
    """Capacity approval; one approval counts once, whichever oven holds it."""
    boundary: Boundary | None = None
    """Whose energy and carbon it counts with: `coking` (GB 21342, boundary A), `downstream`
    (chemical extension), `steel`, `utility`; of the process, `downstream` for a recipe."""
    capex: Amount | None = None
    """Replaces the process's investment, for example `12 yi_CNY`."""
    status: Status = "built"
    assumed: bool = False
    note: Text = ""


class BufferRecord(Record):
    """A gasholder, tank or stockyard on one header."""

    name_zh: Name | None = None
    name_en: Name | None = None
    material: Id | None = None
    """The buffer's own id when left out."""
    site: Id | None = None
    capacity: Amount
    initial: Amount | None = None
    """Level at the start, as an amount."""
    initial_share: Share | None = None
    """Level at the start as a share of capacity; empty when neither is given."""
    fill_rate: Amount | None = None
    draw_rate: Amount | None = None
    priority: Number | None = None
    """Place of filling in the dispatch list; after all running consumers when left out. What
    stands below it is not served from this buffer."""
    serves: list[Id] | None = None
    """Units, obligations and sales it may be drawn for; all of its header when left out."""
    assumed: bool = False
    note: Text = ""


class LinkRecord(Record):
    """A pipe, conveyor, lorry or railway line that carries one material between two sites."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    name_zh: Name | None = None
    name_en: Name | None = None
    material: Id
    origin: Annotated[Id, Field(alias="from")]
    to: Id
    mode: Literal["pipe", "conveyor", "truck", "rail"]
    km: NonNegative
    capacity: Amount | None = None
    freight: Amount | None = None
    """CNY per t and km; the library's rate of the mode when left out."""
    electricity: Amount | None = None
    """Power per unit carried, for example `0.15 kWh/Nm3`; taken at the origin."""
    shipment: ShipmentRecord | None = None
    """Transport in batches by vehicles, for lorry and rail."""
    capex: Amount | None = None
    """Investment; by length when left out, for pipes and conveyors."""
    owner: Id | None = None
    priority: Number | None = None
    status: Status = "built"
    assumed: bool = False
    note: Text = ""


class MarketStepRecord(Record):
    """What changes at a market on a date."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    begin: Annotated[dt.date, Field(alias="from")]
    limit: Amount | None = None
    """Rate limit from that day on; unchanged when left out."""
    price: Amount | None = None
    """Price from the first day of that month on; unchanged when left out."""


class MarketRecord(Record):
    """A right to buy or sell one material at one site."""

    name_zh: Name | None = None
    name_en: Name | None = None
    material: Id | None = None
    """The market's own id when left out."""
    site: Id | None = None
    limit: Amount | None = None
    """Rate limit; unlimited when left out."""
    price: Amount | None = None
    """Replaces the library's price."""
    price_key: Id | None = None
    """Library price to use instead of the material's own (for example exported power)."""
    monthly: Annotated[list[Amount], Field(min_length=12, max_length=12)] | None = None
    """Rate limit in each month, January first, instead of `limit`."""
    monthly_prices: Annotated[list[Amount], Field(min_length=12, max_length=12)] | None = None
    """Price in each month, January first, instead of `price`."""
    steps: list[MarketStepRecord] = []
    """Limits and prices from a date on; they come before everything else."""
    priority: Number | None = None
    assumed: bool = False
    note: Text = ""


class ObligationRecord(Record):
    """A delivery the park owes: civil gas, district heat."""

    name_zh: Name | None = None
    name_en: Name | None = None
    material: Id | None = None
    """The obligation's own id when left out."""
    site: Id | None = None
    rate: Amount | None = None
    monthly: Annotated[list[Amount], Field(min_length=12, max_length=12)] | None = None
    """Rate in each month, January first."""
    priority: Number = 0.0
    hard: bool = False
    """A hard obligation that cannot be met stops the run; a soft one is a recorded shortfall."""
    price: Amount | None = None
    assumed: bool = False
    note: Text = ""


class VentRecord(Record):
    """A declared vent or flare; it has an account."""

    material: Id | None = None
    site: Id | None = None
    kind: Literal["vent", "flare"] = "vent"
    limit: Amount | None = None
    priority: Number | None = None
    note: Text = ""


class GoalRecord(Record):
    """One entry of the dispatch list; name one component or several that share.

    Components: a unit, obligation, market, buffer (maximise = fill, minimise = draw), vent or link
    by id; one material of a port as `unit.port.material`. Where several kinds share an id, the unit
    is meant; `sell:id`, `buy:id`, `fill:id` and so on name the others. A mapping gives weights.
    """

    maximise: Target | list[Target] | dict[Target, Positive] | None = None
    minimise: Target | list[Target] | dict[Target, Positive] | None = None


class MeasureRecord(Record):
    """A decision of the authorities or of the park that holds for a time: limits on what runs."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    begin: Annotated[dt.date, Field(alias="from")]
    end: Annotated[dt.date | None, Field(alias="to")] = None
    """First day on which it holds no more; for ever when left out."""
    load: dict[Id, Share] = {}
    """Unit -> share of nameplate that it may reach."""
    limit: dict[Target, Amount] = {}
    """`buy.id` or `sell.id` -> rate limit."""
    output: dict[Id, Amount] = {}
    """Material -> what all units together may make of it; a yearly amount is spread over 8760 h."""
    units: list[Id] = []
    """Units that `output` binds; all that make the material when left out."""
    note: Text = ""


class LimitsRecord(Record):
    """How much one run may take before it is stopped."""

    events: Annotated[int, Field(ge=1)] | None = None
    """Instants at which something happens."""
    wall_s: Positive | None = None
    """Seconds of real time."""


class SiteRecord(Record):
    """A place; one header per material and site."""

    name_zh: Name | None = None
    name_en: Name | None = None
    county: Name | None = None
    x_km: Number = 0.0
    y_km: Number = 0.0
    park: bool = True
    """Inside a chemical park."""
    assumed: bool = False
    note: Text = ""


class EnterpriseRecord(Record):
    """A legal person that owns units."""

    name_zh: Name | None = None
    name_en: Name | None = None
    county: Name | None = None
    assumed: bool = False
    note: Text = ""


class HorizonRecord(Record):
    """Simulated time."""

    start: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 12, 31))] = dt.date(
        2025, 1, 1
    )
    years: Annotated[int, Field(ge=1, le=60)] | None = None
    """Calendar years from the start; one when neither is given."""
    hours: Annotated[float, Field(gt=0, le=1_000_000)] | None = None


class EconomicsRecord(Record):
    """Prices and conventions of this scenario."""

    price_set: Id | None = None
    """Named price set of the library; its base prices when left out."""
    prices: dict[Id, Amount] = {}
    """Price key -> price, replacing the library's."""
    price_series: dict[Id, PriceSeriesRecord] = {}
    """Price key -> its prices by month, instead of one in `prices`."""
    fixed_prices: list[Target] = []
    """What no study moves: price keys, or single deals (`sell.id`, `buy.id`, `obligations.id`,
    `transfer_prices.material`)."""
    grid_factor: Id | NonNegative = "grid_north_china_2023"
    """Record of `standards/carbon.yaml` for purchased power, or a region (`grid_shanxi`): then the
    latest record not younger than the horizon's first year. A number is t CO2 per MWh."""
    boundary: Literal["A", "B", "C"] = "A"
    """Energy boundary of the totals judged: coking process, whole park, park less feedstock."""
    carbon_price: Amount = 0.0
    """CNY per t CO2."""
    transfer_prices: dict[Id, Amount] = {}
    """Material -> price between enterprises, without VAT; the header's market price when left
    out."""


class MeasuredRecord(Record):
    """Measured heating value of a material; wins over the library's."""

    lhv: Amount
    """Net heating value per base unit, for example `29.1 GJ/t`."""
    tce: Amount | None = None
    """Standard coal per base unit; by the measured heating value when left out."""
    note: Text = ""


class AssumptionRecord(Record):
    """Something nobody has published, stated for the reader."""

    zh: Text
    en: Text


class ScenarioRecord(Record):
    """A whole scenario after `base` and overrides are applied."""

    schema_version: Literal[1]
    id: Id
    name_zh: Name
    name_en: Name
    story_zh: Text = ""
    story_en: Text = ""
    library: bool = True
    """False for a self-contained park that uses nothing of the shipped library."""
    horizon: HorizonRecord = HorizonRecord()
    sites: dict[Id, SiteRecord] = {}
    enterprises: dict[Id, EnterpriseRecord] = {}
    materials: dict[Id, InlineMaterial] = {}
    recipes: dict[Id, Recipe] = {}
    units: dict[Id, UnitRecord] = {}
    crews: dict[Id, CrewRecord] = {}
    bays: dict[Id, BaysRecord] = {}
    buffers: dict[Id, BufferRecord] = {}
    links: dict[Id, LinkRecord] = {}
    buy: dict[Id, MarketRecord] = {}
    sell: dict[Id, MarketRecord] = {}
    obligations: dict[Id, ObligationRecord] = {}
    vents: dict[Id, VentRecord] = {}
    measures: dict[Id, MeasureRecord] = {}
    limits: LimitsRecord = LimitsRecord()
    dispatch: list[GoalRecord] = []
    """Explicit head of the dispatch list; what it does not name follows by priority."""
    policies: list[Id] = []
    """Records of `graphs/policies/` to judge; all when left out and the library is used."""
    economics: EconomicsRecord = EconomicsRecord()
    measured: dict[Id, MeasuredRecord] = {}
    """Material -> measured heating value."""
    facts: FactsRecord = FactsRecord()
    """Facts that clauses ask for and no flow tells."""
    assessment: AssessmentRecord = AssessmentRecord()
    """Time mode and limits of the policy checks."""
    finance: FinanceRecord = FinanceRecord()
    """Which plants are appraised as a project, and on which terms."""
    uncertainty: UncertaintyRecord | None = None
    """What studies draw anew in every replication, unless they say otherwise."""
    assumptions: dict[Id, AssumptionRecord] = {}


def scenario_schema() -> dict[str, object]:
    """JSON Schema of a scenario file, with `base` and `overrides`, for editors and for reading.

    A file with a `base` may leave anything out, so nothing is required there.
    """
    schema: dict[str, object] = ScenarioRecord.model_json_schema(by_alias=True)
    properties = dict(cast(dict[str, object], schema["properties"]))
    properties["base"] = {
        "type": "string",
        "description": "Scenario this one is laid over: id of a shipped one, or a file beside it.",
    }
    properties["overrides"] = {
        "type": "array",
        "items": {"type": "string", "pattern": r"^[^=]+=.*$"},
        "description": "`key.path=value`, applied after the file's body, in order.",
    }
    required = schema.pop("required")
    whole = {"if": {"not": {"required": ["base"]}}, "then": {"required": required}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "properties": properties,
        "allOf": [whole],
    }
