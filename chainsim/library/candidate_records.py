"""Shape of a candidate file: what may be built around a scenario, and within which limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chainsim.library.facts_records import Amount
from chainsim.library.records import Id, Name, Positive, Record, Share, Text

Year = Annotated[int, Field(ge=2000, le=2200)]
Measure = Annotated[str, StringConstraints(max_length=40)]


class TrainsRecord(Record):
    """Equal lines, built all at once."""

    of: Amount
    """Capacity of one."""
    up_to: Annotated[int, Field(ge=1, le=20)]


class RangeRecord(Record):
    """Any size in between."""

    low: Amount
    high: Amount
    pieces: Annotated[int, Field(ge=1, le=10)] = 3
    """Straight pieces that stand for the curve of investment."""


class CandidateRecord(Record):
    """One plant or link that may be built, at one of several places, in one of several sizes."""

    name_zh: Name | None = None
    name_en: Name | None = None
    unit: dict[str, Any] | None = None
    """Keys of `units` in a scenario, without site, owner, capacity, trains, start and status."""
    link: dict[str, Any] | None = None
    """Keys of `links` in a scenario, without capacity and status; instead of `unit`."""
    sites: dict[Id, Id | None] = {}
    """Site -> owner there."""
    sizes: list[Amount] = []
    trains: TrainsRecord | None = None
    size: RangeRecord | None = None
    start: list[Year] = []
    """Years on whose first day it may begin; every year of the horizon when left out."""
    needs: list[Id] = []
    """Other candidates that must stand at the same site (links: anywhere) by then."""
    replaces: list[Id] = []
    """Units of the scenario that close when it begins."""
    required: bool = False
    """It must be built somewhere."""
    several: bool = False
    """It may be built at more than one site."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.unit is None) == (self.link is None):
            raise PydanticCustomError("CS-N011", "give one of {ways}", {"ways": "unit | link"})
        if (bool(self.sizes) + (self.trains is not None) + (self.size is not None)) != 1:
            ways = {"ways": "sizes | trains | size"}
            raise PydanticCustomError("CS-N011", "give one of {ways}", ways)
        return self


class LayoutLimitRecord(Record):
    """A bound on a measure of a year, of the whole park or of a part of it."""

    measure: Measure
    site: Id | None = None
    county: Name | None = None
    owner: Id | None = None
    at_most: Amount | None = None
    at_least: Amount | None = None
    note: Text = ""

    @model_validator(mode="after")
    def _some_end(self) -> Self:
        if self.at_most is None and self.at_least is None:
            ways = {"ways": "at_most | at_least"}
            raise PydanticCustomError("CS-N011", "give one of {ways}", ways)
        return self


class ApartRecord(Record):
    """Two candidates that may not stand within a distance of each other."""

    of: Annotated[list[Id], Field(min_length=2, max_length=2)]
    km: Positive
    note: Text = ""


class CandidatesRecord(Record):
    """A candidate file."""

    schema_version: Literal[1]
    kind: Literal["candidates"]
    id: Id
    name_zh: Name
    name_en: Name
    story_zh: Text = ""
    story_en: Text = ""
    base: Annotated[str, StringConstraints(max_length=200)]
    """Scenario that stands already: id of a shipped one, or a file beside this one."""
    years: Annotated[list[Year], Field(min_length=2, max_length=2)]
    """First and last year looked at."""
    objective: Annotated[str, StringConstraints(max_length=200)] = "fnpv"
    discount: Share | None = None
    """Discount rate; that of the candidates' trades when left out."""
    budget: Amount | None = None
    """Most that may be invested in all."""
    policies: list[Id] = []
    """Clauses that must be kept in every year."""
    scenario: dict[str, Any] = {}
    """Whatever else of a scenario the candidates need: markets, vents, enterprises, links."""
    candidates: Annotated[dict[Id, CandidateRecord], Field(min_length=1)]
    limits: dict[Id, LayoutLimitRecord] = {}
    apart: dict[Id, ApartRecord] = {}


def candidates_schema() -> dict[str, object]:
    """JSON Schema of a candidate file."""
    schema: dict[str, object] = CandidatesRecord.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
