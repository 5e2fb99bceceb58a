"""Shape of transport in batches: vehicles, bays, timetables, reorder rules, closed roads."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chainsim.library.facts_records import Amount
from chainsim.library.records import (
    DistributionRecord,
    Id,
    NonNegative,
    Positive,
    Record,
    Text,
)

Duration = NonNegative | DistributionRecord
"""Hours, or a distribution of hours."""
HourOfDay = Annotated[float, Field(ge=0.0, lt=24.0)]
Count = Annotated[int, Field(ge=1, le=4096)]


class BaysRecord(Record):
    """Places to load that several links share."""

    size: Count = 1
    """Vehicles that load at a time."""
    note: Text = ""


class ReorderRecord(Record):
    """Order when what is there and on the way has fallen to `at`, up to `up_to`."""

    at: Amount
    up_to: Amount


class ClosureRecord(Record):
    """A road that is closed from one day up to the day it opens again."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    begin: Annotated[dt.date, Field(alias="from")]
    end: Annotated[dt.date, Field(alias="to")]


class ShipmentRecord(Record):
    """Transport in batches between the one buffer at each end.

    Vehicles come by `every` or `timetable`, are sent by `reorder`, or, when none is given, whenever
    there is a batch and room for it.
    """

    batch: Amount
    bays: Count | Id | None = None
    """Bays for loading, of its own or by id those under `bays` that it shares; any number when left
    out."""
    docks: Count | None = None
    """Bays for unloading; any number when left out."""
    fleet: Count | None = None
    """Vehicles, which drive back empty; any number, which do not, when left out."""
    loading: Duration = 0.0
    transit: Duration = 0.0
    unloading: Duration = 0.0
    every: Positive | DistributionRecord | None = None
    """Time from one vehicle to the next."""
    first: NonNegative | None = None
    """Hour of the first vehicle; after one interval when left out."""
    timetable: Annotated[list[HourOfDay], Field(min_length=1, max_length=96)] | None = None
    """Hours of the day at which a vehicle comes."""
    reorder: ReorderRecord | None = None
    waiting_room: Annotated[int, Field(ge=0, le=1000)] | None = None
    """Vehicles that may wait for a bay; what comes then is turned away."""
    closed: list[ClosureRecord] = []
    night_ban: Annotated[list[HourOfDay], Field(min_length=2, max_length=2)] | None = None
    """Hours of the day from and to which nothing departs."""

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        given = sum(rule is not None for rule in (self.every, self.timetable, self.reorder))
        if given > 1 or (self.first is not None and self.every is None):
            raise PydanticCustomError("CS-S025", "one rule only")
        return self
