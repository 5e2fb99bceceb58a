"""Sections of a draft as tables of texts, and back: a cell holds what was typed, right or wrong.

What a table does not show of a record (recipes, failures, notes) stays as it is. A number typed is
a number, an empty cell leaves its value out; whether a value will do is for the scenario's check.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from chainsim.errors import Problem, shorten
from chainsim.study.draft_dispatch import SENSES, goal_rows, goals_of

ID: Final = "id"
_MARKET: Final = ("name_zh", "name_en", "material", "site", "limit", "price", "priority")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "units": (
        "name_zh", "name_en", "process", "site", "owner", "capacity", "priority", "load",
        "min_load", "trains", "status", "start", "close", "capex",
    ),
    "links": (
        "name_zh", "name_en", "material", "from", "to", "mode", "km", "capacity", "priority",
        "status",
    ),
    "sites": ("name_zh", "name_en", "county", "x_km", "y_km"),
    "buy": _MARKET,
    "sell": _MARKET,
    "buffers": ("name_zh", "name_en", "material", "site", "capacity", "initial_share", "priority"),
    "obligations": (
        "name_zh", "name_en", "material", "site", "rate", "monthly", "priority", "hard", "price",
    ),
    "vents": ("material", "site", "kind", "limit", "priority"),
    "dispatch": ("sense", "targets"),
    "prices": ("price",),
}  # fmt: skip
"""Section -> fields shown, after the id."""
SECTIONS: Final = tuple(COLUMNS)
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "mode": ("pipe", "conveyor", "truck", "rail"),
    "status": ("built", "under_construction", "planned", "announced"),
    "kind": ("vent", "flare"),
    "hard": ("true", "false"),
    "sense": SENSES,
}
"""Fields with few allowed words."""
MOST_ROWS: Final = 1_000
MOST_CHARS: Final = 400
DISPATCH: Final = "dispatch"
"""The one section that is a list: its ids are places."""
_LISTS: Final = ("monthly",)
_TRUTHS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_COMMA: Final = re.compile(r"[,\uff0c\u3001;\uff1b]")
_NO_ID: Final = re.compile(r"[^a-z0-9_]+")


def table(data: Mapping[str, Any], section: str) -> pd.DataFrame:
    """One section as texts: columns `id` and `COLUMNS[section]`, rows in the file's order."""
    if section == DISPATCH:
        goals = goal_rows(data.get(DISPATCH) or [])
        return pd.DataFrame(goals, columns=[ID, *COLUMNS[DISPATCH]], dtype=object)
    rows = [
        {ID: key, **{c: _text(_field(record, c)) for c in COLUMNS[section]}}
        for key, record in _records(data, section).items()
    ]
    return pd.DataFrame(rows, columns=[ID, *COLUMNS[section]], dtype=object)


def with_table(
    data: Mapping[str, Any], section: str, frame: pd.DataFrame
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The draft with a section as its table says.

    Rows that are gone are taken out; empty rows mean nothing; a row without an id gets one.

    Returns:
        The new data, and a problem for each id that stands twice (its first row counts).
    """
    cells = [
        {c: _clean(row.get(c)) for c in (ID, *COLUMNS[section])}
        for row in frame.head(MOST_ROWS).to_dict("records")
    ]
    texts = [row for row in cells if any(row.values())]
    if section == DISPATCH:
        return _with_goals(data, texts), ()
    before = _records(data, section)
    found: dict[str, Any] = {}
    problems = []
    given = {row[ID] for row in texts}
    for row in texts:
        key = row[ID] or _new_id(row, section, {*given, *found})
        if key in found:
            problems.append(Problem(code="CS-V018", path=f"{section}.{key}", found=shorten(key)))
            continue
        found[key] = _record(before.get(key), row, section)
    return _with_section(data, section, found), tuple(problems)


def next_id(data: Mapping[str, Any], section: str, word: str) -> str:
    """An id that is free in a section, made from `word`."""
    return _new_id({"process": word}, section, set(_records(data, section)))


def _with_goals(data: Mapping[str, Any], texts: list[dict[str, str]]) -> dict[str, Any]:
    after = copy.deepcopy(dict(data))
    goals = goals_of(texts, data.get(DISPATCH) or [])
    if goals or DISPATCH in after:
        after[DISPATCH] = goals
    return after


def _records(data: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    if section == "prices":
        return dict(data.get("economics", {}).get("prices", {}))
    return dict(data.get(section, {}))


def _with_section(data: Mapping[str, Any], section: str, found: dict[str, Any]) -> dict[str, Any]:
    after = copy.deepcopy(dict(data))
    if section == "prices":
        economics = dict(after.get("economics", {}))
        economics.pop("prices", None)
        if found:
            economics["prices"] = found
        if economics or "economics" in after:
            after["economics"] = economics
    elif found or section in after:
        after[section] = found
    return after


def _field(record: Any, column: str) -> Any:
    return record.get(column) if isinstance(record, Mapping) else record


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _clean(cell: Any) -> str:
    """What was typed: one line, no marks around; empty for nothing."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return " ".join(_text(cell).split())[:MOST_CHARS]


def _record(before: Any, row: Mapping[str, str], section: str) -> Any:
    """A record with its cells; a cell that still says the same keeps its value's type."""
    if section == "prices":
        return before if _text(before) == row["price"] else _value(row["price"])
    record = copy.deepcopy(before) if isinstance(before, dict) else {}
    for column in COLUMNS[section]:
        text = row[column]
        if text == _clean(record.get(column)):
            continue
        if text:
            record[column] = _typed(column, text)
        else:
            record.pop(column, None)
    return record


def _typed(column: str, text: str) -> Any:
    if column in _LISTS:
        return [_value(part.strip()) for part in _COMMA.split(text)]
    return _TRUTHS.get(text, text) if column == "hard" else _value(text)


def _value(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        return text or None
    number = float(text)
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _new_id(row: Mapping[str, str], section: str, taken: set[str]) -> str:
    word = row.get("process") or row.get("material") or row.get("name_en") or section
    plain = _NO_ID.sub("_", word.lower()).strip("_")[:40]
    stem = plain if plain[:1].isalpha() else section
    count = 1
    key = stem
    while key in taken:
        count += 1
        key = f"{stem}_{count}"
    return key
