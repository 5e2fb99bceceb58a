"""The scenarios that the home page offers, each with its story and one number."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping
from importlib import resources

from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.i18n import t
from chainsim.report.names import park_name, park_story
from chainsim.report.numbers import NOTHING, fmt
from chainsim.report.page import headline
from chainsim.report.tables import totals
from chainsim.study.cache import shipped, shipped_park
from chainsim.study.drafts import is_draft
from chainsim.study.result import RunResult


@functools.cache
def _given() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("chainsim.report").joinpath("presets.toml").read_text("utf-8")
    return tomllib.loads(text)


def presets(door: str) -> tuple[str, ...]:
    """Ids of the shipped scenarios behind a door (`planner`, `investor`), in order."""
    return tuple(name for name in shipped(*_given()[door]) if name in _given()[door])


def every_preset() -> tuple[str, ...]:
    """All scenarios that are shipped, those of the doors first."""
    ordered = [name for door in _given() for name in presets(door)]
    return (*ordered, *(name for name in shipped() if name not in ordered))


def preset_name(name: str, lang: Lang) -> str:
    """Display name of a shipped scenario or a draft."""
    found = park_name(shipped_park(name), lang)
    return t("editor.edited_name", lang, name=found) if is_draft(name) else found


def preset_story(park: Park, lang: Lang) -> str:
    """Its one-line story."""
    return park_story(park, lang)


def one_number(result: RunResult, door: str, lang: Lang) -> tuple[str, str]:
    """(name, value) of the number on a preset's card."""
    key = _given()[door][result.park.id]
    frame = totals(result).set_index("id")
    name = headline(result, key, lang)
    if key not in frame.index or math.isnan(float(frame.at[key, "value"])):  # type: ignore[arg-type]
        return name, NOTHING
    return name, fmt(float(frame.at[key, "value"]), str(frame.at[key, "unit"]), lang)  # type: ignore[arg-type]
