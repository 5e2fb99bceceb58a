"""Checks of value added: energy per value, least value per t of coke, agreement of two methods."""

from __future__ import annotations

from collections.abc import Iterator

from chainsim.accounts import formulas as f
from chainsim.accounts.cases import BOUNDARIES, Case
from chainsim.accounts.constant_prices import constant_prices
from chainsim.accounts.verdicts import Measured
from chainsim.accounts.view import View


def energy_per_value(case: Case) -> Iterator[Measured]:
    """Energy per value added at current prices, the same boundary in both."""
    yield case.worst(lambda view: _ratio(case, view))


def energy_per_constant_value(case: Case) -> Iterator[Measured]:
    """The same at the constant prices of the assessment."""
    base = case.park.library.price_sets.get(case.facts.constant_prices)
    if base is None:
        yield Measured(notes={"missing": {"what": "assessment.constant_prices"}})
        return
    prices = constant_prices(case.view, base)
    found = case.worst(lambda view: _ratio(case, prices.view(view)))
    yield found.noting("constant", {"set": base.id})


def _ratio(case: Case, view: View) -> Measured:
    """Energy over value added; no positive value added fails."""
    boundary = case.park.economics.boundary
    ratios = {b: view.tce_per_wan_yuan(b) for b in BOUNDARIES}
    value = ratios[boundary]
    shown = {b.lower(): "-" if r is None else r for b, r in ratios.items()}
    notes: dict[str, dict[str, object]] = {"boundaries": {**shown, "used": boundary}}
    if value is None:
        return Measured(notes={"no_value_added": {}})
    energy = view.energy_kgce(boundary)
    band = abs(value) * (view.closure_error or 0.0) * view.coke_t / abs(energy) if energy else 0.0
    failed = value < 0 < energy
    if failed:
        notes["no_value_added"] = {}
    return Measured(value=value, band=0.0 if failed else band, failed=failed, notes=notes)


def value_per_coke(case: Case) -> Iterator[Measured]:
    """Value added of the coking process per t of coke against what unit energy implies."""
    ratio = case.policy.limit
    for owner in case.owners:
        view = case.view.where("enterprise", [owner])
        e, coke = view.coke_unit_energy, view.coke_t
        subject = owner or "city"
        if e is None or ratio is None:
            yield Measured(subject=subject)
            continue
        yield Measured(
            subject=subject,
            value=view.coking().value_added / coke,
            limit=f.min_value_added_cny_per_t(e, ratio),
            derived=True,
            notes={"derived_limit": {"e": e, "ratio": ratio}},
        )


def value_methods(case: Case) -> Iterator[Measured]:
    """Gap between the two methods of value added, of the park and of every enterprise."""
    yield _gap(case.view, "city")
    owners = sorted({row.enterprise for row in case.view.rows} - {""})
    for owner in owners if len(owners) > 1 else ():
        yield _gap(case.view.where("enterprise", [owner]), owner)


def _gap(view: View, subject: str) -> Measured:
    produced, earned = view.value_added, view.value_added_income
    if produced == 0.0:
        return Measured(subject=subject)
    notes = {"methods": {"production": produced, "income": earned}}
    return Measured(subject=subject, value=abs(produced - earned) / abs(produced), notes=notes)
