"""What happens to all teams of a round alike: levers that stand where the facilitator puts them."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Final

from chainsim.study.levers import Scheme, levers

NOTHING: Final = "none"


@functools.cache
def shocks() -> Mapping[str, Mapping[str, float]]:
    """Shock -> lever -> where it stands."""
    text = resources.files("chainsim.study.rooms").joinpath("shocks.toml").read_text("utf-8")
    return {
        key: {k: float(v) for k, v in held.items()} for key, held in tomllib.loads(text).items()
    }


def offered(base: str) -> tuple[str, ...]:
    """The shocks that a scenario can feel: it has one of their levers."""
    known = {lever.id for lever in levers(base)}
    return tuple(key for key, held in shocks().items() if not held or known & set(held))


def held_levers(shock: str) -> frozenset[str]:
    """Levers that nobody may move under a shock."""
    return frozenset(shocks().get(shock, {}))


def under(scheme: Scheme, shock: str, before: str = NOTHING) -> Scheme:
    """A scheme under a shock; what the shock `before` held goes back to the base."""
    held = shocks().get(shock, {})
    for lever in levers(scheme.base):
        if lever.id in held:
            scheme = scheme.with_value(lever, min(max(held[lever.id], lever.low), lever.high))
        elif lever.id in held_levers(before):
            scheme = scheme.with_value(lever, lever.base)
    return scheme
