"""Checks of concentrations against the limit set in force, and of the zone of deep treatment.

Which set holds follows from the distance to the built-up area and the assessment. Without a
measurement the library's own figure stands for the stack, which was made from a limit: it can fail,
but never passes with more than a warning.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from chainsim.accounts.air import StackStates, declared_mg_per_nm3
from chainsim.accounts.air_formulas import concentration_mg_per_nm3
from chainsim.accounts.cases import Case
from chainsim.accounts.conventions import recognised
from chainsim.accounts.verdicts import Measured, missing
from chainsim.park.model import Unit

DEEP: Final = "deep"
ACTIVE: Final = "active"
ULTRA_LOW: Final = "ultra_low"
STACK: Final = "coke_stack"
DRY_QUENCH: Final = "coke_dry_quench"
POLLUTANTS: Final = ("pm", "so2", "nox")


def distance_km(case: Case, site: str) -> float | None:
    """Distance of a site to the edge of the built-up area; None when that is not known."""
    area = case.facts.city.built_up
    if area is None:
        return None
    place = case.park.sites[site]
    away = math.hypot(place.x_km - area.x_km, place.y_km - area.y_km)
    return max(0.0, away - area.radius_km)


def in_deep_zone(case: Case, site: str) -> bool | None:
    """Whether a site lies inside the zone of deep treatment; None when that is not known."""
    away = distance_km(case, site)
    radius = case.view.figures("deep_treatment_radius", "km", 0.0)
    return None if away is None else away <= radius


def limit_set(case: Case, site: str) -> str:
    """Limit set in force at a site."""
    return DEEP if in_deep_zone(case, site) else case.facts.limit_set


def limit_mg(case: Case, outlet: str, pollutant: str, chosen: str) -> float | None:
    """Limit of one outlet in a set, mg/Nm3; None where nobody has published or entered it."""
    key = f"{outlet}_{pollutant}"
    entered = case.facts.air_limits.get(chosen, {}).get(key)
    limit = case.park.library.limits.get(key)
    if entered is not None or limit is None or chosen not in limit.levels:
        return entered
    return limit.levels[chosen].base


def concentration(case: Case) -> Iterator[Measured]:
    """Every outlet of one kind against a set: values are the pollutant, the outlet, the set.

    The set `active` is the one in force at the site.
    """
    pollutant, outlet, chosen = case.policy.values
    units = _outlets(case, outlet)
    for unit in units:
        value, assumed = _measured(case, unit, outlet, pollutant)
        if value is None:
            yield missing(unit.id, f"facts.units.{unit.id}.measured.{pollutant}")
            continue
        yield _against(case, unit, (outlet, pollutant, chosen), value, assumed=assumed)
    if not units:
        yield Measured(notes={"no_subject": {}}, nothing=True)


def _against(
    case: Case, unit: Unit, what: tuple[str, str, str], value: float, *, assumed: bool
) -> Measured:
    outlet, pollutant, chosen = what
    used = limit_set(case, unit.site) if chosen == ACTIVE else chosen
    limit = limit_mg(case, outlet, pollutant, used)
    notes: dict[str, dict[str, object]] = {"limit_set": {"set": used}}
    if assumed:
        notes["assumed_outlet"] = {}
    if limit is None and used == DEEP and chosen == ACTIVE:
        limit = limit_mg(case, outlet, pollutant, ULTRA_LOW)
        notes["deep_unpublished"] = {"what": f"assessment.air_limits.deep.{outlet}_{pollutant}"}
        assumed = True
    if limit is None:
        what_lacks = f"assessment.air_limits.{used}.{outlet}_{pollutant}"
        notes = {"missing": {"what": what_lacks}, **notes}
    return Measured(
        subject=unit.id, value=value, limit=limit, assumed=assumed, notes=notes, unlimited=True
    )


def _outlets(case: Case, outlet: str) -> list[Unit]:
    if outlet == STACK:
        return [u for u in case.batteries if u.process is not None]
    if outlet == DRY_QUENCH:
        return [u for u in case.park.units.values() if recognised(u, "dry_quench") and u.process]
    return []


def _measured(case: Case, unit: Unit, outlet: str, pollutant: str) -> tuple[float | None, bool]:
    """Concentration of an outlet, mg/Nm3, and whether it rests on the library's assumption."""
    measured = case.facts.unit(unit.id).measured.get(pollutant)
    if measured is not None:
        return measured, False
    assert unit.process is not None
    figures = case.view.figures
    if outlet == STACK:
        base = declared_mg_per_nm3(unit.process, pollutant, figures)
        periods = [name for name, _, _ in case.park.horizon.periods()]
        ratio = StackStates(case.park, figures).ratio(unit, pollutant, periods[-1])
        return (None if base is None else base * ratio), True
    kg = unit.process.pollutants_kg.get(pollutant)
    flue = figures("cdq_flue_gas", "Nm3/t", 0.0)
    if kg is None or flue <= 0:
        return None, True
    return concentration_mg_per_nm3(kg, flue), True


def deep_zone(case: Case) -> Iterator[Measured]:
    """1 where every stack of an enterprise inside the zone keeps deep treatment, per enterprise.

    The zone sets the limit set. Where its limits are not published, ultra-low ones stand in: above
    them the clause fails, below nothing is certain.
    """
    for owner in case.owners:
        ovens = [u for u in case.batteries if u.owner == owner]
        distances = {u.site: distance_km(case, u.site) for u in ovens}
        known = {site: away for site, away in distances.items() if away is not None}
        if len(known) < len(distances):
            yield missing(owner or "city", "facts.city.built_up")
            continue
        stacks = [u for u in ovens if u.process is not None and in_deep_zone(case, u.site)]
        found = [m for unit in stacks for m in _stack(case, unit)]
        over = sorted({m.subject for m in found if m.value and m.limit and m.value > m.limit})
        near = min(known, key=lambda s: known[s])
        notes: dict[str, dict[str, object]] = {
            "zone": {"km": known[near], "set": limit_set(case, near)}
        }
        if over:
            notes["over_limit"] = {"what": ",".join(over)}
        for measured in found:
            for key in ("assumed_outlet", "deep_unpublished"):
                if key in measured.notes:
                    notes.setdefault(key, dict(measured.notes[key]))
        area = case.facts.city.built_up
        guessed = bool(stacks) and area is not None and area.assumed
        yield Measured(
            subject=owner or "city",
            value=float(not over),
            assumed=guessed or any(m.assumed or m.value is None for m in found),
            notes=notes,
        )


def _stack(case: Case, unit: Unit) -> Iterator[Measured]:
    """One oven stack against the set in force at its site, pollutant by pollutant."""
    for pollutant in POLLUTANTS:
        value, assumed = _measured(case, unit, STACK, pollutant)
        if value is None:
            yield missing(unit.id, f"facts.units.{unit.id}.measured.{pollutant}")
        else:
            yield _against(case, unit, (STACK, pollutant, ACTIVE), value, assumed=assumed)
