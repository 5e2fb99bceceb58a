"""The best use of a scheme's park, as a page asks for it; where nothing is possible, what mends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chainsim.park.build import load_park
from chainsim.study.aim import ALL, KEPT, NONE, Aim
from chainsim.study.drafts import source
from chainsim.study.optimum import ImpossibleError, Optimum
from chainsim.study.rates import objective
from chainsim.study.repair_costs import Repaired
from chainsim.study.run import run

OBJECTIVES: Final = ("profit", "value_added", "energy_b", "carbon")
"""What a page offers."""
LIMITS: Final = (KEPT, ALL, NONE)
"""Clauses that bind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestAsk:
    """A scheme, what it is to reach, the clauses that bind."""

    name: str
    overrides: tuple[str, ...]
    objective: str
    limits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoUse:
    """Nothing keeps the limits: what would have to give way."""

    alone: tuple[Repaired, ...]
    together: tuple[Repaired, ...]


def best_use(ask: BestAsk, progress: Callable[[int, int], None]) -> Optimum | NoUse:
    """What the lp engine finds.

    Raises:
        UserError: as `run` with the lp engine.
    """
    progress(0, 1)
    aim = Aim(weights=objective(ask.objective), limits=ask.limits)
    park = load_park(source(ask.name), ask.overrides)
    try:
        found = run(park, engine="lp", aim=aim).optimum
    except ImpossibleError as exc:
        return NoUse(alone=exc.alone, together=exc.together)
    assert found is not None
    return found
