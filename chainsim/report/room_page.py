"""A workshop's board: what the teams handed in, side by side, and what they moved."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import pandas as pd
import segno

from chainsim.accounts.kpis import kpi_info
from chainsim.errors import Lang
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import listed, t
from chainsim.report.lever_views import changes, lever_views
from chainsim.report.names import policy_name
from chainsim.report.numbers import NOTHING, display_unit, number, trimmed, with_unit
from chainsim.report.page import headline
from chainsim.report.tradeoffs import Axis, points_chart
from chainsim.study.levers import Scheme
from chainsim.study.result import RunResult
from chainsim.study.rooms.board import Submission, figures_of, latest, moves
from chainsim.study.rooms.rooms import Room, Team
from chainsim.study.schemes import scheme_of

GAIN: Final = "value.added_cny"
PAIN: Final = "carbon.total_t"
_QR_SCALE: Final = 6
_DIGITS: Final = 4
"""One more than elsewhere: teams differ by little."""
_LEVER_DIGITS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A room at one moment."""

    room: Room
    teams: tuple[Team, ...]
    handed_in: tuple[Submission, ...]

    def name(self, team: int, lang: Lang) -> str:
        """A team's name, or its number where names are hidden."""
        index = next(k for k, x in enumerate(self.teams) if x.id == team)
        if self.room.anonymous:
            return t("room.anonymous_team", lang, number=index + 1)
        return self.teams[index].name

    def now(self) -> list[Submission]:
        """What stands on the board of this round, best first by the measure chosen."""
        better = kpi_info(self.room.ordered).better
        worst = float("-inf") if better == "up" else float("inf")
        found = latest(self.handed_in, self.room.round).values()
        return sorted(
            found,
            key=lambda s: (s.figures.get(self.room.ordered, worst), -s.team),
            reverse=better == "up",
        )


def measure_names(base: RunResult, lang: Lang) -> dict[str, str]:
    """KPI -> name of the measures of the board that a park has."""
    return {key: headline(base, key, lang) for key in figures_of(base)[0]}


def board_grid(glance: Glance, base: RunResult, lang: Lang) -> Grid:
    """The board: a line for each team that handed in, the start below.

    Args:
        glance: the room.
        base: result of the scheme that all began from, under the shock of the round.
        lang: of the reader.
    """
    names = measure_names(base, lang)
    start, failed = figures_of(base)
    lines: list[tuple[str, Mapping[str, float], int]] = [
        (glance.name(s.team, lang), s.figures, len(s.failed)) for s in glance.now()
    ]
    lines.append((t("room.start", lang), start, len(failed)))
    columns = []
    for key in names:
        values = [f[key] for _, f, _ in lines if key in f]
        shown = display_unit(values, kpi_info(key).unit, lang)
        columns.append((key, shown))
    rows = [
        Row(
            (
                name,
                *(
                    with_unit(number(f[key] * shown.factor, _DIGITS), shown.label)
                    if key in f
                    else NOTHING
                    for key, shown in columns
                ),
                str(count),
            ),
            tone="quiet" if index == len(lines) - 1 else "plain",
        )
        for index, (name, f, count) in enumerate(lines)
    ]
    return Grid(
        headers=(t("room.team", lang), *names.values(), t("room.failed", lang)),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(names) + 2)),
        toned=0,
    )


def board_chart(glance: Glance, base: RunResult, lang: Lang) -> alt.TopLevelMixin | None:
    """Value added over carbon, a point for each team and the start."""
    names = measure_names(base, lang)
    if GAIN not in names or PAIN not in names:
        return None
    shown = glance.now()
    return points_chart(
        [t("room.start", lang), *(glance.name(s.team, lang) for s in shown)],
        Axis(GAIN, names[GAIN], kpi_info(GAIN).unit),
        Axis(PAIN, names[PAIN], kpi_info(PAIN).unit),
        [figures_of(base)[0], *(s.figures for s in shown)],
        lang,
    )


def moves_grid(glance: Glance, base: RunResult, lang: Lang) -> Grid:
    """How many teams moved each lever in this round, and how far."""
    frame = moves(glance.room.base, glance.now())
    views = {v.lever.id: v for v in lever_views(Scheme(base=glance.room.base), base, lang)}
    rows = []
    for row in frame.to_dict("records"):
        view = views[str(row["lever"])]
        texts = [
            with_unit(trimmed(float(row[k]) * view.factor, _LEVER_DIGITS), view.unit)
            for k in ("base", "low", "mean", "high")
        ]
        rows.append(Row((view.name, str(row["teams"]), *texts)))
    heads = ("room.lever", "room.moved_by", "room.from_base", "room.low", "room.mean", "room.high")
    return Grid(
        headers=tuple(t(head, lang) for head in heads),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(heads))),
        wide=frozenset({0}),
    )


def scheme_section(title: str, submission: Submission, base: RunResult, lang: Lang) -> Section:
    """What one team changed, and which clauses it does not keep."""
    scheme = scheme_of(submission.scheme)
    moved = () if scheme is None else changes(scheme, base, lang)
    failed = [policy_name(base.park, key, lang) for key in submission.failed]
    return Section(
        title=title,
        lines=(
            t("room.changed", lang, changes=listed(moved, lang)),
            t("room.not_kept", lang, clauses=listed(failed, lang)),
        ),
    )


def rooms_page(rooms: Sequence[Room], lang: Lang) -> Page:
    """All rooms of a server."""
    rows = [Row((r.code, r.title, r.base, str(r.round), _time(r.created))) for r in rooms]
    heads = ("room.code", "room.room_title", "room.base", "room.round_head", "room.created")
    grid = Grid(
        headers=tuple(t(head, lang) for head in heads),
        rows=tuple(rows),
        wide=frozenset({1}),
    )
    lines = () if rows else (t("room.none", lang),)
    return Page(
        title=t("room.listed", lang),
        sections=(Section(title="", grid=grid if rows else None, lines=lines),),
    )


def debrief_tables(glance: Glance, base: RunResult, lang: Lang) -> dict[str, pd.DataFrame]:
    """Everything that was handed in, for a workbook: figures in base units, and levers."""
    names = measure_names(base, lang)
    views = lever_views(Scheme(base=glance.room.base), base, lang)
    figures: list[dict[str, Any]] = []
    levers: list[dict[str, Any]] = []
    for found in glance.handed_in:
        head = {
            t("room.round_head", lang): found.round,
            t("room.team", lang): glance.name(found.team, lang),
            t("room.time", lang): _time(found.at),
        }
        measured = {
            f"{name} [{kpi_info(key).unit}]": found.figures.get(key) for key, name in names.items()
        }
        clauses = listed([policy_name(base.park, key, lang) for key in found.failed], lang)
        figures.append({**head, **measured, t("room.failed", lang): clauses})
        values = dict(found.scheme.get("values", {}))
        moved = {
            f"{v.name} ({v.unit})": values.get(v.lever.id, v.lever.base) * v.factor for v in views
        }
        levers.append({**head, **moved})
    return {
        t("room.sheet_figures", lang): pd.DataFrame(figures),
        t("room.sheet_levers", lang): pd.DataFrame(levers),
    }


def code_picture(address: str) -> bytes:
    """An address as a QR code, PNG."""
    file = io.BytesIO()
    segno.make(address, error="m").save(file, kind="png", scale=_QR_SCALE, border=2)
    return file.getvalue()


def time_left(deadline: float | None, now: float) -> str:
    """`4:05` until a round ends; empty without an end."""
    if deadline is None:
        return ""
    seconds = max(0, round(deadline - now))
    return f"{seconds // 60}:{seconds % 60:02d}"


def _time(at: float) -> str:
    return dt.datetime.fromtimestamp(at, tz=dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
