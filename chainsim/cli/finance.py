"""`chainsim appraise`: a project file, or plants of a scenario, as an investor looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, cast

from chainsim.cli.output import Output, problem_data, rows, say
from chainsim.report.finance_page import appraisal_page
from chainsim.report.finance_tables import ALL_TABLES, finance_table, reason_text, word
from chainsim.study.appraise import Appraised
from chainsim.study.appraise import appraise as reckon
from chainsim.study.run import Engine
from chainsim.study.store import MANIFEST, Kind, check_replaceable, write_csv, write_folder

FOLDER: Final = Kind(
    schema="appraisal_schema", files=(MANIFEST, *(f"{key}.csv" for key in ALL_TABLES))
)


def appraise(
    output: Output,
    name: str,
    *,
    units: Sequence[str] | None,
    whole_park: bool,
    engine: str,
    seed: int,
    overrides: Sequence[str],
    out: Path | None,
) -> None:
    """Appraise, print the page, write the statements when asked for."""
    if out is not None:
        check_replaceable(out.resolve(), FOLDER)
    found = reckon(
        name,
        units=units,
        whole_park=whole_park,
        engine=cast("Engine", engine),
        seed=seed,
        overrides=overrides,
    )
    if out is not None:
        folder = _write(output, found, out)
        say(word("page", "written", output.lang, folder=folder))
    if output.json:
        output.data(appraisal_data(output, found))
    else:
        output.page(appraisal_page(found, output.lang))


def _write(output: Output, found: Appraised, out: Path) -> Path:
    """Every table as CSV, names in the reader's language, money in 10^4 CNY."""
    tables = {key: finance_table(found.appraisal, key, output.lang) for key in ALL_TABLES}
    writers = {
        f"{key}.csv": lambda path, frame=frame: write_csv(frame, path)
        for key, frame in tables.items()
    }
    return write_folder(out, writers, _summary(found), FOLDER)


def _summary(found: Appraised) -> dict[str, object]:
    """What an appraisal depends on."""
    project = found.appraisal.project
    summary: dict[str, object] = {
        "project": project.id,
        "name_zh": project.name_zh,
        "name_en": project.name_en,
        "hurdle": project.hurdle,
        "conventions": asdict(found.appraisal.conventions),
        "terms": [asdict(term) for term in found.terms],
    }
    if found.park is not None and found.result is not None:
        manifest = found.result.manifest
        summary |= {
            "scenario": manifest.scenario,
            "scenario_digest": manifest.scenario_digest,
            "library_digest": manifest.library_digest,
            "engine": manifest.engine,
            "seed": manifest.seed,
            "units": [unit.id for unit in found.park.scope.units],
            "links": [link.id for link in found.park.scope.links],
        }
    return summary


def appraisal_data(output: Output, found: Appraised) -> dict[str, object]:
    """An appraisal as JSON: money in CNY without VAT unless the row says otherwise."""
    appraisal, lang = found.appraisal, output.lang
    indicators = {
        key: {
            "value": i.value,
            "unit": i.unit,
            "reason": i.reason,
            "text": reason_text(i, lang),
            "roots": i.roots,
        }
        for key, i in appraisal.indicators.items()
    }
    statements = {
        key: rows(frame.rename_axis("row").reset_index())
        for key, frame in appraisal.statements.items()
    }
    return {
        **_summary(found),
        "indicators": indicators,
        "statements": statements,
        "sensitivity": [asdict(s) for s in appraisal.sensitivity],
        "lines": [asdict(line) for line in (*appraisal.project.products, *appraisal.project.costs)],
        "renewals": [asdict(item) for item in appraisal.project.renewals],
        "price_paths": {k: list(v) for k, v in appraisal.project.price_paths.items()},
        "investment": [] if found.park is None else [asdict(i) for i in found.park.invested],
        "problems": problem_data(found.problems, lang),
    }
