from __future__ import annotations

import numpy as np
import pytest

from chainsim.accounts import formulas as f
from chainsim.accounts.limits import OvenState, corrected_coking_limit
from chainsim.errors import ScenarioError
from chainsim.library.files import load_library

LIMITS = load_library().limits


def test_coke_unit_energy_by_hand() -> None:
    """1.30 t coal; heat 200 Nm3, 45 kWh, 0.18 t steam; coke, 430 Nm3, tar, benzol; CDQ 46.5."""
    coal, process = 1.30 * 1014.3, 0.2 * 600 + 45 * 0.1229 + 0.18 * 128.6
    product = 971.4 + 0.43 * 600 + 0.046 * 1142.9 + 0.0132 * 1428.6
    assert f.coke_unit_energy(coal, process, product, 46.5, 1.0) == pytest.approx(119.94, abs=0.01)
    more = f.coke_unit_energy(1.31 * 1014.3, process, product, 46.5, 1.0)
    assert more == pytest.approx(130.08, abs=0.01)


def test_one_percent_of_coal_heat_is_thirteen_kgce() -> None:
    band = f.coal_heat_band_kgce_per_t(1.30 * 1014.3, 1.0, 0.01)
    assert band == pytest.approx(13.19, abs=0.01)


def test_the_citys_triangle() -> None:
    product = 3_996_000 * 110 / 1e7  # 万tce
    assert product == pytest.approx(43.956)
    assert f.triangle_gap(3_996_000, 110.0, 440_000) == pytest.approx(0.001)
    assert f.triangle_gap(3_996_000, 110.0, 439_560) == pytest.approx(0.0, abs=1e-12)


def test_least_value_added() -> None:
    assert f.min_value_added_cny_per_t(110.0, 3.23) == pytest.approx(340.56, abs=0.01)


def test_formulas_take_arrays() -> None:
    coke = np.array([1.0, 2.0])
    e = f.coke_unit_energy(coke * 1318.0, coke * 150.0, coke * 1300.0, coke * 46.0, coke)
    assert e.tolist() == pytest.approx([122.0, 122.0])


def test_carbon_dioxide_of_coke_oven_gas() -> None:
    """173.854 GJ per 10^4 Nm3 x 0.01210 tC/GJ x 99 % is 7.64 t CO2."""
    assert f.combustion_co2_t(173.854 * 0.01210, 0.99) == pytest.approx(7.64, abs=0.005)
    assert f.process_co2_t(1.2, 0.9) == pytest.approx(1.1)


def test_comprehensive_energy_subtracts_what_is_delivered() -> None:
    assert f.comprehensive_energy_kgce([100.0, 20.0], [70.0, 5.0]) == 45.0


def test_value_added_two_ways() -> None:
    # output 100, input 60, VAT 5; depreciation 10, labour 12, other tax 1, surplus 17
    assert f.value_added_production(100.0, 60.0, 5.0) == 45.0
    assert f.value_added_income(10.0, 12.0, 5.0 + 1.0, 17.0) == 45.0


def test_capex_scales_train_by_train() -> None:
    one = f.scaled_capex_cny(100.0, 10.0, 20.0, 0.6)
    two = f.scaled_capex_cny(100.0, 10.0, 20.0, 0.6, trains=2)
    assert one == pytest.approx(100.0 * 2**0.6)
    assert two == pytest.approx(200.0)


def test_depreciation() -> None:
    assert f.straight_line_cny_per_a(150.0, 0.05, 15.0) == pytest.approx(9.5)


def stamp(**changes: float) -> OvenState:
    given = {"volatile_pct": 28.0, "moisture_pct": 11.5, **changes}
    return OvenState(charging="stamp", **given)


@pytest.mark.parametrize(
    ("level", "oven", "limit"),
    [
        (2, stamp(), 115 + 11.40 + 3.71),
        (3, stamp(), 140 + 11.40 + 3.71),
        (3, stamp(wet_share=1.0), 140 + 11.40 + 3.71 + 46.46),
        (2, stamp(wet_share=1.0), 130.11),
        (3, stamp(wet_share=0.5), 140 + 11.40 + 3.71 + 23.23),
        (1, stamp(age_a=20.0), 130.11 + 2.5),
        (1, stamp(age_a=26.0), 130.11 + 5.5),
        (1, stamp(age_a=15.0), 130.11),
        (2, stamp(age_a=26.0), 130.11),
        (2, stamp(mixed_gas_share=0.5), 130.11 + 6.0),
        (2, stamp(volatile_pct=25.5, moisture_pct=10.5), 115 + 1.6),
        (2, stamp(volatile_pct=40.0, moisture_pct=10.5), 115 + 24.5),
        (2, OvenState(charging="top", volatile_pct=21.5, moisture_pct=10.0), 110 - 6.25),
    ],
)
def test_corrected_limits(level: int, oven: OvenState, limit: float) -> None:
    """A stamp oven at 28 % volatiles and 11.5 % moisture may use 130.1 kgce/t by level 2."""
    assert corrected_coking_limit(LIMITS, f"level{level}", oven) == pytest.approx(limit)


def test_a_missing_standard_is_said() -> None:
    with pytest.raises(ScenarioError, match="GB 21342 stamp level2"):
        corrected_coking_limit({}, "level2", stamp())
    with pytest.raises(ScenarioError, match="level9"):
        corrected_coking_limit(LIMITS, "level9", stamp())


def test_a_table_without_points_is_said() -> None:
    with pytest.raises(ScenarioError, match="no points"):
        f.interpolated([], 1.0)
