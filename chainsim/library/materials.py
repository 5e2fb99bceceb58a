"""Material records -> materials with mass, elements, species, energy and standard coal per base unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from chainsim.errors import Problem, UserError, did_you_mean
from chainsim.library.chemistry import Constants
from chainsim.library.model import Coefficient, Material
from chainsim.library.records import AssayRecord, CoefficientRecord, MaterialRecord
from chainsim.units import factor

Values = Mapping[str, float]
"""Sampled values by coefficient path; a path that is missing keeps its typical value."""
Fail = Callable[[Problem], None]


def coefficient(
    path: str, record: CoefficientRecord, target: str | None, values: Values
) -> Coefficient:
    """`record` as a coefficient whose `base` is in `target` (unconverted when `target` is None).

    Raises:
        UnitError: the record's unit has another dimension than `target`.
    """
    value = values.get(path, record.value)
    return Coefficient(
        path=path,
        value=value,
        unit=record.unit,
        low=record.value if record.low is None else record.low,
        high=record.value if record.high is None else record.high,
        source=record.source,
        grade=record.grade,
        mark=record.mark or "",
        note=record.note,
        factor=1.0 if target is None else factor(record.unit, target),
    )


def assay(path: str, record: AssayRecord, values: Values) -> tuple[Coefficient, ...]:
    """The parts of a composition as shares of 1, renormalised so that samples sum to 1 as well."""
    raw = {part: values.get(f"{path}.{part}", t[0]) for part, t in record.parts.items()}
    total = sum(raw.values())
    return tuple(
        Coefficient(
            path=f"{path}.{part}",
            value=raw[part] * 100.0 / total,
            unit=record.unit,
            low=low,
            high=high,
            source=record.source,
            grade=record.grade,
            mark=record.mark or "",
            note=record.note,
            factor=0.01,
        )
        for part, (_, low, high) in record.parts.items()
    )


class MaterialResolver:
    """Resolves the materials of one library; `closing` materials stay open until their process closes."""

    def __init__(
        self,
        records: Mapping[str, MaterialRecord],
        constants: Constants,
        values: Values,
        fail: Fail,
    ) -> None:
        self._records = records
        self._constants = constants
        self._values = values
        self._fail = fail
        self.done: dict[str, Material] = {}
        self._open: list[str] = []

    def resolve(self, material: str) -> Material | None:
        """The material, or None (with a problem reported) when it cannot be resolved yet."""
        if material in self.done:
            return self.done[material]
        record = self._records.get(material)
        if record is None:
            self._fail(
                Problem(
                    code="CS-L001", found=material, hint=did_you_mean(material, self._records)
                )
            )
            return None
        if material in self._open:
            self._fail(Problem(code="CS-L002", path=f"materials.{material}"))
            return None
        self._open.append(material)
        try:
            resolved = self._build(material, record)
        except UserError as exc:
            for problem in exc.problems:
                self._fail(replace(problem, path=problem.path or f"materials.{material}"))
            return None
        finally:
            self._open.remove(material)
        if resolved is not None:
            self.done[material] = resolved
        return resolved

    def _build(self, key: str, record: MaterialRecord) -> Material | None:
        path = f"materials.{key}"
        used: list[Coefficient] = []
        bare = Material(
            id=key,
            name_zh=record.name_zh,
            name_en=record.name_en,
            phase=record.phase,
            unit=record.unit,
            group=record.group,
            colour=record.colour,
            ambient=record.ambient,
            closing_of=record.closing_of or "",
            mass_t=1.0 if record.unit == "t" and record.phase != "energy" else 0.0,
        )
        chemical = self._chemistry(path, record, used)
        if record.blend is not None:
            chemical = self._blend(path, record, used)
            if chemical is None:
                return None
        material = replace(bare, **chemical) if chemical else bare
        material = self._energies(path, record, material, used)
        return replace(material, coefficients=tuple(used))

    def _chemistry(
        self, path: str, record: MaterialRecord, used: list[Coefficient]
    ) -> dict[str, object]:
        c = self._constants
        if record.formula is not None:
            molar = c.molar_mass(record.formula)
            kmol = 1000.0 / molar if record.unit == "t" else 1000.0 / c.molar_volume
            species = {record.formula: kmol} if record.formula in c.species else None
            enthalpy = c.species.get(record.formula, 0.0)
            if record.formation_enthalpy is not None:
                heat = coefficient(
                    f"{path}.formation_enthalpy", record.formation_enthalpy, None, self._values
                )
                used.append(heat)
                enthalpy = heat.value
            known = record.formation_enthalpy is not None or record.formula in c.species
            return {
                "mass_t": kmol * molar / 1000.0,
                "elements": _scaled(c.elements_per_kmol(record.formula), kmol),
                "species": species if record.phase == "gas" else None,
                "lhv_gj": kmol * c.lhv_per_kmol(record.formula, enthalpy) if known else 0.0,
            }
        if record.composition is not None:
            parts = assay(f"{path}.composition", record.composition, self._values)
            used.extend(parts)
            kmol = 1000.0 / c.molar_volume
            return gas(
                {p.path.rsplit(".", 1)[1]: p.base * kmol for p in parts}, record.unit, c
            )
        if record.elements is not None:
            parts = assay(f"{path}.elements", record.elements, self._values)
            used.extend(parts)
            elements = {p.path.rsplit(".", 1)[1]: p.base for p in parts}
            return {"elements": {"other": 0.0, **elements}, "mass_t": 1.0}
        return {}

    def _blend(
        self, path: str, record: MaterialRecord, used: list[Coefficient]
    ) -> dict[str, object] | None:
        assert record.blend is not None
        parts: list[tuple[Material, float]] = []
        for name, amount in record.blend.items():
            part = self.resolve(name)
            if part is None:
                return None
            share = coefficient(f"{path}.blend.{name}", amount, f"{part.unit}/{record.unit}", self._values)
            used.append(share)
            parts.append((part, share.base))
        mass = sum(p.mass_t * n for p, n in parts)
        scale = 1.0 / mass if record.unit == "t" else 1.0
        elements: dict[str, float] = {}
        for part, amount_ in parts:
            for element, value in (part.elements or {}).items():
                elements[element] = elements.get(element, 0.0) + value * amount_ * scale
        return {
            "mass_t": mass * scale,
            "elements": elements,
            "lhv_gj": sum(p.lhv_gj * n for p, n in parts) * scale,
        }

    def _energies(
        self, path: str, record: MaterialRecord, material: Material, used: list[Coefficient]
    ) -> Material:
        def read(name: str, target: str) -> float | None:
            given: CoefficientRecord | None = getattr(record, name)
            if given is None:
                return None
            figure = coefficient(f"{path}.{name}", given, target, self._values)
            used.append(figure)
            return figure.base

        lhv = read("lhv", f"GJ/{record.unit}")
        lhv = material.lhv_gj if lhv is None else lhv
        sensible = read("sensible_heat", f"GJ/{record.unit}") or 0.0
        energy = read("energy", f"GJ/{record.unit}")
        content = lhv + sensible if energy is None else energy
        tce = read("tce", f"kgce/{record.unit}")
        return replace(
            material,
            lhv_gj=lhv,
            energy_gj=content,
            tce_kgce=factor("GJ", "kgce") * content if tce is None else tce,
            tce_equal_kgce=read("tce_equal", f"kgce/{record.unit}"),
        )


def gas(species: Mapping[str, float], unit: str, constants: Constants) -> dict[str, object]:
    """Properties of a gas from kmol of species per base unit (kNm3 or t of whatever unit)."""
    elements: dict[str, float] = {}
    for formula, kmol in species.items():
        for element, value in constants.elements_per_kmol(formula).items():
            elements[element] = elements.get(element, 0.0) + value * kmol
    lhv = sum(constants.species_lhv(formula) * kmol for formula, kmol in species.items())
    mass = sum(elements.values())
    if unit == "t":
        elements = _scaled(elements, 1.0 / mass)
        species = _scaled(species, 1.0 / mass)
        lhv, mass = lhv / mass, 1.0
    return {
        "mass_t": mass,
        "elements": elements,
        "species": dict(species),
        "lhv_gj": lhv,
    }


def _scaled(amounts: Mapping[str, float], by: float) -> dict[str, float]:
    return {key: value * by for key, value in amounts.items()}
