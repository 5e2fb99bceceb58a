"""The workshop page: the door, a team's place, the facilitator's, or the board alone."""

from __future__ import annotations

import streamlit as st

from app import room_bar, seat, shell, state
from app.tables import escaped, section
from app.views import workshop_board, workshop_host
from chainsim.errors import Lang, UserError
from chainsim.report.i18n import t
from chainsim.report.presets import preset_name, presets
from chainsim.report.room_page import Glance, code_picture, scheme_section
from chainsim.study.levers import Scheme
from chainsim.study.rooms.rooms import TEAM_CHARS, TITLE_CHARS
from chainsim.study.rooms.secrets import CODE_CHARS, PIN_MOST, read_code
from chainsim.study.rooms.shocks import under

TICK_S = 10.0


def show(lang: Lang) -> None:
    """Draw the page."""
    here = seat.place()
    session = state.session()
    if here is not None and here.team is None:
        workshop_host.show(here.room, lang)
    elif here is not None and here.team is not None:
        _team(here.team, lang)
    elif session.get("room_watched") and read_code(str(session.get("room_code", ""))):
        workshop_board.show(read_code(str(session["room_code"])), lang, invite=True)
        st.button(t("room.leave", lang), on_click=seat.leave, key="room_leave")
    else:
        _door(lang)


# -- the door ---------------------------------------------------------------------------------


def _door(lang: Lang) -> None:
    st.title(t("room.title", lang), anchor=False)
    st.markdown(t("room.lead", lang))
    if state.session().get("room_code"):  # who scanned a code came to join
        _join(lang)
        return
    left, right = st.columns(2, gap="large")
    with left:
        _join(lang)
        _watch(lang)
    with right:
        _open(lang)
        _admit(lang)


def _join(lang: Lang) -> None:
    with st.form("room_join"):
        st.subheader(t("room.join", lang), anchor=False)
        code = _code(lang, "join")
        name = st.text_input(t("room.name", lang), max_chars=TEAM_CHARS, key="room_name")
        if st.form_submit_button(t("room.join_now", lang), type="primary"):
            _sit(lambda: seat.store().join(code, name), lang)


def _watch(lang: Lang) -> None:
    with st.expander(t("room.watch", lang)), st.form("room_watch", border=False):
        code = _code(lang, "watch")
        if st.form_submit_button(t("room.watch_now", lang)):
            try:
                state.session()["room_code"] = seat.store().room(code).code
            except UserError as exc:
                shell.problems(exc, lang)
                return
            state.session()["room_watched"] = True
            st.rerun()


def _open(lang: Lang) -> None:
    with st.form("room_open"):
        st.subheader(t("room.open", lang), anchor=False)
        title = st.text_input(t("room.room_title", lang), max_chars=TITLE_CHARS, key="room_title")
        base = st.selectbox(
            t("room.base", lang),
            presets("planner"),
            format_func=lambda name: preset_name(name, lang),
            key=f"room_base_{lang}",
        )
        pin = st.text_input(
            t("room.pin", lang), type="password", max_chars=PIN_MOST, key="room_pin"
        )
        if st.form_submit_button(t("room.open_now", lang)):
            _sit(lambda: seat.store().open(title=title, base=base, pin=pin)[1], lang)


def _admit(lang: Lang) -> None:
    with st.expander(t("room.admit", lang)), st.form("room_admit", border=False):
        code = _code(lang, "admit")
        pin = st.text_input(
            t("room.pin_again", lang), type="password", max_chars=PIN_MOST, key="room_pin_again"
        )
        if st.form_submit_button(t("room.admit_now", lang)):
            _sit(lambda: seat.store().admit(code, pin), lang)


def _code(lang: Lang, form: str) -> str:
    return st.text_input(
        t("room.code", lang),
        value=str(state.session().get("room_code", ""))[:CODE_CHARS],
        max_chars=CODE_CHARS,
        key=f"room_code_{form}",
    )


def _sit(ask, lang: Lang) -> None:  # type: ignore[no-untyped-def]
    try:
        token = ask()
    except UserError as exc:
        shell.problems(exc, lang)
        return
    seat.take(token)
    shell.go("workshop", lang)


# -- a team -----------------------------------------------------------------------------------


def _team(team: int, lang: Lang) -> None:
    found = seat.follow()
    if found is None:
        return
    name = next(x.name for x in found.teams if x.id == team)
    st.title(escaped(t("room.you", lang, team=name)), anchor=False)
    watch = st.fragment(_working, run_every=TICK_S, key="room_working")
    watch(found.room.code, team, (found.room.round, found.room.shock), lang)
    with st.expander(t("room.second", lang)):
        st.caption(t("room.second_text", lang))
        address = workshop_board.address(seat=str(state.session()["seat"]))
        st.image(code_picture(address), width=220, caption=address)
    st.button(t("room.leave", lang), on_click=seat.leave, key="room_leave")


def _working(code: str, team: int, drawn: tuple[int, str], lang: Lang) -> None:
    found = seat.look(code, team)
    if (found.room.round, found.room.shock) != drawn:
        st.rerun()
    st.markdown(f"**{escaped(found.room.title)}** · {room_bar.status(found, lang)}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(t("room.go_scheme", lang), key="room_scheme"):
            shell.go("scheme", lang)
        room_bar.hand_in_button(found, team, lang)
    found = seat.look(code, team)
    if state.history().scheme.base != found.room.base:
        st.warning(t("room.other_base", lang))
        st.button(t("room.back_to_base", lang), key="room_back", on_click=_back, args=(found,))
    _last(found, team, lang)
    workshop_board.draw(found, lang)


def _back(found: Glance) -> None:
    state.history().move(under(Scheme(base=found.room.base), found.room.shock))


def _last(found: Glance, team: int, lang: Lang) -> None:
    own = [s for s in found.handed_in if s.team == team]
    if own:
        title = t("room.handed_in", lang, count=len(own))
        section(scheme_section(title, own[-1], seat.start_result(found), lang), "room_own", lang)
