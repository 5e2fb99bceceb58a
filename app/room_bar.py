"""The line of a team on the pages where it works: round, time left, what happens, hand in."""

from __future__ import annotations

import time
from typing import Final

import streamlit as st

from app import seat, shell, state
from app.tables import escaped
from chainsim.errors import Lang, UserError
from chainsim.report.i18n import t
from chainsim.report.room_page import Glance, time_left

TICK_S: Final = 10.0
_TOLD: Final = "room_told"


def show(lang: Lang) -> Glance | None:
    """The team's line on the pages where it works: round, time, hand in."""
    found, here = seat.follow(), seat.place()
    if found is None or here is None or here.team is None:
        return None
    draw = st.fragment(_line, run_every=TICK_S, key="room_bar")
    draw(here.room, here.team, (found.room.round, found.room.shock), lang)
    return found


def _line(code: str, team: int, drawn: tuple[int, str], lang: Lang) -> None:
    found = seat.look(code, team)
    if (found.room.round, found.room.shock) != drawn:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
        name = next(x.name for x in found.teams if x.id == team)
        st.markdown(f"**{escaped(t('room.you', lang, team=name))}** · {status(found, lang)}")
        hand_in_button(found, team, lang)
        if st.button(t("room.go_room", lang), key="room_go"):
            shell.go("workshop", lang)


def status(found: Glance, lang: Lang) -> str:
    """Round, time left, what happens, as a line of Markdown."""
    room, now = found.room, time.time()
    left = time_left(room.deadline, now) if room.state == "open" else ""
    parts = [
        t("room.round", lang, round=room.round),
        t("room.state_open" if room.accepts(now) else "room.state_frozen", lang),
        t("room.left", lang, left=left) if left else "",
        t("room.happens", lang, shock=t(f"shock.{room.shock}", lang)),
    ]
    return " · ".join(part for part in parts if part)


def hand_in_button(found: Glance, team: int, lang: Lang) -> None:
    """The button that hands in, with what became of it.

    The press is taken before anything is drawn: a round that has just begun would draw the page
    anew and the press would be lost.
    """
    base = state.history().scheme.base == found.room.base
    st.button(
        t("room.hand_in", lang),
        key="room_hand_in",
        type="primary",
        disabled=not (base and found.room.accepts(time.time())),
        on_click=_hand_in,
        args=(team, found.room.round, found.room.shock),
    )
    told = state.session().pop(_TOLD, None)
    if isinstance(told, UserError):
        shell.problems(told, lang)
    elif told:
        count = sum(s.team == team for s in seat.look(found.room.code, team).handed_in)
        st.toast(t("room.handed_in", lang, count=count))


def _hand_in(team: int, round_: int, shock: str) -> None:
    session = state.session()
    try:
        seat.hand_in(team, round_, shock)
        session[_TOLD] = True
    except UserError as exc:
        session[_TOLD] = exc
