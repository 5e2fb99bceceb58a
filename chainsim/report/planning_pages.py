"""Pages of the coordinated cut, the evaluation of enterprises and the replacement of old ovens."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from chainsim.accounts.cases import Case
from chainsim.accounts.evaluation import Rated, Rating
from chainsim.accounts.replacement import continuity, jobs, move_table, register
from chainsim.errors import Lang
from chainsim.report.account_pages import case_of, frame_grid, on_page
from chainsim.report.document import Grid, Page, Row, Section, Tone
from chainsim.report.i18n import known, t
from chainsim.report.names import kpi_name, park_name, plain, subject_name
from chainsim.report.numbers import NOTHING, number, trimmed, unit_label
from chainsim.results import FLOAT, TEXT, table
from chainsim.study.cut import CutStudy
from chainsim.study.result import RunResult

_TONES: dict[str, Tone] = {"T0": "bad", "T1": "warn", "T2": "plain", "T3": "good"}
_LACKING = 6
MARK_COLUMNS = {
    "enterprise": TEXT,
    "dimension": TEXT,
    "indicator": TEXT,
    "value": FLOAT,
    "unit": TEXT,
    "survival": TEXT,
    "development": TEXT,
    "survival_met": TEXT,  # yes | no | unknown
    "development_met": TEXT,
    "score": FLOAT,
    "known": TEXT,
    "missing": TEXT,
}


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
        known_after = study.after is not None
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
                    energy if known_after else NOTHING,
                    number(float(r["margin_change"]), 4) if known_after else NOTHING,
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


# -- evaluation -------------------------------------------------------------------------------


def evaluation_page(result: RunResult, rating: Rating, lang: Lang) -> Page:
    """Tiers and scores, shares against the city's aims, every indicator, what is missing."""
    sections = [_tiers(result, rating, lang)]
    sections += [_marks(result, rated, lang) for rated in rating.rated]
    return Page(title=park_name(result.park, lang), sections=tuple(sections))


def _tiers(result: RunResult, rating: Rating, lang: Lang) -> Section:
    presets = result.park.library.evaluation.presets
    rows = []
    for rated in rating.rated:
        scores = [rated.scores.get(key) for key in presets]
        tier = rated.tier if rated.certain else f"{rated.tier} (?)"
        rows.append(
            Row(
                (
                    subject_name(result.park, rated.enterprise, lang),
                    tier,
                    *(NOTHING if s is None else number(s) for s in scores),
                    f"{100.0 * rated.known_share:.0f}%",
                ),
                tone=_TONES[rated.tier],
            )
        )
    names = [plain(p.name(lang)) for p in presets.values()]
    headers = (t("evaluate.enterprise", lang), t("evaluate.tier", lang), *names)
    grid = Grid(
        headers=(*headers, t("evaluate.known", lang)),
        rows=tuple(rows),
        numeric=frozenset(range(2, 3 + len(names))),
        toned=1,
    )
    return Section(title=t("evaluate.title", lang), grid=grid, lines=_summary(result, rating, lang))


def _summary(result: RunResult, rating: Rating, lang: Lang) -> tuple[str, ...]:
    def span(shares: tuple[float, float]) -> str:
        least, most = (f"{100.0 * s:.0f}%" for s in shares)
        return least if least == most else f"{least}–{most}"

    lines = [
        t(
            "evaluate.survival",
            lang,
            count=span(rating.survival_share()),
            output=span(rating.survival_share(by_output=True)),
        ),
        t(
            "evaluate.development",
            lang,
            count=span(rating.development_share()),
            output=span(rating.development_share(by_output=True)),
        ),
    ]
    key = "depends" if rating.depends_on_preset else "same"
    lines.append(t(f"evaluate.{key}", lang))
    if rating.depends_on_preset:
        for preset, order in rating.rankings.items():
            names = " > ".join(subject_name(result.park, o, lang) for o in order)
            found = result.park.library.evaluation.presets[preset]
            lines.append(f"{plain(found.name(lang))}: {names}")
    lacking = sorted({path for r in rating.rated for path in r.lacking})
    if lacking:
        shown = ", ".join(lacking[:_LACKING])
        lines.append(t("evaluate.missing", lang, count=len(lacking), paths=shown))
    return tuple(lines)


def mark_table(result: RunResult, rated: Sequence[Rated], lang: Lang) -> pd.DataFrame:
    """Every indicator of every enterprise (`MARK_COLUMNS`)."""
    table_ = result.park.library.evaluation
    states = {True: "yes", False: "no", None: "unknown"}
    index = 0 if lang == "zh" else 1
    rows = [
        {
            "enterprise": r.enterprise,
            "dimension": plain(table_.dimensions[m.indicator.dimension][index]),
            "indicator": plain(m.indicator.name(lang)),
            "value": 0.0 if m.value is None else m.value,
            "unit": m.indicator.unit,
            "survival": _line(m.indicator.survival, lang, check=m.indicator.to_check),
            "development": _line(m.indicator.development, lang, check=m.indicator.to_check),
            "survival_met": states[m.survival],
            "development_met": states[m.development],
            "score": 0.0 if m.score is None else m.score,
            "known": "no" if m.value is None else "yes",
            "missing": m.missing,
        }
        for r in rated
        for m in r.marks
    ]
    return table(rows, MARK_COLUMNS)


def _line(value: float | None, lang: Lang, *, check: bool) -> str:
    if value is None:
        return t("evaluate.unset", lang)
    return trimmed(value, 5) + (t("page.to_check", lang) if check else "")


def _marks(result: RunResult, rated: Rated, lang: Lang) -> Section:
    rows = []
    for m in mark_table(result, [rated], lang).to_dict("records"):
        known_value = m["known"] == "yes"
        states = [
            known(f"word.{m[k]}", lang, str(m[k])) for k in ("survival_met", "development_met")
        ]
        tone: Tone = "bad" if m["survival_met"] == "no" else "plain"
        rows.append(
            Row(
                (
                    str(m["dimension"]),
                    str(m["indicator"]),
                    number(float(m["value"]), 4) if known_value else NOTHING,
                    str(m["survival"]),
                    str(m["development"]),
                    states[0],
                    states[1],
                    number(float(m["score"])) if known_value else NOTHING,
                ),
                tone=tone,
            )
        )
    keys = ("dimension", "indicator", "value", "survival_line", "development_line",
            "survival_met", "development_met", "score")  # fmt: skip
    grid = Grid(
        headers=tuple(t(f"evaluate.{k}", lang) for k in keys),
        rows=tuple(rows),
        numeric=frozenset({2, 7}),
        wide=frozenset({1}),
        toned=5,
    )
    return Section(title=subject_name(result.park, rated.enterprise, lang), grid=grid)


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
