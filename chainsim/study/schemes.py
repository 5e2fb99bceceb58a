"""Schemes as results and as plain data: run, renamed, with one figure of the library changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chainsim.park.build import load_park
from chainsim.study.cache import shipped, steady_headlines, steady_result
from chainsim.study.drafts import is_draft, source
from chainsim.study.headlines import Headlines
from chainsim.study.levers import Scheme, levers, overrides, price_sets
from chainsim.study.result import RunResult
from chainsim.study.run import run

MOST_CHANGES = 40


def scheme_result(scheme: Scheme) -> RunResult:
    """The steady result of a scheme.

    Raises:
        UserError: the scheme cannot be run.
    """
    return steady_result(scheme.base, overrides(scheme))


def scheme_headlines(scheme: Scheme, kpis: tuple[str, ...]) -> Headlines:
    """A few figures of the steady result, there before the rest of it.

    Raises:
        UserError: as `scheme_result`.
    """
    return steady_headlines(scheme.base, overrides(scheme), kpis)


def perfect_result(scheme: Scheme) -> RunResult:
    """The same with nothing ever failing."""
    return steady_result(scheme.base, overrides(scheme), outages=False)


def renamed(result: RunResult, key: str, name: str) -> RunResult:
    """The result under another id and name, for a table in which its park stands twice."""
    return replace(result, park=replace(result.park, id=key, name_zh=name, name_en=name))


def with_figure(scheme: Scheme, path: str, value: float) -> RunResult:
    """The steady result with one figure of the library at another value.

    Raises:
        UserError: a process does not close at that value, or as `run`.
    """
    park = load_park(source(scheme.base), overrides(scheme), {path: value})
    return run(park, engine="steady")


def scheme_data(scheme: Scheme) -> dict[str, Any]:
    """A scheme as plain data."""
    return {"base": scheme.base, "values": dict(scheme.values), "prices": scheme.prices}


def scheme_of(data: object) -> Scheme | None:
    """The scheme of plain data that anybody may have written; None where it is none.

    Levers that the scenario lacks are left out, values beyond a lever's range drawn to its end.
    """
    if not isinstance(data, Mapping):
        return None
    base, values, prices = str(data.get("base")), data.get("values", {}), data.get("prices", "")
    if base not in shipped() and not is_draft(base):
        return None
    if not isinstance(values, Mapping) or len(values) > MOST_CHANGES:
        return None
    if prices and prices not in price_sets(base):
        return None
    found = {lever.id: lever for lever in levers(base)}
    scheme = Scheme(base=base, prices=str(prices or ""))
    for key, value in values.items():
        if key in found and isinstance(value, int | float) and math.isfinite(value):
            lever = found[key]
            scheme = scheme.with_value(lever, min(max(float(value), lever.low), lever.high))
    return scheme
