"""What a report of one run holds, whatever it is written as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import pandas as pd

from chainsim.errors import Lang, UserError
from chainsim.library.files import library_records
from chainsim.report.account_pages import account_tables, accounts_page, named_frame
from chainsim.report.document import Page
from chainsim.report.downloads import xlsx_bytes
from chainsim.report.finance_page import appraisal_page
from chainsim.report.i18n import t
from chainsim.report.page import run_page
from chainsim.report.tables import kpi_table, policy_table, product_table
from chainsim.report.verdict_pages import policy_page
from chainsim.study.appraise import Appraised, appraise_result
from chainsim.study.result import RunResult

Form = Literal["docx", "pdf", "xlsx"]
FORMS: Final[tuple[Form, ...]] = ("docx", "pdf", "xlsx")


def report_bytes(
    result: RunResult, form: Form, lang: Lang, *, changed: Sequence[str] = ()
) -> bytes:
    """The report of a run as a file.

    Args:
        result: the run.
        form: Word, PDF or a workbook.
        lang: language.
        changed: what was changed against the scenario that gave the run its name.
    """
    if form == "xlsx":
        return xlsx_bytes(report_tables(result, lang))
    pages = report_pages(result, lang, _appraised(result), changed)
    if form == "docx":
        from chainsim.report.word import docx_bytes

        return docx_bytes(pages)
    from chainsim.report.printed import pdf_bytes

    return pdf_bytes(pages)


def _appraised(result: RunResult) -> Appraised | None:
    """The project in a run; None where nothing is planned or it cannot be appraised."""
    try:
        return appraise_result(result)
    except UserError:
        return None


def report_pages(
    result: RunResult,
    lang: Lang,
    appraised: Appraised | None = None,
    changed: Sequence[str] = (),
) -> tuple[Page, ...]:
    """The pages of a report: the run, every clause, the books, the appraisal of what is planned.

    Args:
        result: the run.
        lang: language.
        appraised: the park's plants that are not yet built, as a project.
        changed: what was changed against the scenario that gave the run its name.
    """
    pages = [run_page(result, lang), policy_page(result, lang)]
    if changed:
        told = t("report.changed", lang, changes=t("words.semicolon", lang).join(changed))
        pages[0] = replace(pages[0], lead=f"{pages[0].lead} {told}".strip())
    if is_current(result):
        pages.append(replace(accounts_page(result, lang), title=t("report.books", lang)))
        if appraised is not None:
            pages.append(replace(appraisal_page(appraised, lang), title=t("report.finance", lang)))
    else:
        pages[0] = replace(pages[0], lead=f"{pages[0].lead} {t('report.older', lang)}".strip())
    pages[1] = replace(pages[1], title=t("report.policy", lang))
    return tuple(pages)


def is_current(result: RunResult) -> bool:
    """True when a run was made with the library of today, whose figures the books need."""
    return result.manifest.library_digest == library_records().digest


def report_tables(result: RunResult, lang: Lang) -> Mapping[str, pd.DataFrame]:
    """Sheet -> table of a workbook: figures as figures, in base units."""
    tables: dict[str, pd.DataFrame] = {
        t("report.kpis", lang): kpi_table(result, lang),
        t("report.products", lang): product_table(result, lang),
        t("report.policy", lang): policy_table(result, lang),
    }
    if is_current(result):
        for key, frame in account_tables(result).items():
            if len(frame):
                tables[t(f"books.{key}", lang)] = named_frame(result, frame, lang)
    return tables
