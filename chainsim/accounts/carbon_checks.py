"""Checks and reports of carbon: the inventory of coking enterprises, closure, price, baselines."""

from __future__ import annotations

from collections.abc import Iterator

from chainsim.accounts.carbon import balance, inventory_t
from chainsim.accounts.cases import Case, span_a
from chainsim.accounts.verdicts import Measured, missing
from chainsim.accounts.view import View
from chainsim.units import convert

PRICES = ("co2_price_none", "co2_price_2025", "co2_price_high")
COMBUSTION, COKING_PART, CHEMICAL, OTHER, POWER, HEAT = (
    "combustion", "coking", "extension", "other", "power", "heat",
)  # fmt: skip


def enterprise_carbon(case: Case) -> Iterator[Measured]:
    """Carbon of every coking enterprise by the parts of GB/T 32151.13, t/a."""
    for owner in case.owners:
        part = case.view.where("enterprise", [owner])
        parts = {k: v / span_a(part.hours) for k, v in inventory_t(part).items()}
        yield Measured(
            subject=owner or "city", value=sum(parts.values()), notes={"inventory": dict(parts)}
        )


def carbon_closure(case: Case) -> Iterator[Measured]:
    """Gap between carbon taken in and carbon in products, CO2 and residues, over the intake."""
    for owner in [*case.enterprises, ""] if len(case.enterprises) > 1 else [""]:
        units = [u for u in case.park.units.values() if not owner or u.owner == owner]
        into = gap = 0.0
        for found in balance(case.park, case.view.flows, units):
            into += found.into
            gap += found.gap
        if into > 0:
            yield Measured(subject=owner or "city", value=abs(gap) / into)


def carbon_chapter(case: Case) -> Iterator[Measured]:
    """1 where carbon in total, by part and per product can be told, as the order asks."""
    parts = inventory_t(case.view)
    told = sum(parts.values()) != 0.0 and case.view.coke_t > 0
    yield Measured(value=float(told))


def grid_factor(case: Case) -> Iterator[Measured]:
    """Factor of purchased power that the run uses, kg CO2/kWh."""
    economics = case.park.economics
    key = economics.grid_factor
    if economics.grid_t_per_mwh is None and key not in case.park.library.factors:
        yield missing("city", "economics.grid_factor")
        return
    value = convert(case.view.figures.grid_t_per_mwh, "t/MWh", case.policy.unit)
    yield Measured(value=value, notes={"factor": {"key": key}})


def carbon_cost(case: Case) -> Iterator[Measured]:
    """What direct emission would cost a year at the prices of the scenarios, wan CNY."""
    figures = case.view.figures
    emitted = case.view.carbon_direct_t / span_a(case.view.hours)
    prices = [figures(key, "CNY/t", 0.0) for key in PRICES]
    costs = [convert(emitted * price, "CNY/a", case.policy.unit) for price in prices]
    own = convert(emitted * case.park.economics.carbon_price_cny_per_t, "CNY/a", case.policy.unit)
    shown = {f"p{i}": p for i, p in enumerate(prices)} | {f"c{i}": c for i, c in enumerate(costs)}
    yield Measured(value=own, notes={"carbon_cost": shown})


def carbon_below_baseline(case: Case) -> Iterator[Measured]:
    """Total carbon over that of 2025."""
    before = case.facts.city.baseline_2025.carbon_t
    if not before:
        yield missing("city", "facts.city.baseline_2025.carbon")
        return

    def measure(view: View) -> Measured:
        now = (view.carbon_direct_t + view.carbon_indirect_t) / span_a(view.hours)
        return Measured(value=now / before, notes={"against": {"now": now, "before": before}})

    yield case.worst(measure)


def carbon_intensity_below_baseline(case: Case) -> Iterator[Measured]:
    """Carbon per t of coke over that of 2025."""
    before = case.facts.city.baseline_2025.carbon_per_coke
    if not before:
        yield missing("city", "facts.city.baseline_2025.carbon_per_coke")
        return

    def measure(view: View) -> Measured:
        if view.coke_t <= 0:
            return Measured()
        now = (view.carbon_direct_t + view.carbon_indirect_t) / view.coke_t
        return Measured(value=now / before, notes={"against": {"now": now, "before": before}})

    yield case.worst(measure)
