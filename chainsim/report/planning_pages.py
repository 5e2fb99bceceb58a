"""Pages of the coordinated cut and of the replacement of old ovens."""

from __future__ import annotations

import pandas as pd

from chainsim.accounts.cases import Case
from chainsim.accounts.replacement import continuity, jobs, move_table, register
from chainsim.errors import Lang
from chainsim.report.account_pages import case_of, frame_grid, on_page
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import known, t
from chainsim.report.names import kpi_name, park_name, subject_name
from chainsim.report.numbers import NOTHING, number, trimmed, unit_label
from chainsim.study.cut import CutStudy
from chainsim.study.result import RunResult

# -- cut --------------------------------------------------------------------------------------


def cut_page(study: CutStudy, lang: Lang) -> Page:
    """Who gives what, and what it does to gas, chemicals, unit energy and margin."""
    cut = study.cut
    lines = [
        t(
            "cut.required",
            lang,
            plan=number(sum(cut.plan.values()) / 1e4, 5),
            target=number(cut.target / 1e4, 5),
            cut=number(cut.result.required / 1e4, 4),
        ),
        _trigger_line(study, lang),
    ]
    if not cut.result.feasible:
        lines.append(t("cut.infeasible", lang, missing=number(cut.result.missing / 1e4, 4)))
    shares = _share_grid(study, lang)
    sections = [Section(title=t("cut.shares", lang), grid=shares, lines=tuple(lines))]
    effects = study.effects()
    if len(effects):
        grid = _effect_grid(study.before, effects, lang)
        sections.append(Section(title=t("cut.effects", lang), grid=grid))
    return Page(title=park_name(study.before.park, lang), sections=tuple(sections))


def _share_grid(study: CutStudy, lang: Lang) -> Grid:
    """Who gives what, narrow enough for a page."""
    rows = []
    for r in study.shares().to_dict("records"):
        floor = f"{number(float(r['floor']), 4)} ({known('word.' + str(r['floor_by']), lang, '')})"
        energy = number(float(r["unit_energy_after"] or 0.0) - float(r["unit_energy_before"]))
        rows.append(
            Row(
                (
                    subject_name(study.before.park, str(r["enterprise"]), lang),
                    number(float(r["plan"]), 5),
                    f"{r['tier']} × {trimmed(float(r['weight']), 3)}",
                    number(float(r["cut"]), 4),
                    f"{100.0 * float(r['rate']):.2f}%",
                    number(float(r["after"]), 5),
                    floor,
                    energy if study.after is not None else NOTHING,
                    NOTHING if study.after is None else number(float(r["margin_change"]), 4),
                ),
                tone="warn" if r["bound"] == "yes" else "plain",
            )
        )
    keys = (
        "enterprise",
        "plan",
        "tier",
        "cut",
        "rate",
        "after",
        "floor",
        "energy",
        "margin_change",
    )
    return Grid(
        headers=tuple(known(f"column.{k}", lang, k) for k in keys),
        rows=tuple(rows),
        numeric=frozenset({1, 3, 4, 5, 6, 7, 8}),
        wide=frozenset({0}),
        toned=6,
    )


def _trigger_line(study: CutStudy, lang: Lang) -> str:
    parts = []
    for key, fired in study.cut.triggers.items():
        signal = study.cut.signals.get(key)
        shown = NOTHING if signal is None else number(signal)
        state = {True: "fired", False: "not_fired", None: "unknown"}[fired]
        parts.append(f"{t(f'cut.{key}', lang)} {shown} {t(f'cut.{state}', lang)}")
    return t("cut.triggers", lang, tests=" · ".join(parts))


def _effect_grid(result: RunResult, effects: pd.DataFrame, lang: Lang) -> Grid:
    rows = tuple(
        Row(
            (
                known(f"cut.{r['id']}", lang, kpi_name(result.park, str(r["id"]), lang)),
                number(float(r["before"]), 5),
                number(float(r["after"]), 5),
                number(float(r["change"])),
                unit_label(str(r["unit"]), lang),
            )
        )
        for r in effects.to_dict("records")
    )
    keys = ("indicator", "before", "after", "change", "unit")
    headers = tuple(t(f"cut.{k}", lang) for k in keys)
    return Grid(headers=headers, rows=rows, numeric=frozenset({1, 2, 3}), wide=frozenset({0}))


# -- replacement ------------------------------------------------------------------------------

REPLACEMENT = {
    "register": register,
    "continuity": continuity,
    "jobs": jobs,
    "moves": move_table,
}
"""Table -> what makes it."""
REPLACEMENT_NOTES = {
    "register": "register_note",
    "continuity": "continuity_note",
    "jobs": "jobs_note",
    "moves": "moves_note",
}
"""Table -> the text beside it."""


def replacement_tables(result: RunResult) -> dict[str, pd.DataFrame]:
    """Register, continuity of civil supply, jobs and moves of one run."""
    case = case_of(result)
    return {key: make(case) for key, make in REPLACEMENT.items()}


def replacement_page(result: RunResult, lang: Lang) -> Page:
    """The replacement of old ovens; continuity only around closures and where something lacks."""
    case = case_of(result)
    sections = []
    for key, make in REPLACEMENT.items():
        frame = make(case)
        if key == "continuity":
            frame = around_closures(case, frame)
        note = REPLACEMENT_NOTES[key] if len(frame) else "none"
        lines = (t(f"replacement.{note}", lang),)
        grid = frame_grid(result, on_page(frame, key), lang) if len(frame) else None
        sections.append(Section(title=t(f"replacement.{key}", lang), grid=grid, lines=lines))
    return Page(title=park_name(result.park, lang), sections=tuple(sections))


def around_closures(case: Case, frame: pd.DataFrame) -> pd.DataFrame:
    """Months of a closure, those beside it, and every month with a shortfall."""
    periods = [name for name, _, _ in case.park.horizon.periods()]
    near: set[tuple[str, str]] = set()
    for row in frame[frame["closings"] != ""].to_dict("records"):
        at = periods.index(str(row["period"]))
        near |= {(str(row["county"]), p) for p in periods[max(0, at - 1) : at + 2]}
    keep = [
        (str(r["county"]), str(r["period"])) in near or float(r["shortfall"]) > 0
        for r in frame.to_dict("records")
    ]
    return frame[keep].reset_index(drop=True)
