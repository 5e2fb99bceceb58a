"""Page of the evaluation of enterprises: tiers, scores, shares, indicators, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from chainsim.accounts.evaluation import Rated, Rating
from chainsim.errors import Lang
from chainsim.report.document import Grid, Page, Row, Section, Tone
from chainsim.report.i18n import known, t
from chainsim.report.names import park_name, plain, subject_name
from chainsim.report.numbers import NOTHING, number, trimmed
from chainsim.results import FLOAT, TEXT, table
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
