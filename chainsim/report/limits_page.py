"""Which level of its standards each process meets, as a table and a page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pandas as pd

from chainsim.accounts.unit_limits import LimitVerdict
from chainsim.errors import Lang
from chainsim.library.model import Library
from chainsim.report.document import Grid, Page, Row, Section, Tone
from chainsim.report.i18n import t
from chainsim.report.library_page import mark_name
from chainsim.report.names import plain
from chainsim.report.numbers import NOTHING, number, trimmed, unit_label


def limit_table(verdicts: Sequence[LimitVerdict]) -> pd.DataFrame:
    """process, limit, edition, in_force, scope, value, unit, levels, level, verdict."""
    return pd.DataFrame(
        [
            {
                "process": v.process,
                "limit": v.limit.id,
                "edition": v.limit.edition,
                "in_force": v.limit.in_force,
                "scope": v.limit.scope,
                "value": math.nan if v.value is None else v.value,
                "unit": v.limit.unit,
                "levels": " ".join(f"{k}={most:g}" for k, most in v.levels.items()),
                "level": v.level,
                "verdict": _verdict(v),
            }
            for v in verdicts
        ],
        columns=[
            "process", "limit", "edition", "in_force", "scope", "value", "unit", "levels", "level",
            "verdict",
        ],
    )  # fmt: skip


def _verdict(verdict: LimitVerdict) -> str:
    if verdict.value is None:
        return "cannot_judge"
    return "pass" if verdict.level else "fail"


def limit_page(library: Library, verdicts: Sequence[LimitVerdict], lang: Lang) -> Page:
    """Processes with their limits, one section each: value, levels, the best level met."""
    keys = ("limit", "value", "levels", "unit", "verdict", "mark")
    headers = tuple(t(f"limits.{key}", lang) for key in keys)
    sections = []
    for process, group in itertools.groupby(verdicts, key=lambda v: v.process):
        grid = Grid(
            headers=headers,
            rows=tuple(_row(v, lang) for v in group),
            numeric=frozenset({1}),
            wide=frozenset({0, 4}),
            toned=4,
        )
        name = plain(library.processes[process].name(lang))
        sections.append(Section(title=f"{process}  {name}", grid=grid))
    return Page(
        title=t("limits.title", lang), lead=t("limits.note", lang), sections=tuple(sections)
    )


def _row(verdict: LimitVerdict, lang: Lang) -> Row:
    tones: dict[str, Tone] = {"pass": "good", "fail": "bad", "cannot_judge": "quiet"}
    limit = verdict.limit
    return Row(
        (
            plain(limit.name(lang)),
            NOTHING if verdict.value is None else number(verdict.value, 4),
            " / ".join(trimmed(most, 5) for most in verdict.levels.values()),
            unit_label(limit.unit, lang),
            _said(verdict, lang),
            mark_name(next(iter(limit.levels.values())).mark, lang),
        ),
        tone=tones[_verdict(verdict)],
    )


def _said(verdict: LimitVerdict, lang: Lang) -> str:
    if verdict.value is None:
        return t(f"limits.{verdict.limit.scope}", lang)
    if not verdict.level:
        return t("limits.none", lang)
    return t(f"level.{verdict.level}", lang)
