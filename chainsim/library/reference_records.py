"""Shapes of the other files under `graphs/`: sources, prices, standards, routes, policies.

Like `records.py` this module only says what may be written; the records of whole files stand at
its end.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from chainsim.library.facts_records import Mode
from chainsim.library.records import (
    CoefficientRecord,
    Grade,
    Id,
    Mark,
    MaterialRecord,
    Name,
    Number,
    ProcessRecord,
    Record,
    Share,
    Text,
)

Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]


class SourceRecord(Record):
    """Where numbers come from and what of it was read."""

    title: Text
    issuer: Text = ""
    year: str = ""
    url: Text = ""
    read: Text
    """What was read: whole text, an excerpt, a transcription by a third party …"""


class PriceRecord(CoefficientRecord):
    """A market price, tax included unless `taxed` is false."""

    name_zh: Name
    name_en: Name
    vat: Share
    """VAT rate of this good."""
    taxed: bool = True
    year: int
    series: Id | None = None
    """Monthly series of this good; price sets take its mean over their time."""
    follows: dict[Id, Number] | None = None
    """Goods or series this price moves with, and how much of their relative change it shows
    (elasticity); for price sets when it has no series of its own."""


class NamedCoefficient(CoefficientRecord):
    """A free-standing figure, for example a carbon factor, a freight rate or a wage."""

    name_zh: Name
    name_en: Name


Point = Annotated[list[Number], Field(min_length=2, max_length=2)]


class CurveRecord(Record):
    """Points [x, y] of one table, all from one source."""

    unit: str
    """Unit of y."""
    source: Id
    grade: Grade
    mark: Mark | None = None
    note: Text = ""
    points: Annotated[list[Point], Field(min_length=1)]


class CorrectionsRecord(Record):
    """How the limit of coke unit energy moves with charge, fuel, quenching and age (GB 21342)."""

    volatile: CurveRecord
    """Correction by volatile matter of the dry charge in %, linear between points."""
    moisture_base: CoefficientRecord
    moisture_slope: CoefficientRecord
    """Per point of moisture above the base."""
    mixed_gas: CoefficientRecord
    """When heated with mixed gas all the time."""
    wet_quench: CoefficientRecord
    wet_quench_levels: list[Id]
    age: CurveRecord
    """Correction of batteries older than x years."""
    age_levels: list[Id]


class LimitRecord(Record):
    """A limit of a standard, with its levels from the best to the worst."""

    name_zh: Name
    name_en: Name
    standard: Id
    """Key of the source that sets it."""
    edition: int
    """Year of the edition."""
    in_force: bool = True
    """False for an edition that another one has replaced."""
    quantity: Literal["energy", "electricity", "pm", "so2", "nox"]
    scope: Literal["gross", "process", "coking", "concentration", "unstated"]
    """How the figure is counted: `gross` all energy in less energy products sent out other than
    the product; `process` the same without feedstocks; `coking` charge and process energy less
    coke, gas, tar and benzol (GB 21342); `concentration` in the waste gas; `unstated` where
    it was not read, so that nothing can be judged."""
    unit: str
    oven: Literal["stamp", "top"] | None = None
    levels: Annotated[dict[Id, CoefficientRecord], Field(min_length=1)]
    """`level1`, `level2`, `level3`; `benchmark`, `baseline`; `advanced`, `new`, `existing`;
    `ultra_low`, `special`."""
    corrections: CorrectionsRecord | None = None
    note: Text = ""


class PriceSetRecord(Record):
    """Prices of a time: each price's series, averaged over `months`, against its base year."""

    name_zh: Name
    name_en: Name
    months: Annotated[list[Month], Field(min_length=2, max_length=2)]
    """First and last month of the time."""
    prices: dict[Id, CoefficientRecord] = {}
    """Prices read for that time; they win over series."""
    note_zh: Text = ""
    note_en: Text = ""


class RouteRecord(Record):
    """A named by-product route: processes in order, from the by-product to the last product."""

    name_zh: Name
    name_en: Name
    source_stream: Id
    """By-product the route begins with."""
    steps: Annotated[list[Id], Field(min_length=1)]
    """Processes in order; each takes in something the one before gives out."""
    product: Id
    clause_zh: Text = ""
    """Words of the city's document this route answers to."""
    source: Id


class PolicyRecord(Record):
    """One clause of a policy document as an executable check."""

    name_zh: Name
    name_en: Name
    clause_zh: Text
    check: Id
    """Name of the check in `accounts/registry.py`."""
    kpi: str | None = None
    limit: Number | None = None
    unit: str
    comparison: Literal["<=", ">=", "==", "<", "report"]
    """`report` shows the value without judging it."""
    level: Literal["city", "county", "enterprise", "battery"]
    lead_zh: Text = ""
    lead_en: Text = ""
    source: Id
    mark: Mark | None = None
    note: Text = ""
    applies_from: dt.date | None = None
    """Judged only when the simulated time reaches this day."""
    values: list[Name] = []
    """Words the check compares with, for example the counties that may make coke."""
    soft: bool = False
    """A technology or place the clause names without forbidding others: a miss warns."""
    modes: list[Mode] = ["replay", "target_2025", "carbon"]
    """Time modes in which the clause is judged."""
    judged: Literal["run", "facts"] = "run"
    """By what: flows of the run, or facts entered in the scenario."""


class MaterialsFile(Record):
    """A file under `graphs/materials/`."""

    schema_version: Literal[1]
    materials: dict[Id, MaterialRecord]


class ProcessesFile(Record):
    """A file under `graphs/processes/`."""

    schema_version: Literal[1]
    templates: dict[Id, dict[str, Any]] = {}
    """Parts of processes under an id of their own, for `like`; judged where they are used."""
    processes: dict[Id, ProcessRecord]


class SourcesFile(Record):
    """A file under `graphs/sources/`."""

    schema_version: Literal[1]
    sources: dict[Id, SourceRecord]


class PricesFile(Record):
    """A file under `graphs/prices/`."""

    schema_version: Literal[1]
    prices: dict[Id, PriceRecord]


class FactorsFile(Record):
    """A file under `graphs/standards/`: figures by key, and limits with their levels."""

    schema_version: Literal[1]
    factors: dict[Id, NamedCoefficient] = {}
    limits: dict[Id, LimitRecord] = {}


class SeriesRecord(Record):
    """A monthly price series; its values stand in the column of its id in `series/monthly.csv`."""

    name_zh: Name
    name_en: Name
    source: Id
    grade: Grade
    note: Text = ""


class SeriesFile(Record):
    """`graphs/series.yaml`."""

    schema_version: Literal[1]
    series: dict[Id, SeriesRecord]


class FuelsFile(Record):
    """`graphs/fuels.yaml`: lists of gases, the one to be burnt first in front."""

    schema_version: Literal[1]
    fuels: dict[Id, list[Id]]


class PriceSetsFile(Record):
    """`graphs/price_sets.yaml`."""

    schema_version: Literal[1]
    price_sets: dict[Id, PriceSetRecord]


class RoutesFile(Record):
    """`graphs/routes.yaml`."""

    schema_version: Literal[1]
    short_names: dict[Id, Id] = {}
    """Short word -> material, for `routes --from`."""
    routes: dict[Id, RouteRecord]


class PoliciesFile(Record):
    """A file under `graphs/policies/`."""

    schema_version: Literal[1]
    policies: dict[Id, PolicyRecord]


class SpeciesRecord(Record):
    """A gas species or element of the constants file."""

    value: Number
    unit: str
    source: Id


class ConstantsFile(Record):
    """`graphs/constants.yaml`: constants of nature."""

    schema_version: Literal[1]
    atomic_weights: dict[str, SpeciesRecord]
    """kg/kmol by element."""
    species: dict[str, SpeciesRecord]
    """Formation enthalpy of gas species at 25 degC, kJ/mol."""
    molar_volume: SpeciesRecord
    """Nm3/kmol at 0 degC, 101.325 kPa."""
