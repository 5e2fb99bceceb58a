"""Why two schemes differ, as a page asks for it: the difference shared out, and what turns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from chainsim.library.scenarios import Scenario, load_scenario
from chainsim.study.drafts import source
from chainsim.study.explain import Explained, explain
from chainsim.study.flips import flip_points

PARTS: Final = 100
"""Parts of the progress that each of the two takes."""
Case = tuple[str, tuple[str, ...]]
"""Id of a scenario or draft, overrides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyAsk:
    """Two schemes, the KPI, and whether prices that turn their ranking are looked for."""

    first: Case
    second: Case
    kpi: str
    flips: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """`flips` as `flip_points` gives it; None where it was not asked for."""

    explained: Explained
    flips: pd.DataFrame | None


def scenario_of_case(case: Case) -> Scenario:
    """The scenario of a scheme.

    Raises:
        UserError: it cannot be read.
    """
    return load_scenario(source(case[0]), case[1])


def why(ask: WhyAsk, progress: Callable[[int, int], None]) -> Why:
    """The difference of the KPI, shared out to what differs between the two.

    Raises:
        UserError: a scheme that cannot be run, an unknown KPI.
    """
    total = PARTS * (2 if ask.flips else 1)

    def part(before: int) -> Callable[[int, int], None]:
        return lambda done, count: progress(before + PARTS * done // max(count, 1), total)

    first, second = scenario_of_case(ask.first), scenario_of_case(ask.second)
    explained = explain(first, second, ask.kpi, progress=part(0))
    flips = flip_points(first, second, ask.kpi, progress=part(PARTS)) if ask.flips else None
    return Why(explained=explained, flips=flips)
