"""Reports to take away hold what the run holds."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import openpyxl
import pandas as pd
import pytest

from chainsim.errors import Lang
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.dossier import report_pages, report_tables
from chainsim.report.downloads import xlsx_bytes
from chainsim.report.printed import pdf_bytes
from chainsim.report.word import docx_bytes
from chainsim.study.appraise import appraise_result
from chainsim.study.run import run

LANGUAGES: tuple[Lang, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def result():
    return run("xinzhou-base", engine="steady")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_word_document_holds_every_section_and_table(result, lang: Lang):
    pages = report_pages(result, lang, appraise_result(result))
    assert len(pages) == 4
    document = docx.Document(io.BytesIO(docx_bytes(pages)))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 2"]
    assert headings == [s.title for page in pages for s in page.sections]
    grids = [s.grid for page in pages for s in page.sections if s.grid and s.grid.rows]
    assert len(document.tables) == len(grids)
    for table, grid in zip(document.tables[:3], grids[:3], strict=True):
        assert [c.text for c in table.rows[0].cells] == list(grid.headers)
        assert [c.text for c in table.rows[-1].cells] == list(grid.rows[-1].cells)


def test_the_workbook_holds_figures(result):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(report_tables(result, "en"))))
    rows = {row[0]: row for row in book["KPIs"].iter_rows(min_row=2, values_only=True)}
    assert rows["output.coke_t"][2] == pytest.approx(result.kpi("output.coke_t"), rel=1e-12)
    assert len(rows) == len(result.kpis)
    assert len(book.sheetnames) > 8


def test_a_pdf_is_the_same_every_time():
    grid = Grid(headers=("煤气", "Nm³"), rows=(Row(("CO₂ ≤ 3 & <x>", "1.5"), "bad"),), toned=0)
    page = Page(title="报告", lead="a < b", sections=(Section(title="表", grid=grid),))
    one = pdf_bytes([page, page])
    assert one.startswith(b"%PDF")
    assert one == pdf_bytes([page, page])
    assert one.count(b"/Type /Page\n") == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_whole_run_can_be_printed(result, lang: Lang):
    assert len(pdf_bytes(report_pages(result, lang))) > 30_000


def test_a_run_of_another_library_reports_what_was_stored(result):
    older = replace(result, manifest=replace(result.manifest, library_digest="0"))
    pages = report_pages(older, "en", None)
    assert len(pages) == 2
    assert "library has changed" in pages[0].lead
    assert "Carbon inventory" not in report_tables(older, "en")


def test_a_workbook_takes_numbers_that_are_none_or_endless() -> None:
    frame = pd.DataFrame({"x": [1.5, float("inf"), float("nan"), None]}, dtype=object)
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"t": frame}))).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)][:2] == [1.5, "inf"]
