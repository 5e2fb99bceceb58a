"""What can supply a header, and the library's fuel lists cut down to what a site has.

A library process lists every gas it may fire (`graphs/fuels.yaml`). At a site most of them do not
exist; left in, they would stand in graphs and programs as headers that nothing reaches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from chainsim.library.scenario_records import GoalRecord
from chainsim.park.model import Park, Unit, UnitPort


def supplied_headers(park: Park) -> set[str]:
    """Headers that a product, a link, a purchase or a stock can supply."""
    made = {
        option.header
        for unit in park.units.values()
        for port in unit.ports
        if port.rate > 0
        for option in port.options
    }
    carried = {link.target for link in park.links.values()}
    bought = {market.header for market in park.buy.values()}
    stocked = {buffer.header for buffer in park.buffers.values() if buffer.initial > 0}
    return made | carried | bought | stocked


def with_what_is_there(park: Park, dispatch: Iterable[GoalRecord]) -> Park:
    """The park without the standing alternatives that nothing supplies.

    Alternatives that the scenario itself orders or names in its dispatch list stay. The first of
    a port stays when none of them is supplied, so that the check of sources can say so.
    """
    supplied = supplied_headers(park)
    named = {
        name.removeprefix("feed:")
        for goal in dispatch
        for given in (goal.maximise, goal.minimise)
        for name in ([given] if isinstance(given, str) else given or ())
    }
    units = {
        key: replace(unit, ports=tuple(_cut(unit.id, port, supplied, named) for port in unit.ports))
        for key, unit in park.units.items()
    }
    used = _drawn_or_made(units) | _outlets(park)
    headers = {key: header for key, header in park.headers.items() if key in used}
    return replace(park, units=units, headers=headers)


def _cut(unit: str, port: UnitPort, supplied: set[str], named: Collection[str]) -> UnitPort:
    if not port.standing or port.rate > 0:
        return port
    there = tuple(
        option
        for option in port.options
        if option.header in supplied or f"{unit}.{port.name}.{option.material}" in named
    )
    return replace(port, options=there or port.options[:1])


def _drawn_or_made(units: Mapping[str, Unit]) -> set[str]:
    return {o.header for unit in units.values() for port in unit.ports for o in port.options}


def _outlets(park: Park) -> set[str]:
    outlets = (park.buffers, park.buy, park.sell, park.obligations, park.vents)
    named = {item.header for group in outlets for item in group.values()}
    ends = {end for link in park.links.values() for end in (link.origin, link.target)}
    return named | ends | {link.electricity_header for link in park.links.values()}
