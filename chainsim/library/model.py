"""The resolved library: frozen records in base units, ready for graphs and solvers.

Amounts of a port are per unit of its process's basis port, in the material's base unit; energy in
GJ, mass in t. Sign: + leaves a process, - enters it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

ELEMENTS = ("C", "H", "O", "N", "S", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """A sourced number: `value`, `low`, `high` in `unit` as written; `factor` makes base units."""

    path: str
    value: float
    unit: str
    low: float
    high: float
    source: str
    grade: str
    mark: str = ""
    note: str = ""
    factor: float = 1.0

    @property
    def base(self) -> float:
        """The value in base units."""
        return self.value * self.factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One stream identity. All properties are per base unit (`unit`) of the material."""

    id: str
    name_zh: str
    name_en: str
    phase: str
    unit: str
    group: str = "other"
    colour: str = "#7f8c8d"
    mass_t: float = 0.0
    elements: Mapping[str, float] | None = None
    """t of C, H, O, N, S, other; None when the composition is unknown."""
    species: Mapping[str, float] | None = None
    """kmol of each gas species; None for anything but a gas of known composition."""
    energy_gj: float = 0.0
    """LHV plus sensible heat, or the content of an energy carrier."""
    lhv_gj: float = 0.0
    tce_kgce: float = 0.0
    """Standard coal by calorific value."""
    tce_equal_kgce: float | None = None
    """Standard coal by source energy; None where the calorific value applies."""
    formula: str = ""
    """Of a pure compound."""
    gwp_t: float = 0.0
    """t CO2e per base unit, besides the CO2 of its carbon."""
    ambient: bool = False
    closing_of: str = ""
    coefficients: tuple[Coefficient, ...] = ()

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A connection of a process: `amount` units of `material` per unit of activity, signed."""

    name: str
    material: Material
    role: str
    amount: float
    alternatives: tuple[str, ...] = ()
    """Ids of the materials that may serve this port, preferred first."""
    by_heat: bool = False
    """The port is counted in GJ and its alternatives deliver their LHV."""
    burn: bool = False
    closing: bool = False
    load_curve: tuple[tuple[float, float], ...] = ()
    coefficient: Coefficient | None = None

    @property
    def connected(self) -> bool:
        """True when the port meets a header; emissions, losses and ambient air do not."""
        return self.role not in ("emission", "loss") and not self.material.ambient


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureRow:
    """One line of the closure table: what goes in and out per basis unit, and what closes it."""

    process: str
    quantity: str
    """`mass`, an element, or `energy`."""
    unit: str
    into: float
    out: float
    """Declared outputs, without the closing stream."""
    closing: float
    closing_port: str
    worst: str
    """Path of the coefficient whose range moves this line most."""

    @property
    def share(self) -> float:
        """Closing stream as a share of what goes in."""
        return self.closing / self.into if self.into else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A random duration in hours; parameters named as in `records.DistributionRecord`."""

    kind: str
    parameters: Mapping[str, float]


def mean_duration(d: Distribution) -> float:
    """Mean of a distribution, h."""
    p = d.parameters
    match d.kind:
        case "exponential":
            return p["mean"]
        case "weibull":
            return p["scale"] * math.gamma(1.0 + 1.0 / p["shape"])
        case "lognormal":
            return p["median"] * math.exp(p["sigma"] ** 2 / 2.0)
        case "gamma":
            return p["shape"] * p["scale"]
        case "triangular":
            return (p["low"] + p["mode"] + p["high"]) / 3.0
        case _:
            return p["value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure mode."""

    mode: str
    uptime: Distribution
    repair: Distribution
    clock: str = "calendar"
    crew: str = ""
    """Crew that mends it; empty when repairs begin at once."""
    priority: float = 0.0
    """Place in the crew's queue, smaller first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhaul:
    """A planned stop repeated every `interval_h` hours for `duration_h` hours."""

    interval_h: float
    duration_h: float
    first_h: float
    clock: str = "calendar"
    """`operating`: intervals count hours run, from the end of one stop to the next."""
    starts_h: tuple[float, ...] = ()
    """Begins of the stops where they have dates, in order; the interval is infinite then."""
    not_with: tuple[str, ...] = ()
    """Units whose stops may not fall together with these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capex:
    """Investment in CNY of year `year` for `reference_capacity_per_h` of the reference port."""

    reference_cny: float
    reference_capacity_per_h: float
    exponent: float
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Oven:
    """Battery type; `ovens` is the number in a plant of the reference size."""

    charging: str
    chamber_height_m: float
    ovens: float
    coking_time_h: float
    coke_per_push_t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A resolved process: exactly closing ports per unit of the basis port."""

    id: str
    name_zh: str
    name_en: str
    family: str
    boundary: str
    basis: str
    reference: str
    ports: tuple[Port, ...]
    heat_loss_gj: float
    """Heat loss per basis unit: the closing term of the energy balance."""
    closing_port: str
    operating_hours: float
    turndown: float
    min_down_h: float = 0.0
    follow: bool = False
    failures: tuple[Failure, ...] = ()
    overhaul: Overhaul | None = None
    capex: Capex | None = None
    fixed_opex_per_a: float = 0.0
    variable_opex_cny: float = 0.0
    """CNY per unit of the reference port."""
    persons_per_unit_per_h: float = 0.0
    """Persons per unit per hour of the reference port's nameplate."""
    hectares_per_unit_per_h: float = 0.0
    """Land per unit per hour of the reference port's nameplate, ha."""
    min_scale_per_h: float | None = None
    """Least economic nameplate of one plant in the reference port; None when unknown."""
    pollutants_kg: Mapping[str, float] = field(default_factory=dict)
    """Air pollutants after treatment, kg per unit of the basis port."""
    limits: tuple[str, ...] = ()
    oven: Oven | None = None
    tags: tuple[str, ...] = ()
    coefficients: tuple[Coefficient, ...] = ()

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en

    def figure(self, name: str) -> Coefficient | None:
        """The figure at `name` below the process (`capex.specific`), wherever it was written."""
        return next((c for c in self.coefficients if c.path.split(".", 2)[-1] == name), None)

    def port(self, name: str) -> Port:
        """The port called `name`; raises KeyError when there is none."""
        for port in self.ports:
            if port.name == name:
                return port
        raise KeyError(name)

    @property
    def reference_amount(self) -> float:
        """Units of the reference port per unit of the basis port."""
        return abs(self.port(self.reference).amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A market price in CNY per base unit, `vat` included when `taxed`."""

    key: str
    name_zh: str
    name_en: str
    value_cny: float
    vat: float
    taxed: bool
    year: int
    coefficient: Coefficient
    series: str = ""
    follows: Mapping[str, float] = field(default_factory=dict)
    """Price or series -> elasticity, for price sets."""

    @property
    def net_cny(self) -> float:
        """Price without VAT."""
        return self.value_cny / (1.0 + self.vat) if self.taxed else self.value_cny


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where numbers come from and what of it was read."""

    key: str
    title: str
    issuer: str
    year: str
    url: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A free-standing sourced figure of a standard, in base units."""

    key: str
    name_zh: str
    name_en: str
    coefficient: Coefficient

    @property
    def value(self) -> float:
        """The figure as written, in `coefficient.unit`."""
        return self.coefficient.value


Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """Corrections of a limit of coke unit energy, kgce/t; tables as (x, y) points."""

    volatile: Points
    """x: volatile matter, % of the dry charge; linear between points."""
    moisture_base_pct: float
    moisture_slope: float
    mixed_gas: float
    wet_quench: float
    wet_quench_levels: tuple[str, ...]
    age: Points
    """x: the correction holds for batteries older than x years."""
    age_levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit of a standard; `levels` from the best to the worst, in `unit`."""

    id: str
    name_zh: str
    name_en: str
    standard: str
    edition: int
    in_force: bool
    quantity: str
    scope: str
    unit: str
    oven: str
    levels: Mapping[str, Coefficient]
    corrections: Corrections | None = None
    note: str = ""

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Monthly prices of one good, CNY/t with VAT, as published."""

    id: str
    name_zh: str
    name_en: str
    source: str
    grade: str
    note: str
    months: Mapping[str, float]
    """`YYYY-MM` -> price, in order of time."""

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSet:
    """Named prices of a time, in the units and tax basis of the base prices."""

    id: str
    name_zh: str
    name_en: str
    first_month: str
    last_month: str
    prices: Mapping[str, Coefficient]
    """Price key -> figure; keys that are missing keep their base price."""
    note_zh: str = ""
    note_en: str = ""

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A named route from a by-product to a product, by its processes in order."""

    id: str
    name_zh: str
    name_en: str
    source_stream: str
    steps: tuple[str, ...]
    product: str
    clause_zh: str
    source: str

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A clause as an executable check."""

    id: str
    name_zh: str
    name_en: str
    clause_zh: str
    check: str
    kpi: str
    limit: float | None
    unit: str
    comparison: str
    level: str
    lead_zh: str
    lead_en: str
    source: str
    mark: str
    note: str
    applies_from: dt.date | None = None
    values: tuple[str, ...] = ()
    soft: bool = False
    modes: tuple[str, ...] = ()
    """Time modes in which it is judged; all when empty."""
    judged: str = "run"

    @property
    def to_check(self) -> bool:
        """True where the limit is from memory, own or unknown and must be checked (`待核`)."""
        return self.mark in ("recalled", "assumed", "placeholder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator of the evaluation of enterprises."""

    id: str
    name_zh: str
    name_en: str
    dimension: str
    check: str
    values: tuple[str, ...]
    formula: str
    unit: str
    direction: str
    survival: float | None
    development: float | None
    veto: bool
    weight: float
    source: str
    mark: str
    note: str = ""

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en

    @property
    def to_check(self) -> bool:
        """True where the lines are our own or from memory (`待核`)."""
        return self.mark in ("recalled", "assumed", "placeholder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Weights of the dimensions under one name."""

    id: str
    name_zh: str
    name_en: str
    weights: Mapping[str, float]
    note: str = ""

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The evaluation of enterprises: dimensions by id -> (zh, en), indicators, weight presets."""

    dimensions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    presets: Mapping[str, Preset] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Everything under `graphs/`, resolved and closed."""

    materials: Mapping[str, Material] = field(default_factory=dict)
    processes: Mapping[str, Process] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    factors: Mapping[str, Factor] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    evaluation: Evaluation = Evaluation()
    series: Mapping[str, Series] = field(default_factory=dict)
    price_sets: Mapping[str, PriceSet] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    short_names: Mapping[str, str] = field(default_factory=dict)
    """Short word -> material id (`cog`)."""
    closure: tuple[ClosureRow, ...] = ()
    digest: str = ""
    """SHA-256 of the files it was read from."""
    price_draws: Mapping[str, float] = field(default_factory=dict)
    """Price key -> drawn price over the typical one: what a study moves every price that goes by
    the key by, whoever wrote it. `prices` and `price_sets` stay at their typical figures."""
