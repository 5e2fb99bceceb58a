"""A draft as its editor shows it: headings, words to choose from, problems by row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chainsim.errors import Lang, Problem
from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.park.model import Park
from chainsim.report.document import Grid, Row
from chainsim.report.i18n import known, t
from chainsim.report.names import component_name, plain
from chainsim.study.draft_dispatch import short
from chainsim.study.draft_tables import CHOICES, COLUMNS, DISPATCH, ID, SECTIONS

MOST_PROBLEMS: Final = 30
_WRITTEN: Final = {"t": "kt/a", "kNm3": "Nm3/h", "MWh": "MW"}
"""Unit of a material -> in which capacities are usually written."""
_PLACES: Final = ("site", "from", "to")


def headings(section: str, lang: Lang) -> dict[str, str]:
    """Field -> heading, the id first."""
    first = "place" if section == DISPATCH else ID
    titles = (first, *COLUMNS[section])
    return {c: t(f"draft_field.{x}", lang)
            for c, x in zip((ID, *COLUMNS[section]), titles, strict=True)}  # fmt: skip


def order(section: str, lang: Lang) -> tuple[str, ...]:
    """The fields as they stand beside each other: the name of another language comes last."""
    foreign = "name_en" if lang == "zh" else "name_zh"
    columns = (ID, *COLUMNS[section])
    return (*(c for c in columns if c != foreign), *(c for c in columns if c == foreign))


def choices(data: Mapping[str, Any], section: str, lang: Lang) -> dict[str, dict[str, str]]:
    """Field -> {word: what it is called}, for the fields that take one of some words."""
    library = load_library() if data.get("library", True) else Library()
    found: dict[str, dict[str, str]] = {}
    for column in COLUMNS[section]:
        if column in _PLACES:
            found[column] = _named(data.get("sites", {}), lang)
        elif column == "owner":
            found[column] = _named(data.get("enterprises", {}), lang)
        elif column == "process" and library.processes:
            found[column] = process_choices(library, lang)
        elif column == "material":
            own = _named(data.get("materials", {}), lang)
            found[column] = {k: plain(m.name(lang)) for k, m in library.materials.items()} | own
        elif column in CHOICES:
            found[column] = {w: t(f"draft_word.{w}", lang) for w in CHOICES[column]}
    return found


def process_choices(library: Library, lang: Lang) -> dict[str, str]:
    """Processes of the library by id, with their names."""
    return {
        k: plain(p.name_zh if lang == "zh" else p.name_en) for k, p in library.processes.items()
    }


def library_of_drafts() -> Library:
    """The library that drafts refer to."""
    return load_library()


def capacity_hint(library: Library, process: str, lang: Lang) -> str:
    """How the capacity of a process is written, and of what it is the capacity."""
    found = library.processes[process]
    port = next(p for p in found.ports if p.name == found.reference)
    unit = _WRITTEN.get(port.material.unit, f"{port.material.unit}/a")
    return t("editor.capacity_hint", lang, material=plain(port.material.name(lang)), unit=unit)


def _named(records: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    names = {}
    for key, record in records.items():
        given = record.get(f"name_{lang}") if isinstance(record, Mapping) else None
        names[key] = plain(str(given)) if given else key
    return names


def order_grid(park: Park, lang: Lang) -> Grid:
    """The whole dispatch list of a park: place, sense, who shares the place, how they are written.

    What follows from priorities alone is marked.
    """
    rows = []
    told = (goal for goal in park.goals if not goal.targets[0].startswith("cap:"))
    for place, goal in enumerate(told, 1):
        sense = t(f"draft_word.{'maximise' if goal.sense == 'max' else 'minimise'}", lang)
        names = dict.fromkeys(_column_name(park, key, lang) for key in goal.targets)
        rows.append(
            Row(
                (
                    str(place),
                    sense,
                    plain(" · ".join(names)),
                    ", ".join(map(short, goal.targets)),
                    t("editor.listed" if goal.declared else "editor.by_priority", lang),
                ),
                tone="plain" if goal.declared else "quiet",
            )
        )
    headers = ("draft_field.place", "draft_field.sense", "draft_field.targets", "editor.written",
               "editor.head_from")  # fmt: skip
    return Grid(
        headers=tuple(t(h, lang) for h in headers),
        rows=tuple(rows),
        wide=frozenset({2, 3}),
        toned=4,
    )


def _column_name(park: Park, key: str, lang: Lang) -> str:
    """What a column of the park's program is called, with what is done to it."""
    kind, _, component = key.partition(":")
    if kind == "feed":
        unit, port, material = component.split(".")
        return f"{component_name(park, unit, lang)} {port} {park.materials[material].name(lang)}"
    name = component_name(park, component, lang)
    return name if kind == "unit" else t(f"order.{kind}", lang, name=name)


def problem_grid(problems: Sequence[Problem], lang: Lang) -> Grid:
    """Where something is wrong, what, and how to mend it; the first `MOST_PROBLEMS`."""
    rows = []
    for problem in problems[:MOST_PROBLEMS]:
        section, row, field = _split(problem.path)
        message = problem.message(lang)
        if problem.found and problem.found not in message:
            message = t("editor.found", lang, message=message, found=problem.found)
        expected = problem.expected_text(lang)
        mend = [expected and t("editor.expected", lang, expected=expected)]
        mend.append(problem.hint_text(lang))
        rows.append(
            Row(
                (
                    known(f"editor.{section}", lang, section),
                    row,
                    known(f"draft_field.{field}", lang, field),
                    plain(message),
                    plain(" ".join(x for x in mend if x)),
                ),
                tone="bad",
            )
        )
    headers = ("section", "row", "column", "problem", "mend")
    return Grid(
        headers=tuple(t(f"editor.head_{h}", lang) for h in headers),
        rows=tuple(rows),
        wide=frozenset({3, 4}),
        toned=3,
    )


def _split(path: str) -> tuple[str, str, str]:
    """A key path as table, row and column; what is no table's stays whole."""
    parts = path.split(".")
    if parts[:2] == ["economics", "prices"] and len(parts) > 2:
        return "prices", parts[2], "price"
    if parts[0] == DISPATCH and len(parts) > 1 and parts[1].isdigit():
        return DISPATCH, str(int(parts[1]) + 1), ".".join(parts[2:])
    if parts[0] in SECTIONS:
        return parts[0], parts[1] if len(parts) > 1 else "", ".".join(parts[2:])
    return "", "", path
