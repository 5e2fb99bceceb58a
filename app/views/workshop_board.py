"""The board of a workshop room, for the projector and below every team's own place."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from app import charts, room_bar, seat, state, tables
from app.tables import escaped
from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.room_page import (
    Glance,
    board_chart,
    board_grid,
    code_picture,
    moves_grid,
    scheme_section,
)

TICK_S = 3.0


def address(**query: str) -> str:
    """An address of this server that opens the workshop page."""
    here = str(st.context.url or "").split("?")[0].removesuffix("/workshop").rstrip("/")
    return f"{here}/?{urlencode({**query, **state.spoken()})}"


def show(code: str, lang: Lang, *, invite: bool) -> None:
    """The board by itself, looked at again every few seconds; `invite` adds how to join."""
    seat.glance(code)
    st.fragment(_alone, run_every=TICK_S, key="room_board")(code, lang, invite)


def _alone(code: str, lang: Lang, invite: bool) -> None:
    found = seat.look(code)
    st.title(escaped(found.room.title), anchor=False)
    if not invite:
        st.markdown(room_bar.status(found, lang))
        draw(found, lang)
        return
    left, right = st.columns([1, 3.2], gap="medium")
    with left:
        st.caption(t("room.code", lang))
        st.markdown(f"# {found.room.code}")
        st.image(code_picture(address(room=found.room.code)), width="stretch")
        st.caption(t("room.scan", lang))
    with right:
        st.markdown(f"#### {room_bar.status(found, lang)}")
        draw(found, lang)


def draw(found: Glance, lang: Lang) -> None:
    """What was handed in, the spotlight first."""
    base = seat.start_result(found)
    shown = found.now()
    st.caption(t("room.teams_in", lang, teams=len(found.teams), handed=len(shown)))
    for submission in shown:
        if submission.team == found.room.spotlight:
            with st.container(border=True):
                title = t("room.spot", lang, team=found.name(submission.team, lang))
                part = scheme_section(title, submission, base, lang)
                tables.section(part, "room_spot", lang)
    tables.show(board_grid(found, base, lang))
    if not shown:
        st.info(t("room.nobody", lang))
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("room.trade", lang), anchor=False)
        chart = board_chart(found, base, lang)
        charts.show(charts.spec(chart), "room_trade", t("room.trade", lang), lang)
    with right:
        st.subheader(t("room.moved", lang), anchor=False)
        tables.show(moves_grid(found, base, lang))
