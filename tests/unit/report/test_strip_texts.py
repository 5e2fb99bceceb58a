"""Texts of the strip: changes of shares in points, bands without a unit said twice."""

from __future__ import annotations

from chainsim.report.cards import strip
from chainsim.report.page import STRIP, band_text
from chainsim.study.headlines import headlines_of
from chainsim.study.levers import Scheme, levers
from chainsim.study.schemes import scheme_result

BASE = "xinzhou-base"


def test_a_share_changes_by_points() -> None:
    base = scheme_result(Scheme(base=BASE))
    lever = next(x for x in levers(BASE) if x.id == "power_price")
    moved = scheme_result(Scheme(base=BASE).with_value(lever, 110.0))
    cards = {c.id: c for c in strip(moved, base, "zh")}
    assert cards["finance.firr"].value.endswith("%")
    assert cards["finance.firr"].change.endswith(" 百分点")
    assert cards["value.added_cny"].change.endswith("元")


def test_the_figures_alone_make_the_same_strip() -> None:
    base = scheme_result(Scheme(base=BASE))
    assert strip(headlines_of(base, STRIP), base, "zh") == strip(base, base, "zh")


def test_a_band_says_its_unit_once() -> None:
    row = {"low": 136.9, "high": 137.1, "unit": "kgce/t"}
    assert band_text(row, "en") == "≈ 137 kgce/t"
    assert band_text(row, "en", beside="135 kgce/t") == "≈ 137"
    wide = {"low": 3.93e6, "high": 3.95e6, "unit": "t"}
    assert band_text(wide, "zh", beside="394 万t") == "393 … 395"
    assert band_text(wide, "zh", beside="394 t") == "393 … 395 万t"
    assert band_text({**wide, "high": 3.93e6}, "zh") == ""
