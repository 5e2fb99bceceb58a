"""A flow diagram on the page: the SVG as an image that scrolls sideways where the page is narrow.

As an image it can neither run scripts nor load anything, whatever names a scenario holds.
"""

from __future__ import annotations

import base64

import streamlit as st

_CSS = """
.frame { overflow-x: auto; -webkit-overflow-scrolling: touch; }
.frame img { display: block; width: 100%; min-width: 880px; height: auto; }
"""
_JS = """
export default function ({ data, parentElement }) {
  const image = parentElement.querySelector("img");
  image.src = data.source;
  image.alt = data.title;
}
"""
_diagram = st.components.v2.component(
    "chainsim_flow", html='<div class="frame"><img></div>', css=_CSS, js=_JS
)


def show(svg: str, title: str, key: str) -> None:
    """Draw `svg`; `title` is read out to those who cannot see it."""
    encoded = base64.b64encode(svg.encode()).decode()
    _diagram(data={"source": f"data:image/svg+xml;base64,{encoded}", "title": title}, key=key)
