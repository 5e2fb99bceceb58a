"""Why scenarios differ from their base in a few KPIs, and what would turn their ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from chainsim.library.scenarios import Scenario, parse_scenario
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.model import Park
from chainsim.study.explain import Explained, explain_all
from chainsim.study.flips import flip_points

ASKED: Final = ("value.added_cny", "finance.fnpv_cny")
"""The KPIs that are explained when nobody names any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """One scenario against the base, by KPI."""

    parts: Mapping[str, Explained]
    flips: Mapping[str, pd.DataFrame]
    """As `flips.flip_points` gives them."""


def reasons(
    parks: Sequence[Park],
    kpis: Sequence[str] = (),
    *,
    years: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Reasons, ...]:
    """Of every park but the first, which is the base.

    Args:
        parks: at least two.
        kpis: what is explained; `ASKED` when left out.
        years: as in `run`.
        progress: called with (done, count) of each part of the work.

    Raises:
        UserError: as `explain` and `flip_points`.
    """
    asked = list(kpis) or list(ASKED)
    base, *others = (_scenario(p, years) for p in parks)
    return tuple(
        Reasons(
            parts=explain_all(base, other, asked, progress=progress),
            flips={k: flip_points(base, other, k, progress=progress) for k in asked},
        )
        for other in others
    )


def _scenario(park: Park, years: int | None) -> Scenario:
    data: dict[str, Any] = dict(park.resolved)
    if years is not None:
        given = data.get("horizon", {})
        data["horizon"] = {k: v for k, v in given.items() if k == "start"} | {"years": years}
    return parse_scenario(to_yaml(data))
