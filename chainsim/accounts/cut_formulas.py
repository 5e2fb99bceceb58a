"""The coordinated cut (output down to hold the price) as pure functions of plain numbers.

The city's document, 2(6): when supply exceeds demand, prices fall and profit is hurt, coke output
is cut in proportion, weighted by the tier of each enterprise. Amounts in any one unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.errors import Problem, ScenarioError, did_you_mean

_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CutShare:
    """What one enterprise gives.

    Attributes:
        cut: amount taken from its plan.
        after: plan less cut.
        bound: True when its floor stopped it.
    """

    cut: float
    after: float
    bound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPlan:
    """A whole cut.

    Attributes:
        required: plan less target, not below zero.
        shares: by enterprise.
        missing: what the floors leave uncut; 0 when the cut is feasible.
    """

    required: float
    shares: Mapping[str, CutShare]
    missing: float

    @property
    def feasible(self) -> bool:
        """True when the cuts add up to what is required."""
        return self.missing <= 0.0


def allocate_cut(
    plan: Mapping[str, float],
    weights: Mapping[str, float],
    floors: Mapping[str, float],
    target: float,
    *,
    step: float = 0.0,
) -> CutPlan:
    """Cut planned outputs to a target in proportion to output times weight, not below floors.

    cut_i = R Q_i w_i / sum(Q_j w_j); an enterprise whose cut would pass its floor gives all it can,
    and the rest is shared again among the others until it adds up (policy document, 2(6)).

    Args:
        plan: planned output of each enterprise.
        weights: weight by tier, larger for a worse one; 1 where none is given.
        floors: least output of each (stable load of the ovens, civil gas and heat); 0 where none
            is given.
        target: output of all together.
        step: cuts are rounded to multiples of it by the largest remainder, none beyond its floor; 0
            for none. An infeasible cut is not rounded.

    Raises:
        ScenarioError: an amount below zero or not finite, a weight or floor of nobody in the plan
            (CS-A012).

    >>> q = {"a": 150, "b": 100, "c": 80, "d": 40, "e": 29.6}
    >>> w = {"a": 0.6, "b": 0.8, "c": 1.0, "d": 1.4, "e": 1.4}
    >>> low = {"a": 105, "b": 70, "c": 56, "d": 24, "e": 17.76}
    >>> found = allocate_cut(q, w, low, 359.64)
    >>> [round(s.cut, 2) for s in found.shares.values()], round(found.missing, 9)
    ([10.35, 9.2, 9.2, 6.44, 4.77], 0.0)
    """
    _check(plan, weights, floors, {"target": target, "step": step})
    required = max(0.0, math.fsum(plan.values()) - target)
    room = {k: max(0.0, q - floors.get(k, 0.0)) for k, q in plan.items()}
    cuts = _shared(required, {k: plan[k] * weights.get(k, 1.0) for k in plan}, room)
    missing = required - math.fsum(cuts.values())
    missing = missing if missing > _TINY * max(1.0, required) else 0.0
    bound = {k: cuts[k] >= room[k] * (1.0 - _TINY) and required > 0.0 for k in plan}
    if step > 0.0 and required > 0.0 and not missing:
        cuts = rounded(cuts, room, step)
    return CutPlan(
        required=required,
        shares={k: CutShare(cut=cuts[k], after=plan[k] - cuts[k], bound=bound[k]) for k in plan},
        missing=missing,
    )


def _check(
    plan: Mapping[str, float],
    weights: Mapping[str, float],
    floors: Mapping[str, float],
    amounts: Mapping[str, float],
) -> None:
    """Refuse what no cut can be shared by."""
    given = {"plan": plan, "weights": weights, "floors": floors}
    numbers = {f"{name}.{k}": v for name, group in given.items() for k, v in group.items()}
    problems = [
        Problem(code="CS-A012", path=path, found=str(value), expected=">= 0")
        for path, value in {**numbers, **amounts}.items()
        if not (math.isfinite(value) and value >= 0.0)
    ]
    problems += [
        Problem(
            code="CS-A012",
            path=f"{name}.{key}",
            found=key,
            expected=" | ".join(sorted(plan)),
            hint=did_you_mean(key, plan),
        )
        for name in ("weights", "floors")
        for key in sorted(set(given[name]) - set(plan))
    ]
    if problems:
        raise ScenarioError(problems)


def _shared(
    amount: float, weights: Mapping[str, float], room: Mapping[str, float]
) -> dict[str, float]:
    """`amount` in proportion to `weights`, none beyond its room; what is over goes to the rest."""
    found = dict.fromkeys(weights, 0.0)
    free = [k for k in weights if weights[k] > 0.0 and room[k] > 0.0]
    left = amount
    while free and left > 0.0:
        total = math.fsum(weights[k] for k in free)
        full = [k for k in free if left * weights[k] / total >= room[k]]
        if not full:
            for k in free:
                found[k] = left * weights[k] / total
            return found
        for k in full:
            found[k] = room[k]
        left = amount - math.fsum(found.values())
        free = [k for k in free if k not in full]
    return found


def rounded(cuts: Mapping[str, float], room: Mapping[str, float], step: float) -> dict[str, float]:
    """Cuts as multiples of `step` that still add up, by the largest remainder, within the room.

    The last step, smaller than `step`, goes to the largest remainder that has room for it; where
    none has, nothing is rounded.

    >>> rounded({"a": 10.354, "b": 9.204, "c": 9.204}, {"a": 45, "b": 30, "c": 24}, 0.01)
    {'a': 10.36, 'b': 9.202, 'c': 9.2}
    """
    whole = {k: math.floor(v / step + 1e-9) for k, v in cuts.items()}
    units = round(math.fsum(cuts.values()) / step, 6)
    order = sorted(cuts, key=lambda k: (round(whole[k] - cuts[k] / step, 6), k))
    open_units = math.floor(units + 1e-6) - sum(whole.values())
    while open_units > 0:
        taker = next((k for k in order if (whole[k] + 1) * step <= room[k] + 1e-9), None)
        if taker is None:
            break
        whole[taker] += 1
        order.remove(taker)
        order.append(taker)
        open_units -= 1
    found = {k: round(n * step, 12) for k, n in whole.items()}
    rest = math.fsum(cuts.values()) - math.fsum(found.values())
    if abs(rest) > _TINY:
        taker = next((k for k in order if found[k] + rest <= room[k]), None)
        if taker is None:
            return dict(cuts)
        found[taker] = round(found[taker] + rest, 12)
    return found


def unfair_pairs(
    plan: Mapping[str, float], shares: Mapping[str, CutShare], weights: Mapping[str, float]
) -> list[tuple[str, str]]:
    """Pairs (better, worse) of unbound enterprises in which the better is cut at a higher rate."""
    free = [k for k in plan if plan[k] > 0.0 and not shares[k].bound]
    rate = {k: shares[k].cut / plan[k] for k in free}
    return [
        (i, j)
        for i in free
        for j in free
        if weights[i] < weights[j] and rate[i] > rate[j] * (1.0 + 1e-9)
    ]


def trigger_tests(
    signals: Mapping[str, float | None], thresholds: Mapping[str, float]
) -> dict[str, bool | None]:
    """Whether each trigger has fired: fall of price and days of stock at least, margin below.

    Args:
        signals: `price_fall`, `stock_days`, `margin`; None where nobody knows.
        thresholds: the same keys.

    >>> trigger_tests({"price_fall": 0.2, "stock_days": None, "margin": -75.0},
    ...               {"price_fall": 0.15, "stock_days": 15.0, "margin": 0.0})
    {'price_fall': True, 'stock_days': None, 'margin': True}
    """
    found: dict[str, bool | None] = {}
    for key, bound in thresholds.items():
        value = signals.get(key)
        if value is None:
            found[key] = None
        else:
            found[key] = value < bound if key == "margin" else value >= bound
    return found


def livelihood_floor(
    gas_knm3_h: float, heat_gj_h: float, per_coke: Mapping[str, float], hours: float
) -> float:
    """Coke output that still gives civil gas and heat, t over `hours`.

    Args:
        gas_knm3_h: largest civil gas load.
        heat_gj_h: largest heat load.
        per_coke: per t of coke: `gas` kNm3 left after heating the ovens, `lhv` GJ per kNm3 of it,
            `steam` GJ of recovered steam, `boiler` share of the gas's heat a boiler delivers.
        hours: time covered.

    >>> round(livelihood_floor(2.0, 0.0, {"gas": 0.2, "lhv": 17.6, "steam": 1.0, "boiler": 0.9},
    ...                        8760.0))
    87600
    """
    gas = per_coke["gas"]
    for_gas = gas_knm3_h / gas if gas > 0 else (math.inf if gas_knm3_h > 0 else 0.0)
    heat = per_coke["steam"] + gas * per_coke["lhv"] * per_coke["boiler"]
    gas_heat = gas_knm3_h * per_coke["lhv"] * per_coke["boiler"]
    for_heat = (heat_gj_h + gas_heat) / heat if heat > 0 and heat_gj_h > 0 else 0.0
    return max(for_gas, for_heat) * hours
