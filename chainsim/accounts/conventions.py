"""What the accounts recognise in a park: carriers, batteries, quenching, boundaries.

Ids and words stand in `conventions.toml`; figures come from `graphs/standards/`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from chainsim.errors import Problem
from chainsim.library.model import Material
from chainsim.park.model import Park, Unit
from chainsim.units import convert

COKING: Final = "coking"


@functools.cache
def catalogue(name: str) -> Mapping[str, Any]:
    """A TOML file of this package."""
    text = resources.files("chainsim.accounts").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def convention(section: str, key: str) -> Any:
    """One entry of `conventions.toml`."""
    return catalogue("conventions.toml")[section][key]


def material_id(key: str) -> str:
    """Id of the material that plays the part `key`."""
    return str(convention("materials", key))


def is_carrier(material: Material) -> bool:
    """True for an energy carrier of GB/T 2589; false for chemicals, whose content is feedstock."""
    if material.id in convention("energy", "always"):
        return True
    if material.tce_kgce <= 0 or material.group in convention("energy", "products"):
        return False
    declared = any(c.path == f"materials.{material.id}.tce" for c in material.coefficients)
    inline = not material.coefficients
    return declared or inline or material.group in convention("energy", "carriers")


def is_battery(unit: Unit) -> bool:
    """True for a coke-oven battery: an oven type, or coal in and coke out by its own recipe."""
    if unit.process is not None:
        return unit.process.oven is not None
    groups = {(p.material.group, p.rate > 0) for p in unit.ports}
    return unit.boundary == COKING and ("coal", False) in groups and ("coke", True) in groups


def recognised(unit: Unit, part: str) -> bool:
    """True when a tag or the id of the unit's process carries a word of `part`."""
    name = unit.process.id if unit.process is not None else unit.id
    texts = (name, *(unit.process.tags if unit.process is not None else ()))
    return any(word in text for word in convention("words", part) for text in texts)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of the standards, in a wanted unit; a missing one is neutral and said."""

    park: Park
    missing: dict[str, Problem]

    def __call__(self, key: str, unit: str, neutral: float) -> float:
        """The factor `key` in `unit`, or `neutral` when the library has none."""
        factor = self.park.library.factors.get(key)
        if factor is None:
            if self.park.library.materials:
                self.missing[key] = Problem(
                    code="CS-A003", severity="warning", path=f"factors.{key}", found=f"{neutral:g}"
                )
            return neutral
        return convert(factor.value, factor.coefficient.unit, unit)

    @property
    def grid_t_per_mwh(self) -> float:
        """CO2 of purchased power: the scenario's own figure, else the record that it names."""
        own, key = self.park.economics.grid_t_per_mwh, self.park.economics.grid_factor
        return self(key, "t/MWh", 0.0) if own is None else own
