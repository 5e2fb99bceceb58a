"""A page as plain data: sections of sentences and tables of texts. Command line and app draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "good", "bad", "warn", "quiet"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `tone` colours one of its cells where there are colours."""

    cells: tuple[str, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of texts; `numeric` columns stand to the right, `wide` ones may wrap."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    numeric: frozenset[int] = frozenset()
    wide: frozenset[int] = frozenset()
    toned: int = -1
    """The column that a row's tone colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with a table, sentences, or both."""

    title: str
    grid: Grid | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole page."""

    title: str
    lead: str = ""
    sections: tuple[Section, ...] = ()
