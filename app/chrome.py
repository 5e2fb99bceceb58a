"""The words of streamlit's own controls, which it has in English only, in the page's language.

Only whole phrases of the catalogue are exchanged, and only outside of what pages, scenarios and
visitors say: in tooltips, menus, dialogs, toolbars, hints of inputs and the spoken names of
buttons. The text of a node is set, never markup.
"""

from __future__ import annotations

import streamlit as st

from chainsim.errors import Lang
from chainsim.report.i18n import LANGUAGES, catalogue

_JS = """
const OURS = '[data-testid="stMarkdownContainer"], [data-testid="stTable"], [data-testid="stCode"],'
  + ' svg, canvas, textarea, script, style';
const SPOKEN = ["aria-label", "placeholder", "title"];
let words = new Map(), starts = [], watching = null;

function exchanged(text) {
  const said = text.trim();
  if (words.has(said)) return words.get(said);
  for (const [start, ours] of starts)
    if (said.startsWith(start)) return ours + said.slice(start.length);
  const colon = said.indexOf(": ");
  const before = colon > 0 && words.get(said.slice(0, colon));
  return before ? before + said.slice(colon) : null;
}
function text(node) {
  const ours = node.nodeValue && exchanged(node.nodeValue);
  if (!ours || ours === node.nodeValue) return;
  const parent = node.parentElement;
  if (!parent) return;
  const said = parent.closest(OURS);
  if (!said || parent.closest('[data-testid="stTooltipContent"]')) node.nodeValue = ours;
}
function spoken(element) {
  for (const name of SPOKEN) {
    const value = element.getAttribute(name);
    const ours = value && exchanged(value);
    if (ours && ours !== value) element.setAttribute(name, ours);
  }
}
function whole(root) {
  if (root.nodeType === Node.TEXT_NODE) return text(root);
  if (root.nodeType !== Node.ELEMENT_NODE || root.closest("svg")) return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, {
    acceptNode: (n) => n.nodeName === "svg" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  });
  for (let node = walker.currentNode; node; node = walker.nextNode())
    node.nodeType === Node.TEXT_NODE ? text(node) : spoken(node);
}
export default function ({ data }) {
  words = new Map(Object.entries(data.words));
  starts = Object.entries(data.starts);
  whole(document.body);
  if (watching) return;
  watching = new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === "characterData") text(record.target);
      else if (record.type === "attributes") spoken(record.target);
      else record.addedNodes.forEach(whole);
    }
  });
  watching.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SPOKEN,
  });
}
"""
_chrome = st.components.v2.component("chainsim_chrome", js=_JS, isolate_styles=False)


def speak(lang: Lang) -> None:
    """Have streamlit's controls speak `lang` from now on."""
    _chrome(
        data={"words": _exchange("chrome.", lang), "starts": _exchange("chrome_starts.", lang)},
        key="chrome",
        height=0,
    )


def _exchange(section: str, lang: Lang) -> dict[str, str]:
    """What controls say in the other languages -> what they say in this one."""
    return {
        entry[other]: entry[lang]
        for key, entry in catalogue().items()
        if key.startswith(section)
        for other in LANGUAGES
        if other != lang
    }
