"""Links that carry batches: from the record to amounts and hours, and the buffers at their ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from chainsim.errors import Problem
from chainsim.library.model import Distribution
from chainsim.library.processes import distribution
from chainsim.library.records import DistributionRecord
from chainsim.library.sampled import Values
from chainsim.library.scenario_records import LinkRecord
from chainsim.library.shipment_records import ShipmentRecord
from chainsim.park.model import Buffer, Header, Link, Market, Park, Shipment
from chainsim.park.ovens import PUSH, PUSHES
from chainsim.park.references import References

_BY_VEHICLE = ("truck", "rail")


def build_shipment(
    refs: References, path: str, record: LinkRecord, origin: Header, target: Header
) -> Shipment | None:
    """The batches of a link; None when it flows. Its ends are still the headers."""
    given = record.shipment
    if given is None:
        return None
    path = f"{path}.shipment"
    if record.mode not in _BY_VEHICLE or record.capacity is not None or record.electricity:
        refs.problems.append(Problem(code="CS-S026", path=path, found=record.mode))
    unit = origin.material.unit
    batch = refs.read(f"{path}.batch", given.batch, unit)
    if batch <= 0.0:
        refs.problems.append(
            Problem(code="CS-S011", path=f"{path}.batch", found=str(given.batch), expected="> 0")
        )
    below, up_to = _reorder(refs, path, given, unit, batch)
    return Shipment(
        batch=batch,
        source=origin.id,
        target=target.id,
        loading=_duration(f"{path}.loading", given.loading),
        transit=_duration(f"{path}.transit", given.transit),
        unloading=_duration(f"{path}.unloading", given.unloading),
        bays=_bays(refs, path, given),
        shared_bays=given.bays if isinstance(given.bays, str) else "",
        docks=given.docks,
        fleet=given.fleet,
        waiting_room=given.waiting_room,
        every=None if given.every is None else _duration(f"{path}.every", given.every),
        first_h=given.first,
        timetable=tuple(sorted(set(given.timetable or ()))),
        order_below=below,
        order_up_to=up_to,
        closures=_closures(refs, path, given),
        ban=None if given.night_ban is None else (given.night_ban[0], given.night_ban[1]),
    )


def _bays(refs: References, path: str, given: ShipmentRecord) -> int | None:
    """How many vehicles load at a time; None for any number."""
    if not isinstance(given.bays, str):
        return given.bays
    shared = refs.record.bays
    return shared[given.bays].size if refs.known(f"{path}.bays", given.bays, shared) else None


def _duration(path: str, given: float | DistributionRecord) -> Distribution:
    if isinstance(given, DistributionRecord):
        return distribution(path, given, Values(), [])
    return Distribution(kind="constant", parameters={"value": float(given)})


def _reorder(
    refs: References, path: str, given: ShipmentRecord, unit: str, batch: float
) -> tuple[float, float]:
    """(order when stock falls to, order up to); zeros when the target's size decides."""
    if given.reorder is None:
        return 0.0, 0.0
    at = refs.read(f"{path}.reorder.at", given.reorder.at, unit)
    up_to = refs.read(f"{path}.reorder.up_to", given.reorder.up_to, unit)
    if up_to < batch:
        refs.problems.append(
            Problem(
                code="CS-S027",
                path=f"{path}.reorder.up_to",
                found=f"{up_to:g}",
                expected=f">= {batch:g}",
            )
        )
    return min(at, up_to - batch), up_to


def _closures(
    refs: References, path: str, given: ShipmentRecord
) -> tuple[tuple[float, float], ...]:
    found = []
    for index, closure in enumerate(given.closed):
        if closure.end < closure.begin:
            refs.problems.append(Problem(code="CS-S016", path=f"{path}.closed.{index}.to"))
        found.append((refs.horizon.hour_of(closure.begin), refs.horizon.hour_of(closure.end)))
    return tuple(sorted(found))


def with_buffers(park: Park, fail: Callable[[Problem], None]) -> dict[str, Link]:
    """The links with what their batches leave and reach: buffers, or a purchase and a sale."""
    return {key: _ended(link, park, fail) for key, link in park.links.items()}


def _ended(link: Link, park: Park, fail: Callable[[Problem], None]) -> Link:
    trip = link.shipment
    if trip is None:
        return link
    path = f"links.{link.id}.shipment"
    if link.mode == PUSH:
        path = f"units.{link.id.removesuffix(PUSHES)}.coking.pushes"
    source, bought = _end(path, link.origin, park.buffers, park.buy, fail)
    target, sold = _end(path, link.target, park.buffers, park.sell, fail)
    for key in (source, target):
        if key and park.buffers[key].capacity < trip.batch:
            fail(
                Problem(
                    code="CS-S027",
                    path=f"{path}.batch",
                    found=f"{trip.batch:g}",
                    expected=f"<= {park.buffers[key].capacity:g}",
                )
            )
    below, up_to = trip.order_below, trip.order_up_to
    if up_to == 0.0 and target:
        capacity = park.buffers[target].capacity
        below, up_to = capacity - trip.batch, capacity
    elif up_to > 0.0 and sold:
        fail(
            Problem(code="CS-S028", path=f"{path}.reorder", found=link.target, params={"count": 0})
        )
    return replace(
        link,
        shipment=replace(
            trip,
            source=source,
            target=target,
            bought=bought,
            sold=sold,
            order_below=below,
            order_up_to=up_to,
        ),
    )


def _end(
    path: str,
    header: str,
    buffers: Mapping[str, Buffer],
    markets: Mapping[str, Market],
    fail: Callable[[Problem], None],
) -> tuple[str, str]:
    """(buffer, "") at a header, or ("", market) where there is none."""
    there = [b.id for b in buffers.values() if b.header == header]
    if len(there) == 1:
        return there[0], ""
    trade = [m for m in markets.values() if m.header == header]
    if there or len(trade) != 1:
        fail(Problem(code="CS-S028", path=path, found=header, params={"count": len(there)}))
        return "", ""
    if math.isfinite(trade[0].limit):
        fail(Problem(code="CS-S031", path=path, found=trade[0].id))
    return "", trade[0].id
