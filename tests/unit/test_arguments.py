"""Formulas used alone: lists as arrays, and every wrong argument named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chainsim.accounts.air_formulas import at_oxygen
from chainsim.accounts.formulas import annuity_share, coke_unit_energy, combustion_co2_t, kgce
from chainsim.errors import DataError
from chainsim.finance.loans import equal_instalment, interest_during_construction, repayment
from chainsim.finance.rates import discount_factors, irr, levelised_cost, npv
from chainsim.finance.taxes import income_tax, straight_line, value_added_tax

NAN = float("nan")


def test_lists_and_arrays_give_arrays_of_answers():
    assert kgce([1, 2], 0.5).tolist() == [0.5, 1.0]
    assert coke_unit_energy([1300, 2600], 100, 1250, 40, np.array([1, 2])).tolist() == [110, 705]
    column = pd.Series([12.0, 24.0], index=["a", "b"])
    assert combustion_co2_t(column, 1.0).to_dict() == {"a": 44.0, "b": 88.0}
    assert npv(pd.Series([-100.0, 110.0]), 0.1) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("made", "path", "expected"),
    [
        (lambda: npv([-100, 60], -2), "npv.rate", "number, > -1"),
        (lambda: npv([-100, NAN], 0.1), "npv.flows", "[number, …]"),
        (lambda: npv([[1, 2], [3, 4]], 0.1), "npv.flows", "[number, …]"),
        (lambda: npv(["a"], 0.1), "npv.flows", "[number, …]"),
        (lambda: npv(flows=5, rate=0.1), "npv.flows", "[number, …]"),
        (
            lambda: npv([1, 2], 0.1, timing="monthly"),
            "npv.timing",
            "year_end | year_begin | mid_year",
        ),
        (lambda: discount_factors(0.1, -1), "discount_factors.count", "integer, >= 0"),
        (lambda: irr([NAN, 1]), "irr.flows", "[number, …]"),
        (lambda: levelised_cost([1, 2], [1], 0.1), "levelised_cost.quantities", "2"),
        (lambda: equal_instalment(1000, 0.1, 0), "equal_instalment.years", "integer, >= 1"),
        (lambda: equal_instalment(1000, 0.1, 2.5), "equal_instalment.years", "integer, >= 1"),
        (
            lambda: repayment("bullet", 1000, 0.1, 3),
            "repayment.method",
            "equal_principal | equal_instalment",
        ),
        (
            lambda: interest_during_construction([-3], 0.1),
            "interest_during_construction.draws",
            "[number, …], >= 0",
        ),
        (lambda: income_tax([1], 25), "income_tax.rate", "number, >= 0, <= 1"),
        (lambda: straight_line(100, 0.05, 0, 3), "straight_line.life_a", "number, > 0"),
        (lambda: value_added_tax([10, 20], [15]), "value_added_tax.inputs", "2"),
        (lambda: value_added_tax([1, 2], [1, 2], [1]), "value_added_tax.credit", "2"),
        (
            lambda: coke_unit_energy(1300, 100, 1250, 40, 0),
            "coke_unit_energy.coke_t",
            "number, > 0",
        ),
        (
            lambda: combustion_co2_t(12, 98),
            "combustion_co2_t.oxidised_share",
            "number, >= 0, <= 1",
        ),
        (lambda: annuity_share(0.1, 0), "annuity_share.life_a", "number, > 0"),
        (lambda: at_oxygen(1000, 0.21), "at_oxygen.oxygen_share", "number, >= 0, < 0.21"),
        (lambda: kgce("much", 1), "kgce.amount", "number"),
    ],
)
def test_what_a_formula_cannot_take_is_named(made, path, expected):
    with pytest.raises(DataError) as caught:
        made()
    [problem] = caught.value.problems
    assert (problem.code, problem.path, problem.expected) == ("CS-V020", path, expected)
