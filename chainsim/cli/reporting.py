"""The report command: a run as a document to take away."""

from __future__ import annotations

from pathlib import Path

from chainsim.cli.output import Output, say
from chainsim.errors import DataError, Problem
from chainsim.report.dossier import Form, report_bytes
from chainsim.report.i18n import t
from chainsim.study.run import run
from chainsim.study.store import write_whole
from chainsim.study.stored import is_run_folder, read_run


def report(output: Output, source: str, *, form: Form, out: Path | None) -> None:
    """Write the report of a run folder, or of a fresh steady run of a scenario."""
    target = out or Path(f"{Path(source).stem}.{form}")
    if target.suffix.lower() != f".{form}":
        raise DataError(
            Problem(code="CS-X006", file=str(target), found=target.suffix, expected=f".{form}")
        )
    result = read_run(source) if is_run_folder(source) else run(source, engine="steady")
    write_whole(target, report_bytes(result, form, output.lang))
    say(t("cli.written", output.lang, folder=target.resolve()))
    if output.json:
        output.data({"file": str(target.resolve()), "format": form, "problems": []})
