"""Shape of `graphs/evaluation/`: indicators of 生存线 and 发展线, and weights."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chainsim.library.records import Id, Mark, Name, NonNegative, Number, Record, Text


class DimensionRecord(Record):
    """One dimension of the evaluation."""

    name_zh: Name
    name_en: Name


class IndicatorRecord(Record):
    """One indicator, measured for every enterprise by a named check."""

    name_zh: Name
    name_en: Name
    dimension: Id
    check: Id
    """Name of the measure in `accounts/measures.py`."""
    values: list[Name] = []
    """Words the measure asks for."""
    formula: Text
    unit: str
    direction: Literal["up", "down"]
    """Which way is better."""
    survival: Number | None = None
    """Survival line; none where nobody has set one."""
    development: Number | None = None
    """Development line; none where nobody has set one."""
    veto: bool = False
    """Missing the survival line here settles the lowest tier."""
    weight: NonNegative = 1.0
    """Weight among the indicators of its dimension."""
    source: Id
    mark: Mark
    note: Text = ""


class PresetRecord(Record):
    """Weights of the dimensions under one name."""

    name_zh: Name
    name_en: Name
    weights: Annotated[dict[Id, NonNegative], Field(min_length=1)]
    note: Text = ""


class EvaluationFile(Record):
    """A file under `graphs/evaluation/`."""

    schema_version: Literal[1]
    dimensions: dict[Id, DimensionRecord] = {}
    indicators: dict[Id, IndicatorRecord] = {}
    presets: dict[Id, PresetRecord] = {}
