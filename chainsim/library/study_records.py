"""Shapes of a study file: which parks are run, what is varied how, what is uncertain, how often."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chainsim.library.records import Id, Name, Number, Record, Text
from chainsim.library.uncertainty_records import Path, Shape, UncertaintyRecord

Value = bool | Number | Annotated[str, StringConstraints(min_length=1, max_length=200)]
MAX_POINTS = 1_000_000


class FactorRecord(Record):
    """Something varied: keys of the scenario (`set`) or one figure of the library (`figure`)."""

    set: Path | Annotated[list[Path], Field(min_length=1, max_length=50)] | None = None
    """Key path of the scenario, as with `--set`; several take the same value."""
    figure: Path | None = None
    """Path of a figure of the library; its own range unless `low` and `high` are given."""
    values: Annotated[list[Value], Field(min_length=1, max_length=10_000)] | None = None
    """Values of a grid."""
    low: Number | None = None
    high: Number | None = None
    unit: Annotated[str, StringConstraints(max_length=40)] = ""
    """Written behind a number put into the scenario."""
    distribution: Shape = "uniform"
    """Between `low` and `high`; `triangular` has its mode at `mode`, else in the middle."""
    mode: Number | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.set is None) == (self.figure is None):
            raise PydanticCustomError("CS-V014", "either set or figure")
        if (self.low is None) != (self.high is None):
            raise PydanticCustomError("CS-V015", "low and high go together")
        if self.low is not None and self.high is not None:
            mode = self.low if self.mode is None else self.mode
            if not (self.low < self.high and self.low <= mode <= self.high):
                raise PydanticCustomError("CS-V016", "low < high, mode between them")
        return self


class DesignRecord(Record):
    """How the points lie in the space of the factors."""

    kind: Literal["grid", "list", "latin_hypercube", "sobol", "random"] = "grid"
    samples: Annotated[int, Field(ge=1, le=MAX_POINTS)] | None = None
    """Number of points of the last three kinds; a power of two for `sobol`."""
    seed: Annotated[int, Field(ge=0)] = 1
    points: Annotated[list[dict[str, Value]], Field(min_length=1, max_length=MAX_POINTS)] | None = (
        None
    )
    """The points of a `list`: factor -> value; a factor left out stays as the scenario has it."""


class StudyRecord(Record):
    """A whole study file."""

    schema_version: Literal[1]
    kind: Literal["study"]
    id: Id
    name_zh: Name
    name_en: Name
    story_zh: Text = ""
    story_en: Text = ""
    scenarios: Annotated[list[Path], Field(min_length=1, max_length=100)]
    """Ids or files; every point is run in each of them."""
    engine: Literal["des", "steady"] = "des"
    years: Annotated[int, Field(ge=1, le=60)] | None = None
    """Calendar years instead of the scenario's horizon."""
    reps: Annotated[int, Field(ge=1, le=MAX_POINTS)] = 1
    """Replications of every point."""
    seed: Annotated[int, Field(ge=0)] = 1
    outages: bool = True
    factors: dict[Id, FactorRecord] = Field(default_factory=dict)
    design: DesignRecord = DesignRecord()
    uncertainty: UncertaintyRecord | None = None
    """What is drawn, in every scenario; each scenario's own `uncertainty` when left out."""
    kpis: Annotated[list[Path], Field(max_length=500)] = Field(default_factory=list)
    """KPIs to keep; all when empty."""
    policy: bool = True
    """Keep the verdicts of the clauses too."""
    finance: bool = True
    """Appraise what is not yet built, in every run."""
    chunk: Annotated[int, Field(ge=1, le=100_000)] = 8
    """Runs of one part file, the unit in which work is handed out and written."""


def study_schema() -> dict[str, object]:
    """JSON Schema of a study file."""
    schema: dict[str, object] = StudyRecord.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
