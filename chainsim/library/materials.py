"""Material records -> materials: mass, elements, species, energy, standard coal per base unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chainsim.errors import Problem, UserError, did_you_mean
from chainsim.library.chemistry import Constants
from chainsim.library.model import Coefficient, Material
from chainsim.library.records import AssayRecord, CoefficientRecord, MaterialRecord
from chainsim.library.sampled import Values
from chainsim.units import GJ_PER_TCE, factor

Fail = Callable[[Problem], None]
_KILO = 1000.0  # Nm3 per kNm3, kg per t


@dataclass(frozen=True, slots=True, kw_only=True)
class Chemistry:
    """What a material is made of, per base unit: t, t of elements, kmol of species, GJ."""

    mass_t: float
    elements: Mapping[str, float]
    species: Mapping[str, float] | None = None
    lhv_gj: float = 0.0

    def of(self, material: Material) -> Material:
        """`material` with this chemistry; its energy content is left as it was."""
        return replace(
            material,
            mass_t=self.mass_t,
            elements=self.elements,
            species=self.species,
            lhv_gj=self.lhv_gj,
        )


def standard_coal(energy_gj: float) -> float:
    """Standard coal of `energy_gj` GJ in kgce (GB/T 2589-2020: 29.3076 GJ/tce)."""
    return _KILO * energy_gj / GJ_PER_TCE


def coefficient(
    path: str, record: CoefficientRecord, target: str | None, values: Values
) -> Coefficient:
    """`record` as a coefficient whose `base` is in `target` (unconverted when `target` is None).

    Raises:
        UnitError: the record's unit has another dimension than `target`.
    """
    path = values.origin(path)
    value = values.at(path, record.value)
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
    raw = {part: values.at(f"{path}.{part}", t[0]) for part, t in record.parts.items()}
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
    """Resolves the materials of one library; closing streams wait for their process."""

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
                Problem(code="CS-L001", found=material, hint=did_you_mean(material, self._records))
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
            formula=record.formula or "",
            ambient=record.ambient,
            closing_of=record.closing_of or "",
            mass_t=1.0 if record.unit == "t" and record.phase != "energy" else 0.0,
        )
        if record.blend is not None:
            chemistry = self._blend(path, record.blend, record.unit, used)
            if chemistry is None:
                return None
        else:
            chemistry = self._chemistry(path, record, used)
        material = bare if chemistry is None else chemistry.of(bare)
        material = self._energies(path, record, material, used)
        return replace(material, coefficients=tuple(used))

    def _chemistry(
        self, path: str, record: MaterialRecord, used: list[Coefficient]
    ) -> Chemistry | None:
        if record.formula is not None:
            return self._compound(path, record.formula, record, used)
        if record.composition is not None:
            parts = assay(f"{path}.composition", record.composition, self._values)
            used.extend(parts)
            kmol = _KILO / self._constants.molar_volume
            species = {p.path.rsplit(".", 1)[1]: p.base * kmol for p in parts}
            return gas(species, record.unit, self._constants)
        if record.elements is not None:
            parts = assay(f"{path}.elements", record.elements, self._values)
            used.extend(parts)
            elements = {p.path.rsplit(".", 1)[1]: p.base for p in parts}
            return Chemistry(mass_t=1.0, elements={"other": 0.0, **elements})
        return None

    def _compound(
        self, path: str, formula: str, record: MaterialRecord, used: list[Coefficient]
    ) -> Chemistry:
        c = self._constants
        molar = c.molar_mass(formula)
        kmol = _KILO / (molar if record.unit == "t" else c.molar_volume)
        enthalpy = c.species.get(formula)
        if record.formation_enthalpy is not None:
            heat = coefficient(
                f"{path}.formation_enthalpy", record.formation_enthalpy, None, self._values
            )
            used.append(heat)
            enthalpy = heat.value
        return Chemistry(
            mass_t=kmol * molar / _KILO,
            elements=_scaled(c.elements_per_kmol(formula), kmol),
            species={formula: kmol} if record.phase == "gas" and formula in c.species else None,
            lhv_gj=0.0 if enthalpy is None else kmol * c.lhv_per_kmol(formula, enthalpy),
        )

    def _blend(
        self,
        path: str,
        blend: Mapping[str, CoefficientRecord],
        unit: str,
        used: list[Coefficient],
    ) -> Chemistry | None:
        parts: list[tuple[Material, float]] = []
        for name, amount in blend.items():
            part = self.resolve(name)
            if part is None:
                return None
            share = coefficient(f"{path}.blend.{name}", amount, f"{part.unit}/{unit}", self._values)
            used.append(share)
            parts.append((part, share.base))
        mass = sum(part.mass_t * n for part, n in parts)
        scale = 1.0 / mass if unit == "t" else 1.0
        elements: dict[str, float] = {}
        for part, n in parts:
            for element, value in (part.elements or {}).items():
                elements[element] = elements.get(element, 0.0) + value * n * scale
        return Chemistry(
            mass_t=mass * scale,
            elements=elements,
            lhv_gj=sum(part.lhv_gj * n for part, n in parts) * scale,
        )

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
            tce_kgce=standard_coal(content) if tce is None else tce,
            tce_equal_kgce=read("tce_equal", f"kgce/{record.unit}"),
            gwp_t=(read("gwp", "t/t") or 0.0) * material.mass_t,
        )


def gas(species: Mapping[str, float], unit: str, constants: Constants) -> Chemistry:
    """Properties of a gas from kmol of species per base unit (kNm3, or t of whatever amount)."""
    elements: dict[str, float] = {}
    for formula, kmol in species.items():
        for element, value in constants.elements_per_kmol(formula).items():
            elements[element] = elements.get(element, 0.0) + value * kmol
    lhv = sum(constants.species_lhv(formula) * kmol for formula, kmol in species.items())
    mass = sum(elements.values())
    if unit != "t":
        return Chemistry(mass_t=mass, elements=elements, species=dict(species), lhv_gj=lhv)
    return Chemistry(
        mass_t=1.0,
        elements=_scaled(elements, 1.0 / mass),
        species=_scaled(species, 1.0 / mass),
        lhv_gj=lhv / mass,
    )


def _scaled(amounts: Mapping[str, float], by: float) -> dict[str, float]:
    return {key: value * by for key, value in amounts.items()}
