"""Every figure of the library as one searchable table, and the words a reader searches by."""

from __future__ import annotations

from typing import Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.library.census import figures
from chainsim.library.model import Coefficient, Library
from chainsim.report.i18n import t
from chainsim.report.library_page import mark_name
from chainsim.report.names import plain, source_name
from chainsim.report.numbers import unit_label

COLUMNS: Final = ("of", "figure", "value", "unit", "low", "high", "grade", "mark", "source", "note")
_KINDS: Final = ("materials", "processes", "prices", "factors", "limits")


def figure_table(library: Library, lang: Lang) -> pd.DataFrame:
    """All figures: path, kind, then `COLUMNS` as texts and numbers, ordered by path."""
    rows = []
    for path, c in sorted(figures(library).items()):
        kind, key, *rest = path.split(".")
        source = library.sources.get(c.source)
        rows.append(
            {
                "path": path,
                "kind": kind,
                "of": _owner(library, kind, key, lang),
                "figure": ".".join(rest) or key,
                "value": c.value,
                "unit": unit_label(c.unit, lang),
                "low": c.low,
                "high": c.high,
                "grade": c.grade,
                "mark": mark_name(c.mark, lang),
                "source": source_name(c.source, "" if source is None else source.title, lang),
                "note": plain(c.note),
            }
        )
    return pd.DataFrame(rows, columns=["path", "kind", *COLUMNS])


def _owner(library: Library, kind: str, key: str, lang: Lang) -> str:
    group = {
        "materials": library.materials,
        "processes": library.processes,
        "prices": library.prices,
        "factors": library.factors,
        "limits": library.limits,
    }.get(kind, {})
    found = group.get(key)
    name = "" if found is None else getattr(found, f"name_{lang}", "")
    return plain(name) or key


def found_figures(frame: pd.DataFrame, words: str, kinds: tuple[str, ...] = (),
                  grades: tuple[str, ...] = ()) -> pd.DataFrame:  # fmt: skip
    """The rows in which every one of `words` stands somewhere, of some kinds and grades."""
    kept = frame
    if kinds:
        kept = kept[kept["kind"].isin(kinds)]
    if grades:
        kept = kept[kept["grade"].isin(grades)]
    text = kept[["path", "of", "figure", "source", "note"]].agg(" ".join, axis="columns")
    text = text.astype("str").str.lower()
    for word in words.lower().split():
        kept = kept[text.str.contains(word, regex=False)]
        text = text[kept.index]
    return kept


def shown_columns(lang: Lang) -> dict[str, str]:
    """Column -> heading; notes, which are written in English, stand in a figure's own box only."""
    return {c: t(f"figures.{c}", lang) for c in COLUMNS if c != "note" or lang == "en"}


def source_lines(library: Library, coefficient: Coefficient) -> tuple[str, ...]:
    """Title, issuer, year, address and what was read of a figure's source."""
    source = library.sources.get(coefficient.source)
    if source is None:
        return (coefficient.source,)
    parts = (source.title, source.issuer, source.year, source.url, source.read)
    return tuple(plain(str(p)) for p in parts if p)


def kinds() -> tuple[str, ...]:
    """Kinds of records that carry figures."""
    return _KINDS


def figure(library: Library, path: str) -> Coefficient:
    """The figure of a path; raises KeyError where there is none."""
    return figures(library)[path]


def unit_text(coefficient: Coefficient, lang: Lang) -> str:
    """Unit of a figure as written in `lang`."""
    return unit_label(coefficient.unit, lang)
