"""What the lp engine is to reach, and within which limits: objectives, clauses and own bounds."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from chainsim.accounts.rates import MEASURES
from chainsim.balance.best import Cap
from chainsim.balance.program import Array
from chainsim.balance.steady import Stretch
from chainsim.errors import Problem, ScenarioError, UserError, did_you_mean
from chainsim.park.model import Park
from chainsim.study.rates import BOUNDARY, Rates
from chainsim.units import HOURS_PER_YEAR, convert, split_quantity

KEPT, ALL, NONE = "kept", "all", "none"
TOTALS: Final = {"coke_output": "coke", "energy_total": BOUNDARY}
"""Check of a clause -> measure whose yearly total it limits."""
PARTS: Final = {"county_energy": "county", "enterprise_energy": "owner"}
"""Check of a clause on the coking energy of parts of the city -> what the parts are."""
UNIT_ENERGY: Final = "coke_energy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Objective and limits of the lp engine.

    Attributes:
        weights: measure -> weight; the weighted sum is made as large as possible.
        limits: clauses that bind: `kept` (those the dispatch list keeps), `all`, `none`, or ids
            separated by commas.
        at_most, at_least: measure -> amount of a year, with its unit.
        min_loads: units at 0 or above their least load.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: {"profit": 1.0})
    limits: str = KEPT
    at_most: Mapping[str, str] = field(default_factory=dict)
    at_least: Mapping[str, str] = field(default_factory=dict)
    min_loads: bool = False

    @property
    def saving(self) -> bool:
        """True when only less of something is asked for: then what is sold must stay."""
        return all(k == BOUNDARY or MEASURES[k].small for k in self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A limit of a year in units of its measure; `rates` (n,) per hour of a column's value."""

    key: str
    rates: Array
    lower: float
    upper: float
    unit: str
    limit: float
    """As people know it, in `unit`."""
    basis: Array | None = None
    """(n,) by how much the measure's bound moves per unit of `limit`; None where they are one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A clause that was left out because the dispatch list breaks it already."""

    policy: str
    subject: str
    value: float
    limit: float
    unit: str


def bounds_of(
    park: Park, rates: Rates, aim: Aim, policy: pd.DataFrame, rule: Array
) -> tuple[list[Bound], list[Skipped]]:
    """All limits of a year.

    Args:
        park: the park.
        rates: its measures.
        aim: what is asked.
        policy: verdicts on the dispatch list's run.
        rule: (n,) hours x values of that run in a year.

    Raises:
        ScenarioError: an unknown clause, or one that is no linear limit (CS-O003); a measure or an
            amount that cannot be read (CS-O001, CS-U...).
    """
    chosen = _chosen(park, aim.limits)
    found, skipped = [], []
    for bound, row in _clauses(park, rates, policy, rule):
        if chosen is not None and str(row["id"]) not in chosen:
            continue
        if aim.limits == KEPT and row["verdict"] == "fail":
            skipped.append(
                Skipped(
                    policy=str(row["id"]),
                    subject=str(row["subject"]),
                    value=float(row["value"]),
                    limit=float(row["limit"]),
                    unit=str(row["unit"]),
                )
            )
        else:
            found.append(bound)
    for given, low in ((aim.at_most, False), (aim.at_least, True)):
        for key, text in given.items():
            found.append(_own(rates, key, text, low=low))
    if aim.saving:
        found += _sales(park, rates, rule)
    return found, skipped


def _chosen(park: Park, limits: str) -> frozenset[str] | None:
    if limits in (KEPT, ALL):
        return None
    names = [] if limits == NONE else [x.strip() for x in limits.split(",") if x.strip()]
    checks = (*TOTALS, *PARTS, UNIT_ENERGY)
    known = [k for k, p in park.library.policies.items() if p.check in checks]
    problems = [
        Problem(
            code="CS-O003",
            path="limits",
            found=name,
            hint=did_you_mean(name, known) or ", ".join(sorted(known)),
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise ScenarioError(problems)
    return frozenset(names)


def _clauses(
    park: Park, rates: Rates, policy: pd.DataFrame, rule: Array
) -> Iterator[tuple[Bound, Mapping[Hashable, Any]]]:
    """Clauses that limit something linear in flows, with their verdict on the dispatch list."""
    for row in policy.to_dict("records"):
        clause = park.library.policies.get(str(row["id"]))
        if clause is None or np.isnan(row["limit"]) or np.isnan(row["value"]):
            continue
        key, limit, unit = f"{clause.id}/{row['subject']}", float(row["limit"]), str(row["unit"])
        if clause.check in TOTALS:
            measure = rates.known(TOTALS[clause.check])
            most = convert(limit, unit, f"{MEASURES[measure].unit}/a")
            yield _at_most(key, rates.of(measure), most, f"{MEASURES[measure].unit}/a", most), row
        elif clause.check == UNIT_ENERGY:
            per_t = convert(limit, unit, "tce/t")
            coke = rates.of("coke")
            over = rates.of("energy_a") - per_t * coke
            basis = coke * convert(1.0, unit, "tce/t")
            yield replace(_at_most(key, over, 0.0, unit, limit), basis=basis), row
        elif clause.check in PARTS:
            part = {PARTS[clause.check]: str(row["subject"])}
            used = rates.of("energy_a", **part)
            excess = convert(float(row["value"]) - limit, unit, "tce/a")
            most = float(used @ rule) - excess
            yield _at_most(key, used, most, "tce/a", most), row


def _at_most(key: str, rates: Array, most: float, unit: str, limit: float) -> Bound:
    return Bound(key=key, rates=rates, lower=-np.inf, upper=most, unit=unit, limit=limit)


def _own(rates: Rates, key: str, text: str, *, low: bool) -> Bound:
    side = "at_least" if low else "at_most"
    try:
        measure = rates.known(key)
        unit = f"{MEASURES[measure].unit}/a"
        number, written = split_quantity(text)
        amount = convert(number, written, unit) if written else number
    except UserError as told:
        told.locate(lambda p: replace(p, path=f"{side}.{key}"))
        raise
    ends = (amount, np.inf) if low else (-np.inf, amount)
    return Bound(
        key=f"{side}/{key}",
        rates=rates.of(measure),
        lower=ends[0],
        upper=ends[1],
        unit=unit,
        limit=amount,
    )


def _sales(park: Park, rates: Rates, rule: Array) -> Iterator[Bound]:
    """What the dispatch list sells, energy carriers apart, stays sold."""
    for key, market in park.sell.items():
        material = park.headers[market.header].material
        if material.phase == "energy":
            continue
        column = rates.column(f"sell:{key}")
        sold = float(column @ rule)
        if sold > 0.0:
            unit = f"{material.unit}/a"
            # A hair less, so that rounding never makes the present state impossible.
            least = sold * (1.0 - 1e-9)
            yield Bound(
                key=f"sales/{key}", rates=column, lower=least, upper=np.inf, unit=unit, limit=sold
            )


def caps_of(
    bounds: Sequence[Bound],
    stretches: Sequence[Stretch],
    years: Sequence[tuple[float, float]],
) -> tuple[list[Cap], list[int]]:
    """The bounds for every calendar year; a year cut short counts by its hours.

    Returns:
        The caps, and for each the index of its bound.
    """
    caps, owner = [], []
    for index, bound in enumerate(bounds):
        for begin, end in years:
            inside = tuple(i for i, s in enumerate(stretches) if begin <= s.begin and s.end <= end)
            share = min(1.0, (end - begin) / HOURS_PER_YEAR)
            caps.append(
                Cap(
                    key=bound.key,
                    rates=bound.rates,
                    lower=bound.lower * share,
                    upper=bound.upper * share,
                    stretches=inside,
                )
            )
            owner.append(index)
    return caps, owner


def calendar_years(park: Park) -> list[tuple[float, float]]:
    """(begin h, end h) of every calendar year the horizon touches."""
    spans: dict[str, tuple[float, float]] = {}
    for period, begin, end in park.horizon.periods():
        year = period[:4]
        spans[year] = (spans[year][0] if year in spans else begin, end)
    return list(spans.values())
