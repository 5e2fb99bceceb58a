"""Verdicts as texts: the table of clauses, their worst subjects, evidence, who is in charge."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from chainsim.accounts.policy import clauses_in_force, evidence, note_text
from chainsim.errors import Lang
from chainsim.library.model import Policy
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section, Tone
from chainsim.report.i18n import t
from chainsim.report.names import component_name, material_name, park_name, plain, policy_name
from chainsim.report.numbers import (
    DIGITS,
    NOTHING,
    display_unit,
    number,
    trimmed,
    unit_label,
    with_unit,
)
from chainsim.report.tables import policy_table
from chainsim.study.result import RunResult

COMPARISONS: Final = {"<=": "≤", ">=": "≥", "==": "=", "<": "<", ">": ">"}
TONES: Final[dict[str, Tone]] = {
    "pass": "good",
    "fail": "bad",
    "warn": "warn",
    "cannot_judge": "quiet",
    "report": "quiet",
}
POLICY_DIGITS: Final = 4
LIMIT_DIGITS: Final = 5
_ROUNDING: Final = 1e-9
UNJUDGED: Final = ("cannot_judge", "report")
CITY: Final = "city"


def limit_text(row: Mapping[Any, Any], lang: Lang) -> str:
    """A limit with its sign and unit: `≤ 110 kgce/t`."""
    shown = display_unit([row["value"], row["limit"]], str(row["unit"]), lang)
    sign = COMPARISONS.get(str(row["comparison"]), "")
    bound = with_unit(trimmed(row["limit"] * shown.factor, LIMIT_DIGITS), shown.label)
    return f"{sign} {bound}"


def verdict_grid(frame: pd.DataFrame, lang: Lang) -> Grid:
    """Verdicts as text, what matters most to the left: narrow screens show that much."""
    keys = ("verdict", "check", "value", "limit", "margin")
    return Grid(
        headers=tuple(t(f"page.{k}", lang) for k in keys),
        rows=tuple(_verdict_row(r, lang) for r in frame.to_dict("records")),
        numeric=frozenset({2, 3, 4}),
        wide=frozenset({1}),
        toned=0,
    )


def _verdict_row(row: Mapping[Hashable, Any], lang: Lang) -> Row:
    """One verdict; unit and band stand with the value, whom it is about with the requirement."""
    shown = display_unit([row["value"], row["limit"]], str(row["unit"]), lang)
    value, limit, margin, band = (
        row[k] * shown.factor for k in ("value", "limit", "margin", "band")
    )
    tiny = _ROUNDING * abs(limit)
    sign = COMPARISONS.get(str(row["comparison"]), "")
    subject = "" if row["subject"] == CITY else t("page.about", lang, name=row["subject_name"])
    figure = "0" if abs(value) < tiny else trimmed(value, POLICY_DIGITS)
    doubt = f" ±{number(band)}" if band else ""
    unjudged = row["verdict"] in UNJUDGED
    unknown = row["verdict"] == "cannot_judge" and not value
    check = t("page.to_check", lang) if row["to_check"] and not unjudged else ""
    cells = (
        t(f"verdict.{row['verdict']}", lang),
        f"{row['name']}{subject}",
        NOTHING if unknown else with_unit(f"{figure}{doubt}", shown.label),
        NOTHING if unjudged else f"{sign} {trimmed(limit, LIMIT_DIGITS)}{check}",
        NOTHING if unjudged else ("0" if abs(margin) < tiny else trimmed(margin, DIGITS)),
    )
    return Row(cells, TONES.get(str(row["verdict"]), "plain"))


def verdict_section(result: RunResult, lang: Lang) -> Section | None:
    """The verdicts in brief: the city's, and of each other check the worst that does not pass."""
    frame = policy_table(result, lang)
    if frame.empty:
        return None
    lines = (verdict_summary(result, lang), t("page.more_policy", lang))
    grid = verdict_grid(city_and_worst(frame, lang), lang)
    return Section(title=t("page.policy", lang), grid=grid, lines=lines)


def city_and_worst(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Verdicts on the city, and of each other check that does not pass its worst subject.

    Where several subjects do not pass, their number stands behind the name of the worst.
    """
    kept = []
    frame = frame[frame["verdict"] != "report"]
    for (_, level), group in frame.groupby(["id", "level"], sort=False):
        if level == CITY:
            kept.append(group)
            continue
        failing = group[group["verdict"].isin(["fail", "warn"])]
        if failing.empty:
            continue
        worst = failing.sort_values(["order", "margin"], kind="stable").head(1).copy()
        if len(failing) > 1:
            name = str(worst["subject_name"].iloc[0])
            worst["subject_name"] = t("page.worst_of", lang, name=name, count=len(failing))
        kept.append(worst)
    if not kept:
        return frame.head(0)
    return pd.concat(kept).sort_values(["order", "id"], kind="stable", ignore_index=True)


def verdict_worst_grid(result: RunResult, lang: Lang) -> Grid:
    """Every verdict on the city, and the worst of each other check that does not pass."""
    return verdict_grid(city_and_worst(policy_table(result, lang), lang), lang)


def verdict_summary(result: RunResult, lang: Lang) -> str:
    """How many checks pass, fail and so on, in words."""
    counts = result.policy["verdict"].value_counts()
    parts = [f"{t(f'verdict.{v}', lang)} {counts[v]}" for v in TONES if v in counts]
    return " · ".join(parts) or t("page.no_policy", lang)


def worst_of_each(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """One row for each clause: its worst subject, with how many share that verdict."""
    kept = []
    for _, group in frame.groupby("id", sort=False):
        ordered = group.sort_values(["order", "margin"], kind="stable")
        worst = ordered.head(1).copy()
        alike = int((group["verdict"] == worst["verdict"].iloc[0]).sum())
        if alike > 1:
            name = str(worst["subject_name"].iloc[0])
            worst["subject_name"] = t("page.worst_of", lang, name=name, count=alike)
        kept.append(worst)
    if not kept:
        return frame.head(0)
    return pd.concat(kept).sort_values(["order", "id"], kind="stable", ignore_index=True)


def policy_page(
    result: RunResult, lang: Lang, *, every: bool = False, lead: str = "", key: str = ""
) -> Page:
    """The clauses of one run.

    Args:
        result: the run.
        lang: language.
        every: every subject of every clause, not the worst alone.
        lead: only clauses in charge of a department whose name contains this.
        key: one clause with its words, notes and evidence.
    """
    frame = policy_table(result, lang)
    if frame.empty:
        nothing = Section(title=t("page.policy", lang), lines=(t("page.no_policy", lang),))
        return Page(title=park_name(result.park, lang), sections=(nothing,))
    if key:
        return Page(title=park_name(result.park, lang), sections=_clause(result, frame, key, lang))
    if lead:
        frame = frame[frame["lead"].str.contains(lead, case=False, regex=False)]
    shown = frame if every else worst_of_each(frame, lang)
    lines = (
        verdict_summary(result, lang),
        mode_line(result.park, lang),
        t("page.to_check_line", lang),
        t("page.one_policy", lang),
    )
    section = Section(title=t("page.policy", lang), grid=verdict_grid(shown, lang), lines=lines)
    return Page(title=park_name(result.park, lang), sections=(section,))


def clause_names(result: RunResult, lang: Lang) -> dict[str, str]:
    """Id -> name of the clauses that a run was judged by."""
    ids = dict.fromkeys(str(key) for key in result.policy["id"])
    return {key: policy_name(result.park, key, lang) for key in sorted(ids)}


def mode_line(park: Park, lang: Lang) -> str:
    """The time mode, and how many clauses of the park's list it leaves out."""
    left = len(park.policies) - len(list(clauses_in_force(park)))
    return t("page.mode", lang, mode=t(f"mode.{park.facts.mode}", lang), count=left)


def _clause(result: RunResult, frame: pd.DataFrame, key: str, lang: Lang) -> tuple[Section, ...]:
    """One clause: its words, every subject, notes, and the ledger rows behind it."""
    policy = next((p for p in clauses_in_force(result.park) if p.id == key), None)
    rows = frame[frame["id"] == key]
    if policy is None or rows.empty:
        return (Section(title=key, lines=(t("page.not_in_mode", lang),)),)
    notes = [
        f"{row['subject_name']}: {note_text(str(row['note']), lang)}"
        for row in rows.to_dict("records")
        if row["note"]
    ]
    lead = plain(policy.lead_zh if lang == "zh" else policy.lead_en)
    lines = [plain(policy.clause_zh), f"{t('page.lead', lang)} {lead or NOTHING}", *notes]
    title = f"{policy.id} {policy_name(result.park, key, lang)}"
    return (
        Section(title=title, grid=verdict_grid(rows, lang), lines=tuple(lines)),
        Section(title=t("page.evidence", lang), grid=evidence_grid(result, policy, lang)),
    )


def evidence_grid(result: RunResult, policy: Policy, lang: Lang, most: int = 20) -> Grid:
    """The largest ledger rows behind a clause."""
    park = result.park
    found = evidence(park, result.ledger, policy).head(most)
    rows = tuple(
        Row(
            (
                str(r["account"]),
                component_name(park, str(r["unit"]), lang),
                material_name(park, str(r["material"]), lang),
                number(float(r["amount"]), POLICY_DIGITS),
                unit_label(str(r["amount_unit"]), lang),
            )
        )
        for r in found.to_dict("records")
    )
    keys = ("account", "end", "material", "amount", "unit")
    return Grid(
        headers=tuple(t(f"page.{k}", lang) for k in keys),
        rows=rows,
        numeric=frozenset({3}),
        wide=frozenset({0, 1, 2}),
    )


def clause_page(park: Park, lang: Lang) -> Page:
    """Every clause of the library: what judges it, in which modes, limit, who is in charge."""
    rows = []
    for policy in park.library.policies.values():
        bound = park.facts.limits.get(policy.id, policy.limit)
        rows.append(
            Row(
                (
                    policy.id,
                    policy_name(park, policy.id, lang),
                    t(f"judged.{policy.judged}", lang),
                    " ".join(t(f"mode_short.{m}", lang) for m in policy.modes),
                    NOTHING if bound is None else trimmed(bound, LIMIT_DIGITS),
                    plain(policy.lead_zh if lang == "zh" else policy.lead_en) or NOTHING,
                )
            )
        )
    keys = ("id", "check", "judged", "modes", "limit", "lead")
    grid = Grid(
        headers=tuple(t(f"page.{k}", lang) for k in keys),
        rows=tuple(rows),
        numeric=frozenset({4}),
        wide=frozenset({1, 5}),
    )
    return Page(title=t("page.clauses", lang), sections=(Section(title="", grid=grid),))
