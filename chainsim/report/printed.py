"""Pages as PDF, A4 across.

Chinese text is set in a Song typeface that PDF readers bring along or replace, so that no font file
is needed on the machine that writes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import (
    CondPageBreak,
    LongTable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
)

from chainsim.report.document import Grid, Page, Row
from chainsim.report.word import COLOURS

_FONT: Final = "STSong-Light"
_MARGIN: Final = 1.6 * cm
_WIDTH: Final = landscape(A4)[0] - 2 * _MARGIN - 12.0  # a frame keeps 6 pt on either side
_CELL_PT: Final = 7.5
_LONGEST: Final = 40
"""Texts longer than so many half-widths are folded rather than widen their column."""
_NARROWEST: Final = 5
_EM: Final = 0.56
"""Width of a half-width sign as a share of its size, with some room."""
_ROOM: Final = 3 * cm
"""A heading starts a new page where less is left below it."""
_LATIN: Final = "Helvetica"
_SMALL: Final = {"³": "<super>3</super>", "²": "<super>2</super>", "₂": "<sub>2</sub>"}
"""Signs that Chinese typefaces lack."""


def pdf_bytes(pages: Sequence[Page]) -> bytes:
    """Pages one after another; the same bytes for the same pages."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    file = io.BytesIO()
    paper = SimpleDocTemplate(
        file,
        pagesize=landscape(A4),
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=pages[0].title,
        invariant=1,
    )
    story: list[Any] = []
    for place, page in enumerate(pages):
        story += [PageBreak()] if place else []
        story += _page(page)
    paper.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return file.getvalue()


def _foot(canvas: Any, paper: Any) -> None:
    canvas.setFont(_FONT, _CELL_PT)
    canvas.drawRightString(landscape(A4)[0] - _MARGIN, _MARGIN / 2, str(paper.page))


def _page(page: Page) -> list[Any]:
    found: list[Any] = [_text(page.title, "title")]
    if page.lead:
        found.append(_text(page.lead, "body"))
    for section in page.sections:
        found += [CondPageBreak(_ROOM), _text(section.title, "heading")]
        found += [_text(line, "body") for line in section.lines]
        if section.grid is not None and section.grid.rows:
            found += [_table(section.grid), Spacer(1, 8)]
    return found


def _table(grid: Grid) -> Any:
    head = [_text(h, "right" if c in grid.numeric else "cell") for c, h in enumerate(grid.headers)]
    rows = [_cells(row, grid) for row in grid.rows]
    lines = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.HexColor("#0f766e")),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.HexColor("#d0d7de")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    return LongTable(
        [head, *rows], colWidths=_widths(grid), repeatRows=1, style=lines, hAlign="LEFT"
    )


def _cells(row: Row, grid: Grid) -> list[Any]:
    cells = []
    for column, text in enumerate(row.cells):
        colour = COLOURS.get(row.tone, "") if column == grid.toned else ""
        cells.append(_text(text, "right" if column in grid.numeric else "cell", colour))
    return cells


def _widths(grid: Grid) -> list[float]:
    """Widths by the longest text of each column, so that they fill at most the page."""
    columns = zip(grid.headers, *(row.cells for row in grid.rows), strict=True)
    units = [min(_LONGEST, max(_NARROWEST, *map(_half_widths, c))) + 2 for c in columns]
    most = max(_WIDTH, 1.0)
    natural = [u * _CELL_PT * _EM for u in units]
    scale = min(1.0, most / sum(natural))
    return [w * scale for w in natural]


def _half_widths(text: str) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _text(text: str, style: str, colour: str = "") -> Any:
    latin = _fits(text, "cp1252")
    marked = escape(text) if latin else "".join(map(_sign, escape(text)))
    drawn = _styles(_LATIN if latin else _FONT)[style]
    return Paragraph(f'<font color="#{colour}">{marked}</font>' if colour else marked, drawn)


@cache
def _sign(character: str) -> str:
    """A character as markup: what the Chinese typeface lacks is taken from a Latin one."""
    if character in _SMALL:
        return _SMALL[character]
    if _fits(character, "gb2312"):
        return character
    return f'<font name="{_LATIN}">{character}</font>'


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _styles(font: str) -> dict[str, Any]:
    body = ParagraphStyle(
        "body", fontName=font, fontSize=9.5, leading=14, wordWrap="CJK", spaceAfter=3
    )
    cell = ParagraphStyle("cell", parent=body, fontSize=_CELL_PT, leading=10, spaceAfter=0)
    return {
        "title": ParagraphStyle("title", parent=body, fontSize=17, leading=24, spaceAfter=6),
        "heading": ParagraphStyle("heading", parent=body, fontSize=12, leading=18, spaceBefore=8),
        "body": body,
        "cell": cell,
        "right": ParagraphStyle("right", parent=cell, alignment=TA_RIGHT),
    }
