"""The draft that a visitor edits: tables as they were typed, what they make, steps back.

The frame given to a table widget stays the same while it is shown; what was typed is read from the
widget and kept here, and becomes the widget's frame when it is drawn anew (another table, page or
language), so nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from app import state
from chainsim.errors import Problem
from chainsim.study.draft_tables import DISPATCH, SECTIONS, next_id, table, with_table
from chainsim.study.drafts import check_draft, draft_of
from chainsim.study.levers import Scheme, overrides

MOST_STEPS = 100
KEPT_STEPS = 20


@dataclass(slots=True)
class Drafting:
    """A draft on its way."""

    data: dict[str, Any]
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    edited: dict[str, pd.DataFrame] = field(default_factory=dict)
    version: int = 0
    past: list[tuple[dict[str, Any], dict[str, pd.DataFrame]]] = field(default_factory=list)
    checked: tuple[dict[str, Any], tuple[Problem, ...]] | None = None

    def copy(self) -> Drafting:
        """The same draft, to be edited apart, with its last steps."""
        return replace(
            self,
            frames={},
            edited=dict(self.edited),
            past=self.past[-KEPT_STEPS:],
            version=self.version + 1,
        )

    def frame(self, section: str, *, anew: bool) -> pd.DataFrame:
        """What a table widget starts from; `anew` when it is not on the page yet."""
        if section not in self.frames:
            self.frames[section] = table(self.data, section)
        if anew and section in self.edited:
            self.frames[section] = self.edited[section].reset_index(drop=True)
        return self.frames[section]

    def current(self) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        """The scenario that the tables make, and everything that is wrong with it."""
        data = self.data
        doubled: list[Problem] = []
        for section in SECTIONS:
            if section in self.edited:
                data, found = with_table(data, section, self.edited[section])
                doubled += found
        if self.checked is None or self.checked[0] != data:
            self.checked = (data, check_draft(data))
        return data, (*doubled, *self.checked[1])

    def typed(self, section: str, frame: pd.DataFrame) -> None:
        """Take over what a table widget holds; one step back undoes it."""
        before = self.edited.get(section, self.frames[section])
        if _cells(before) != _cells(frame):
            self._remember()
        self.edited[section] = frame

    def put_order(self, order: list[Any]) -> None:
        """The dispatch list as rows to be edited."""
        self._remember()
        self.edited[DISPATCH] = table({DISPATCH: order}, DISPATCH)
        self._renew()

    def replace(self, data: dict[str, Any]) -> None:
        """Edit another scenario; one step back leads here again."""
        self._remember()
        self.data, self.edited = data, {}
        self._renew()

    def add(self, section: str, word: str, values: dict[str, str]) -> None:
        """One more row, its id made from `word`."""
        data, _ = self.current()
        before = self.edited.get(section, table(self.data, section))
        self._remember()
        row = pd.DataFrame([{"id": next_id(data, section, word), **values}], dtype=object)
        self.edited[section] = pd.concat([before, row], ignore_index=True).fillna("")
        self._renew()

    def back(self) -> None:
        """Undo the last load, upload, added row or edited cell."""
        if self.past:
            self.data, self.edited = self.past.pop()
            self._renew()

    def change(self, make: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change what no table shows, such as the names; tables stay."""
        self._remember()
        self.data = make(self.data)

    def _remember(self) -> None:
        self.past = [*self.past, (self.data, dict(self.edited))][-MOST_STEPS:]

    def _renew(self) -> None:
        self.frames = {}
        self.version += 1


def _cells(frame: pd.DataFrame) -> list[list[str]]:
    """What stands in a table, rows without anything left out."""
    rows = frame.fillna("").astype(str).to_numpy().tolist()
    return [row for row in rows if any(row)]


def drafting() -> Drafting:
    """The visitor's draft; at first the scheme that is shown."""
    session = state.session()
    found: Drafting | None = session.get("drafting")
    if found is None:
        found = session["drafting"] = Drafting(data=of_scheme(state.history().scheme))
    return found


def of_scheme(scheme: Scheme) -> dict[str, Any]:
    """A scheme as a scenario to be edited."""
    return draft_of(scheme.base, overrides(scheme))
