"""Tables of a result agree with its flows, its ledger and each other."""

from __future__ import annotations

import math

import pytest

from chainsim.report.tables import (
    comparison_table,
    gas_balance,
    kpi_table,
    policy_table,
    product_table,
    side_by_side,
    targets,
)
from tests.unit.report.gas_park import gas_result


def test_products_sum_to_the_revenue() -> None:
    result = gas_result()
    frame = product_table(result, "en")
    assert frame["value_cny"].sum() == pytest.approx(result.kpi("value.revenue_cny"))
    coke = frame[frame["material"] == "coke"].iloc[0]
    assert coke["quantity"] == pytest.approx(876_000.0)
    assert coke["price_cny"] == pytest.approx(1800.0)
    assert list(frame["value_cny"]) == sorted(frame["value_cny"], reverse=True)


def test_gas_balances() -> None:
    frame = gas_balance(gas_result(), "en")
    sums = frame.groupby("side")["quantity"].sum()
    assert sums["source"] == pytest.approx(sums["use"], rel=1e-9)
    assert frame.groupby("side")["share"].sum().to_numpy() == pytest.approx([1.0, 1.0])
    assert list(frame.loc[frame["side"] == "use", "name"]) == [
        "Pressure-swing adsorption",
        "Methanol plant",
        "Battery 1, fuel",
        "Town gas",
    ]


def test_a_material_nobody_has_gives_an_empty_table() -> None:
    assert gas_balance(gas_result(), "en", "unobtainium").empty


def test_kpis_have_names() -> None:
    frame = kpi_table(gas_result(), "zh", ("output.",))
    names = dict(zip(frame["id"], frame["name"], strict=True))
    assert names["output.coke_t"] == "焦炭产量"


def test_failing_checks_come_first() -> None:
    frame = policy_table(gas_result(), "en")
    assert list(frame["verdict"]) == ["fail", "fail", "fail", "pass", "pass"]
    assert frame["name"].iloc[0] == "Coke output"
    assert frame["subject_name"].iloc[0] == "city"


def test_comparison_puts_the_largest_effect_first() -> None:
    base, other = gas_result(), gas_result(("units.psa.capacity=10",))
    frame = comparison_table([base, other], "en")
    assert frame["id"].iloc[0].startswith("output.")
    assert frame["effect"].is_monotonic_decreasing
    row = frame[frame["id"] == "output.hydrogen_nm3"].iloc[0]
    assert row["difference_1"] == pytest.approx(
        other.kpi("output.hydrogen_nm3") - base.kpi("output.hydrogen_nm3")
    )
    assert row["relative_1"] == pytest.approx(row["difference_1"] / row["base"])
    assert "output.hydrogen_t" not in set(frame["id"])


def test_comparison_with_a_base_of_zero_has_no_relative_change() -> None:
    base, other = gas_result(("units.psa.start=2030-01-01",)), gas_result()
    frame = comparison_table([base, other], "en")
    row = frame[frame["id"] == "output.hydrogen_nm3"].iloc[0]
    assert math.isnan(row["relative_1"])
    assert row["effect"] == 1.0


def test_side_by_side() -> None:
    results = [gas_result(), gas_result(("units.psa.capacity=10",))]
    frame = side_by_side(results, ["output.coke_t", "no.such"], "zh")
    assert len(frame) == 2
    assert set(frame["name"]) == {"焦炭产量"}


def test_targets_are_limits_of_the_same_dimension() -> None:
    frame = targets(gas_result())
    assert list(frame["kpi"]) == ["output.coke_t"]
    assert frame["limit"].iloc[0] == 8e5
