"""The evaluation of coking enterprises: indicators, scores by preset of weights, tiers.

Tiers: T0 misses a survival line that is known (any veto item among them), T1 is past the survival
lines, T2 scores above the median of the city as well, T3 reaches every development line that is
set. What is not known leaves a tier open: it is told with the data that are missing, and the shares
of enterprises then stand between a least and a most.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from chainsim.accounts.cases import Case, blank
from chainsim.accounts.measures import MEASURES
from chainsim.accounts.scores import Mark, mark, total_score
from chainsim.accounts.verdicts import Measured
from chainsim.accounts.view import View
from chainsim.library.model import Evaluation, Indicator
from chainsim.park.model import Park

TIERS: Final = ("T0", "T1", "T2", "T3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One enterprise.

    Attributes:
        enterprise: its id.
        marks: of every indicator.
        scores: by preset; None when nothing is known.
        tier: the tier by what is known, or the one its facts give.
        certain: False where unknown indicators could still miss a survival line.
        published: the tier was entered.
        known_share: share of indicators that are known.
        coke_t: coke made.
    """

    enterprise: str
    marks: tuple[Mark, ...]
    scores: Mapping[str, float | None]
    tier: str
    certain: bool
    published: bool
    known_share: float
    coke_t: float

    @property
    def past_survival(self) -> bool | None:
        """Past every survival line; None where that is not known."""
        if self.tier == "T0":
            return False
        return True if self.certain else None

    @property
    def developed(self) -> bool | None:
        """Past every development line; None where one is not set or not known."""
        if self.published or self.tier == "T0":
            return self.tier == "T3"
        reached = [m.development for m in self.marks]
        if False in reached:
            return False
        return None if None in reached or not self.certain else True

    @property
    def lacking(self) -> list[str]:
        """What must be entered to settle the tier."""
        return sorted({path for m in self.marks for path in m.missing.split(",") if path})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """All enterprises of a park.

    Attributes:
        rated: by enterprise, in id order.
        preset: whose scores decide between T1 and T2.
        rankings: preset -> enterprises from the best score to the worst.
    """

    rated: tuple[Rated, ...]
    preset: str
    rankings: Mapping[str, tuple[str, ...]]

    @property
    def depends_on_preset(self) -> bool:
        """True when presets rank the enterprises differently."""
        return len(set(self.rankings.values())) > 1

    def survival_share(self, *, by_output: bool = False) -> tuple[float, float]:
        """Least and most share of enterprises past the survival line."""
        return self._share([r.past_survival for r in self.rated], by_output=by_output)

    def development_share(self, *, by_output: bool = False) -> tuple[float, float]:
        """Least and most share of enterprises at the development line."""
        return self._share([r.developed for r in self.rated], by_output=by_output)

    def _share(self, states: list[bool | None], *, by_output: bool) -> tuple[float, float]:
        weights = [r.coke_t if by_output else 1.0 for r in self.rated]
        total = math.fsum(weights)
        if total <= 0:
            return 0.0, 0.0
        pairs = list(zip(states, weights, strict=True))
        least = math.fsum(w for s, w in pairs if s)
        most = math.fsum(w for s, w in pairs if s is not False)
        return least / total, most / total


def rate(park: Park, view: View, preset: str = "") -> Rating:
    """Rate every enterprise with batteries.

    Args:
        park: the park.
        view: its ledger over the whole time.
        preset: weights that decide; the assessment's, else the first, when left out.
    """
    table = park.library.evaluation
    chosen = preset or park.facts.weights or next(iter(table.presets), "")
    kept = view.memo.get(("rating", chosen))
    if isinstance(kept, Rating):
        return kept
    owners = _owners(park, view)
    measured = {k: _measured(park, view, i) for k, i in table.indicators.items()}
    rated = []
    for owner in owners:
        units = {u.id for u in park.units.values() if u.owner == owner}
        marks = tuple(
            mark(indicator, _of(measured[key], owner, units, indicator.direction))
            for key, indicator in table.indicators.items()
        )
        rated.append(_unranked(park, view, owner, marks, table))
    ranked = _ranked(tuple(rated), chosen)
    rankings = {key: _order(ranked, key) for key in table.presets}
    rating = Rating(rated=ranked, preset=chosen, rankings=rankings)
    view.memo["rating", chosen] = rating
    return rating


def _owners(park: Park, view: View) -> list[str]:
    return Case(park=park, view=view, policy=blank()).enterprises


def _measured(park: Park, view: View, indicator: Indicator) -> list[Measured]:
    policy = blank(indicator.check, indicator.values, indicator.unit)
    check = MEASURES.get(indicator.check)
    return [] if check is None else list(check.measure(Case(park=park, view=view, policy=policy)))


def _of(found: list[Measured], owner: str, units: set[str], direction: str) -> Measured | None:
    """What was measured for an enterprise: its own row, else the worst of its units."""
    own = [m for m in found if m.subject == owner]
    if own:
        return own[0]
    below = [m for m in found if m.subject in units]
    unknown = next((m for m in below if m.value is None), None)
    known = [m for m in below if m.value is not None]
    if unknown is not None or not known:
        return unknown
    pick = max if direction == "down" else min
    return pick(known, key=lambda m: m.value or 0.0)


def _unranked(
    park: Park, view: View, owner: str, marks: tuple[Mark, ...], table: Evaluation
) -> Rated:
    """An enterprise with its scores; T2 is settled when all are known."""
    published = park.facts.enterprise(owner).tier
    failed = any(m.survival is False for m in marks)
    open_survival = any(m.survival is None for m in marks)
    tier = published or ("T0" if failed else "T1")
    known = [m for m in marks if m.value is not None]
    return Rated(
        enterprise=owner,
        marks=marks,
        scores={k: total_score(marks, p.weights) for k, p in table.presets.items()},
        tier=tier,
        certain=bool(published) or failed or not open_survival,
        published=bool(published),
        known_share=len(known) / len(marks) if marks else 0.0,
        coke_t=view.where("enterprise", [owner]).coke_t,
    )


def _ranked(rated: tuple[Rated, ...], preset: str) -> tuple[Rated, ...]:
    """T2 and T3 beside T0 and T1."""
    scores = [s for r in rated if (s := r.scores.get(preset)) is not None]
    median = statistics.median(scores) if scores else math.inf
    return tuple(_lifted(r, preset, median) for r in rated)


def _lifted(rated: Rated, preset: str, median: float) -> Rated:
    if rated.published or rated.tier == "T0":
        return rated
    if rated.developed:
        return replace(rated, tier="T3")
    own = rated.scores.get(preset)
    tier = "T2" if own is not None and own > median else "T1"
    return replace(rated, tier=tier)


def _order(rated: tuple[Rated, ...], preset: str) -> tuple[str, ...]:
    def key(found: Rated) -> tuple[float, str]:
        own = found.scores.get(preset)
        return (math.inf if own is None else -round(own, 9)), found.enterprise

    return tuple(r.enterprise for r in sorted(rated, key=key))


def dimensions_covered(table: Evaluation) -> Iterator[str]:
    """Dimensions that have an indicator."""
    used = {i.dimension for i in table.indicators.values()}
    yield from (key for key in table.dimensions if key in used)
