"""Shapes of the materials and processes under `graphs/`: pydantic records, nothing computed.

A coefficient always carries value, unit, range, source and grade. `files.py` turns these records
into numbers; this module only says what may be written.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chainsim.errors import UnitError
from chainsim.ids import ID_PATTERN
from chainsim.units import factor

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]

Grade = Literal["A", "B", "C"]
Mark = Literal["transcribed", "recalled", "placeholder", "derived", "assumed"]
Role = Literal["feed", "product", "byproduct", "utility_in", "utility_out", "emission", "loss"]
Boundary = Literal["coking", "downstream", "steel", "utility"]
Phase = Literal["solid", "liquid", "gas", "energy"]
Pollutant = Literal["pm", "so2", "nox", "voc"]


class Record(BaseModel):
    """Base of all file records: unknown keys are errors, instances never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class CoefficientRecord(Record):
    """One number with its unit, range and origin."""

    value: Number
    unit: str
    """As written, for example `Nm3/t`, `CNY/t`, `ratio`."""
    low: Number | None = None
    high: Number | None = None
    source: Id
    """Key of `sources.yaml`; `est` for an own estimate (`note` then gives its derivation)."""
    grade: Grade
    """A: standard, statute or peer-reviewed; B: report, filing, article; C: own estimate."""
    mark: Mark | None = None
    """Kept to the reader's eye: `transcribed` from a copy, `recalled`, `placeholder` …"""
    note: Text = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise PydanticCustomError("CS-L008", "value must lie between low and high")
        try:
            factor(self.unit, self.unit)
        except UnitError as exc:
            raise PydanticCustomError("CS-U001", "unknown unit") from exc
        return self


Triple = Annotated[list[Number], Field(min_length=3, max_length=3)]


class AssayRecord(Record):
    """A composition: part -> [value, low, high], all from one source. The values sum to 100."""

    unit: Literal["vol%", "mol%", "wt%"]
    source: Id
    grade: Grade
    mark: Mark | None = None
    note: Text = ""
    parts: dict[str, Triple]
    """Gas species (`H2`, `CH4` …) or elements (`C`, `H`, `O`, `N`, `S`, `other`)."""

    @model_validator(mode="after")
    def _sums(self) -> Self:
        for name, (value, low, high) in self.parts.items():
            if not low <= value <= high:
                raise PydanticCustomError(
                    "CS-L008", "value must lie between low and high ({part})", {"part": name}
                )
        total = sum(value for value, _, _ in self.parts.values())
        if abs(total - 100.0) > 1e-6:
            raise PydanticCustomError(
                "CS-L009", "parts add up to {total}, not 100", {"total": total}
            )
        return self


class MaterialRecord(Record):
    """A stream's identity: names, unit and what it is made of (exactly one way of saying it)."""

    name_zh: Name
    name_en: Name
    phase: Phase
    unit: Literal["t", "kNm3", "GJ", "MWh", "m3", "km", "piece"]
    """Base unit of every flow of this material."""
    group: Id = "other"
    """Family for colours and legends: coal, coke, gas, tar, benzol, nylon, utility …"""
    colour: Colour = "#7f8c8d"
    formula: str | None = None
    """Pure compound, for example `C6H6`; needs `formation_enthalpy`."""
    formation_enthalpy: CoefficientRecord | None = None
    """kJ/mol at 25 degC in the state of `phase`; gives the LHV by Hess's law."""
    composition: AssayRecord | None = None
    """Gas mixture by species."""
    elements: AssayRecord | None = None
    """Solid or liquid mixture by element."""
    blend: dict[str, CoefficientRecord] | None = None
    """Sum of other materials, amount of each per base unit."""
    closing_of: Id | None = None
    """Closing stream of this process: composition and LHV follow from the balance."""
    lhv: CoefficientRecord | None = None
    """Measured lower heating value where it does not follow from formula or species."""
    sensible_heat: CoefficientRecord | None = None
    energy: CoefficientRecord | None = None
    """Energy carriers (electricity, steam, heat): content per base unit."""
    tce: CoefficientRecord | None = None
    """Standard-coal factor by calorific value, for example kgce/kg."""
    tce_equal: CoefficientRecord | None = None
    """Standard-coal factor by source energy; power and heat only."""
    gwp: CoefficientRecord | None = None
    """Greenhouse effect besides CO2 from its carbon, t CO2e per t (nitrous oxide)."""
    ambient: bool = False
    """Taken from or given to the environment freely (air): has no header."""
    assay_basis: Text = ""


class CurvePoint(Record):
    """Factor on a coefficient at a load set-point (share of nameplate)."""

    load: Share
    factor: Positive


class PortRecord(CoefficientRecord):
    """One connection of a process: material, role, and how much per unit of the basis port."""

    material: Id | None = None
    """Material id; the port's name when left out."""
    role: Role
    alternatives: list[Id] | None = None
    """Materials that may serve this port, in order of preference; shared by heat value when the
    port is counted in GJ, one for one otherwise. A name of `fuels.yaml` stands for its list."""
    burn: bool = False
    """The served fuel is burnt: its carbon leaves as CO2 at this unit."""
    load_curve: list[CurvePoint] | None = None


class ClosingPortRecord(Record):
    """A port whose amount follows from the balance."""

    material: Id | None = None
    role: Role
    closing: Literal[True]


def _port_kind(value: object) -> str:
    """Which record a port is meant to be, so that only its own mistakes are told."""
    closing = isinstance(value, ClosingPortRecord) or (
        isinstance(value, dict) and "closing" in value
    )
    return "closing port" if closing else "declared port"


AnyPort = Annotated[
    Annotated[PortRecord, Tag("declared port")] | Annotated[ClosingPortRecord, Tag("closing port")],
    Discriminator(_port_kind),
]


class ClosingRecord(Record):
    """How the process closes exactly."""

    port: Id
    kind: Literal["difference", "separation", "species", "oxidation"]
    """`difference`: each element by difference (a loss stream); `separation`: gas species by
    difference; `species`: gas whose species close one element each; `oxidation`: C to CO2, H to
    H2O, N to N2, S to SO2, with oxygen from the air."""
    species: dict[str, str] | None = None
    """For `species`: element -> gas species that closes it."""
    rest: Id | None = None
    """For `species`: a second closing port that takes, by difference, the elements which the
    species do not cover (slag)."""
    tolerance: CoefficientRecord
    """Largest acceptable closing stream as a share of the mass that goes in."""
    heat_tolerance: CoefficientRecord
    """Largest acceptable heat loss as a share of the energy that goes in."""


class DistributionRecord(Record):
    """A duration in hours. Give the fields its kind needs.

    exponential: mean; weibull: shape, scale; lognormal: median, sigma; gamma: shape, scale;
    triangular: low, mode, high; constant: value.
    """

    kind: Literal["exponential", "weibull", "lognormal", "gamma", "triangular", "constant"]
    mean: CoefficientRecord | Positive | None = None
    shape: CoefficientRecord | Positive | None = None
    scale: CoefficientRecord | Positive | None = None
    median: CoefficientRecord | Positive | None = None
    sigma: CoefficientRecord | Positive | None = None
    low: CoefficientRecord | NonNegative | None = None
    mode: CoefficientRecord | NonNegative | None = None
    high: CoefficientRecord | Positive | None = None
    value: CoefficientRecord | NonNegative | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = {n for n in type(self).model_fields if n != "kind" and getattr(self, n) is not None}
        if given != DISTRIBUTION_FIELDS[self.kind]:
            raise PydanticCustomError(
                "CS-L010",
                "a {kind} distribution takes exactly: {fields}",
                {"kind": self.kind, "fields": ", ".join(sorted(DISTRIBUTION_FIELDS[self.kind]))},
            )
        return self


DISTRIBUTION_FIELDS: dict[str, set[str]] = {
    "exponential": {"mean"},
    "weibull": {"shape", "scale"},
    "lognormal": {"median", "sigma"},
    "gamma": {"shape", "scale"},
    "triangular": {"low", "mode", "high"},
    "constant": {"value"},
}


class FailureRecord(Record):
    """One way to fail: time to failure, time to repair."""

    mode: Id = "failure"
    uptime: DistributionRecord
    repair: DistributionRecord
    clock: Literal["calendar", "operating"] = "calendar"

    @model_validator(mode="after")
    def _lasting(self) -> Self:
        value = self.uptime.value
        if isinstance(value, float) and value == 0.0:
            raise PydanticCustomError("CS-L012", "the time to failure must be above 0")
        return self


class OverhaulRecord(Record):
    """Planned stop: every `interval` hours (first one after `first`), for `duration` hours."""

    interval: CoefficientRecord | Positive
    duration: CoefficientRecord | Positive
    first: NonNegative | None = None
    """Hours from the start to the first overhaul; half the interval when left out."""


class CapexRecord(Record):
    """Investment of one unit of `reference_capacity`; other sizes by the scale exponent."""

    specific: CoefficientRecord
    """Money per capacity, for example `CNY/(t/a)` or `CNY/(Nm3/h)`."""
    reference_capacity: CoefficientRecord
    exponent: CoefficientRecord
    year: int = Field(ge=1950, le=2100)


class StaffRecord(Record):
    """Persons for a plant of `reference_capacity`; other sizes in proportion."""

    persons: CoefficientRecord
    reference_capacity: CoefficientRecord


class OvenRecord(Record):
    """Data of a coke-oven battery type."""

    charging: Literal["stamp", "top"]
    chamber_height: CoefficientRecord
    ovens: CoefficientRecord
    coking_time: CoefficientRecord
    coke_per_push: CoefficientRecord


class AreaRecord(Record):
    """Land for a plant of `reference_capacity`; other sizes in proportion."""

    land: CoefficientRecord
    """Fenced area, for example `ha`."""
    reference_capacity: CoefficientRecord


class ProcessRecord(Record):
    """One process family member: ports per unit of the basis port, closing, dynamics, money."""

    like: Id | None = None
    """Process whose record this one starts from: what stands here replaces, `null` removes, and
    the figures taken over stay one figure with those of that process."""
    name_zh: Name
    name_en: Name
    boundary: Boundary
    basis: Id
    """Port to whose unit all coefficients refer (its own coefficient is 1)."""
    reference: Id
    """Port in which the nameplate is counted."""
    ports: dict[Id, AnyPort]
    closing: ClosingRecord | None = None
    operating_hours: CoefficientRecord
    """Hours at nameplate behind an annual capacity."""
    turndown: CoefficientRecord
    """Least stable load as a share of nameplate."""
    min_down: CoefficientRecord | None = None
    """Hours before a stopped unit may restart."""
    follow: bool = False
    """A follower (swing boiler): runs as little as the goals listed before it allow."""
    failures: list[FailureRecord] = []
    overhaul: OverhaulRecord | None = None
    capex: CapexRecord | None = None
    fixed_opex: CoefficientRecord | None = None
    """Maintenance and overheads as a share of capex per year (`1/a`)."""
    variable_opex: CoefficientRecord | None = None
    """Chemicals, catalysts, water treatment per unit of the reference port."""
    staff: StaffRecord | None = None
    area: AreaRecord | None = None
    min_scale: CoefficientRecord | None = None
    """Least economic or permitted size of one plant, in the reference port per year."""
    pollutants: dict[Pollutant, CoefficientRecord] = {}
    """Air pollutants after treatment, kg per unit of the basis port; outside the mass balance."""
    limits: list[Id] = []
    """Limits of `standards/` that apply to this process."""
    oven: OvenRecord | None = None
    tags: list[Id] = []
