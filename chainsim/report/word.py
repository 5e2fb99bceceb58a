"""Pages as a Word document that an office goes on with: real headings, real tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from chainsim.report.document import Grid, Page, Section, Tone

COLOURS: Final[dict[Tone, str]] = {"good": "1B7F4B", "bad": "C0272D", "warn": "9A6700"}
"""Colour of a verdict; the others stay black."""
FONT: Final = ("Times New Roman", "SimSun")
"""For Latin and for Chinese text; both come with every Word."""
_BODY_PT: Final = 10.5
_CELL_PT: Final = 8.5


def docx_bytes(pages: Sequence[Page]) -> bytes:
    """Pages one after another, each under a heading of the first level."""
    document = Document()
    _paper(document)
    for place, page in enumerate(pages):
        if place:
            document.add_page_break()  # type: ignore[no-untyped-call]
        document.add_heading(page.title, level=1)
        if page.lead:
            document.add_paragraph(page.lead)
        for section in page.sections:
            _section(document, section)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _paper(document: Any) -> None:
    """A4 across, and the fonts."""
    sheet = document.sections[0]
    sheet.orientation = WD_ORIENT.LANDSCAPE
    sheet.page_width, sheet.page_height = Cm(29.7), Cm(21.0)
    sheet.left_margin = sheet.right_margin = Cm(2.0)
    sheet.top_margin = sheet.bottom_margin = Cm(1.8)
    for name in ("Normal", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name = FONT[0]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), FONT[1])
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
    document.styles["Normal"].font.size = Pt(_BODY_PT)


def _section(document: Any, section: Section) -> None:
    document.add_heading(section.title, level=2)
    for line in section.lines:
        document.add_paragraph(line)
    if section.grid is not None and section.grid.rows:
        _table(document, section.grid)


def _table(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1 + len(grid.rows), cols=len(grid.headers))
    table.style = "Table Grid"
    _cells(table.rows[0].cells, grid.headers, grid, "plain", bold=True)
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(head)
    # Cells of a row are looked up once: asking the table for each of them takes minutes.
    for line, row in zip(list(table.rows)[1:], grid.rows, strict=True):
        _cells(line.cells, row.cells, grid, row.tone)
    document.add_paragraph()


def _cells(
    cells: Sequence[Any], texts: Sequence[str], grid: Grid, tone: Tone, *, bold: bool = False
) -> None:
    for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(text)
        run.bold = bold
        run.font.size = Pt(_CELL_PT)
        if column in grid.numeric:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if column == grid.toned and tone in COLOURS:
            run.font.color.rgb = RGBColor.from_string(COLOURS[tone])
