"""Checks of a built park. Each is a small function park -> problems, listed in `CHECKS`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable

from chainsim.errors import Problem
from chainsim.park.model import Park
from chainsim.park.supply import supplied_headers


def check_capacities(park: Park) -> Iterable[Problem]:
    """Minimum load within what the set-point allows; positive finite nameplates."""
    for unit in park.units.values():
        path = f"units.{unit.id}"
        if not math.isfinite(unit.nameplate_per_h):
            yield Problem(code="CS-S011", path=f"{path}.capacity", found="inf", expected="finite")
        if unit.least_load > unit.load:
            yield Problem(
                code="CS-S015",
                path=f"{path}.load",
                found=f"{unit.load:g}",
                expected=f">= {unit.least_load:g}",
            )
        if unit.close_h <= unit.start_h:
            yield Problem(code="CS-S016", path=f"{path}.close")


def check_content(park: Park) -> Iterable[Problem]:
    """Something must be able to flow."""
    if not (park.units or park.links or park.buy or park.sell or park.obligations):
        yield Problem(code="CS-S020", path="units")


def check_overhauls(park: Park) -> Iterable[Problem]:
    """An overhaul ends before the next one begins."""
    for unit in park.units.values():
        plan = unit.overhaul
        if plan is None or plan.clock == "operating":
            continue
        gaps = [b - a for a, b in itertools.pairwise(plan.starts_h)] or [plan.interval_h]
        if min(gaps) <= plan.duration_h:
            yield Problem(
                code="CS-S021",
                path=f"units.{unit.id}.overhaul",
                found=f"{min(gaps):g} h",
                expected=f"> {plan.duration_h:g} h",
            )


def check_sources(park: Park) -> Iterable[Problem]:
    """Every header that something draws from has something that can supply it."""
    supplied = supplied_headers(park)
    drawn: dict[str, str] = {}
    for unit in park.units.values():
        for port in unit.ports:
            for option in port.options:
                if port.rate <= 0 and not port.alternative:
                    drawn.setdefault(option.header, f"units.{unit.id}")
    for link in park.links.values():
        drawn.setdefault(link.origin, f"links.{link.id}")
        if link.electricity_header:
            drawn.setdefault(link.electricity_header, f"links.{link.id}")
    for header, path in sorted(drawn.items()):
        if header not in supplied:
            yield Problem(code="CS-S017", path=path, found=header)


def check_outlets(park: Park) -> Iterable[Problem]:
    """A product that nothing can take blocks its unit: a warning, since it may be meant."""
    taken: set[str] = set()
    made: dict[str, str] = {}
    for unit in park.units.values():
        for port in unit.ports:
            for option in port.options:
                if port.rate < 0:
                    taken.add(option.header)
                else:
                    made.setdefault(option.header, f"units.{unit.id}")
    taken |= {link.origin for link in park.links.values()}
    for group in (park.sell, park.obligations, park.vents, park.buffers):
        taken |= {item.header for item in group.values()}
    for header, path in sorted(made.items()):
        if header not in taken:
            yield Problem(code="CS-S018", severity="warning", path=path, found=header)


def check_self_fed(park: Park) -> Iterable[Problem]:
    """A unit that gives back at least all it takes would run out of nothing.

    Loops of several units, or over ports with alternatives, are found by `balance.diagnosis`.
    """
    for unit in park.units.values():
        net: dict[str, float] = {}
        feeds = [p for p in unit.ports if p.rate < 0.0 and p.options]
        for port in unit.ports:
            if port.options and not port.alternative:
                amount = port.rate * port.options[0].per_need
                net[port.options[0].header] = net.get(port.options[0].header, 0.0) + amount
        taken = [p.options[0].header for p in feeds]
        if feeds and not any(
            p.alternative or net[h] < 0.0 for p, h in zip(feeds, taken, strict=True)
        ):
            yield Problem(code="CS-S019", path=f"units.{unit.id}", found=unit.id)


def check_measures(park: Park) -> Iterable[Problem]:
    """A measure on the output of something that none of its units makes."""
    for measure in park.measures:
        for material in measure.outputs:
            if not any(True for _ in measure.makers(park, material)):
                path = f"measures.{measure.id}.output.{material}"
                yield Problem(code="CS-S038", path=path, found=material)


CHECKS: tuple[Callable[[Park], Iterable[Problem]], ...] = (
    check_content,
    check_capacities,
    check_overhauls,
    check_sources,
    check_self_fed,
    check_outlets,
    check_measures,
)


def check_park(park: Park) -> list[Problem]:
    """Problems of all checks, errors and warnings."""
    return [problem for check in CHECKS for problem in check(park)]
