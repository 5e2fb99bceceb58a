"""The typed park: units, headers, buffers, links, markets, obligations, vents, dispatch goals.

Rates are base units per hour at nameplate; + leaves a component, - enters it. Hours count from the
start of the horizon. Everything is frozen: a changed park is a new park.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chainsim.errors import Problem
from chainsim.library.files import within_data
from chainsim.library.finance_records import FinanceRecord
from chainsim.library.model import (
    Capex,
    Distribution,
    Failure,
    Library,
    Material,
    Overhaul,
    Process,
    mean_duration,
)
from chainsim.library.scenarios import Scenario
from chainsim.library.uncertainty_records import UncertaintyRecord
from chainsim.park.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place; headers are (material, site)."""

    id: str
    name_zh: str
    name_en: str
    county: str
    x_km: float
    y_km: float
    park: bool
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """A legal person that owns units."""

    id: str
    name_zh: str
    name_en: str
    county: str
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to serve a port: `per_need` units of `material` from `header` per unit of need."""

    material: str
    header: str
    per_need: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPort:
    """A port of one unit at nameplate."""

    name: str
    material: Material
    role: str
    rate: float
    """Signed need per hour at activity 1, in units of `material`."""
    options: tuple[Option, ...]
    """Headers that serve it; empty for emissions, losses and ambient air."""
    burn: bool = False
    by_heat: bool = False
    standing: bool = False
    """True when the alternatives are the library's and the scenario orders none of its own."""
    coefficient: str = ""
    """Path of the library coefficient behind the rate."""

    @property
    def alternative(self) -> bool:
        """True when more than one material may serve the port."""
        return len(self.options) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A plant. Its activity is a share of nameplate: 0, or from `min_load` to what is available."""

    id: str
    name_zh: str
    name_en: str
    site: str
    owner: str
    process: Process | None
    ports: tuple[UnitPort, ...]
    nameplate_per_h: float
    """Of the reference port (of activity, for recipes)."""
    capacity_per_a: float
    """Annual capacity as approved: nameplate times operating hours."""
    reference: str
    """Name of the reference port; empty for recipes."""
    trains: int = 1
    needed: int = 1
    """Trains that carry the nameplate; the others are spares."""
    all_or_nothing: bool = False
    """True when the unit stops with fewer trains than needed."""
    cold_spares: bool = False
    standby_for: tuple[str, ...] = ()
    """Units whose missing trains it may replace; always available when empty."""
    priority: float | None = None
    weight: float = 1.0
    load: float = 1.0
    pushed: tuple[str, float] | None = None
    """Product port of a battery that is pushed in charges, and t of a charge."""
    min_load: float = 0.0
    min_down_h: float = 0.0
    restart_levels: Mapping[str, float] = field(default_factory=dict)
    """Buffer id -> level in base units to be reached before a restart."""
    follow: bool = False
    failures: tuple[Failure, ...] = ()
    overhaul: Overhaul | None = None
    start_h: float = -math.inf
    close_h: float = math.inf
    heat_loss_gj_per_h: float = 0.0
    boundary: str = "downstream"
    charging: str = ""
    """Of a coke battery: `top` or `stamp`; empty where nobody knows."""
    chamber_m: float | None = None
    """Of a coke battery: height of its chambers."""
    approval: str = ""
    capex: Capex | None = None
    capex_cny: float | None = None
    """Investment given in the scenario instead of the process's."""
    status: str = "built"
    assumed: bool = False

    @property
    def least_load(self) -> float:
        """Least activity: that of one train, or of the whole unit where trains go together."""
        return self.min_load if self.all_or_nothing else self.min_load / self.needed

    def share_up(self, trains: int) -> float:
        """Share of nameplate that `trains` carry."""
        if self.all_or_nothing:
            return float(trains >= self.needed)
        return min(trains, self.needed) / self.needed

    def name(self, lang: str) -> str:
        """Display name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One material at one site."""

    id: str
    material: Material
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """A holder, tank or stockyard; amounts in base units, rates per hour."""

    id: str
    name_zh: str
    name_en: str
    header: str
    capacity: float
    initial: float
    fill_rate: float
    draw_rate: float
    priority: float | None
    serves: tuple[str, ...]
    """Ids of components it may be drawn for; empty means all of its header."""
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """How a link carries batches from one buffer to another; amounts in base units, times in h."""

    batch: float
    source: str
    """Buffer that is loaded from; empty where batches are bought."""
    target: str
    """Buffer that is unloaded into; empty where batches are sold."""
    loading: Distribution
    transit: Distribution
    unloading: Distribution
    bought: str = ""
    """Purchase that gives the batches where there is no buffer."""
    sold: str = ""
    """Sale that takes the batches where there is no buffer."""
    bays: int | None = None
    shared_bays: str = ""
    """Where the bays are shared, what they are called."""
    docks: int | None = None
    fleet: int | None = None
    waiting_room: int | None = None
    every: Distribution | None = None
    first_h: float | None = None
    timetable: tuple[float, ...] = ()
    order_below: float = 0.0
    """Stock, on its way included, at which batches are ordered ..."""
    order_up_to: float = 0.0
    """... and up to which."""
    closures: tuple[tuple[float, float], ...] = ()
    ban: tuple[float, float] | None = None

    @property
    def by_arrivals(self) -> bool:
        """True when vehicles come by themselves and are not ordered."""
        return self.every is not None or bool(self.timetable)

    @property
    def mean_rate(self) -> float:
        """Most that it carries per hour in the long run, closures and bans left out."""
        loading, transit, unloading = (
            mean_duration(d) for d in (self.loading, self.transit, self.unloading)
        )
        paces = [math.inf]
        if self.bays is not None and loading > 0.0:
            paces.append(self.bays / loading)
        if self.docks is not None and unloading > 0.0:
            paces.append(self.docks / unloading)
        if self.fleet is not None and (round_trip := loading + 2.0 * transit + unloading) > 0.0:
            paces.append(self.fleet / round_trip)
        if self.every is not None:
            paces.append(1.0 / mean_duration(self.every))
        if self.timetable:
            paces.append(len(self.timetable) / 24.0)
        return self.batch * min(paces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Transport of one material between two headers."""

    id: str
    name_zh: str
    name_en: str
    material: Material
    origin: str
    target: str
    mode: str
    km: float
    capacity: float
    freight_cny_per_t_km: float
    electricity_header: str
    electricity_mwh: float
    """Power per unit carried, from the header above (empty when none)."""
    owner: str
    priority: float | None
    shipment: Shipment | None = None
    capex_cny: float | None = None
    """Investment as the scenario gives it."""
    status: str = "built"
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A purchase or a sale at one header."""

    id: str
    name_zh: str
    name_en: str
    header: str
    limit: float
    price_cny: float
    """Per base unit, without VAT."""
    vat: float
    price_path: str
    price_key: str
    priority: float | None
    limits: tuple[tuple[float, float], ...] = ()
    """(hour, limit from then on), in order, the first at hour 0 or before; `limit` is the largest.
    Empty when it never changes."""
    price_shares: Mapping[str, float] = field(default_factory=dict)
    """Calendar month -> its price as a share of `price_cny`, the mean; empty when constant."""
    price_draw: float = 1.0
    """What a study moved `price_cny` by."""

    def limit_at(self, hour: float) -> float:
        """The limit at an hour, base units per hour."""
        found = self.limit
        for begin, limit in self.limits:
            if begin <= hour:
                found = limit
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something the authorities or the park decide for a time: limits below the usual ones."""

    id: str
    begin_h: float
    end_h: float
    shares: Mapping[str, float]
    """Unit -> share of nameplate that it may reach."""
    limits: Mapping[str, float]
    """Column key of a purchase or sale -> base units per hour."""
    outputs: Mapping[str, float] = field(default_factory=dict)
    """Material -> base units per hour that may be made of it."""
    units: tuple[str, ...] = ()
    """Units that `outputs` binds; all where empty."""

    def holds(self, hour: float) -> bool:
        """True while it is in force."""
        return self.begin_h <= hour < self.end_h

    def makers(self, park: Park, material: str) -> Iterator[tuple[str, float]]:
        """(unit, what it makes of a material per unit of activity) of those that are bound."""
        for unit in park.units.values():
            made = sum(p.rate for p in unit.ports if p.rate > 0 and p.material.id == material)
            if made > 0.0 and (not self.units or unit.id in self.units):
                yield unit.id, made


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one run may take; None for any amount."""

    events: int | None = None
    wall_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A delivery owed: rate per hour by month (January first)."""

    id: str
    name_zh: str
    name_en: str
    header: str
    monthly: tuple[float, ...]
    priority: float
    hard: bool
    price_cny: float
    vat: float
    price_path: str
    price_shares: Mapping[str, float] = field(default_factory=dict)
    """Calendar month -> its price as a share of `price_cny`, the mean; empty when constant."""
    price_draw: float = 1.0
    """What a study moved `price_cny` by."""
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vent:
    """A declared outlet to the environment."""

    id: str
    header: str
    kind: str
    limit: float
    priority: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One stage of the dispatch list: make `targets` (column keys) large or small, shared alike.

    Column keys: `unit:id`, `feed:unit.port.material`, `buy:id`, `sell:id`, `obligation:id`,
    `fill:id`, `draw:id`, `vent:id`, `link:id`, and `cap:measure.material`, what is made under a
    measure.
    """

    sense: str
    targets: tuple[str, ...]
    weights: tuple[float, ...]
    declared: bool = False
    """True when it stands in the scenario's `dispatch`, False when it follows from priorities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Simulated time."""

    start: dt.date
    hours: float

    @classmethod
    def of_years(cls, start: dt.date, years: int) -> Horizon:
        """Whole calendar years from `start`; from 29 February to 28 February where need be."""
        try:
            end = start.replace(year=start.year + years)
        except ValueError:
            end = start.replace(year=start.year + years, day=28)
        return cls(start=start, hours=(end - start).days * 24.0)

    def periods(self) -> tuple[tuple[str, float, float], ...]:
        """Calendar months covered: (`YYYY-MM`, begin h, end h)."""
        return _months(self)

    def hour_of(self, day: dt.date) -> float:
        """Hours from the start to the beginning of `day`."""
        return (day - self.start).days * 24.0

    @property
    def years(self) -> float:
        """Length in mean calendar years of 8760 h."""
        return self.hours / 8760.0


@functools.lru_cache(maxsize=64)
def _months(horizon: Horizon) -> tuple[tuple[str, float, float], ...]:
    found = []
    begin, year, month = 0.0, horizon.start.year, horizon.start.month
    while begin < horizon.hours:
        year_, month_ = (year + 1, 1) if month == 12 else (year, month + 1)
        end = min(horizon.hours, horizon.hour_of(dt.date(year_, month_, 1)))
        found.append((f"{year:04d}-{month:02d}", begin, end))
        begin, year, month = end, year_, month_
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Economics:
    """Conventions of this park's accounts."""

    grid_factor: str
    """Id of a record, or the scenario's own figure as it is told."""
    boundary: str
    carbon_price_cny_per_t: float
    grid_t_per_mwh: float | None = None
    """The scenario's own figure, where it gives a number instead of an id."""
    transfer_prices: Mapping[str, float] = field(default_factory=dict)
    """Material -> net CNY per base unit between enterprises, where the scenario sets one."""
    fixed_prices: tuple[str, ...] = ()
    """Price keys and deals that no study moves."""
    transfer_draws: Mapping[str, float] = field(default_factory=dict)
    """Material -> what a study moved that price by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """Something assumed, for the reader."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """A whole park, ready to be compiled, drawn or accounted."""

    id: str
    name_zh: str
    name_en: str
    story_zh: str
    story_en: str
    library: Library
    materials: Mapping[str, Material]
    sites: Mapping[str, Site]
    enterprises: Mapping[str, Enterprise]
    units: Mapping[str, Unit]
    crews: Mapping[str, int]
    """Crew -> repairs it can do at a time."""
    headers: Mapping[str, Header]
    buffers: Mapping[str, Buffer]
    links: Mapping[str, Link]
    buy: Mapping[str, Market]
    sell: Mapping[str, Market]
    obligations: Mapping[str, Obligation]
    vents: Mapping[str, Vent]
    measures: tuple[Measure, ...]
    limits: Limits
    goals: tuple[Goal, ...]
    horizon: Horizon
    economics: Economics
    prices: Mapping[str, float]
    """Net CNY per base unit by price key, scenario overrides applied."""
    policies: tuple[str, ...]
    facts: Facts = field(default_factory=Facts)
    assumptions: tuple[Assumption, ...] = ()
    digest: str
    """Content hash of the resolved scenario."""
    finance: FinanceRecord = field(default_factory=FinanceRecord)
    """What is appraised as a project, and on which terms."""
    uncertainty: UncertaintyRecord | None = None
    """What studies draw, unless they say otherwise."""
    resolved: Mapping[str, object] = field(default_factory=dict)
    """The resolved scenario as plain data."""
    written: Scenario | None = field(default=None, repr=False, compare=False)
    """The files it was read from, for the places of what is told of a run."""

    def place(self, problem: Problem) -> Problem:
        """`problem` with the file that says so; with the line where its path stands in a file."""
        if self.written is None or problem.file:
            return problem
        placed = self.written.place(problem)
        if problem.path.partition(".")[0] not in self.resolved:
            placed = replace(problem, file=self.written.documents[-1].file)
        return replace(placed, file=within_data(placed.file))
