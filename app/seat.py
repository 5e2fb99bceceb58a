"""The visitor's place in a workshop room: its key, the room, the shock of the round."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from app import state
from chainsim.errors import UserError
from chainsim.report.room_page import Glance
from chainsim.study.levers import Scheme
from chainsim.study.result import RunResult
from chainsim.study.rooms.board import figures_of
from chainsim.study.rooms.rooms import Rooms, Seat
from chainsim.study.rooms.shocks import NOTHING, held_levers, under
from chainsim.study.rooms.tables import Database, database_url
from chainsim.study.schemes import scheme_data, scheme_of, scheme_result

FRESH_S: Final = 2
"""One look into the database serves all visitors for that long."""
_KEY: Final = "seat"


def store() -> Rooms:
    """The rooms of this server.

    Raises:
        MachineError: the database cannot be used.
    """
    return _store(database_url())


@st.cache_resource(show_spinner=False)
def _store(url: str) -> Rooms:
    return Rooms(Database(url))


@st.cache_resource(ttl=FRESH_S, max_entries=64, show_spinner=False)
def _glance(url: str, code: str) -> Glance:
    found = _store(url)
    room, handed_in = found.room(code), found.handed_in(code)
    return Glance(room=room, teams=found.teams(code), handed_in=handed_in)


def glance(code: str, team: int | None = None) -> Glance:
    """A room as it stood a moment ago, but not before `team` was there.

    Raises:
        DataError: there is none.
    """
    found = _glance(database_url(), code)
    if team is None or any(x.id == team for x in found.teams):
        return found
    changed()
    return _glance(database_url(), code)


def look(code: str, team: int | None = None) -> Glance:
    """The same for a part of a page that looks again by itself.

    A room that is gone meanwhile is a matter of the whole page, which is drawn anew.
    """
    try:
        return glance(code, team)
    except UserError:
        st.rerun()


def changed() -> None:
    """Have the next look see what was just done."""
    _glance.clear()


def arrive() -> str:
    """Take over `?seat=` and `?room=` of an address; the page they belong to, or nothing."""
    session, query = state.session(), st.query_params
    token, code = query.get(_KEY, ""), query.get("room", "")
    if token and token != session.get(_KEY):
        session[_KEY] = token
        session.pop("room_taken", None)
        here = place()
        return "workshop" if here is not None and _at_home() else ""
    if code and code != session.get("room_code"):
        session["room_code"] = code
        session["room_watched"] = "board" in query
        return "workshop"
    return ""


def _at_home() -> bool:
    """Whether the address names no page: a tablet that is reloaded stays where it was."""
    return urlsplit(str(st.context.url or "")).path in ("", "/")


def place() -> Seat | None:
    """The visitor's seat; None without one, or when the room was deleted."""
    token = state.session().get(_KEY)
    if not token:
        return None
    try:
        found = store().seat(token)
    except UserError:
        return None
    if found is None:
        leave()
    return found


def take(token: str) -> None:
    """Sit down."""
    state.session()[_KEY] = token
    state.session().pop("room_taken", None)
    changed()


def leave() -> None:
    """Give the seat up; the token stays good for who kept it."""
    session = state.session()
    for key in (_KEY, "room_taken", "room_code", "room_watched"):
        session.pop(key, None)
    for key in (_KEY, "room", "board"):
        st.query_params.pop(key, None)


def follow() -> Glance | None:
    """For a member of a team: its work where it was left, under the shock of the round, kept.

    Returns:
        The room; None for everybody else.
    """
    here = place()
    if here is None or here.team is None:
        return None
    found = glance(here.room, here.team)
    session, history = state.session(), state.history()
    if session.get("room_taken") != here.team:
        team = next(x for x in found.teams if x.id == here.team)
        session["room_taken"] = here.team
        session["room_shock"] = str(team.work.get("shock", NOTHING))
        history.move(scheme_of(team.work) or Scheme(base=found.room.base))
    before = str(session.get("room_shock", NOTHING))
    if history.scheme.base == found.room.base:
        session["room_shock"] = found.room.shock
        history.replace(under(history.scheme, found.room.shock, before))
        work = {**scheme_data(history.scheme), "shock": found.room.shock}
        if session.get("room_saved") != work:
            store().save(here.team, work)
            session["room_saved"] = work
    return found


def held(found: Glance | None) -> frozenset[str]:
    """Levers that the visitor may not move."""
    return frozenset() if found is None else held_levers(found.room.shock)


def start_result(found: Glance) -> RunResult:
    """What all teams began from, under the shock of the round.

    Raises:
        UserError: the park cannot be run under it.
    """
    return scheme_result(under(Scheme(base=found.room.base), found.room.shock))


def hand_in(team: int, round_: int, shock: str) -> None:
    """Put the visitor's scheme on the board of the round that the visitor sees.

    Raises:
        UserError: it cannot be run, the round takes nothing, or it is over.
    """
    scheme = under(state.history().scheme, shock)
    figures, failed = figures_of(scheme_result(scheme))
    try:
        store().hand_in(team, scheme_data(scheme), figures, failed, meant_for=round_)
    finally:
        changed()
