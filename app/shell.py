"""What every page has around it: title, language, navigation, and errors as sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import seat, share, state, style, visits
from chainsim.errors import Lang, UserError
from chainsim.report.i18n import t
from chainsim.report.presets import every_preset
from chainsim.report.problem_texts import sentences
from chainsim.study.heap import settle
from chainsim.study.steady_pool import serve

PAGES = (
    "home", "scheme", "compare", "optimise", "invest", "year", "workshop", "editor", "figures",
)  # fmt: skip
_FOLDER = Path(__file__).parent / "sheets"


@st.cache_resource
def _settle() -> bool:
    """Once per server: workers and presets made ready, what was imported never searched again."""
    settle()
    serve(every_preset())
    return True


def run() -> None:
    """Draw the page that was asked for."""
    visits.resume()
    asked = share.restore() or seat.arrive()
    lang, large = state.language(), state.projector()
    visits.tell()
    st.set_page_config(page_title=t("app.name", lang), layout="wide")
    shown = st.navigation(pages(lang), position="top")
    if asked in PAGES[1:]:
        st.switch_page(pages(lang)[PAGES.index(asked)], query_params=state.query())
    style.apply(lang, large=large)
    _bar(lang)
    shown.run()
    visits.keep()
    _settle()


def pages(lang: Lang) -> list[st.Page]:  # type: ignore[valid-type]
    """The pages in order; the first has the address `/`."""
    return [
        st.Page(
            _FOLDER / f"{name}.py",
            title=t(f"nav.{name}", lang),
            url_path=name if name != PAGES[0] else None,
            default=name == PAGES[0],
        )
        for name in PAGES
    ]


def page(name: str, lang: Lang) -> st.Page:  # type: ignore[valid-type]
    """One page, for links."""
    return pages(lang)[PAGES.index(name)]


def go(name: str, lang: Lang) -> None:
    """Leave for another page, language and view kept."""
    st.switch_page(page(name, lang), query_params=state.query())


def guarded(draw: Callable[[Lang], None]) -> None:
    """Draw a page's body; a user's mistake is told in sentences."""
    lang = state.language()
    try:
        draw(lang)
    except UserError as exc:
        problems(exc, lang)


def problems(exc: UserError, lang: Lang) -> None:
    """What is wrong, one sentence each."""
    from app.tables import escaped

    lines = "  \n".join(escaped(line) for line in sentences(exc.problems, lang))
    st.error(f"{t('app.failed', lang)}  \n{lines}")


def _bar(lang: Lang) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="bar"
    ):
        state.choose_projector(lang)
        state.choose_language(lang)
