"""Shape of what stops the units of a scenario: failures, crews, overhauls, stand-by."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chainsim.library.records import (
    FailureRecord,
    Id,
    NonNegative,
    Number,
    Positive,
    Record,
    Text,
)


class UnitFailureRecord(FailureRecord):
    """A failure mode of one unit, mended by a crew if one is named."""

    crew: Id | None = None
    """Crew that mends it; the unit's when left out."""
    priority: Number | None = None
    """Place in the crew's queue, smaller first; the unit's `crew_priority` when left out."""


class PlannedStopRecord(Record):
    """Planned stops of a unit: every `interval` hours, or on `dates`, for `duration` hours."""

    interval: Positive | None = None
    duration: Positive
    first: NonNegative | None = None
    """Hours from the start to the first stop; half the interval when left out."""
    clock: Literal["calendar", "operating"] = "calendar"
    """`operating`: intervals count hours in which the unit runs, from the end of one stop on."""
    dates: Annotated[list[dt.date], Field(min_length=1)] | None = None
    """First day of each stop, instead of an interval."""
    not_with: list[Id] = []
    """Units whose planned stops may not fall together with this one's; the later one waits."""

    @model_validator(mode="after")
    def _one_plan(self) -> Self:
        by_interval = self.first is not None or self.clock == "operating"
        if (self.interval is None) == (self.dates is None) or (self.dates and by_interval):
            raise PydanticCustomError("CS-S022", "either an interval or dates")
        return self


class CrewRecord(Record):
    """People who mend what fails; what finds none free waits."""

    size: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Repairs that they can do at a time."""
    note: Text = ""
