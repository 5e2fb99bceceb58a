"""All checks by the name that `graphs/policies/` uses, those on evaluation and cut among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chainsim.accounts.cases import HUNDRED, Case
from chainsim.accounts.cut import ParkCut, plan_cut
from chainsim.accounts.cut_formulas import unfair_pairs
from chainsim.accounts.evaluation import Rating, dimensions_covered, rate
from chainsim.accounts.measures import COKE, MEASURES, Check
from chainsim.accounts.verdicts import Measured, missing
from chainsim.units import convert

__all__ = ["CHECKS", "Check"]


def survival_share(case: Case) -> Iterator[Measured]:
    """Share of enterprises past the survival line, %; by coke beside it."""
    rating = rate(case.park, case.view)
    yield _share(case, rating, rating.survival_share(), rating.survival_share(by_output=True))


def development_share(case: Case) -> Iterator[Measured]:
    """Share of enterprises at the development line, %; by coke beside it."""
    rating = rate(case.park, case.view)
    yield _share(case, rating, rating.development_share(), rating.development_share(by_output=True))


def _share(
    case: Case, rating: Rating, count: tuple[float, float], output: tuple[float, float]
) -> Measured:
    """Judged when the least and the most that is possible fall on one side of the limit."""
    limit = case.policy.limit
    least, most = HUNDRED * count[0], HUNDRED * count[1]
    shown: dict[str, object] = {
        "least": least,
        "most": most,
        "output_least": HUNDRED * output[0],
        "output_most": HUNDRED * output[1],
        "firms": len(rating.rated),
    }
    notes = {"shares": shown}
    if not rating.rated or limit is None:
        return Measured(notes={"no_data": {}})
    if least >= limit or most < limit:
        return Measured(value=least if least >= limit else most, notes=notes)
    lacking = sorted({path for r in rating.rated for path in r.lacking})
    return Measured(notes={"missing": {"what": ",".join(lacking[:3])}, **notes})


def six_dimensions(case: Case) -> Iterator[Measured]:
    """Dimensions of the evaluation that have an indicator."""
    table = case.park.library.evaluation
    yield Measured(value=float(len(list(dimensions_covered(table)))))


def _cut(case: Case) -> ParkCut | None:
    cut = case.facts.cut
    if cut is None:
        return None
    return plan_cut(case, rate(case.park, case.view), cut.target_t)


def _no_cut() -> Measured:
    return Measured(notes={"no_cut": {}}, nothing=True)


def cuts_add_up(case: Case) -> Iterator[Measured]:
    """What the floors leave uncut."""
    found = _cut(case)
    if found is None:
        yield _no_cut()
        return
    value = convert(found.result.missing, "t", case.policy.unit)
    shown = {
        "required": found.result.required / 1e4,
        "cut": sum(s.cut for s in found.result.shares.values()) / 1e4,
    }
    yield Measured(value=value, notes={"cut": shown})


def cuts_keep_floors(case: Case) -> Iterator[Measured]:
    """Output after the cut less the floor, per enterprise."""
    found = _cut(case)
    if found is None:
        yield _no_cut()
        return
    for owner, share in found.result.shares.items():
        room = share.after - found.floor(owner)
        load, civil = found.load_floors[owner] / 1e4, found.civil_floors[owner] / 1e4
        yield Measured(
            subject=owner,
            value=convert(room, "t", case.policy.unit),
            notes={"floors": {"load": load, "civil": civil}},
        )


def cuts_are_fair(case: Case) -> Iterator[Measured]:
    """Pairs in which a better tier is cut at a higher rate."""
    found = _cut(case)
    if found is None:
        yield _no_cut()
        return
    pairs = unfair_pairs(found.plan, found.result.shares, found.weights)
    yield Measured(value=float(len(pairs)))


def cut_triggered(case: Case) -> Iterator[Measured]:
    """1 when all tests of the market have fired."""
    found = _cut(case)
    if found is None:
        yield _no_cut()
        return
    if found.triggered is None:
        lacking = [k for k, fired in found.triggers.items() if fired is None]
        yield missing("city", *(f"assessment.cut.market.{k}" for k in lacking))
        return
    yield Measured(value=float(found.triggered))


CHECKS: Final[Mapping[str, Check]] = {
    **MEASURES,
    "survival_share": Check(survival_share),
    "development_share": Check(development_share),
    "six_dimensions": Check(six_dimensions),
    "cuts_add_up": Check(cuts_add_up, COKE),
    "cuts_keep_floors": Check(cuts_keep_floors, COKE),
    "cuts_are_fair": Check(cuts_are_fair, COKE),
    "cut_triggered": Check(cut_triggered, COKE),
}
