"""What a visitor asks of the layout search: file, candidates, limits, objective, effort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app import state
from app.tables import escaped
from chainsim.errors import Lang, UserError
from chainsim.report import candidates_page as offered
from chainsim.report.i18n import listed, t
from chainsim.report.problem_texts import sentences
from chainsim.study.layout.asking import CandidateFile, LayoutAsk, possible, read_candidates
from chainsim.study.optimise import Effort

UPLOADED = "uploaded"
MOST_PROBLEMS = 12
MOST_YI = 10_000.0
TIMES_S = (20, 60, 120)
ALTERNATIVES = (0, 1, 2, 3, 5)
POINTS = (3, 4, 6)


def ask(lang: Lang) -> LayoutAsk | None:
    """The question as it stands; None while there is no file."""
    _upload(lang)
    source = _source(lang)
    text = state.session().get("optimise_text", "") if source == UPLOADED else ""
    file = read_candidates(source, text)
    st.caption(escaped(offered.file_story(file, lang)))
    held = _Held(source, lang)
    chosen, years = _candidates(file, held, lang)
    objective, budget = _aim(file, held, lang)
    with st.expander(t("optimise.limits", lang)):
        policies = held.several(
            "policies", offered.clause_names(file, lang), file.record.policies, "clauses"
        )
        names = offered.limit_names(file, lang)
        limits = held.several("limits", names, list(names), "own_limits") if names else ()
    return LayoutAsk(
        source=source,
        text=text,
        chosen=chosen,
        objective=objective,
        budget_yi=budget,
        policies=policies,
        limits=limits,
        years=years,
        effort=_effort(held, lang),
    )


class _Held:
    """Widgets whose choice outlives page and language, for one candidate file."""

    def __init__(self, source: str, lang: Lang) -> None:
        self._lang = lang
        stores = state.session().setdefault(state.SEARCH, {})
        self._store: dict[str, Any] = stores.setdefault(source, {})
        self._source = source

    def key(self, name: str, default: Any, fits: Callable[[Any], bool]) -> dict[str, Any]:
        """`key` and `on_change` of a widget that shows what is held, if it still fits."""
        key, session = f"optimise_{self._source}_{name}_{self._lang}", state.session()
        held = self._store.get(name, default)
        state.show(key, held if fits(held) else default)

        def changed() -> None:
            found = session[key]
            self._store[name] = list(found) if isinstance(found, tuple) else found

        return {"key": key, "on_change": changed}

    def several(
        self, name: str, options: Mapping[str, str], default: Sequence[str], label: str
    ) -> tuple[str, ...]:
        """Any number of options."""
        found = st.pills(
            t(f"optimise.{label}", self._lang),
            list(options),
            selection_mode="multi",
            wrap=True,
            format_func=lambda key: escaped(options[key]),
            **self.key(
                name,
                [key for key in default if key in options],
                lambda held: isinstance(held, list) and all(key in options for key in held),
            ),
        )
        return tuple(key for key in options if key in found)

    def one(self, name: str, options: Sequence[Any], default: Any, label: str) -> Any:
        """One of a few."""
        return st.segmented_control(
            t(f"optimise.{label}", self._lang),
            options,
            required=True,
            wrap=True,
            **self.key(name, default, lambda held: held in options),
        )


def _source(lang: Lang) -> str:
    session = state.session()
    names = offered.file_names(lang)
    if session.get("optimise_text"):
        file = read_candidates(UPLOADED, session["optimise_text"])
        names[UPLOADED] = t("optimise.uploaded", lang, name=offered.file_name(file, lang))
    key = f"optimise_source_{lang}"
    asked = session.get("optimise_source")
    session[key] = asked if asked in names else next(iter(names))

    def chosen() -> None:
        session["optimise_source"] = session[key]

    st.selectbox(
        t("optimise.file", lang), list(names), format_func=names.__getitem__, key=key,
        on_change=chosen,
    )  # fmt: skip
    return str(session[key])


def _upload(lang: Lang) -> None:
    """A candidate file of the visitor's, taken once; what is wrong with it is told."""
    with st.expander(t("optimise.own", lang)):
        given = st.file_uploader(t("optimise.upload", lang), ("yaml", "yml"), key="optimise_file")
        session = state.session()
        if given is None:
            return
        if session.get("optimise_taken") != given.file_id:
            session["optimise_taken"], session["optimise_refused"] = given.file_id, ()
            try:
                file = read_candidates(UPLOADED, given.getvalue())
                session["optimise_text"] = given.getvalue().decode("utf-8-sig")
                session.get(state.SEARCH, {}).pop(UPLOADED, None)
                session["optimise_source"] = UPLOADED
                name = offered.file_name(file, lang)
                st.success(t("editor.uploaded", lang, name=escaped(name)))
            except UserError as exc:
                session["optimise_refused"] = exc.problems
        refused = session["optimise_refused"]
        if refused:
            lines = [escaped(x) for x in sentences(refused[:MOST_PROBLEMS], lang)]
            title = t("editor.refused", lang, name=escaped(given.name))
            st.error("  \n".join([title, *lines]))


def _candidates(
    file: CandidateFile, held: _Held, lang: Lang
) -> tuple[tuple[str, ...], tuple[int, int]]:
    names = offered.candidate_names(file, lang)
    first, last = file.record.years
    years = (first, last)
    if first < last:
        years = st.slider(
            t("optimise.years", lang),
            first,
            last,
            format="%d",
            **held.key("years", years, lambda held: _within(held, first, last)),
        )
    chosen = held.several("candidates", names, list(names), "candidates")
    without = [k for k in chosen if k not in possible(file, chosen, years)]
    if without:
        lost = listed((names[k] for k in without), lang)
        st.caption(escaped(t("optimise.without", lang, names=lost)))
    return chosen, years


def _aim(file: CandidateFile, held: _Held, lang: Lang) -> tuple[str, float | None]:
    own = file.record.objective
    names = offered.measure_names(tuple(dict.fromkeys((own, *offered.OBJECTIVES))), lang)
    objective = st.selectbox(
        t("optimise.objective", lang),
        list(names),
        format_func=names.__getitem__,
        **held.key("objective", own, lambda held: held in names),
    )
    budget = st.number_input(
        t("optimise.budget", lang),
        min_value=0.0,
        max_value=MOST_YI,
        step=1.0,
        format="%g",
        placeholder=t("optimise.no_budget", lang),
        **held.key("budget", offered.budget_yi(file), _is_budget),
    )
    return str(objective), None if budget is None else float(budget)


def _within(years: Any, first: int, last: int) -> bool:
    return (
        isinstance(years, list | tuple)
        and len(years) == 2
        and all(isinstance(year, int) for year in years)
        and first <= years[0] <= years[1] <= last
    )


def _is_budget(amount: Any) -> bool:
    return amount is None or (isinstance(amount, int | float) and 0 <= amount <= MOST_YI)


def _effort(held: _Held, lang: Lang) -> Effort:
    front = held.several(
        "front", offered.measure_names(offered.TRADES, lang), ["carbon"], "trade_against"
    )
    with st.expander(t("optimise.effort", lang)):
        alternatives = held.one("alternatives", ALTERNATIVES, ALTERNATIVES[2], "alternatives")
        points = held.one("points", POINTS, POINTS[0], "points")
        time_s = held.one("time", TIMES_S, TIMES_S[0], "time")
    return Effort(
        alternatives=int(alternatives), front=front, points=int(points), time_limit_s=float(time_s)
    )
