"""What a visitor has chosen: language, scheme with its history, kept schemes. One truth each.

The language stands in the address (`?lang=en`) and, since moving between pages empties the address,
in the session too. Widgets show the scheme; they never hold it.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from chainsim.errors import Lang
from chainsim.report.i18n import LANGUAGES, as_lang, t
from chainsim.study.levers import Scheme

BASE = "xinzhou-base"
MOST_STEPS = 200
MOST_KEPT = 12
NAME_CHARS = 30
VISIT = "v"
"""Number of a visit, in the address and in the session."""
SEARCH = "optimise_held"
"""Candidate file -> what the widgets of the layout search hold."""


@dataclass(slots=True)
class History:
    """Schemes in the order they were made, and which one is shown."""

    steps: list[Scheme] = field(default_factory=lambda: [Scheme(base=BASE)])
    at: int = 0
    kept: dict[str, Scheme] = field(default_factory=dict)

    def copy(self) -> History:
        """The same schemes, to be moved apart."""
        return History(steps=list(self.steps), at=self.at, kept=dict(self.kept))

    @property
    def scheme(self) -> Scheme:
        """The scheme shown."""
        return self.steps[self.at]

    def move(self, scheme: Scheme) -> None:
        """Show another scheme; what was undone before is forgotten."""
        if scheme == self.scheme:
            return
        self.steps = [*self.steps[: self.at + 1], scheme][-MOST_STEPS:]
        self.at = len(self.steps) - 1

    def replace(self, scheme: Scheme) -> None:
        """Show another scheme in place of this one, without a step to undo."""
        self.steps[self.at] = scheme

    def undo(self) -> None:
        """One step back."""
        self.at = max(self.at - 1, 0)

    def redo(self) -> None:
        """One step forward again."""
        self.at = min(self.at + 1, len(self.steps) - 1)

    def reset(self) -> None:
        """The base scenario as it is shipped."""
        self.move(Scheme(base=self.scheme.base))

    def keep(self, name: str) -> bool:
        """Keep the scheme under a name; False when the name will not do."""
        name = name.strip()
        if not name or len(name) > NAME_CHARS or not name.isprintable():
            return False
        self.kept[name] = self.scheme
        while len(self.kept) > MOST_KEPT:
            self.kept.pop(next(iter(self.kept)))
        return True


def session() -> MutableMapping[str, Any]:
    """The visitor's own state."""
    return st.session_state  # type: ignore[return-value]


def show(key: str, value: Any) -> None:
    """Have the widget of a key show `value`, unless it does.

    What is set is sent to the browser again: it would undo the steps that somebody has taken there
    while the page was drawn.
    """
    if key not in session() or _plain(session()[key]) != _plain(value):
        session()[key] = value


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return list(value) if isinstance(value, tuple) else value


def history() -> History:
    """The visitor's schemes."""
    found: History = session().setdefault("history", History())
    return found


def language() -> Lang:
    """The language of the address, else of the session, else Chinese."""
    asked = st.query_params.get("lang") or session().get("lang")
    lang = as_lang(asked)
    session()["lang"] = lang
    return lang


def spoken() -> dict[str, str]:
    """What an address must say to keep the language."""
    lang = language()
    return {"lang": lang} if lang != LANGUAGES[0] else {}


def query() -> dict[str, str]:
    """What an address must say to keep language, seat and visit: a reload finds them again."""
    held = {key: session().get(key) for key in ("seat", VISIT)}
    return {**spoken(), **{key: str(value) for key, value in held.items() if value}}


def choose_language(lang: Lang) -> None:
    """The language switch."""

    def chosen() -> None:
        session()["lang"] = session()["language"]
        st.query_params["lang"] = session()["language"]

    # A link with ?lang=en wins over what the widget held before.
    session()["language"] = lang
    st.segmented_control(
        t("app.language", lang),
        LANGUAGES,
        format_func=lambda code: t(f"app.{code}", lang),
        key="language",
        label_visibility="collapsed",
        required=True,
        on_change=chosen,
    )


def projector() -> bool:
    """Whether the page is drawn large."""
    if st.query_params.get("view") == "projector":
        session()["projector"] = True
    return bool(session().get("projector"))


def choose_projector(lang: Lang) -> None:
    """The switch to large type."""

    def chosen() -> None:
        session()["projector"] = session()["projector_switch"]
        st.query_params.pop("view", None)

    session()["projector_switch"] = projector()
    st.toggle(
        t("app.projector", lang),
        key="projector_switch",
        help=t("app.projector_help", lang),
        on_change=chosen,
    )
