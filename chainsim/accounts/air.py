"""Air pollutants, waste water and solid residues of units, as rows of the ledger.

A process with emission figures of its own is booked by them; what else burns a fuel, by its dry
flue gas at the outlet concentration of its kind (`standards/air_water.yaml`), which states the
removal assumed. A battery whose retrofit is dated, or whose stack is measured, moves in proportion
to the concentration in force. Accounts: pollution.<pm|so2|nox|voc>, waste.water, waste.sludge,
waste.salt, waste.residue (t).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.air_formulas import (
    at_oxygen,
    concentration_mg_per_nm3,
    dry_flue_gas_kmol,
    emission_t,
)
from chainsim.accounts.conventions import (
    Figures,
    convention,
    is_battery,
    material_id,
    recognised,
)
from chainsim.library.model import Material, Process
from chainsim.park.facts import AIR
from chainsim.park.model import Park, Unit, UnitPort, Vent

NM3_PER_KMOL: Final = 22.414
KG_PER_T: Final = 1000.0
TONNE: Final = "t"
BEFORE, AFTER = "new", "ultra_low"
"""Limit set a battery keeps before and after its ultra-low retrofit."""
STACK_LIMIT: Final = "coke_stack_{}"


@dataclass(frozen=True, slots=True)
class Posting:
    """`factor` times the signed quantity goes to `account`, in t."""

    account: str
    factor: float


def flue_gas_nm3_per_gj(fuel: Material, oxygen_share: float, otherwise: float) -> float:
    """Dry flue gas of a fuel per GJ of its heating value; `otherwise` without a composition."""
    if fuel.species is None or fuel.lhv_gj <= 0:
        return otherwise
    return at_oxygen(dry_flue_gas_kmol(fuel.species) * NM3_PER_KMOL / fuel.lhv_gj, oxygen_share)


def unit_postings(
    unit: Unit, port: UnitPort, stream: Material, figures: Figures
) -> Iterator[Posting]:
    """What one port of a unit emits per unit of its flow."""
    process = unit.process
    sign = 1.0 if port.rate > 0 else -1.0
    if process is not None and process.pollutants_kg:
        if port.name == process.basis:
            for name, kg in process.pollutants_kg.items():
                yield Posting(f"pollution.{name}", sign * kg / KG_PER_T)
    elif port.burn and port.rate < 0 and stream.lhv_gj > 0:
        yield from _fired(unit, stream, figures)
    if not port.options and port.rate > 0:
        yield from _residue(port, stream)


def fired_kind(unit: Unit) -> str:
    """`engine`, `boiler` or `heater`: whose outlet concentrations a fired unit has."""
    return next((k for k in ("engine", "boiler") if recognised(unit, k)), "heater")


def _fired(unit: Unit, fuel: Material, figures: Figures) -> Iterator[Posting]:
    kind = fired_kind(unit)
    oxygen = figures(f"{kind}_oxygen", "ratio", 0.0)
    flue = flue_gas_nm3_per_gj(fuel, oxygen, figures("flue_gas_dry", "Nm3/GJ", 0.0))
    for name in AIR:
        outlet = figures(f"{kind}_{name}", "mg/Nm3", 0.0)
        yield Posting(f"pollution.{name}", -emission_t(fuel.lhv_gj * flue, outlet))


def _residue(port: UnitPort, stream: Material) -> Iterator[Posting]:
    if stream.id in convention("materials", "waste_water"):
        yield Posting("waste.water", stream.mass_t)
    elif stream.phase == "solid" and port.role in ("loss", "emission") and stream.mass_t > 0:
        yield Posting("waste.residue", stream.mass_t)


def coke_postings(unit: Unit, stream: Material, figures: Figures) -> Iterator[Posting]:
    """Waste water of coking per t of coke that leaves a unit of the coking process for good."""
    if stream.id != material_id("coke"):
        return
    water = figures("coking_waste_water", "m3/t", 0.0)
    yield Posting("waste.coking_water", water)
    for part in ("sludge", "salt"):
        yield Posting(f"waste.{part}", water * figures(f"waste_water_{part}", "t/m3", 0.0))


def vent_postings(vent: Vent, stream: Material, figures: Figures) -> Iterator[Posting]:
    """Nitrogen oxides of a flare; a vent burns nothing."""
    if vent.kind == "flare" and stream.lhv_gj > 0:
        nox = figures("flare_nox", "t/GJ", 0.0)
        yield Posting("pollution.nox", -stream.lhv_gj * nox)


def declared_mg_per_nm3(process: Process, pollutant: str, figures: Figures) -> float | None:
    """Concentration in the oven stack that a battery's figure implies; None without one."""
    kg = process.pollutants_kg.get(pollutant)
    coke = next((p.amount for p in process.ports if p.name == process.reference), 0.0)
    flue = figures("coke_stack_flue_gas", "Nm3/t", 0.0)
    if kg is None or coke <= 0 or flue <= 0:
        return None
    share = figures("coke_stack_pm_share", "ratio", 1.0) if pollutant == "pm" else 1.0
    return concentration_mg_per_nm3(kg * share / coke, flue)


@dataclass(frozen=True, slots=True)
class StackStates:
    """Concentration of oven stacks over that which the library's figures imply, by time."""

    park: Park
    figures: Figures

    def factors(self, period: str) -> Mapping[tuple[str, str], float]:
        """(unit, account) -> factor on the library's figure in one month, where it is not 1."""
        found = {}
        for key in self.park.facts.units:
            unit = self.park.units.get(key)
            if unit is None or unit.process is None or not is_battery(unit):
                continue
            for name in AIR:
                factor = self.ratio(unit, name, period)
                if factor != 1.0:
                    found[key, f"pollution.{name}"] = factor
        return found

    def ratio(self, unit: Unit, pollutant: str, period: str) -> float:
        """Concentration in force in a month over the one assumed by the library."""
        assert unit.process is not None
        facts = self.park.facts.unit(unit.id)
        assumed = declared_mg_per_nm3(unit.process, pollutant, self.figures)
        measured = facts.measured.get(pollutant)
        if measured is not None and assumed:
            return measured / assumed
        limit = self.park.library.limits.get(STACK_LIMIT.format(pollutant))
        if limit is None or not {BEFORE, AFTER} <= set(limit.levels):
            return 1.0
        worse = limit.levels[BEFORE].base / limit.levels[AFTER].base
        if facts.never_ultra_low:
            return worse
        if facts.ultra_low_since is None:
            return 1.0
        early = _share_before(period, facts.ultra_low_since)
        return early * worse + 1.0 - early


def _share_before(period: str, day: dt.date) -> float:
    """Share of the month `YYYY-MM` that lies before `day`."""
    year, month = int(period[:4]), int(period[5:])
    first = dt.date(year, month, 1)
    after = dt.date(year + month // 12, month % 12 + 1, 1)
    return min(1.0, max(0.0, (day - first).days / (after - first).days))
