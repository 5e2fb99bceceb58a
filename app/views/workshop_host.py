"""The facilitator's place: rounds, shocks, the clock, the spotlight, everything to take away."""

from __future__ import annotations

import time
from contextlib import suppress

import streamlit as st

from app import seat, state, tables, takeaway
from app.views import workshop_board
from chainsim.errors import Lang, UserError
from chainsim.report.downloads import xlsx_bytes
from chainsim.report.i18n import t
from chainsim.report.room_page import Glance, debrief_tables, measure_names
from chainsim.study.rooms.shocks import offered

MOST_MINUTES = 120
USUAL_MINUTES = 15
NOBODY = 0
"""No team has this number."""


def show(code: str, lang: Lang) -> None:
    """Draw the page."""
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        _steer(seat.glance(code), lang)
    with right:
        workshop_board.show(code, lang, invite=False)


def _steer(found: Glance, lang: Lang) -> None:
    st.metric(t("room.code", lang), found.room.code, border=True)
    st.link_button(
        t("room.big_board", lang),
        workshop_board.address(room=found.room.code, board="1", view="projector"),
        width="stretch",
    )
    running = found.room.state == "open"
    st.button(
        t("room.freeze" if running else "room.unfreeze", lang),
        key="room_freeze",
        width="stretch",
        on_click=_set,
        args=(found.room.code,),
        kwargs={"state": "frozen" if running else "open", "deadline": None},
    )
    _next(found, lang)
    _show(found, lang)
    _take_away(found, lang)


def _set(code: str, **changed: object) -> None:
    seat.store().steer(code, **changed)
    seat.changed()


def _next(found: Glance, lang: Lang) -> None:
    with st.form("room_next"):
        shock = st.selectbox(
            t("room.shock", lang),
            offered(found.room.base),
            format_func=lambda key: t(f"shock.{key}", lang),
            key=f"room_shock_{lang}",
        )
        minutes = st.number_input(
            t("room.minutes", lang),
            min_value=0,
            max_value=MOST_MINUTES,
            value=USUAL_MINUTES,
            key="room_minutes",
        )
        if st.form_submit_button(t("room.next", lang), type="primary", width="stretch"):
            deadline = time.time() + 60.0 * minutes if minutes else None
            seat.store().next_round(found.room.code, shock=shock, deadline=deadline)
            seat.changed()
            st.rerun()


def _show(found: Glance, lang: Lang) -> None:
    code, session = found.room.code, state.session()
    names = measure_names(seat.start_result(found), lang)
    ordered, hidden, lit = f"room_ordered_{lang}", "room_hidden", f"room_lit_{lang}"
    session[ordered] = found.room.ordered if found.room.ordered in names else next(iter(names))
    session[hidden] = found.room.anonymous
    st.selectbox(
        t("room.ordered", lang),
        list(names),
        format_func=lambda key: names[key],
        key=ordered,
        on_change=lambda: _set(code, ordered=session[ordered]),
    )
    st.toggle(
        t("room.hide", lang),
        key=hidden,
        on_change=lambda: _set(code, anonymous=session[hidden]),
    )
    there = [NOBODY, *(s.team for s in found.now())]
    session[lit] = found.room.spotlight if found.room.spotlight in there else NOBODY
    st.selectbox(
        t("room.spotlight", lang),
        there,
        format_func=lambda k: found.name(k, lang) if k else t("room.nobody_chosen", lang),
        key=lit,
        on_change=lambda: _set(code, spotlight=session[lit] or None),
    )


def _take_away(found: Glance, lang: Lang) -> None:
    base = seat.start_result(found)

    def make() -> bytes:
        now = found
        with suppress(UserError):  # deleted in another window: what was there before
            now = seat.glance(found.room.code)
        return xlsx_bytes(debrief_tables(now, base, lang))

    takeaway.button(
        t("room.export", lang),
        make,
        file_name=f"chainsim-{found.room.code}.xlsx",
        mime=tables.XLSX,
        key="room_export",
        width="stretch",
    )
    st.button(t("room.leave", lang), on_click=seat.leave, key="room_leave", width="stretch")
    with st.popover(t("room.delete", lang), width="stretch"):
        st.warning(t("room.delete_text", lang))
        st.button(
            t("room.delete_now", lang), key="room_delete", on_click=_delete, args=(found.room.code,)
        )


def _delete(code: str) -> None:
    seat.store().delete(code)
    seat.leave()
    seat.changed()
