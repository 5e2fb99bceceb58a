"""Numbers in the units a reader knows."""

from __future__ import annotations

import math

import pytest

from chainsim.report.numbers import display_unit, fmt, number, signed, trimmed, unit_label


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (3_996_000.0, "t", "400 万t", "3,996 kt"),
        (0.25, "t", "250 kg", "250 kg"),
        (376_680.0, "kNm3", "3.77 亿Nm³", "377 MNm³"),
        (376_680_000.0, "Nm3", "3.77 亿Nm³", "377 MNm³"),
        (13_140.0, "kNm3", "1,314 万Nm³", "13.1 MNm³"),
        (440_000.0, "tce", "44.0 万tce", "440 ktce"),
        (1.58e9, "CNY", "15.8 亿元", "1,580 MCNY"),
        (-2.5e7, "CNY", "-2,500 万元", "-25.0 MCNY"),
        (1850.0, "CNY/t", "1,850 元/t", "1,850 CNY/t"),
        (118.26, "kgce/t", "118 kgce/t", "118 kgce/t"),
        (3.23, "tce/万元", "3.23 tce/万元", "3.23 tce/10⁴ CNY"),
        (0.0349, "ratio", "3.49%", "3.49%"),
        (0.0, "t", "0 t", "0 t"),
        (300_000.0, "MWh", "3.00 亿kWh", "300 GWh"),
        (7.3e6, "t*km", "730 万t·km", "7.30 M t·km"),
        (12.0, "person", "12.0 人", "12.0 persons"),
        (math.nan, "t", "–", "–"),
    ],
)
def test_fmt(value: float, unit: str, zh: str, en: str) -> None:
    assert fmt(value, unit, "zh") == zh
    assert fmt(value, unit, "en") == en


def test_rounding_noise_is_zero() -> None:
    assert number(4e-11) == "0"
    assert number(math.inf) == "∞"
    assert number(-math.inf) == "-∞"


def test_limits_keep_their_digits_without_zeros() -> None:
    assert trimmed(409.225626, 5) == "409.23"
    assert trimmed(44.0, 5) == "44"


def test_signed() -> None:
    assert signed(0.1, "ratio", "zh") == "+10.0%"
    assert signed(-0.1, "ratio", "zh") == "-10.0%"
    assert signed(0.0, "t", "zh") == "0 t"


def test_one_unit_for_values_side_by_side() -> None:
    shown = display_unit([5.0, 399_6000.0, math.nan], "t", "zh")
    assert shown.label == "万t"
    assert number(5.0 * shown.factor) == "0.000500"


def test_annual_limits() -> None:
    assert unit_label("CNY/a", "zh") == "元/年"
    assert fmt(5_519_000.0, "t/a", "zh") == "552 万t/年"
    assert fmt(551.9, "万t/a", "en") == "5,519 kt/a"
    assert fmt(2.0, "a", "en") == "2.00 years"
    assert unit_label("ratio", "zh") == ""
