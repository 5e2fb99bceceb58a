"""Grids of the report as tables of the page; texts of scenarios are shown, never interpreted."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from app import takeaway
from chainsim.errors import Lang
from chainsim.report.document import Grid, Page, Section
from chainsim.report.downloads import csv_bytes, grid_frame, xlsx_bytes
from chainsim.report.i18n import t

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|$:<>~^&-])")
_NO_BREAK = "\u00a0"
_JOINER = "\u2060"
_MARK = "\u200b"
_LONGEST = 12
_LONGEST_NUMBER = 18
_COLOURS = {"good": "green", "bad": "red", "warn": "orange", "quiet": "gray"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def escaped(text: str) -> str:
    """`text` with everything that Markdown would take for a command made plain."""
    return _MARKDOWN.sub(r"\\\1", text)


def show(grid: Grid) -> None:
    """Draw a grid; the verdict of a row has the colour of its tone."""
    rows = []
    for row in grid.rows:
        cells = [
            escaped(cell if column in grid.wide else together(cell))
            for column, cell in enumerate(row.cells)
        ]
        colour = _COLOURS.get(row.tone)
        if colour and cells[grid.toned]:
            cells[grid.toned] = f":{colour}[**{cells[grid.toned]}**]"
        rows.append(cells)
    # Headers may repeat; marks without width make them different for the table.
    headers = [escaped(together(h)) + _MARK * i for i, h in enumerate(grid.headers)]
    st.table(pd.DataFrame(rows, columns=headers), border="horizontal", hide_index=True)


def with_files(grid: Grid, key: str, lang: Lang) -> None:
    """Draw a grid with its files to take away."""
    show(grid)
    files(grid_frame(grid), key, lang)


def files(frame: pd.DataFrame, key: str, lang: Lang) -> None:
    """The CSV and Excel files of a table, made when they are asked for."""
    with st.popover(t("app.download", lang), type="tertiary", key=f"files_{key}"):
        takeaway.button(
            "CSV",
            lambda: csv_bytes(frame),
            file_name=f"chainsim-{key}.csv",
            mime="text/csv",
            key=f"{key}_csv",
        )
        takeaway.button(
            "Excel",
            lambda: xlsx_bytes({key: frame}),
            file_name=f"chainsim-{key}.xlsx",
            mime=XLSX,
            key=f"{key}_xlsx",
        )


def section(found: Section, key: str, lang: Lang, *, folded: bool = False) -> None:
    """A section of a report's page: heading, sentences, table with files."""
    place = st.expander(escaped(found.title)) if folded else st.container()
    with place:
        if found.title and not folded:
            st.subheader(escaped(found.title), anchor=False)
        if found.lines:
            st.caption("  \n".join(escaped(line) for line in found.lines))
        if found.grid is not None and found.grid.rows:
            with_files(found.grid, key, lang)


def page(found: Page, key: str, lang: Lang, *, folded: tuple[int, ...] = ()) -> None:
    """All sections of a report's page; those whose numbers are in `folded` are closed at first."""
    if found.lead:
        st.caption("  \n".join(escaped(line) for line in found.lead.split("\n")))
    for index, part in enumerate(found.sections):
        section(part, f"{key}_{index}", lang, folded=index in folded)


def together(text: str) -> str:
    """`text` that no narrow column breaks: numbers with their units, short words."""
    number = text.lstrip("+-\u2212\u2264\u2265 ")[:1].isdigit()
    if len(text) > (_LONGEST_NUMBER if number else _LONGEST):
        return text
    return _JOINER.join(text.replace(" ", _NO_BREAK))
