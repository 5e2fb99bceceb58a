"""Identities of the books: ledger sums, carbon, value added two ways, quotas and cuts add up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.accounts.account import account
from chainsim.accounts.carbon import balance, inventory_t, scopes_t
from chainsim.accounts.carbon_tables import carbon_members, carbon_table
from chainsim.accounts.cases import Case, blank
from chainsim.accounts.constant_prices import ConstantPrices
from chainsim.accounts.conventions import Figures
from chainsim.accounts.cut_formulas import allocate_cut, unfair_pairs
from chainsim.accounts.energy_tables import energy_balance, energy_flows, energy_table
from chainsim.accounts.scores import score
from chainsim.accounts.view import View, condensed
from tests.builders import coking_park, judged_library, run_by_hand
from tests.city import case_of, ran

LIBRARY = judged_library()
SHARE = st.floats(0.05, 1.0)
AMOUNT = st.floats(0.1, 500.0)


@st.composite
def firms(draw: st.DrawFn) -> tuple[dict[str, float], dict[str, float], dict[str, float], float]:
    """Plans, weights, floors and a target of one to seven enterprises."""
    names = [f"f{i}" for i in range(draw(st.integers(1, 7)))]
    plan = {n: draw(AMOUNT) for n in names}
    weights = {n: draw(st.sampled_from([0.6, 1.0, 1.2, 1.6])) for n in names}
    floors = {n: draw(st.floats(0.0, 1.2)) * plan[n] for n in names}
    target = draw(st.floats(0.0, 1.1)) * sum(plan.values())
    return plan, weights, floors, target


@given(firms(), st.sampled_from([0.0, 0.01, 0.5]))
def test_cuts_add_up_or_say_what_is_missing(case: tuple, step: float) -> None:
    plan, weights, floors, target = case
    found = allocate_cut(plan, weights, floors, target, step=step)
    cuts = math.fsum(s.cut for s in found.shares.values())
    total = math.fsum(plan.values())
    assert cuts + found.missing == pytest.approx(max(0.0, total - target), rel=1e-9, abs=1e-9)
    for name, share in found.shares.items():
        assert share.cut >= -1e-9
        assert share.after >= min(plan[name], floors[name]) - 1e-9 * total
    if not step:
        assert unfair_pairs(plan, found.shares, weights) == []


@given(firms())
def test_equal_tiers_are_cut_at_equal_rates(case: tuple) -> None:
    plan, weights, floors, target = case
    found = allocate_cut(plan, weights, floors, target)
    free = [k for k in plan if not found.shares[k].bound]
    for i in free:
        for j in free:
            if weights[i] == weights[j]:
                left, right = (found.shares[k].cut / plan[k] for k in (i, j))
                assert left == pytest.approx(right, rel=1e-9, abs=1e-12)


@given(firms())
def test_a_cut_is_the_same_in_any_unit_and_order(case: tuple) -> None:
    plan, weights, floors, target = case
    base = allocate_cut(plan, weights, floors, target)
    turned = {k: plan[k] * 1e4 for k in reversed(plan)}
    low = {k: v * 1e4 for k, v in floors.items()}
    scaled = allocate_cut(turned, weights, low, target * 1e4)
    for name, share in base.shares.items():
        expected = scaled.shares[name].cut / 1e4
        assert share.cut == pytest.approx(expected, rel=1e-7, abs=1e-7)


@given(st.floats(-1e3, 1e3), st.floats(1.0, 200.0), st.floats(0.1, 0.9), st.booleans())
def test_scores_lie_between_nothing_and_all_and_never_fall(
    value: float, survival: float, share: float, up: bool
) -> None:
    development = survival * (2.0 - share) if up else survival * share
    own = score(value, survival, development, up=up)
    better = score(value + (1.0 if up else -1.0), survival, development, up=up)
    assert 0.0 <= own <= better <= 100.0


@settings(max_examples=25)
@given(SHARE, SHARE, st.floats(300.0, 4000.0), st.sampled_from([None, 0.0, 450.0, 2000.0]))
def test_books_of_any_run_agree(
    coking: float, methanol: float, coke_price: float, gas_price: float | None
) -> None:
    prices = {} if gas_price is None else {"transfer_prices": {"coke_oven_gas": gas_price}}
    extra = {
        "materials": {"coke": {"price_cny": coke_price}},
        "economics": prices,
        "units": {"methanol_plant": {"capacity": 5}},
    }
    park = coking_park(extra, library=LIBRARY)
    run = run_by_hand(park, {"battery": coking, "cdq": coking, "methanol_plant": methanol * coking})
    books = account(park, run)
    view = View(park, run, condensed(books.ledger), run.hours, figures=Figures(park, {}))
    _value_added(view)
    _energy(view)
    _carbon(view)


def _value_added(view: View) -> None:
    owners = sorted({row.enterprise for row in view.rows})
    parts = [view.where("enterprise", [o]) for o in owners]
    scale = sum(abs(r.amount) for r in view.rows if r.account.startswith("revenue."))
    for part in (view, *parts):
        gap = abs(part.value_added - part.value_added_income)
        assert gap <= 1e-9 * scale
    assert math.fsum(p.value_added for p in parts) == pytest.approx(
        view.value_added, abs=1e-9 * scale
    )


def _energy(view: View) -> None:
    assert view.sum("energy_use.carrier") == pytest.approx(view.energy_b_kgce, rel=1e-9)
    owners = sorted({row.enterprise for row in view.rows})
    parts = math.fsum(view.where("enterprise", [o]).energy_b_kgce for o in owners)
    assert parts == pytest.approx(view.energy_b_kgce, rel=1e-9)
    frame = energy_table(view)
    for boundary in "ABC":
        rows = frame[frame["boundary"] == boundary]
        total = float(rows.loc[rows["row"] == "total", "tce"].iloc[0])
        assert float(rows.loc[rows["row"] != "total", "tce"].sum()) == pytest.approx(
            total, abs=1e-9 * float(rows["tce"].abs().sum())
        )
    gaps = energy_balance(view)["gap"].abs().max()
    assert float(gaps) <= 1e-9 * float(energy_balance(view)["bought"].max())


def _carbon(view: View) -> None:
    total = view.carbon_direct_t + view.carbon_indirect_t
    assert sum(inventory_t(view).values()) == pytest.approx(total, rel=1e-9)
    assert sum(scopes_t(view).values()) == pytest.approx(total, rel=1e-9)
    lines = carbon_table(view)
    counted = lines[~lines["part"].isin(["total", "product"])]
    scale = float(counted["co2_t"].abs().sum())
    assert float(counted["co2_t"].sum()) == pytest.approx(total, abs=1e-9 * scale)
    members = carbon_members(view).set_index("enterprise")["total"]
    assert float(members.drop("total").sum()) == pytest.approx(total, abs=1e-9 * scale)
    for found in balance(view.park, view.flows, view.park.units.values()):
        assert abs(found.gap) <= 1e-6 * max(found.into, 1.0)


def test_the_small_city_closes_in_every_table() -> None:
    case = case_of(*ran())
    _value_added(case.view)
    _energy(case.view)
    _carbon(case.view)
    flows = energy_flows(case.view)
    materials = flows[flows["target_kind"] == "material"].groupby("target")["tce"].sum()
    left = flows[flows["source_kind"] == "material"].groupby("source")["tce"].sum()
    carried = {"coke_oven_gas"}  # a pipe keeps what it carries
    for material in set(materials.index) & set(left.index) - carried:
        assert materials[material] == pytest.approx(left[material], rel=1e-9)


def test_counties_add_up_to_the_city() -> None:
    case = case_of(*ran())
    names = ["忻府区", "原平市"]
    parts = [case.in_county(case.view, name) for name in names]
    freight = case.view.sum("cost.freight")
    value = math.fsum(p.value_added for p in parts)
    assert value == pytest.approx(case.view.value_added, abs=abs(freight) + 1e-6 * abs(value))
    assert math.fsum(p.coke_t for p in parts) == pytest.approx(case.view.coke_t)


def test_constant_prices_of_the_same_prices_change_nothing() -> None:
    park, books = ran()
    case = Case(park=park, view=case_of(park, books).view, policy=blank())
    same = park.library.price_sets["base_2020"]
    empty = type(same)(id="now", name_zh="", name_en="", first_month="", last_month="", prices={})
    fixed = ConstantPrices(case.view, empty).view(case.view)
    assert fixed.value_added == pytest.approx(case.view.value_added, rel=1e-9)
