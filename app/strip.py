"""The strip of figures that never leaves sight: value, change, target, band of the event engine.

Drawn by a component of its own because eight metrics would fill a phone's screen; it scrolls
sideways there. Texts are set as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from chainsim.errors import Lang
from chainsim.report.cards import Card
from chainsim.report.i18n import known, t

_CSS = """
.strip { display: flex; gap: 6px; overflow-x: auto; margin: 0; padding: 0 0 2px 0;
  list-style: none; font-family: var(--st-font); }
.strip li { box-sizing: border-box; flex: 1 0 136px; min-width: 136px;
  border: 1px solid var(--st-border-color);
  border-left: 4px solid #94a3b8; border-radius: 8px; padding: 4px 8px; background: #fff; }
.strip li.pass { border-left-color: #2f855a; }
.strip li.fail { border-left-color: #c53030; }
.strip li.warn { border-left-color: #b7791f; }
.name { color: #52606d; font-size: 12.5px; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.value { font-size: 19px; font-weight: 650; color: #1f2933; white-space: nowrap; }
.small { font-size: 11.5px; color: #52606d; min-height: 15px; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.better { color: #276749; font-weight: 600; } .worse { color: #c53030; font-weight: 600; }
.pass .target { color: #276749; } .fail .target { color: #c53030; font-weight: 600; }
.warn .target { color: #975a16; }
.band { color: #3b5998; }
.frame { container-type: inline-size; }
@container (min-width: 900px) and (max-width: 1130px) {
  .strip li { flex-basis: 108px; min-width: 108px; padding: 4px 6px; }
  .value { font-size: 16.5px; }
}
@media (min-height: 800px) {
  @container (min-width: 590px) and (max-width: 899px) {
    .strip { flex-wrap: wrap; }
    .strip li { flex-basis: 23%; }
    .small { min-height: 0; }
  }
}
"""
_JS = """
export default function ({ data, parentElement }) {
  const list = parentElement.querySelector("ul");
  list.setAttribute("aria-label", data.title);
  list.replaceChildren(...data.cards.map((card) => {
    const item = document.createElement("li");
    if (card.verdict) item.className = card.verdict;
    item.title = card.help;
    for (const [name, text, extra] of card.lines) {
      const line = document.createElement("div");
      line.className = extra ? name + " " + extra : name;
      line.textContent = text;
      item.appendChild(line);
    }
    return item;
  }));
}
"""
_strip = st.components.v2.component(
    "chainsim_strip",
    html='<div class="frame"><ul class="strip" tabindex="0" role="list"></ul></div>',
    css=_CSS,
    js=_JS,
)
_MARKS = {"pass": "✓", "fail": "✗", "warn": "!"}


def show(cards: Sequence[Card], lang: Lang) -> None:
    """Draw the strip; it sticks to the top of the page."""
    with st.container(key="strip"):
        _strip(
            data={"title": t("scheme.strip", lang), "cards": [_card(c, lang) for c in cards]},
            key="strip_cards",
        )


def _card(card: Card, lang: Lang) -> dict[str, object]:
    side = {True: "better", False: "worse", None: ""}[card.improves]
    mark = _MARKS.get(card.verdict, "")
    lines = [
        ("name", known(f"strip.{card.id}", lang, card.name), ""),
        ("value", card.value, ""),
        (
            "small change",
            t("scheme.against", lang, change=card.change) if card.change else "",
            side,
        ),
        ("small target", f"{mark} {card.short_target}".strip(), ""),
        ("small band", t("scheme.band", lang, band=card.band) if card.band else "", ""),
    ]
    help_ = " · ".join(x for x in (card.full_name, card.target) if x)
    return {"verdict": card.verdict, "help": help_, "lines": lines}
