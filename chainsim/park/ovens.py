"""Coke batteries: coking times as loads, and pushes as batches out of a stock inside the ovens.

The charge of an oven is what the battery makes per coking time and oven, so that pushes add up to
the continuous make exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chainsim.errors import Problem
from chainsim.library.model import Distribution, Oven
from chainsim.library.scenario_records import CokingRecord, UnitRecord
from chainsim.park.model import Buffer, Header, Link, Park, Shipment, Unit, UnitPort
from chainsim.park.references import References

PUSH: Final = "push"
PUSHES: Final = "-pushes"
_OVENS: Final = "-ovens"
_OVERDUE: Final = 2.0
"""Charges that may be due before the battery has to stop."""
_AT_ONCE: Final = Distribution(kind="constant", parameters={"value": 0.0})


def with_coking_time(refs: References, path: str, record: UnitRecord) -> UnitRecord:
    """The record with its coking times as set-point and least load."""
    coking = record.coking
    if coking is None or (coking.run_at is None and coking.longest is None):
        return record
    usual = _usual_time(refs, path, record, coking)
    loads: dict[str, float] = {}
    for key, given, name, alone in (
        ("run_at", coking.run_at, "load", record.load == 1.0),
        ("longest", coking.longest, "min_load", record.min_load is None),
    ):
        if given is None:
            continue
        if given < usual or not alone:
            refs.problems.append(
                Problem(
                    code="CS-S029",
                    path=f"{path}.coking.{key}",
                    found=f"{given:g} h",
                    expected=f">= {usual:g} h",
                )
            )
        loads[name] = min(usual / given, 1.0)
    return record.model_copy(update=loads)


def _oven(refs: References, record: UnitRecord) -> Oven | None:
    process = refs.library.processes.get(record.process or "")
    return None if process is None else process.oven


def oven_type(refs: References, record: UnitRecord) -> tuple[str, float | None]:
    """Way of charging and height of the chambers: as the unit says, else of its process."""
    coking, oven = record.coking or CokingRecord(), _oven(refs, record)
    charging = "" if oven is None else oven.charging
    height = None if oven is None else oven.chamber_height_m
    return coking.charging or charging, coking.chamber_m or height


def _usual_time(refs: References, path: str, record: UnitRecord, coking: CokingRecord) -> float:
    """Coking time at nameplate, h."""
    oven = _oven(refs, record)
    if coking.time is not None:
        return coking.time
    if oven is None:
        refs.problems.append(Problem(code="CS-S030", path=f"{path}.coking", expected="time"))
        return 1.0
    return oven.coking_time_h


def pushed_port(
    refs: References, path: str, record: UnitRecord, ports: Sequence[UnitPort]
) -> tuple[str, float] | None:
    """(port, charge) of a battery that is pushed oven by oven."""
    coking = record.coking
    if coking is None or not coking.pushes:
        return None
    products = {p.name: p.rate for p in ports if p.rate > 0 and len(p.options) == 1}
    process = refs.library.processes.get(record.process or "")
    name = coking.product or ("" if process is None else process.reference)
    name = name or next(iter(products), "")
    if not refs.known(f"{path}.coking.product", name, products, "CS-S004"):
        return None
    per_cycle = products[name] * _usual_time(refs, path, record, coking)
    ovens, oven = coking.ovens, _oven(refs, record)
    if ovens is None and oven is not None:
        ovens = max(1, round(per_cycle / oven.coke_per_push_t))
    if ovens is None:
        refs.problems.append(Problem(code="CS-S030", path=f"{path}.coking", expected="ovens"))
        return None
    return name, per_cycle / ovens


def with_pushes(park: Park) -> Park:
    """The park with a stock inside the ovens of every battery that is pushed, and its pushes."""
    headers, buffers, links = dict(park.headers), dict(park.buffers), dict(park.links)
    units = dict(park.units)
    for unit in park.units.values():
        if unit.pushed is None:
            continue
        name, charge = unit.pushed
        port = next(p for p in unit.ports if p.name == name)
        outside = headers[port.options[0].header]
        inside = Header(id=f"{outside.id}/{unit.id}", material=outside.material, site=outside.site)
        headers[inside.id] = inside
        buffers[unit.id + _OVENS] = _stock(unit, inside, charge)
        links[unit.id + PUSHES] = _pushes(unit, inside, outside, charge)
        units[unit.id] = replace(
            unit,
            ports=tuple(_led_to(p, inside.id) if p.name == name else p for p in unit.ports),
        )
    return replace(
        park,
        units=units,
        headers=dict(sorted(headers.items())),
        buffers=dict(sorted(buffers.items())),
        links=dict(sorted(links.items())),
    )


def _led_to(port: UnitPort, header: str) -> UnitPort:
    return replace(port, options=(replace(port.options[0], header=header),))


def _stock(unit: Unit, header: Header, charge: float) -> Buffer:
    return Buffer(
        id=unit.id + _OVENS,
        name_zh=unit.name_zh,
        name_en=unit.name_en,
        header=header.id,
        capacity=_OVERDUE * charge,
        initial=0.0,
        fill_rate=math.inf,
        draw_rate=math.inf,
        priority=None,
        serves=(),
    )


def _pushes(unit: Unit, inside: Header, outside: Header, charge: float) -> Link:
    return Link(
        id=unit.id + PUSHES,
        name_zh=unit.name_zh,
        name_en=unit.name_en,
        material=inside.material,
        origin=inside.id,
        target=outside.id,
        mode=PUSH,
        km=0.0,
        capacity=math.inf,
        freight_cny_per_t_km=0.0,
        electricity_header="",
        electricity_mwh=0.0,
        owner=unit.owner,
        priority=None,
        shipment=Shipment(
            batch=charge,
            source=inside.id,
            target=outside.id,
            loading=_AT_ONCE,
            transit=_AT_ONCE,
            unloading=_AT_ONCE,
        ),
    )
