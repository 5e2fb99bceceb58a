"""Grids of the report as tables of the page; texts of scenarios are shown, never interpreted."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from chainsim.report.document import Grid

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|$:<>~^&-])")
_NO_BREAK = "\u00a0"
_JOINER = "\u2060"
_MARK = "\u200b"
_LONGEST = 12
_COLOURS = {"good": "green", "bad": "red", "warn": "orange", "quiet": "gray"}


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
        if colour:
            cells[grid.toned] = f":{colour}[**{cells[grid.toned]}**]"
        rows.append(cells)
    # Headers may repeat; marks without width make them different for the table.
    headers = [escaped(together(h)) + _MARK * i for i, h in enumerate(grid.headers)]
    st.table(pd.DataFrame(rows, columns=headers), border="horizontal", hide_index=True)


def together(text: str) -> str:
    """`text` that no narrow column breaks: numbers with their units, short words."""
    if len(text) > _LONGEST:
        return text
    return _JOINER.join(text.replace(" ", _NO_BREAK))
