"""Charts of the report on the page, with their files to take away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import state, takeaway
from chainsim.errors import Lang
from chainsim.report.charts import as_spec, enlarged
from chainsim.report.downloads import chart_svg, svg_png
from chainsim.report.i18n import t
from chainsim.report.picture import Picture

PAIR_PX = 430
"""Least width of a chart beside another."""


def pair() -> Any:
    """A grid for two charts, side by side where there is room."""
    return st.grid(columns=2, min_column_width=PAIR_PX, gap="large")


def spec(chart: Any) -> dict[str, Any] | None:
    """A chart that is drawn once, as the plain dictionary."""
    return None if chart is None else as_spec(chart)


def show(spec: dict[str, Any] | None, key: str, title: str, lang: Lang) -> None:
    """Draw a Vega-Lite specification; without one say that there is nothing."""
    if spec is None:
        st.caption(t("app.nothing", lang))
        return
    st.vega_lite_chart(_sized(spec), key=key, width="stretch", theme=None, alt=title)
    _files(spec, key, lang)


def _sized(spec: dict[str, Any]) -> dict[str, Any]:
    return enlarged(spec) if state.projector() else spec


def _files(spec: dict[str, Any], key: str, lang: Lang) -> None:
    with _popover(key, lang):
        _button("SVG", lambda: chart_svg(spec).encode(), key, "svg", "image/svg+xml")
        _button("PNG", lambda: svg_png(chart_svg(spec)), key, "png", "image/png")


def pick(spec: dict[str, Any], key: str, title: str, selection: str, lang: Lang) -> str:
    """Draw a specification whose points can be clicked; returns the id of the one clicked."""
    event = st.vega_lite_chart(
        _sized(spec), key=key, width="stretch", theme=None, alt=title, on_select="rerun"
    )
    _files(spec, key, lang)
    picked = event.get("selection", {}).get(selection) or [{}]
    return str(picked[0].get("id", ""))


def picture_files(picture: Picture, key: str, lang: Lang) -> None:
    """A picture's files."""
    with _popover(key, lang):
        _button("SVG", picture.svg.encode, key, "svg", "image/svg+xml")
        _button("PNG", lambda: svg_png(picture.svg), key, "png", "image/png")


def _popover(key: str, lang: Lang) -> Any:
    return st.popover(t("app.download", lang), type="tertiary", key=f"files_{key}")


def _button(label: str, make: Any, key: str, ending: str, mime: str) -> None:
    takeaway.button(
        label,
        make,
        file_name=f"chainsim-{key}.{ending}",
        mime=mime,
        key=f"{key}_{ending}",
    )
