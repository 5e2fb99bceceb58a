"""Grids of the report as tables of the page; texts of scenarios are shown, never interpreted."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from chainsim.report.document import Grid

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|$:<>~^&-])")
_COLOURS = {"good": "green", "bad": "red", "warn": "orange", "quiet": "gray"}


def escaped(text: str) -> str:
    """`text` with everything that Markdown would take for a command made plain."""
    return _MARKDOWN.sub(r"\\\1", text)


def show(grid: Grid) -> None:
    """Draw a grid; the verdict of a row has the colour of its tone."""
    rows = []
    for row in grid.rows:
        cells = [escaped(cell) for cell in row.cells]
        colour = _COLOURS.get(row.tone)
        if colour:
            cells[grid.toned] = f":{colour}[**{cells[grid.toned]}**]"
        rows.append(cells)
    # Headers may repeat; positions make them different for the table and invisible to the reader.
    headers = [escaped(h) + "\u200b" * i for i, h in enumerate(grid.headers)]
    st.table(pd.DataFrame(rows, columns=headers), border="horizontal", hide_index=True)
