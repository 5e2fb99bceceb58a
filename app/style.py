"""The few rules of style that widgets do not offer: the sticky strip, tighter spacing, large type.

They stand in a component without isolation, since pages may hold no HTML of their own.
"""

from __future__ import annotations

import json

import streamlit as st

from app import chrome
from chainsim.errors import Lang
from chainsim.report.i18n import LANGUAGES, t

_CSS = """
[data-testid="stLayoutWrapper"]:has(> .st-key-strip) { position: sticky; top: 3.6rem;
  z-index: 90; }
.st-key-strip { background: #ffffff; padding: 0.25rem 0;
  box-shadow: 0 6px 8px -8px rgba(31, 41, 51, 0.45); }
.st-key-bar { position: fixed; top: 0.55rem; right: 1rem; width: auto; z-index: 999991; }
[data-testid="stMainBlockContainer"] { padding: 2.5rem 1.8rem 4rem 1.8rem; }
.st-key-watch { min-height: 2.9rem; }
.st-key-levers [data-testid="stSlider"] { margin-bottom: -0.35rem; }
.st-key-at_levers, .st-key-at_views { display: none; }
/* Streamlit's own CSV leaves formulas as they are; the files below a table do not. */
[data-testid="stElementToolbar"] [aria-label^="Download as CSV"],
[data-testid="stElementToolbar"] [aria-label^="\u4e0b\u8f7d CSV"] { display: none; }
.st-key-style, .st-key-style_large { position: absolute; height: 0; overflow: hidden; }
@media (max-width: 1000px) {
  .st-key-body > div > [data-testid="stHorizontalBlock"] { flex-direction: column-reverse; }
  .st-key-body > div > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {
    width: 100%; flex: 1 1 100%; min-width: 100%; }
  .st-key-levers { display: grid; grid-template-columns: 1fr 1fr; align-items: start; }
  .st-key-at_levers, .st-key-at_views { display: flex; }
  .st-key-at_levers h3, .st-key-at_views h3 { font-size: 0.95rem; font-weight: 400; padding: 0;
    scroll-margin-top: 12rem; }
}
@media (max-width: 960px) {
  .st-key-bar [data-testid="stCheckbox"] { display: none; }
}
@media (max-width: 640px) {
  .st-key-levers { grid-template-columns: 1fr; }
  [data-testid="stMainBlockContainer"] { padding: 2.5rem 0.8rem 3rem 0.8rem; }
}
"""
_LARGE = """
[data-testid="stMain"] { zoom: 1.3; }
/* Vega measures its place on the screen and would be drawn larger than it. */
[data-testid="stVegaLiteChart"] { zoom: calc(1 / 1.3); }
[data-testid="stCaptionContainer"] { font-size: 1rem; }
"""
_base = st.components.v2.component("chainsim_style", css=_CSS, isolate_styles=False)
_large = st.components.v2.component("chainsim_style_large", css=_LARGE, isolate_styles=False)


def _uploader(lang: Lang) -> str:
    """The words of file uploaders, which streamlit has in English only, as rules of style."""
    limit = t("app.upload_limit", lang, size=st.get_option("server.maxUploadSize"))
    shown = ((f"{_DROP} button p", t("app.upload_button", lang)), (f"{_HINT} span", limit))
    return "".join(
        f"{place} {{ font-size: 0 !important; }}\n"
        f"{place}::after {{ font-size: 0.93rem; content: {quoted}; }}\n"
        for place, text in shown
        for quoted in (json.dumps(text, ensure_ascii=False),)
    )


_DROP = '[data-testid="stFileUploaderDropzone"]'
_HINT = '[data-testid="stFileUploaderDropzoneInstructions"]'
_words = {
    lang: st.components.v2.component(
        f"chainsim_words_{lang}", css=_uploader(lang), isolate_styles=False
    )
    for lang in LANGUAGES
}


def apply(lang: Lang, *, large: bool) -> None:
    """Put the rules in force; `large` for a projector."""
    with st.container(key="style"):
        _base(key="style_base", height=0)
        _words[lang](key=f"style_words_{lang}", height=0)
        chrome.speak(lang)
    if large:
        with st.container(key="style_large"):
            _large(key="style_projector", height=0)
