"""How coke is quenched: the share that leaves a dry quencher."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from chainsim.accounts.cases import HUNDRED, Case
from chainsim.accounts.conventions import recognised
from chainsim.accounts.verdicts import Measured


def dry_quenched_share(case: Case, owner: str) -> float | None:
    """Coke of one owner that left a dry quencher, as a share of all its coke.

    Of the last full year when the clause applies from a date inside the run.
    """
    view = case.in_force.where("enterprise", [owner])
    if view.coke_t <= 0:
        return None
    known = view.lasting
    if "dry quenchers" not in known:
        dry = (u.id for u in case.park.units.values() if recognised(u, "dry_quench"))
        known["dry quenchers"] = frozenset(dry)
    dry_quenchers = cast("frozenset[str]", known["dry quenchers"])
    return view.where("unit", dry_quenchers).coke_t / view.coke_t


def dry_quenching(case: Case) -> Iterator[Measured]:
    """Share of coke quenched dry, per enterprise, %; wet quenching while it stands included."""
    for owner in case.owners:
        share = dry_quenched_share(case, owner)
        value = None if share is None else HUNDRED * share
        yield Measured(subject=owner or "city", value=value)
