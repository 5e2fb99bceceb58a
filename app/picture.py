"""A picture on the page that scrolls sideways where the page is narrow and can be pointed at.

The SVG is shown as an image: whatever names a scenario holds, it can neither run scripts nor load
anything. What can be pointed at lies over it as buttons, which keyboards and screen readers reach.
"""

from __future__ import annotations

import base64

import streamlit as st

from chainsim.report.picture import Picture

_CSS = """
.frame { overflow: auto; -webkit-overflow-scrolling: touch; max-height: 78vh; }
.sheet { position: relative; }
img { display: block; width: 100%; height: auto; }
button { position: absolute; background: transparent; border: 2px solid transparent; padding: 0;
  border-radius: 4px; cursor: default; }
.live button { cursor: pointer; }
button:hover, button:focus-visible { border-color: #d97706; outline: none; }
button[aria-pressed="true"] { border-color: #c53030; }
"""
_JS = """
export default function ({ data, parentElement, setStateValue }) {
  const sheet = parentElement.querySelector(".sheet");
  const image = sheet.querySelector("img");
  if (image.src !== data.source) image.src = data.source;
  image.alt = data.title;
  sheet.style.minWidth = data.least + "px";
  sheet.style.maxWidth = data.most + "px";
  sheet.classList.toggle("live", data.live);
  sheet.querySelectorAll("button").forEach((b) => b.remove());
  for (const spot of data.spots) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = spot.label;
    button.setAttribute("aria-label", spot.label);
    button.tabIndex = data.live ? 0 : -1;
    if (data.live) button.setAttribute("aria-pressed", String(spot.key === data.chosen));
    for (const [name, share] of Object.entries(spot.box)) button.style[name] = 100 * share + "%";
    if (data.live) button.onclick = () => setStateValue("clicked", spot.key);
    sheet.appendChild(button);
  }
}
"""
_picture = st.components.v2.component(
    "chainsim_picture",
    html='<div class="frame" tabindex="0"><div class="sheet"><img></div></div>',
    css=_CSS,
    js=_JS,
)
LEAST_PX = 680
"""No picture is squeezed below this; it scrolls instead."""


LARGEST = 1.3
"""Nor blown up by more than that: letters stay letters."""


def show(
    picture: Picture, key: str, *, live: tuple[str, ...] = (), chosen: str = "", least: float = 0.0
) -> str:
    """Draw a picture; returns the key of what was clicked last, if its kind is in `live`.

    Args:
        picture: what to draw.
        key: of the component.
        live: kinds (`unit`, `site`) that answer a click; the others only tell their name.
        chosen: key that is marked.
        least: share of its own width below which the picture is not shrunk to fit.
    """
    encoded = base64.b64encode(picture.svg.encode()).decode()
    spots = [
        {
            "key": s.key,
            "label": s.label,
            "box": {"left": s.left, "top": s.top, "width": s.width, "height": s.height},
        }
        for s in picture.spots
        if not live or s.key.split(":")[0] in live
    ]
    answer = _picture(
        data={
            "source": f"data:image/svg+xml;base64,{encoded}",
            "title": picture.title,
            "least": min(max(LEAST_PX, least * picture.width), picture.width),
            "most": LARGEST * picture.width,
            "spots": spots,
            "live": bool(live),
            "chosen": chosen,
        },
        key=key,
        on_clicked_change=lambda: None,
    )
    return str(answer.get("clicked") or "")
