"""Projects for tests of the finance model: one by hand, and random ones."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from chainsim.finance.project import (
    Conventions,
    Financing,
    Line,
    Part,
    Project,
    Renewal,
    Taxes,
    WorkingCapital,
)

TAXES = Taxes(income=0.25, surcharges=0.12, loss_years=5, reserve=0.1, reserve_cap=0.5)


def small_project(**changes: object) -> Project:
    """Two years of construction, ten of operation, everything in it; earns about 15 %."""
    load = (0.6, 0.8, *[1.0] * 8)
    project = Project(
        id="small",
        name_zh="小项目",
        name_en="Small project",
        parts=(
            Part(key="equipment", spend_cny=(240e6, 360e6), vat=0.13, life_a=12, residual=0.05),
            Part(key="building", spend_cny=(120e6, 80e6), vat=0.09, life_a=20, residual=0.05),
            Part(key="land", spend_cny=(60e6, 0.0), vat=0.0, life_a=50, intangible=True),
        ),
        products=(
            Line(
                key="methanol",
                yearly_cny=tuple(440e6 * x for x in load),
                vat=0.13,
                quantity=tuple(200e3 * x for x in load),
                unit="t",
            ),
            Line(key="hydrogen", yearly_cny=tuple(60e6 * x for x in load), vat=0.13),
        ),
        costs=(
            Line(key="gas", kind="material", yearly_cny=tuple(150e6 * x for x in load), vat=0.09),
            Line(key="power", kind="energy", yearly_cny=tuple(50e6 * x for x in load), vat=0.13),
            Line(key="wages", kind="labour", yearly_cny=(25e6,) * 10, vat=0.0, variable=False),
            Line(
                key="repair", kind="maintenance", yearly_cny=(30e6,) * 10, vat=0.13, variable=False
            ),
        ),
        load=load,
        financing=Financing(equity_share=0.3, rate=0.035, years=8, method="equal_principal"),
        working_capital=WorkingCapital(share=0.15, equity_share=0.3, rate=0.03),
        taxes=TAXES,
        hurdle=0.12,
        persons=200.0,
    )
    return replace(project, **changes)


def _money(least: float, most: float) -> st.SearchStrategy[float]:
    """Amounts in whole cents: what is smaller than that is no money."""
    return st.floats(least, most, allow_nan=False).map(lambda x: round(x, 2))


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Good and bad projects of up to 3 + 15 years."""
    built = draw(st.integers(1, 3))
    years = draw(st.integers(2, 15))
    ramp = draw(st.lists(st.floats(0.2, 1.0), min_size=0, max_size=3))
    load = tuple([*ramp, *[1.0] * years][:years])
    spend = st.lists(_money(0.0, 5e8), min_size=built, max_size=built).map(tuple)
    first = draw(spend)
    parts = (
        Part(
            key="equipment",
            spend_cny=(first[0] + 1e7, *first[1:]),
            vat=draw(st.sampled_from([0.0, 0.09, 0.13])),
            life_a=draw(st.floats(3.0, 25.0)),
            residual=draw(st.floats(0.0, 0.1)),
        ),
        Part(key="land", spend_cny=draw(spend), vat=0.0, life_a=50.0, intangible=True),
    )
    yearly = draw(st.lists(_money(0.0, 8e8), min_size=years, max_size=years))
    revenue = Line(
        key="product",
        yearly_cny=tuple(r * x for r, x in zip(yearly, load, strict=True)),
        vat=draw(st.sampled_from([0.0, 0.09, 0.13])),
        quantity=tuple(1e5 * x for x in load),
        unit="t",
    )
    costs = (
        Line(
            key="feed",
            kind="material",
            yearly_cny=tuple(draw(_money(0.0, 4e8)) * x for x in load),
            vat=draw(st.sampled_from([0.0, 0.09, 0.13])),
        ),
        Line(
            key="wages",
            kind="labour",
            yearly_cny=(draw(_money(0.0, 1e8)),) * years,
            vat=0.0,
            variable=False,
        ),
    )
    return Project(
        id="random",
        name_zh="随机",
        name_en="Random",
        parts=parts,
        products=(revenue,),
        costs=costs,
        load=load,
        financing=Financing(
            equity_share=draw(st.floats(0.0, 1.0)),
            rate=draw(st.floats(0.0, 0.12)),
            years=draw(st.integers(1, years)),
            method=draw(st.sampled_from(["equal_principal", "equal_instalment"])),
        ),
        working_capital=WorkingCapital(
            share=draw(st.floats(0.0, 0.4)),
            equity_share=draw(st.floats(0.0, 1.0)),
            rate=draw(st.floats(0.0, 0.08)),
        ),
        taxes=replace(TAXES, dividends=draw(st.floats(0.0, 1.0))),
        hurdle=draw(st.floats(0.0, 0.2)),
        renewals=draw(_renewals(years)),
    )


def _renewals(years: int) -> st.SearchStrategy[tuple[Renewal, ...]]:
    """None, or one that falls due in some years."""
    spend = st.lists(st.just(0.0) | _money(0.0, 2e8), min_size=years, max_size=years).map(tuple)
    one = st.builds(
        Renewal,
        key=st.just("lining"),
        spend_cny=spend,
        vat=st.sampled_from([0.0, 0.13]),
        life_a=st.floats(1.0, 12.0),
        residual=st.floats(0.0, 0.1),
    )
    return st.just(()) | one.map(lambda item: (item,))


CONVENTIONS = st.builds(
    Conventions,
    discounting=st.sampled_from(["year_end", "year_begin", "mid_year"]),
    payback_from=st.sampled_from(["construction", "operation"]),
    construction_interest=st.sampled_from(["half_year", "full_year", "year_end"]),
    interest_paid=st.sampled_from(["capitalised", "equity"]),
    construction_vat=st.sampled_from(["carried", "refunded", "capitalised"]),
    cash_vat=st.sampled_from(["with", "without"]),
    unlevered_depreciation=st.sampled_from(["without_interest", "with_interest"]),
    recovery=st.sampled_from(["last_year", "none"]),
    renewals=st.sampled_from(["capitalised", "expensed", "left_out"]),
)
