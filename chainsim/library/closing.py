"""Closing streams: what leaves a process so that mass, elements and energy close exactly.

Amounts are per unit of the basis port. A closing stream is computed by difference; it is an error
when it is negative or larger than the process's own tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chainsim.errors import Problem
from chainsim.library.chemistry import ORGANIC, Constants
from chainsim.library.materials import Chemistry, gas, standard_coal
from chainsim.library.model import ELEMENTS, ClosureRow, Coefficient, Material, Port
from chainsim.library.records import ClosingRecord

FLUE = {"C": "CO2", "H": "H2O", "N": "N2", "S": "SO2"}
_ROUNDING = 1e-12
_OPEN = 1e-9


@dataclass(frozen=True, slots=True)
class Closed:
    """Result of closing: all ports, heat loss (GJ per basis unit), table rows, problems."""

    ports: tuple[Port, ...]
    heat_loss_gj: float
    rows: tuple[ClosureRow, ...]
    problems: tuple[Problem, ...]
    margins: Mapping[str, float] = field(default_factory=dict)
    """What must not be negative for the process to close, as shares of what goes in."""


def counts(port: Port) -> bool:
    """True when the port is in the mass balance: not a fuel burnt, not an energy carrier."""
    return not port.burn and port.material.phase != "energy"


def balance(ports: Iterable[Port], element: str) -> tuple[float, float]:
    """(in, out) of one element, or of total mass for `mass`, over the counted ports, t."""
    into = out = 0.0
    for port in ports:
        if not counts(port):
            continue
        if element == "mass":
            per_unit = port.material.mass_t
        else:
            per_unit = (port.material.elements or {}).get(element, 0.0)
        if port.amount < 0:
            into -= port.amount * per_unit
        else:
            out += port.amount * per_unit
    return into, out


def energy_balance(ports: Iterable[Port]) -> tuple[float, float]:
    """(in, out) of energy in GJ; a port counted in GJ carries one GJ per unit."""
    into = out = 0.0
    for port in ports:
        content = 1.0 if port.by_heat else port.material.energy_gj
        if port.amount < 0:
            into -= port.amount * content
        else:
            out += port.amount * content
    return into, out


def close(
    process: str,
    ports: Sequence[Port],
    templates: Mapping[str, Port],
    record: ClosingRecord | None,
    limits: Mapping[str, float],
    constants: Constants,
    *,
    told: bool = True,
) -> Closed:
    """Close `ports` as `record` says.

    Args:
        process: id, for messages.
        ports: declared ports, signed amounts per basis unit.
        templates: the closing ports with amount 0, by name.
        record: how to close; None leaves the process open (inline recipes).
        limits: `mass` and `heat` tolerances as shares of what goes in.
        constants: molar data.
        told: False to leave the table rows out.
    """
    if record is None:
        into, out = energy_balance(ports)
        return Closed(tuple(ports), into - out, (), ())
    gaps = {e: _gap(ports, e) for e in (*ORGANIC, "other")}
    problems: list[Problem] = []
    template = templates[record.port]
    closers = _closers(record, template, ports, gaps, constants)
    left = {e: gap for e, gap in gaps.items() if e not in (record.species or {})}
    if record.rest is not None:
        closers = (*closers, _difference(templates[record.rest], left, constants))
    scale = max(balance(ports, "mass")[0], 1e-30)
    parts = list(_parts(record, closers, gaps, left))
    floor = -_ROUNDING * scale
    wrong = [(e, amount) for e, amount in parts if amount < floor]
    wrong += [(e, gap) for e, gap in _open(record, gaps, left) if abs(gap) > _OPEN * scale]
    problems += [_negative(process, ports, element, amount) for element, amount in wrong]
    mass = sum(p.amount * p.material.mass_t for p in closers if p.name == record.port)
    if mass > limits["mass"] * scale:
        problems.append(_too_large(process, ports, template.name, mass / scale, mass, limits))
    closed = (*ports, *closers)
    into, out = energy_balance(closed)
    loss = into - out
    if loss < -_ROUNDING * max(into, 1.0) or loss > limits["heat"] * into:
        problems.append(_heat(process, ports, into, out, limits))
    rows = tuple(_rows(process, ports, closers, loss)) if told else ()
    margins = {f"part.{e}": amount / scale for e, amount in parts}
    margins["mass"] = limits["mass"] - mass / scale
    if into > 0.0:
        margins |= {"heat": loss / into, "heat_most": limits["heat"] - loss / into}
    return Closed(closed, loss, rows, tuple(problems), margins)


def _too_large(
    process: str,
    ports: Sequence[Port],
    name: str,
    share: float,
    mass: float,
    limits: Mapping[str, float],
) -> Problem:
    return Problem(
        code="CS-B002",
        path=f"processes.{process}",
        found=f"{mass:.6g} t ({100 * share:.3g} %)",
        expected=f"<= {100 * limits['mass']:.3g} %",
        params={"port": name, "worst": worst_coefficient(ports, "mass")},
    )


def _heat(
    process: str, ports: Sequence[Port], into: float, out: float, limits: Mapping[str, float]
) -> Problem:
    loss = into - out
    return Problem(
        code="CS-B003" if loss < 0 else "CS-B004",
        path=f"processes.{process}",
        found=f"{loss:.6g} GJ ({100 * loss / into if into else 0:.3g} %)",
        expected=f"0 … {100 * limits['heat']:.3g} %",
        params={
            "into": f"{into:.6g}",
            "out": f"{out:.6g}",
            "worst": worst_coefficient(ports, "energy"),
        },
    )


def _gap(ports: Iterable[Port], element: str) -> float:
    into, out = balance(ports, element)
    return into - out


def _closers(
    record: ClosingRecord,
    template: Port,
    ports: Sequence[Port],
    gaps: Mapping[str, float],
    constants: Constants,
) -> tuple[Port, ...]:
    if record.kind == "separation":
        species: dict[str, float] = {}
        for port in ports:
            if counts(port) and port.material.species is not None:
                for name, kmol in port.material.species.items():
                    species[name] = species.get(name, 0.0) - port.amount * kmol
        return (_gas_port(template, species, constants),)
    if record.kind == "species":
        species = _solve_species(record.species or {}, gaps, constants)
        return (_gas_port(template, species, constants),)
    if record.kind == "oxidation":
        return _oxidised(template, ports, gaps, constants)
    return (_difference(template, gaps, constants),)


def _difference(template: Port, gaps: Mapping[str, float], constants: Constants) -> Port:
    """The port that carries away what is left of every element in `gaps`, t."""
    amount = sum(gaps.values())
    elements = dict.fromkeys(ELEMENTS, 0.0)
    if amount:
        elements |= {e: gap / amount for e, gap in gaps.items()}
    chemistry = Chemistry(mass_t=1.0, elements=elements, lhv_gj=constants.element_lhv(elements))
    return replace(template, material=_stream(template.material, chemistry), amount=amount)


def _stream(template: Material, chemistry: Chemistry | None) -> Material:
    """A closing material: chemistry and LHV follow from the balance, a stated tce is kept."""
    material = template if chemistry is None else chemistry.of(template)
    lhv = 0.0 if chemistry is None else chemistry.lhv_gj
    return replace(
        material,
        energy_gj=lhv,
        tce_kgce=template.tce_kgce or standard_coal(material.lhv_gj),
    )


def _solve_species(
    chosen: Mapping[str, str], gaps: Mapping[str, float], constants: Constants
) -> dict[str, float]:
    elements = list(chosen)
    matrix = np.array(
        [[constants.elements_per_kmol(chosen[col])[row] for col in elements] for row in elements]
    )
    kmol = np.linalg.solve(matrix, np.array([gaps[e] for e in elements]))
    return {chosen[e]: float(n) for e, n in zip(elements, kmol, strict=True)}


def _gas_port(template: Port, species: Mapping[str, float], constants: Constants) -> Port:
    kmol = sum(species.values())
    unit = template.material.unit
    if unit == "kNm3":
        amount = kmol * constants.molar_volume / 1000.0
    else:
        amount = sum(constants.molar_mass(s) * n for s, n in species.items()) / 1000.0
    per_unit = {s: n / amount for s, n in species.items()} if amount else {}
    chemistry = gas(per_unit, unit, constants) if amount else None
    return replace(template, material=_stream(template.material, chemistry), amount=amount)


def _oxidised(
    template: Port, ports: Sequence[Port], gaps: Mapping[str, float], constants: Constants
) -> tuple[Port, ...]:
    kmol: dict[str, float] = {}
    for element, species in FLUE.items():
        per_kmol = constants.elements_per_kmol(species)[element]
        kmol[species] = gaps[element] / per_kmol
    oxygen = sum(constants.elements_per_kmol(s)["O"] * n for s, n in kmol.items())
    drawn = oxygen - gaps["O"]
    if drawn < 0:
        kmol["O2"] = -drawn / constants.elements_per_kmol("O2")["O"]
    flue = {**gaps, "O": oxygen + max(-drawn, 0.0)}  # ash (`other`) leaves with it as dust
    mass = sum(flue.values())
    chemistry = Chemistry(
        mass_t=1.0,
        elements={e: amount / mass for e, amount in flue.items()} if mass else flue,
        species={s: n / mass for s, n in kmol.items()} if mass else {},
    )
    material = replace(chemistry.of(template.material), energy_gj=0.0, tce_kgce=0.0)
    closers = [replace(template, material=material, amount=mass)]
    if drawn > 0:
        closers.append(_air(template.material, drawn))
    return tuple(closers)


def _air(template: Material, drawn: float) -> Port:
    """`drawn` t of oxygen from the surroundings."""
    oxygen = Material(
        id="combustion_oxygen",
        name_zh=template.name_zh,
        name_en=template.name_en,
        phase="gas",
        unit="t",
        mass_t=1.0,
        elements={**dict.fromkeys(ELEMENTS, 0.0), "O": 1.0},
        ambient=True,
    )
    return Port(name="combustion_oxygen", material=oxygen, role="feed", amount=-drawn)


def _parts(
    record: ClosingRecord,
    closers: Sequence[Port],
    gaps: Mapping[str, float],
    left: Mapping[str, float],
) -> Iterable[tuple[str, float]]:
    """Elements (t) or species (kmol) of the closing streams: none may be negative."""
    if record.kind == "difference":
        yield from gaps.items()
        return
    if record.kind == "oxidation":
        yield from ((e, gaps[e]) for e in (*FLUE, "other"))
        return
    stream = closers[0]
    for species, kmol in (stream.material.species or {}).items():
        yield species, kmol * stream.amount
    if record.rest is not None:
        yield from left.items()


def _open(
    record: ClosingRecord, gaps: Mapping[str, float], left: Mapping[str, float]
) -> Iterable[tuple[str, float]]:
    """Elements that no closing stream takes up: they must balance by themselves, t."""
    if record.kind in ("difference", "oxidation") or record.rest is not None:
        return ()
    return (left if record.kind == "species" else {"other": gaps["other"]}).items()


def _negative(process: str, ports: Sequence[Port], element: str, amount: float) -> Problem:
    into, out = balance(ports, element if element in ELEMENTS else "mass")
    return Problem(
        code="CS-B001",
        path=f"processes.{process}",
        found=f"{element} {amount:.6g}",
        expected=">= 0",
        params={
            "element": element,
            "into": f"{into:.6g}",
            "out": f"{out:.6g}",
            "worst": worst_coefficient(ports, element if element in ELEMENTS else "mass"),
        },
    )


def worst_coefficient(ports: Iterable[Port], quantity: str) -> str:
    """Path of the coefficient whose range moves the balance of `quantity` most."""

    def leverage(port: Port) -> float:
        c: Coefficient | None = port.coefficient
        if c is None or not c.value:
            return 0.0
        if quantity == "energy":
            content = 1.0 if port.by_heat else port.material.energy_gj
        elif not counts(port):
            return 0.0
        elif quantity == "mass":
            content = port.material.mass_t
        else:
            content = (port.material.elements or {}).get(quantity, 0.0)
        return abs(port.amount * content * (c.high - c.low) / c.value)

    best = max(ports, key=lambda p: (leverage(p), p.name), default=None)
    return best.coefficient.path if best is not None and best.coefficient is not None else ""


def _rows(
    process: str, ports: Sequence[Port], closers: Sequence[Port], loss: float
) -> Iterable[ClosureRow]:
    for quantity in ("mass", *ELEMENTS):
        into, out = balance(ports, quantity)
        if into == 0.0 and out == 0.0:
            continue
        drawn, left = balance(closers, quantity)
        name = max(closers, key=lambda p: balance([p], quantity)[1]).name
        yield ClosureRow(
            process=process,
            quantity=quantity,
            unit="t",
            into=into + drawn,
            out=out,
            closing=left,
            closing_port=name,
            worst=worst_coefficient(ports, quantity),
        )
    into, out = energy_balance((*ports, *closers))
    yield ClosureRow(
        process=process,
        quantity="energy",
        unit="GJ",
        into=into,
        out=out,
        closing=loss,
        closing_port="heat_loss",
        worst=worst_coefficient(ports, "energy"),
    )
