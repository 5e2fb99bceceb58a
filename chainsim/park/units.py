"""Units: from a library process or an inline recipe to ports at nameplate.

Rates are base units per hour at activity 1; + leaves the unit, - enters it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chainsim.errors import Problem
from chainsim.library.model import Failure, Material, Overhaul, Port, Process
from chainsim.library.scenario_records import InlinePort, Recipe, UnitRecord
from chainsim.park.model import Option, Unit, UnitPort
from chainsim.park.ovens import oven_type, pushed_port, with_coking_time
from chainsim.park.references import References
from chainsim.park.reliability import planned_stops, stand_by, trains_needed, unit_failures
from chainsim.units import HOURS_PER_YEAR

DOWNSTREAM = "downstream"
"""Boundary of a recipe that does not tell its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nature:
    """What a process or a recipe gives to its unit."""

    name_zh: str
    name_en: str
    ports: tuple[UnitPort, ...]
    nameplate_per_h: float
    operating_hours: float
    process: Process | None = None
    activity: float = 0.0
    turndown: float = 0.0
    min_down_h: float = 0.0
    follow: bool = False
    failures: tuple[Failure, ...] = ()
    overhaul: Overhaul | None = None


def build_unit(refs: References, key: str, record: UnitRecord) -> Unit | None:
    """One unit; None with problems."""
    path = f"units.{key}"
    record = with_coking_time(refs, path, record)
    site = refs.site(path, record.site)
    nature: _Nature | None
    if (record.process is None) == (record.recipe is None):
        refs.problems.append(Problem(code="CS-S003", path=path))
        nature = None
    elif record.process is not None:
        nature = _from_process(refs, path, site, record)
    else:
        nature = _from_recipe(refs, path, site, record)
    owner = refs.owner(path, record.owner)
    if nature is None:
        return None
    process = nature.process
    charging, chamber_m = oven_type(refs, record)
    return Unit(
        id=key,
        name_zh=record.name_zh or nature.name_zh,
        name_en=record.name_en or nature.name_en,
        site=site,
        owner=owner,
        process=process,
        ports=nature.ports,
        nameplate_per_h=nature.nameplate_per_h,
        capacity_per_a=nature.nameplate_per_h * nature.operating_hours,
        reference="" if process is None else process.reference,
        trains=record.trains,
        needed=trains_needed(refs, path, record),
        all_or_nothing=record.if_short == "stop",
        cold_spares=record.spares == "cold",
        standby_for=stand_by(refs, key, record),
        priority=record.priority,
        weight=record.weight,
        load=record.load if nature.nameplate_per_h else 0.0,
        min_load=_least_load(nature, record),
        pushed=pushed_port(refs, path, record, nature.ports),
        min_down_h=nature.min_down_h if record.min_down_h is None else record.min_down_h,
        restart_levels=dict(record.restart_level or {}),
        follow=nature.follow if record.follow is None else record.follow,
        failures=unit_failures(refs, path, record, nature.failures),
        overhaul=planned_stops(refs, path, record, nature.overhaul),
        start_h=refs.hour(record.start, -math.inf),
        close_h=refs.hour(record.close, math.inf),
        heat_loss_gj_per_h=0.0 if process is None else process.heat_loss_gj * nature.activity,
        charging=charging,
        chamber_m=chamber_m,
        boundary=record.boundary or (DOWNSTREAM if process is None else process.boundary),
        approval=record.approval or "",
        capex=None if process is None else process.capex,
        capex_cny=None if record.capex is None else refs.read(f"{path}.capex", record.capex, "CNY"),
        status=record.status,
        assumed=record.assumed,
    )


def _least_load(nature: _Nature, record: UnitRecord) -> float:
    """Share of nameplate below which the unit cannot run; 0 where there is no nameplate."""
    if not nature.nameplate_per_h:
        return 0.0
    return nature.turndown if record.min_load is None else record.min_load


def _shape(per_hour: float) -> float:
    """Nameplate at which the ports are counted.

    A unit of no capacity never runs; what it takes and gives stays known by ports of nameplate 1.
    """
    return per_hour or 1.0


# -- library processes ------------------------------------------------------------------------


def _from_process(refs: References, path: str, site: str, record: UnitRecord) -> _Nature | None:
    assert record.process is not None
    refs.known(f"{path}.process", record.process, refs.library.processes, "CS-S001")
    process = refs.library.processes.get(record.process)
    if process is None:
        return None
    reference = process.port(process.reference)
    per_hour = refs.read.capacity(
        f"{path}.capacity", record.capacity, reference.material.unit, process.operating_hours
    )
    activity = _shape(per_hour) / process.reference_amount
    orders = record.feeds or {}
    for name in orders:
        refs.known(f"{path}.feeds", name, [p.name for p in process.ports], "CS-S004")
    ports = []
    for port in process.ports:
        rate = port.amount * activity * curve_factor(port.load_curve, record.load)
        ports.append(_library_port(refs, path, site, port, rate, orders.get(port.name)))
    return _Nature(
        name_zh=process.name_zh,
        name_en=process.name_en,
        ports=tuple(ports),
        nameplate_per_h=per_hour,
        operating_hours=process.operating_hours,
        process=process,
        activity=per_hour / process.reference_amount,
        turndown=process.turndown,
        min_down_h=process.min_down_h,
        follow=process.follow,
        failures=process.failures,
        overhaul=process.overhaul,
    )


def _library_port(
    refs: References, path: str, site: str, port: Port, rate: float, order: list[str] | None
) -> UnitPort:
    options: tuple[Option, ...] = ()
    if port.connected:
        names = order or port.alternatives or (port.material.id,)
        options = _options(refs, f"{path}.feeds.{port.name}", site, names, by_heat=port.by_heat)
    return UnitPort(
        name=port.name,
        material=refs.measured.get(port.material.id, port.material),
        role=port.role,
        rate=rate,
        options=options,
        burn=port.burn,
        by_heat=port.by_heat,
        standing=not order and len(options) > 1,
        coefficient=port.coefficient.path if port.coefficient else "",
    )


# -- inline recipes ---------------------------------------------------------------------------


def _from_recipe(refs: References, path: str, site: str, record: UnitRecord) -> _Nature:
    recipe = record.recipe
    if isinstance(recipe, str):
        refs.known(f"{path}.recipe", recipe, refs.record.recipes)
        recipe = refs.record.recipes.get(recipe)
    recipe = recipe or Recipe()
    activity = refs.read.capacity(
        f"{path}.capacity", record.capacity, "", HOURS_PER_YEAR, plain=True
    )
    orders = record.feeds or {}
    for name in orders:
        refs.known(f"{path}.feeds", name, recipe.feeds, "CS-S004")
    ports = []
    for sign, group in ((-1.0, recipe.feeds), (1.0, recipe.products)):
        for name, given in group.items():
            port = given if isinstance(given, InlinePort) else InlinePort(rate=given)
            curve = [(point.load, point.factor) for point in port.load_curve or ()]
            rate = sign * port.rate * _shape(activity) * curve_factor(curve, record.load)
            ports.append(_inline_port(refs, path, site, name, port, rate, orders.get(name, [])))
    return _Nature(
        name_zh=path.removeprefix("units."),
        name_en=path.removeprefix("units."),
        ports=tuple(p for p in ports if p is not None),
        nameplate_per_h=activity,
        operating_hours=HOURS_PER_YEAR,
    )


def _inline_port(
    refs: References,
    path: str,
    site: str,
    name: str,
    port: InlinePort,
    rate: float,
    order: Sequence[str],
) -> UnitPort | None:
    covers = port.alternatives if isinstance(port.alternatives, dict) else {}
    material = _need(refs, path, port.material or name, port, covers)
    if material is None:
        return None
    by_heat = port.alternatives is not None and not covers and material.unit == "GJ"
    options: tuple[Option, ...] = ()
    if port.connected:
        names = order or list(port.alternatives or ()) or [material.id]
        options = _options(
            refs, f"{path}.feeds.{name}", site, names, by_heat=by_heat, covers=covers
        )
    connected_role = "feed" if rate < 0 else "product"
    return UnitPort(
        name=name,
        material=material,
        role=connected_role if port.connected else "emission",
        rate=rate,
        options=options,
        burn=port.burn,
        by_heat=by_heat,
    )


def _need(
    refs: References, path: str, nominal: str, port: InlinePort, covers: Mapping[str, float]
) -> Material | None:
    """What a port asks for.

    A port may carry a name of its own ("fuel") when its alternatives are named; it is then counted
    in GJ unless the alternatives say how much of the need they cover.
    """
    if nominal in refs.materials or not port.alternatives:
        return refs.material(f"{path}.recipe", nominal)
    return Material(
        id=nominal,
        name_zh=nominal,
        name_en=nominal,
        phase="energy",
        unit="piece" if covers else "GJ",
        energy_gj=0.0 if covers else 1.0,
    )


# -- what serves a port -----------------------------------------------------------------------


def _options(
    refs: References,
    path: str,
    site: str,
    names: Iterable[str],
    *,
    by_heat: bool,
    covers: Mapping[str, float] | None = None,
) -> tuple[Option, ...]:
    options = []
    for name in dict.fromkeys(names):
        material = refs.material(path, name)
        if material is None:
            continue
        per_need = 1.0
        if covers and name in covers:
            per_need = 1.0 / covers[name]
        elif by_heat:
            content = material.lhv_gj or material.energy_gj
            if content <= 0:
                refs.problems.append(Problem(code="CS-S006", path=path, found=name))
                continue
            per_need = 1.0 / content
        options.append(Option(material=name, header=refs.header(name, site), per_need=per_need))
    return tuple(options)


def curve_factor(curve: Sequence[tuple[float, float]], load: float) -> float:
    """Factor of a load curve at a set-point, linear between points, constant outside them."""
    if not curve:
        return 1.0
    points = sorted(curve)
    if load <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if load <= x1:
            return y0 + (y1 - y0) * (load - x0) / (x1 - x0)
    return points[-1][1]
