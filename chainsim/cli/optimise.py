"""`chainsim optimise`: what to build, where, how large and when; writes the scenario files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from chainsim.cli.output import Output, rows, say
from chainsim.library.candidate_files import load_candidates
from chainsim.report.i18n import t
from chainsim.report.layout_page import hindrance_page, layout_page
from chainsim.report.layout_tables import layout_table, measure_table, trial_table, tuning_table
from chainsim.study.layout.hindrances import NoLayoutError
from chainsim.study.layout.layouts import Layout
from chainsim.study.optimise import Effort, Optimised
from chainsim.study.optimise import optimise as search
from chainsim.study.store import MANIFEST, Kind, check_replaceable, write_csv, write_folder

MOST: Final = 50
"""Layouts of one list that a folder can hold."""
_NAMES: Final = (
    "best",
    "tuned",
    *(f"alternative-{i}" for i in range(1, MOST)),
    *(f"front-{i}" for i in range(1, MOST * MOST)),
)
FOLDER: Final = Kind(
    schema="optimise_schema",
    files=(
        MANIFEST,
        *(f"{name}.csv" for name in ("plants", "layouts", "tested", "tuned")),
        *(f"{name}.yaml" for name in _NAMES),
    ),
)


def optimise(
    output: Output,
    source: str,
    *,
    objective: str,
    limits: Sequence[str] | None,
    effort: Effort,
    out: Path | None,
) -> None:
    """Search, print the page, write one scenario file for every layout when asked for."""
    if out is not None:
        check_replaceable(out.resolve(), FOLDER)
    output.progress(0, 1)
    try:
        found = search(
            source, objective=objective, limits=limits, effort=effort, progress=output.progress
        )
    except NoLayoutError as exc:
        output.progress(1, 1)
        if not output.json:
            output.page(hindrance_page(load_candidates(source), exc, output.lang))
        raise
    if out is not None:
        say(t("cli.written", output.lang, folder=_write(found, out)))
    if output.json:
        output.data(optimised_data(found))
    else:
        output.page(layout_page(found, output.lang))


def _write(found: Optimised, out: Path) -> Path:
    tables = {
        "plants.csv": layout_table(found.all_layouts),
        "layouts.csv": measure_table(found.all_layouts),
        "tested.csv": trial_table(found.verified),
        "tuned.csv": tuning_table(found.tuned),
    }
    writers = {
        name: lambda path, frame=frame: write_csv(frame, path) for name, frame in tables.items()
    }
    writers |= {
        f"{name}.yaml": lambda path, text=text: path.write_text(text, "utf-8")
        for name, text in found.texts.items()
    }
    summary: dict[str, object] = {
        "candidates": found.file.record.id,
        "objective": dict(found.weights),
        "limits": list(found.file.record.policies),
        "unit": found.unit,
        "discount": found.rate,
        "effort": asdict(found.effort),
    }
    return write_folder(out, writers, summary, FOLDER)


def optimised_data(found: Optimised) -> dict[str, object]:
    """Everything found as JSON; money in CNY."""
    return {
        "candidates": found.file.record.id,
        "objective": dict(found.weights),
        "unit": found.unit,
        "layouts": [_layout(x) for x in found.layouts],
        "fronts": {k: [_layout(x) for x in front] for k, front in found.fronts.items()},
        "tested": rows(trial_table(found.verified)),
        "tuned": rows(tuning_table(found.tuned)),
        "problems": [],
    }


def _layout(layout: Layout) -> dict[str, object]:
    return {**asdict(layout), "gap": layout.gap}
