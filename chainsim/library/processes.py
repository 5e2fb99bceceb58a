"""Process records -> closed processes with numeric ports, dynamics and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeGuard

from chainsim.errors import Problem, UserError, did_you_mean
from chainsim.library.chemistry import Constants
from chainsim.library.closing import Closed, close
from chainsim.library.materials import Fail, MaterialResolver, coefficient
from chainsim.library.model import (
    Capex,
    ClosureRow,
    Coefficient,
    Distribution,
    Failure,
    Material,
    Oven,
    Overhaul,
    Port,
    Process,
)
from chainsim.library.reading import LibraryRecords
from chainsim.library.records import (
    DISTRIBUTION_FIELDS,
    ClosingPortRecord,
    ClosingRecord,
    CoefficientRecord,
    DistributionRecord,
    FailureRecord,
    OverhaulRecord,
    PortRecord,
    ProcessRecord,
)
from chainsim.library.sampled import Values
from chainsim.units import HOURS_PER_YEAR, same_dimension

_INTO = {"feed", "utility_in"}


class ProcessResolver:
    """Resolves the processes of one library, in the order their closing streams allow."""

    def __init__(
        self,
        records: LibraryRecords,
        materials: MaterialResolver,
        constants: Constants,
        values: Values,
        fail: Fail,
        ports: dict[str, Port] | None = None,
    ) -> None:
        """A resolver at some values.

        Args:
            records: the library as written.
            materials: resolves its materials, at the same values.
            constants: of nature.
            values: of the figures.
            fail: told every problem.
            ports: those made so far at whatever values, by path; they serve again where nothing
                about them is different.
        """
        self._records = records
        self._materials = materials
        self._constants = constants
        self._values = values
        self._fail = fail
        self._ports = {} if ports is None else ports
        self.done: dict[str, Process] = {}
        self.rows: list[ClosureRow] = []
        self.margins: dict[str, Mapping[str, float]] = {}
        """What must not be negative, by process, see `closing.Closed`."""

    def check(self, key: str) -> None:
        """Close a process, for its margins and problems only."""
        if key in self.margins:
            return
        try:
            self._closed(key, self._records.processes[key][1], [], told=False)
        except UserError as exc:
            self._tell(key, exc)

    def resolve(self, key: str) -> Process | None:
        """The closed process, or None with the problems reported."""
        if key in self.done:
            return self.done[key]
        family, record = self._records.processes[key]
        try:
            process = self._build(key, family, record)
        except UserError as exc:
            self._tell(key, exc)
            return None
        if process is not None:
            self.done[key] = process
        return process

    def _tell(self, key: str, exc: UserError) -> None:
        for problem in exc.problems:
            self._fail(replace(problem, path=problem.path or f"processes.{key}"))

    def _build(self, key: str, family: str, record: ProcessRecord) -> Process | None:
        used: list[Coefficient] = []
        closed = self._closed(key, record, used, told=True)
        return None if closed is None else self._finish(key, family, record, closed, used)

    def _closed(
        self, key: str, record: ProcessRecord, used: list[Coefficient], *, told: bool
    ) -> Closed | None:
        path = f"processes.{key}"
        for role in ("basis", "reference"):
            name = getattr(record, role)
            if name not in record.ports or isinstance(record.ports[name], ClosingPortRecord):
                self._fail(
                    Problem(
                        code="CS-L003",
                        path=f"{path}.{role}",
                        found=name,
                        hint=did_you_mean(name, record.ports),
                    )
                )
                return None
        basis_unit = self._port_material(record.basis, record.ports[record.basis])
        if basis_unit is None:
            return None
        ports: list[Port] = []
        templates: dict[str, Port] = {}
        for name, port in record.ports.items():
            material = self._port_material(name, port)
            if material is None:
                return None
            if isinstance(port, ClosingPortRecord):
                templates[name] = Port(
                    name=name, material=material, role=port.role, amount=0.0, closing=True
                )
            else:
                at = f"{path}.ports.{name}"
                if not self._still(made := self._ports.get(at), port, material):
                    made = self._ports[at] = self._port(at, name, port, material, basis_unit)
                ports.append(made)
        used += [p.coefficient for p in ports if p.coefficient is not None]
        closed = self._close(key, record, ports, templates, told=told)
        for made in () if closed is None else closed.ports:
            if made.closing and made.material.closing_of == key:
                self._materials.done[made.material.id] = made.material
        return closed

    def _port_material(self, name: str, port: PortRecord | ClosingPortRecord) -> Material | None:
        return self._materials.resolve(port.material or name)

    def _still(self, made: Port | None, record: PortRecord, material: Material) -> TypeGuard[Port]:
        """True when a port made before is what would be made now."""
        if made is None or made.material is not material or made.coefficient is None:
            return False
        figure = made.coefficient
        return figure.value == self._values.at(figure.path, record.value)

    def _port(
        self, path: str, name: str, record: PortRecord, material: Material, basis: Material
    ) -> Port:
        by_heat = record.alternatives is not None and material.unit == "GJ"
        target = material.unit
        mass_given = same_dimension(record.unit, f"t/{basis.unit}") and material.unit != "t"
        c = coefficient(path, record, f"{'t' if mass_given else target}/{basis.unit}", self._values)
        amount = c.base / material.mass_t if mass_given else c.base
        return Port(
            name=name,
            material=material,
            role=record.role,
            amount=-amount if record.role in _INTO else amount,
            alternatives=self._records.alternatives(record.alternatives or ()),
            by_heat=by_heat,
            burn=record.burn,
            load_curve=tuple((p.load, p.factor) for p in record.load_curve or ()),
            coefficient=c,
        )

    def _close(
        self,
        key: str,
        record: ProcessRecord,
        ports: list[Port],
        templates: Mapping[str, Port],
        *,
        told: bool,
    ) -> Closed | None:
        limits = {}
        if record.closing is not None:
            if (wrong := _unfit(record.closing, templates)) is not None:
                field, found = wrong
                path = f"processes.{key}.closing.{field}"
                self._fail(Problem(code="CS-L004", path=path, found=found))
                return None
            for name, field in (("mass", "tolerance"), ("heat", "heat_tolerance")):
                path = f"processes.{key}.closing.{field}"
                c = coefficient(path, getattr(record.closing, field), "ratio", self._values)
                limits[name] = c.base
        closed = close(key, ports, templates, record.closing, limits, self._constants, told=told)
        for problem in closed.problems:
            self._fail(problem)
        self.rows += closed.rows
        self.margins[key] = closed.margins
        return closed

    def _finish(
        self,
        key: str,
        family: str,
        record: ProcessRecord,
        closed: Closed,
        used: list[Coefficient],
    ) -> Process:
        path = f"processes.{key}"
        reference = next(p for p in closed.ports if p.name == record.reference)
        unit = reference.material.unit
        basis_unit = next(p for p in closed.ports if p.name == record.basis).material.unit

        def read(name: str, given: CoefficientRecord | None, target: str) -> float:
            if given is None:
                return 0.0
            c = coefficient(f"{path}.{name}", given, target, self._values)
            used.append(c)
            return c.base

        hours = read("operating_hours", record.operating_hours, "h/a")

        def capacity(name: str, given: CoefficientRecord) -> float:
            annual = same_dimension(given.unit, f"{unit}/a") and given.unit.rstrip().endswith("a")
            per_hour = read(name, given, f"{unit}/h")
            return per_hour * HOURS_PER_YEAR / hours if annual else per_hour

        capex = None
        if record.capex is not None:
            size = capacity("capex.reference_capacity", record.capex.reference_capacity)
            specific = record.capex.specific
            money = read("capex.specific", specific, f"CNY/({unit}/h)")
            if "/a" in specific.unit.replace(" ", ""):
                money *= hours / HOURS_PER_YEAR
            capex = Capex(
                reference_cny=money * size,
                reference_capacity_per_h=size,
                exponent=read("capex.exponent", record.capex.exponent, "ratio"),
                year=record.capex.year,
            )
        persons = 0.0
        if record.staff is not None:
            persons = read("staff.persons", record.staff.persons, "person") / capacity(
                "staff.reference_capacity", record.staff.reference_capacity
            )
        land = 0.0
        if record.area is not None:
            land = read("area.land", record.area.land, "ha") / capacity(
                "area.reference_capacity", record.area.reference_capacity
            )
        min_scale = None
        if record.min_scale is not None:
            min_scale = capacity("min_scale", record.min_scale)
        oven = None
        if record.oven is not None:
            o = record.oven
            oven = Oven(
                charging=o.charging,
                chamber_height_m=read("oven.chamber_height", o.chamber_height, "m"),
                ovens=read("oven.ovens", o.ovens, "oven"),
                coking_time_h=read("oven.coking_time", o.coking_time, "h"),
                coke_per_push_t=read("oven.coke_per_push", o.coke_per_push, "t/push"),
            )
        return Process(
            id=key,
            name_zh=record.name_zh,
            name_en=record.name_en,
            family=family,
            boundary=record.boundary,
            basis=record.basis,
            reference=record.reference,
            ports=closed.ports,
            heat_loss_gj=closed.heat_loss_gj,
            closing_port=record.closing.port if record.closing else "",
            operating_hours=hours,
            turndown=read("turndown", record.turndown, "ratio"),
            min_down_h=read("min_down", record.min_down, "h"),
            follow=record.follow,
            failures=tuple(
                failure(f"{path}.failures.{f.mode}", f, self._values, used) for f in record.failures
            ),
            overhaul=overhaul(f"{path}.overhaul", record.overhaul, self._values, used),
            capex=capex,
            fixed_opex_per_a=read("fixed_opex", record.fixed_opex, "1/a"),
            variable_opex_cny=read("variable_opex", record.variable_opex, f"CNY/{unit}"),
            persons_per_unit_per_h=persons,
            hectares_per_unit_per_h=land,
            min_scale_per_h=min_scale,
            pollutants_kg={
                name: read(f"pollutants.{name}", given, f"kg/{basis_unit}")
                for name, given in record.pollutants.items()
            },
            limits=tuple(record.limits),
            oven=oven,
            tags=tuple(record.tags),
            coefficients=tuple(used),
        )


def _unfit(record: ClosingRecord, templates: Mapping[str, Port]) -> tuple[str, str] | None:
    """(field, what it names) where the closing ports are not those the record closes with."""
    if record.port not in templates:
        return "port", record.port
    if record.rest is not None and record.rest not in templates:
        return "rest", record.rest
    if stray := sorted(set(templates) - {record.port, record.rest}):
        return "port", stray[0]
    return None


def _hours(
    path: str, given: CoefficientRecord | float, unit: str, values: Values, used: list[Coefficient]
) -> float:
    if isinstance(given, CoefficientRecord):
        c = coefficient(path, given, unit, values)
        used.append(c)
        return c.base
    return float(given)


def distribution(
    path: str, record: DistributionRecord, values: Values, used: list[Coefficient]
) -> Distribution:
    """A duration whose parameters are in hours (shape and sigma are plain numbers)."""
    parameters = {}
    for name in sorted(DISTRIBUTION_FIELDS[record.kind]):
        unit = "ratio" if name in ("shape", "sigma") else "h"
        parameters[name] = _hours(f"{path}.{name}", getattr(record, name), unit, values, used)
    return Distribution(kind=record.kind, parameters=parameters)


def failure(path: str, record: FailureRecord, values: Values, used: list[Coefficient]) -> Failure:
    """One failure mode with its two distributions."""
    return Failure(
        mode=record.mode,
        uptime=distribution(f"{path}.uptime", record.uptime, values, used),
        repair=distribution(f"{path}.repair", record.repair, values, used),
        clock=record.clock,
    )


def overhaul(
    path: str, record: OverhaulRecord | None, values: Values, used: list[Coefficient]
) -> Overhaul | None:
    """The planned stop, or None."""
    if record is None:
        return None
    interval = _hours(f"{path}.interval", record.interval, "h", values, used)
    return Overhaul(
        interval_h=interval,
        duration_h=_hours(f"{path}.duration", record.duration, "h", values, used),
        first_h=interval / 2.0 if record.first is None else record.first,
    )
