"""The event runs of a scheme as a visitor sees them: started by themselves, followed, stopped."""

from __future__ import annotations

import time

import streamlit as st

from app import state
from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.study.background import REPLICATIONS, Job, background
from chainsim.study.levers import Scheme, overrides

TICK_S = 1.5
CALM = 8
"""Visitors who may look that often; where more of them wait, all look more rarely."""
RARELY_S = 6.0
PATIENCE = 2
"""Ticks that a scheme must stand before it is simulated: a moving slider starts nothing."""


def follow(scheme: Scheme, lang: Lang, key: str) -> Job | None:
    """Start the event runs of a scheme when it has stood for a moment, and show how far they are.

    Returns:
        The job, as far as it is; None before it has begun.
    """
    texts = overrides(scheme)
    job = background.known(scheme.base, texts)
    waiting = job is None or job.running or _left_by_others(job)
    _leave(scheme)
    watch = st.fragment(_watch, run_every=_tick_s() if waiting else None, key=f"watch_{key}")
    with st.container(key="watch"):
        watch(scheme.base, texts, lang, key)
    return job


def _tick_s() -> float:
    return min(RARELY_S, TICK_S * max(1.0, _crowd.count / CALM))


class _Crowd:
    """Visitors who followed a job within the last moments."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}

    def see(self, visitor: object) -> None:
        self._seen[id(visitor)] = time.monotonic()

    @property
    def count(self) -> int:
        since = time.monotonic() - 2 * RARELY_S
        self._seen = {k: at for k, at in list(self._seen.items()) if at > since}
        return len(self._seen)


_crowd = _Crowd()


def finished(scheme: Scheme) -> Job | None:
    """The event runs of a scheme, if as many as a band needs are there."""
    job = background.known(scheme.base, overrides(scheme))
    return job if job is not None and job.has(min(job.total, REPLICATIONS)) else None


def _leave(scheme: Scheme) -> None:
    """Give up the runs of the scheme that this visitor watched before."""
    session = state.session()
    before = session.get("watched")
    if before is not None and before != scheme:
        job = background.known(before.base, overrides(before))
        if job is not None and job.running:
            background.cancel(job)
    if before != scheme:
        session["watched"], session["waited"] = scheme, 0


def _left_by_others(job: Job) -> bool:
    """Whether the runs stand still though this visitor did not stop them."""
    return job.cancelled and state.session().get("stopped") != (job.name, job.overrides)


def _stop(job: Job) -> None:
    background.cancel(job)
    state.session()["stopped"] = (job.name, job.overrides)


def _watch(base: str, texts: tuple[str, ...], lang: Lang, key: str) -> None:
    session = state.session()
    _crowd.see(state.history())
    job = background.known(base, texts)
    if job is None or _left_by_others(job):
        job = None
        session["waited"] = session.get("waited", 0) + 1
        if session["waited"] >= PATIENCE:
            job = background.ask(base, texts)
    if job is None:
        st.progress(0.0, t("risk.running", lang, done=0, total="…"))
        return
    _tell(job, lang, key)


def _tell(job: Job, lang: Lang, key: str) -> None:
    session = state.session()
    if job.running:
        session["followed"] = (job.name, job.overrides, False)
        with st.container(horizontal=True, vertical_alignment="center"):
            text = t("risk.running", lang, done=job.done, total=job.total)
            st.progress(job.done / job.total, text)
            if st.button(t("risk.cancel", lang), key=f"cancel_{key}", type="tertiary"):
                _stop(job)
                st.rerun()
        return
    ended = (job.name, job.overrides, True)
    if session.get("followed") == (job.name, job.overrides, False):
        session["followed"] = ended
        st.rerun()
    if job.finished:
        st.caption(t("risk.done", lang, total=job.total))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.problems:
            st.caption(" ".join(p.message(lang) for p in job.problems))
        elif job.broken:
            st.caption(t("risk.broken", lang))
        else:
            st.caption(t("risk.stopped", lang, done=job.done, total=job.total))
        if st.button(t("risk.again", lang), key=f"again_{key}", type="tertiary"):
            session.pop("stopped", None)
            background.ask(job.name, job.overrides)
            st.rerun()
