"""What visitors were at, so that a page that is loaded again goes on where it was.

A browser that reloads begins a new session. From the first change on the address carries the number
of the visit (`?v=`), and the last visits are kept in memory. Whoever opens such an address gets a
copy and a number of their own, so two tabs never move each other's levers.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Any, Final

import streamlit as st

from app import share, state
from chainsim.study.levers import Scheme

MOST: Final = 256
"""Visits kept; those not seen for longest are dropped."""
MOST_CHARS: Final = 100_000
"""A longer text, such as a file that was brought, is not kept."""
_HELD: Final = ("compared", state.SEARCH, *share.SEARCH)
"""What else of a session was chosen, beside `*_chosen`."""
_visits: OrderedDict[str, dict[str, Any]] = OrderedDict()
_lock = threading.Lock()


def resume() -> None:
    """In a new session take over what the visit of the address was at."""
    session, number = state.session(), st.query_params.get(state.VISIT, "")
    if not number or state.VISIT in session:
        return
    with _lock:
        kept = dict(_visits.get(number, {}))
    if not kept:
        st.query_params.pop(state.VISIT, None)
        return
    for key, value in kept.items():
        session[key] = value.copy() if key in ("history", "drafting") else value
    session["restored"] = st.query_params.get("s")  # the link is older than what came after it


def keep() -> None:
    """Keep what this visit is at, once anything was changed; the address tells how to find it."""
    session = state.session()
    if state.VISIT in session or _changed():
        number = session.setdefault(state.VISIT, secrets.token_urlsafe(9))
        with _lock:
            _visits[number] = _chosen()
            _visits.move_to_end(number)
            while len(_visits) > MOST:
                _visits.popitem(last=False)
    tell()


def tell() -> None:
    """Have the address say how to find language, seat and visit again.

    All is said at once and at the beginning of a run: then it belongs to the step of the browser's
    history that is being made, and is no step of its own.
    """
    missing = {k: v for k, v in state.query().items() if st.query_params.get(k) != v}
    if missing:
        st.query_params.update(missing)


def _changed() -> bool:
    history, drafting = state.history(), state.session().get("drafting")
    moved = len(history.steps) > 1 or history.scheme != Scheme(base=state.BASE)
    return moved or bool(history.kept) or bool(drafting and drafting.past)


def _chosen() -> dict[str, Any]:
    session = state.session()
    chosen = {
        key: value
        for key, value in session.items()
        if str(key).endswith("_chosen")
        or (key in _HELD and not (isinstance(value, str) and len(value) > MOST_CHARS))
    }
    for key in ("history", "drafting"):
        if key in session:
            chosen[key] = session[key].copy()
    return chosen
