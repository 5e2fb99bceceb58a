"""Shape of `uncertainty`, in a scenario and in a study alike: what every replication draws anew."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chainsim.library.records import Id, Number, Positive, Record

Path = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Shape = Literal["uniform", "triangular"]


class FigureRangeRecord(Record):
    """The range of one figure of the library, in the unit the library writes it in."""

    figure: Path
    """Path of the figure."""
    low: Number
    high: Number
    mode: Number | None = None
    """Of `triangular`: the typical value of the library, the middle where that lies outside."""
    distribution: Shape | None = None
    """That of the section when left out."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(self.low, self.mode, self.high)
        return self


class PriceRangeRecord(Record):
    """The range of one price, as a multiple of what the scenario has for it."""

    low: Positive
    high: Positive
    mode: Positive | None = None
    """Of `triangular`: 1, or the middle where that lies outside."""
    distribution: Shape = "triangular"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(self.low, self.mode, self.high)
        return self


def _in_order(low: float, mode: float | None, high: float) -> None:
    if not (low < high and low <= (low if mode is None else mode) <= high):
        raise PydanticCustomError("CS-V016", "low < high, mode between them")


class CoefficientsRecord(Record):
    """Figures of the library drawn within low and high, so that every process still closes."""

    only: Annotated[list[Path], Field(max_length=500)] = Field(default_factory=list)
    """Beginnings of the paths that are drawn, `processes.methanol`, `factors`; all when empty."""
    distribution: Shape = "triangular"
    """`triangular` has its mode at the typical value."""
    rounds: Annotated[int, Field(ge=1, le=50)] = 3
    """Times the sampler goes over the figures that a closing stream holds together."""
    ranges: dict[Id, FigureRangeRecord] = Field(default_factory=dict)
    """Other ranges than the library's; what is named here is drawn whatever `only` says."""


class PricesRecord(Record):
    """Prices on correlated mean-reverting paths fitted to the monthly series, or within ranges."""

    paths: bool = True
    """False: no paths; only what `ranges` names moves (and what `coefficients` draw)."""
    anchor: Literal["base", "history"] = "base"
    """Paths swing around the scenario's prices, or around the long-run level of the series."""
    start: Literal["stationary", "last"] = "stationary"
    """Paths begin anywhere, or at the last published month (with `history` only)."""
    ranges: dict[Id, PriceRangeRecord] = Field(default_factory=dict)
    """Price key -> its range, instead of a path."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.start == "last" and self.anchor == "base":
            raise PydanticCustomError("CS-V017", "start: last needs anchor: history")
        return self


class UncertaintyRecord(Record):
    """What is drawn anew in every replication; what is left out stays as the scenario has it."""

    coefficients: CoefficientsRecord | None = None
    prices: PricesRecord | None = None
    failures: bool = True
    """False: nothing fails and nothing is overhauled."""
