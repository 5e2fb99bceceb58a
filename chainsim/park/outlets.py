"""Everything at a header that is no unit: buffers, links, markets, obligations, vents."""

from __future__ import annotations

from chainsim.errors import Problem
from chainsim.library.scenario_records import (
    BufferRecord,
    LinkRecord,
    MarketRecord,
    ObligationRecord,
    VentRecord,
)
from chainsim.park.measures import dated_limits, dated_prices
from chainsim.park.model import Buffer, Link, Market, Obligation, Vent
from chainsim.park.references import References
from chainsim.park.shipments import build_shipment

_ROUNDING = 1e-12


def build_buffer(refs: References, key: str, record: BufferRecord) -> Buffer | None:
    """A gasholder, tank or stockyard; None with problems."""
    path = f"buffers.{key}"
    header = refs.at(path, record.material or key, record.site)
    if header is None:
        return None
    unit = header.material.unit
    capacity = refs.read(f"{path}.capacity", record.capacity, unit)
    refs.only_one(path, initial=record.initial, initial_share=record.initial_share)
    initial = (record.initial_share or 0.0) * capacity
    if record.initial is not None:
        initial = refs.read(f"{path}.initial", record.initial, unit)
    if initial > capacity * (1.0 + _ROUNDING):
        refs.problems.append(
            Problem(
                code="CS-S007",
                path=f"{path}.initial",
                found=f"{initial:g}",
                expected=f"<= {capacity:g}",
            )
        )
    for name in record.serves or ():
        refs.known(f"{path}.serves", name, _takers(refs))
    return Buffer(
        id=key,
        name_zh=record.name_zh or key,
        name_en=record.name_en or key,
        header=header.id,
        capacity=capacity,
        initial=initial,
        fill_rate=refs.read.limit(f"{path}.fill_rate", record.fill_rate, f"{unit}/h"),
        draw_rate=refs.read.limit(f"{path}.draw_rate", record.draw_rate, f"{unit}/h"),
        priority=record.priority,
        serves=tuple(record.serves or ()),
        assumed=record.assumed,
    )


def _takers(refs: References) -> set[str]:
    """Ids of everything a buffer may be drawn for."""
    r = refs.record
    return {*r.units, *r.sell, *r.obligations, *r.vents, *r.links}


def build_link(refs: References, key: str, record: LinkRecord) -> Link | None:
    """A pipe, conveyor, lorry or railway line; None with problems."""
    path = f"links.{key}"
    origin = refs.at(path, record.material, record.origin, "from")
    target = refs.at(path, record.material, record.to, "to")
    if origin is None or target is None:
        return None
    material = origin.material
    known = refs.library.factors.get(f"{record.mode}_freight_cny_per_t_km")
    freight = known.coefficient.value if known is not None else 0.0
    if record.freight is not None:
        freight = refs.read(f"{path}.freight", record.freight, "CNY/t/km")
    electricity, power = 0.0, None
    if record.electricity is not None:
        electricity = refs.read(f"{path}.electricity", record.electricity, f"MWh/{material.unit}")
    if electricity:
        power = refs.at(f"{path}.electricity", "electricity", origin.site)
    return Link(
        id=key,
        name_zh=record.name_zh or key,
        name_en=record.name_en or key,
        material=material,
        origin=origin.id,
        target=target.id,
        mode=record.mode,
        km=record.km,
        capacity=refs.read.limit(f"{path}.capacity", record.capacity, f"{material.unit}/h"),
        freight_cny_per_t_km=freight,
        electricity_header="" if power is None else power.id,
        electricity_mwh=electricity,
        owner=refs.owner(path, record.owner),
        priority=record.priority,
        shipment=build_shipment(refs, path, record, origin, target),
        capex_cny=None if record.capex is None else refs.read(f"{path}.capex", record.capex, "CNY"),
        status=record.status,
        assumed=record.assumed,
    )


def build_market(refs: References, side: str, key: str, record: MarketRecord) -> Market | None:
    """A purchase (`side` buy) or a sale (`side` sell); None with problems."""
    path = f"{side}.{key}"
    header = refs.at(path, record.material or key, record.site)
    if header is None:
        return None
    material = header.material
    refs.only_one(path, limit=record.limit, monthly=record.monthly)
    refs.only_one(path, price=record.price, monthly_prices=record.monthly_prices)
    if record.price_key is not None:
        refs.known(f"{path}.price_key", record.price_key, refs.prices)
    price_key = record.price_key or material.id
    price, vat, price_path = refs.price(path, price_key, record.price, material)
    usual = refs.read.limit(f"{path}.limit", record.limit, f"{material.unit}/h")
    limits = dated_limits(refs, path, record, material.unit, usual)
    shares = refs.price_shares.get(price_key, {}) if record.price is None else {}
    price, shares = dated_prices(refs, path, record, material.unit, price, shares)
    draw = refs.moved(price_key, path)
    return Market(
        id=key,
        name_zh=record.name_zh or material.name_zh,
        name_en=record.name_en or material.name_en,
        header=header.id,
        limit=max((limit for _, limit in limits), default=usual),
        limits=limits,
        price_shares=shares,
        price_draw=draw,
        price_cny=price * draw,
        vat=vat,
        price_path=price_path,
        price_key=price_key,
        priority=record.priority,
    )


def build_obligation(refs: References, key: str, record: ObligationRecord) -> Obligation | None:
    """A delivery owed; None with problems."""
    path = f"obligations.{key}"
    header = refs.at(path, record.material or key, record.site)
    if header is None:
        return None
    material = header.material
    unit = f"{material.unit}/h"
    if record.monthly is not None and record.rate is None:
        monthly = tuple(
            refs.read(f"{path}.monthly.{i}", rate, unit) for i, rate in enumerate(record.monthly)
        )
    elif record.rate is not None and record.monthly is None:
        monthly = (refs.read(f"{path}.rate", record.rate, unit),) * 12
    else:
        refs.problems.append(Problem(code="CS-S008", path=path))
        return None
    price, vat, price_path = refs.price(path, material.id, record.price, material)
    draw = refs.moved(material.id, path)
    return Obligation(
        id=key,
        name_zh=record.name_zh or key,
        name_en=record.name_en or key,
        header=header.id,
        monthly=monthly,
        priority=record.priority,
        hard=record.hard,
        price_shares=refs.price_shares.get(material.id, {}) if record.price is None else {},
        price_draw=draw,
        price_cny=price * draw,
        vat=vat,
        price_path=price_path,
        assumed=record.assumed,
    )


def build_vent(refs: References, key: str, record: VentRecord) -> Vent | None:
    """A declared vent or flare; None with problems."""
    path = f"vents.{key}"
    header = refs.at(path, record.material or key, record.site)
    if header is None:
        return None
    return Vent(
        id=key,
        header=header.id,
        kind=record.kind,
        limit=refs.read.limit(f"{path}.limit", record.limit, f"{header.material.unit}/h"),
        priority=record.priority,
    )
