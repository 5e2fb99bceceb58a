"""What each KPI is computed from; what it means stands in `kpis.toml`.

A KPI whose denominator is zero, or which the park has nothing of, is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, cast

import numpy as np

from chainsim.accounts.carbon import DOWNSTREAM, carbon_in_products_t, displaced_diesel_co2_t
from chainsim.accounts.constant_prices import constant_prices
from chainsim.accounts.conventions import COKING, convention
from chainsim.accounts.evidence import CARBON, ENERGY, evidence_of
from chainsim.accounts.formulas import CO2_PER_C
from chainsim.accounts.ledger import unit_capex_cny
from chainsim.accounts.view import View
from chainsim.park.model import Park
from chainsim.units import convert

_WorthAndSpans = tuple[dict[str, tuple[float, float, float]], dict[str, tuple[float, float]]]


def _ratio(over: float | None, under: float) -> float | None:
    return None if over is None or under == 0.0 else over / under


def _tce(kgce: float) -> float:
    return convert(kgce, "kgce", "tce")


def _known(amount: float) -> float | None:
    """An amount that parks without it leave out."""
    return amount or None


def _of_boundary(view: View, boundary: str) -> float:
    units = [u.id for u in view.park.units.values() if u.boundary == boundary]
    return view.where("unit", units).sum("carbon.combustion", "carbon.process")


def _constant(view: View, of: Callable[[View], float | None]) -> float | None:
    """A figure of the view at constant prices; None without a base set."""
    base = view.park.library.price_sets.get(view.park.facts.constant_prices)
    return None if base is None else of(constant_prices(view, base).view(view))


def _availability(view: View) -> float | None:
    """Weighted by investment; hours before a unit's start and after its close do not count."""
    units = view.simulation.units
    if "worth and spans" not in view.lasting:
        view.lasting["worth and spans"] = _worth_and_spans(view.park)
    worth, spans = cast("_WorthAndSpans", view.lasting["worth and spans"])
    capex, start, close = (
        np.array([worth[name] for name in units["component"].tolist()]).reshape(-1, 3).T
    )
    begin, end = np.array([spans[period] for period in units["period"].tolist()]).reshape(-1, 2).T
    hours = np.maximum(np.minimum(end, close) - np.maximum(begin, start), 0.0)
    weights = capex if capex[hours > 0.0].any() else np.ones(len(units))
    available = units["available_h"].to_numpy()
    return _ratio(float((weights * available).sum()), float((weights * hours).sum()))


def _worth_and_spans(park: Park) -> _WorthAndSpans:
    """Investment, start and close of every unit; begin and end of every period."""
    worth = {k: (unit_capex_cny(u), u.start_h, u.close_h) for k, u in park.units.items()}
    return worth, {name: (begin, end) for name, begin, end in park.horizon.periods()}


FUNCTIONS: Final[dict[str, Callable[[View], float | None]]] = {
    "cog.make_nm3": lambda v: v.sum("cog.make"),
    "cog.underfiring_share": lambda v: _ratio(v.sum("cog.underfiring"), v.sum("cog.make")),
    "cog.flared_share": lambda v: _ratio(v.sum("cog.flared"), v.sum("cog.make")),
    "energy.coking_tce": lambda v: _tce(v.energy_kgce("A")),
    "energy.coking_equal_tce": lambda v: _tce(v.energy_kgce("A") + v.sum("energy_equal.a")),
    "energy.park_tce": lambda v: _tce(v.energy_kgce("B")),
    "energy.park_equal_tce": lambda v: _tce(v.energy_kgce("B") + v.sum("energy_equal.b")),
    "energy.park_less_feedstock_tce": lambda v: _tce(v.energy_kgce("C")),
    "energy.coke_kgce_per_t": lambda v: v.coke_unit_energy,
    "energy.tce_per_wan_yuan": lambda v: v.tce_per_wan_yuan(v.park.economics.boundary),
    "energy.tce_per_wan_yuan_constant": lambda v: _constant(
        v, lambda c: c.tce_per_wan_yuan(c.park.economics.boundary)
    ),
    "energy.closure_error_kgce_per_t": lambda v: v.closure_error,
    "carbon.direct_t": lambda v: v.carbon_direct_t,
    "carbon.coking_t": lambda v: _of_boundary(v, COKING),
    "carbon.extension_t": lambda v: _of_boundary(v, DOWNSTREAM),
    "carbon.in_products_t": lambda v: _known(
        CO2_PER_C * math.fsum(carbon_in_products_t(v).values())
    ),
    "carbon.displaced_diesel_t": displaced_diesel_co2_t,
    "carbon.cost_cny": lambda v: _known(-v.sum("cost.carbon")),
    "carbon.total_t": lambda v: v.sum("carbon."),
    "carbon.per_coke_t": lambda v: _ratio(v.sum("carbon."), v.coke_t),
    "value.revenue_cny": lambda v: v.sum("revenue."),
    "value.added_cny": lambda v: v.value_added,
    "value.added_income_cny": lambda v: v.value_added_income,
    "value.added_constant_cny": lambda v: _constant(v, lambda c: c.value_added),
    "value.added_per_coke_cny_per_t": lambda v: _ratio(v.value_added, v.coke_t),
    "logistics.tkm": lambda v: v.sum(*(f"transport.{m}" for m in convention("transport", "modes"))),
    "logistics.cost_cny": lambda v: -v.sum("cost.freight"),
    "water.fresh_t": lambda v: v.sum("water.fresh"),
    "water.coking_t_per_t": lambda v: _ratio(v.coking().sum("water.used"), v.coke_t),
    "water.waste_t": lambda v: v.sum("waste.water", "waste.coking_water"),
    "waste.sludge_t": lambda v: _known(v.sum("waste.sludge")),
    "waste.residue_t": lambda v: _known(v.sum("waste.residue")),
    "pollution.pm_t": lambda v: v.sum("pollution.pm"),
    "pollution.so2_t": lambda v: v.sum("pollution.so2"),
    "pollution.nox_t": lambda v: v.sum("pollution.nox"),
    "staff.persons": lambda v: _ratio(v.sum("staff.person_h"), v.hours),
    "finance.capex_cny": lambda v: v.sum("capex."),
    "reliability.availability": _availability,
    "evidence.share_ab": lambda v: evidence_of(v).share(v.rows),
    "evidence.energy_share_ab": lambda v: evidence_of(v).share(v.rows, ENERGY),
    "evidence.carbon_share_ab": lambda v: evidence_of(v).share(v.rows, CARBON),
}
BANDS: Final[dict[str, Callable[[View], float]]] = {
    "energy.coke_kgce_per_t": lambda v: v.coal_heat_band,
}
