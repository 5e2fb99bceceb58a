"""The report command: a run as a document to take away."""

from __future__ import annotations

from pathlib import Path

from chainsim.cli.output import Output, say
from chainsim.errors import DataError, Problem, UserError
from chainsim.report.dossier import report_pages, report_tables
from chainsim.report.downloads import xlsx_bytes
from chainsim.report.i18n import t
from chainsim.study.appraise import Appraised, appraise_result
from chainsim.study.result import RunResult
from chainsim.study.run import run
from chainsim.study.store import write_whole
from chainsim.study.stored import is_run_folder, read_run


def report(output: Output, source: str, *, form: str, out: Path | None) -> None:
    """Write the report of a run folder, or of a fresh steady run of a scenario."""
    target = out or Path(f"{Path(source).stem}.{form}")
    if target.suffix.lower() != f".{form}":
        raise DataError(
            Problem(code="CS-X006", file=str(target), found=target.suffix, expected=f".{form}")
        )
    result = read_run(source) if is_run_folder(source) else run(source, engine="steady")
    write_whole(target, _content(result, form, output))
    say(t("cli.written", output.lang, folder=target.resolve()))
    if output.json:
        output.data({"file": str(target.resolve()), "format": form, "problems": []})


def _content(result: RunResult, form: str, output: Output) -> bytes:
    if form == "xlsx":
        return xlsx_bytes(report_tables(result, output.lang))
    pages = report_pages(result, output.lang, _appraised(result))
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
