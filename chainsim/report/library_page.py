"""Pages about the library: how processes close, what there is, a record, the origin of a KPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.library.census import grades, marks
from chainsim.library.model import Coefficient, Library
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import listed, t
from chainsim.report.names import kpi_name, plain
from chainsim.report.numbers import fmt, number, unit_label

KINDS: Final = (
    "materials",
    "processes",
    "routes",
    "prices",
    "price_sets",
    "series",
    "factors",
    "limits",
    "policies",
    "sources",
)
_NOTE_CHARS: Final = 120


def closure_table(library: Library) -> pd.DataFrame:
    """Closure rows: process, quantity, unit, into, out, gap, share, closing_port, worst."""
    return pd.DataFrame(
        [
            {
                "process": row.process,
                "quantity": row.quantity,
                "unit": row.unit,
                "into": row.into,
                "out": row.out,
                "gap": row.closing,
                "share": row.share,
                "closing_port": row.closing_port,
                "worst": row.worst,
            }
            for row in library.closure
        ],
        columns=[
            "process", "quantity", "unit", "into", "out", "gap", "share", "closing_port", "worst",
        ],
    )  # fmt: skip


def closure_page(library: Library, lang: Lang) -> Page:
    """The closure table as a page, one section for each process."""
    keys = ("quantity", "into", "out", "gap", "share", "closing_port", "worst")
    headers = tuple(t(f"library.{k}", lang) for k in keys)
    sections = []
    for name, group in closure_table(library).groupby("process", sort=False):
        process = library.processes[str(name)]
        rows = tuple(
            Row(
                (
                    r["quantity"],
                    f"{number(r['into'], 4)} {r['unit']}",
                    number(r["out"], 4),
                    number(r["gap"], 4),
                    fmt(r["share"], "ratio", lang),
                    r["closing_port"],
                    _below(r["worst"], process.id),
                )
            )
            for r in group.to_dict("records")
        )
        grid = Grid(
            headers=headers, rows=rows, numeric=frozenset({1, 2, 3, 4}), wide=frozenset({6})
        )
        sections.append(Section(title=f"{process.id}  {process.name(lang)}", grid=grid))
    line = t("library.closed", lang, count=len({r.process for r in library.closure}))
    return Page(
        title=t("library.closure", lang),
        lead=f"{line} · {t('library.closure_note', lang)}",
        sections=tuple(sections),
    )


def _below(path: str, process: str) -> str:
    """A coefficient's path without what the row says already."""
    return path.removeprefix(f"processes.{process}.").removeprefix("ports.")


def listing_table(library: Library, lang: Lang, kind: str | None = None) -> pd.DataFrame:
    """Everything in the library: kind, id, name, unit."""
    rows = []
    for name in KINDS if kind is None else (kind,):
        for key, record in sorted(getattr(library, name).items()):
            rows.append({"kind": name, "id": key, **_headline(record, lang)})
    return pd.DataFrame(rows, columns=["kind", "id", "name", "unit"])


def _headline(record: Any, lang: Lang) -> dict[str, str]:
    title = getattr(record, "title", None)
    name = title if title is not None else getattr(record, f"name_{lang}")
    unit = getattr(record, "unit", "") or ""
    if hasattr(record, "coefficient"):
        unit = record.coefficient.unit
    elif hasattr(record, "reference"):
        unit = record.port(record.reference).material.unit
    return {"name": plain(name), "unit": unit}


def census_text(library: Library, lang: Lang) -> str:
    """How many processes and figures there are, and how good they are."""
    by_grade, by_mark = grades(library), marks(library)
    total = sum(by_grade.values())
    marked = [f"{mark_name(m, lang)} {n}" for m, n in sorted(by_mark.items()) if m]
    return t(
        "library.census",
        lang,
        processes=len(library.processes),
        materials=len(library.materials),
        figures=total,
        a=by_grade["A"],
        b=by_grade["B"],
        c=by_grade["C"],
        share=fmt((by_grade["A"] + by_grade["B"]) / total if total else 0.0, "ratio", lang),
        marks=listed(marked, lang),
    )


def listing_page(frame: pd.DataFrame, lang: Lang, lead: str = "") -> Page:
    """The listing as a page, one section for each kind, under the sentence `lead`."""
    sections = []
    for kind in KINDS:
        part = frame[frame["kind"] == kind]
        if part.empty:
            continue
        rows = tuple(
            Row((r["id"], r["name"], unit_label(r["unit"], lang) if r["unit"] else ""))
            for r in part.to_dict("records")
        )
        headers = tuple(t(f"library.{k}", lang) for k in ("id", "name", "unit"))
        title = f"{t(f'library.{kind}', lang)} ({len(part)})"
        grid = Grid(headers=headers, rows=rows, wide=frozenset({1}))
        sections.append(Section(title=title, grid=grid))
    return Page(title=t("library.title", lang), sections=tuple(sections), lead=lead)


def record_tables(library: Library, key: str, lang: Lang) -> dict[str, pd.DataFrame]:
    """What the library says of `key`, by kind; empty when it knows nothing of that id.

    Each table has the columns item, value, low, high, unit, grade, mark, source, note; plain
    properties stand in `note` with no value.
    """
    found = {}
    for kind in KINDS:
        record = getattr(library, kind).get(key)
        if record is not None:
            rows = [*_properties(kind, record, lang), *_figures(record, library)]
            found[kind] = pd.DataFrame(rows, columns=_RECORD_COLUMNS)
    return found


_RECORD_COLUMNS: Final = [
    "item", "value", "low", "high", "unit", "grade", "mark", "source", "note",
]  # fmt: skip
_PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "materials": ("phase", "unit", "mass_t", "lhv_gj", "tce_kgce", "group"),
    "processes": ("family", "boundary", "basis", "reference", "operating_hours", "turndown"),
    "prices": ("vat", "taxed", "year"),
    "factors": (),
    "routes": ("source_stream", "steps", "product", "clause_zh", "source"),
    "price_sets": ("first_month", "last_month", "note_zh", "note_en"),
    "series": ("source", "grade", "note"),
    "limits": ("standard", "edition", "in_force", "quantity", "scope", "oven", "note"),
    "policies": ("clause_zh", "check", "kpi", "limit", "unit", "comparison", "level", "source"),
    "sources": ("issuer", "year", "url", "read"),
}


def _properties(kind: str, record: Any, lang: Lang) -> list[dict[str, Any]]:
    shown = {"name": _headline(record, lang)["name"]}
    shown |= {name: getattr(record, name) for name in _PROPERTIES[kind]}
    if kind == "processes":
        shown |= {
            f"ports.{p.name}": f"{p.role} {p.material.id} {number(p.amount, 4)} {p.material.unit}"
            for p in record.ports
        }
    return [
        {c: "" for c in _RECORD_COLUMNS} | {"item": k, "value": None, "low": None, "high": None,
                                            "note": plain(_text(v))}
        for k, v in shown.items()
    ]  # fmt: skip


def _text(value: object) -> str:
    return number(value, 4) if isinstance(value, float) else str(value)


def _figures(record: Any, library: Library) -> list[dict[str, Any]]:
    listed: tuple[Coefficient, ...] = getattr(record, "coefficients", ())
    if hasattr(record, "coefficient"):
        listed = (record.coefficient,)
    for group in ("levels", "prices"):
        listed = (*listed, *getattr(record, group, {}).values())
    return [
        {
            "item": c.path,
            "value": c.value,
            "low": c.low,
            "high": c.high,
            "unit": c.unit,
            "grade": c.grade,
            "mark": c.mark,
            "source": _source(c.source, library),
            "note": plain(c.note),
        }
        for c in sorted(listed, key=lambda c: c.path)
    ]


def _source(key: str, library: Library) -> str:
    source = library.sources.get(key)
    return key if source is None else f"{key}: {plain(source.title)}"


def record_page(tables: Mapping[str, pd.DataFrame], key: str, lang: Lang) -> Page:
    """The tables of one id as a page: properties, figures, then each source and note once."""
    sections = []
    for kind, frame in tables.items():
        properties = frame[frame["value"].isna()].to_dict("records")
        figures = frame[frame["value"].notna()].to_dict("records")
        lines = tuple(f"{r['item']}: {r['note']}" for r in properties)
        grid = _figure_grid(figures, lang) if figures else None
        sections.append(Section(title=t(f"library.{kind}", lang), grid=grid, lines=lines))
        if figures:
            sections.append(Section(title=t("library.evidence", lang), lines=_notes(figures)))
    return Page(title=key, sections=tuple(sections))


def _figure_grid(figures: Sequence[Mapping[Any, Any]], lang: Lang) -> Grid:
    rows = tuple(
        Row(
            (
                _figure_name(r),
                number(r["value"], 4),
                f"{number(r['low'], 4)} … {number(r['high'], 4)}",
                unit_label(r["unit"], lang),
                " ".join(x for x in (r["grade"], mark_name(r["mark"], lang)) if x),
                str(r["source"]).split(":", 1)[0],
            )
        )
        for r in figures
    )
    keys = ("figure", "value", "range", "unit", "grade", "source")
    headers = tuple(t(f"library.{k}", lang) for k in keys)
    return Grid(headers=headers, rows=rows, numeric=frozenset({1}), wide=frozenset({0}))


def mark_name(mark: str, lang: Lang) -> str:
    """How far a figure may be trusted, in the reader's language; empty when it has no mark."""
    return t(f"mark.{mark}", lang) if mark else ""


def _figure_name(row: Mapping[Any, Any]) -> str:
    return str(row["item"]).split(".", 2)[-1]


def _notes(figures: Sequence[Mapping[Any, Any]]) -> tuple[str, ...]:
    """Each source with each note once, and the figures that rest on it."""
    resting: dict[str, list[str]] = {}
    for r in figures:
        text = " | ".join(x for x in (r["source"], r["note"]) if x)
        resting.setdefault(text, []).append(_figure_name(r))
    return tuple(f"{', '.join(names)}: {text}" for text, names in resting.items())


def _shortened(text: str) -> str:
    return text if len(text) <= _NOTE_CHARS else text[: _NOTE_CHARS - 1] + "…"


_INDENT: Final = {"kpi": 0, "evidence": 0, "account": 0, "flow": 1, "coefficient": 2, "source": 3}


def trace_page(park: Park, kpi: str, frame: pd.DataFrame, lang: Lang) -> Page:
    """From a KPI down to its sources, one line each, indented by level."""
    rows = []
    for r in frame.to_dict("records"):
        level = str(r["level"])
        shown = "" if level == "source" else fmt(r["value"], r["unit"] or "ratio", lang)
        if level == "coefficient":
            shown = f"{number(r['value'], 4)} {unit_label(r['unit'], lang)}"
        detail = str(r["detail"]) if level != "account" else ""
        item = "  " * _INDENT.get(level, 0) + str(r["item"])
        rows.append(Row((item, shown, str(r["grade"]), _shortened(plain(detail)))))
    headers = tuple(t(f"library.{k}", lang) for k in ("item", "value", "grade", "detail"))
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset({1}), wide=frozenset({0, 3}))
    section = Section(title=kpi_name(park, kpi, lang), grid=grid)
    return Page(title=t("library.trace", lang, kpi=kpi), sections=(section,))
