"""What a result rests on most: the scenario's stated assumptions and the weakest coefficients.

A coefficient's weight is the heat that hangs on its doubt: |flow of its port| x energy content x
half its relative range, in tce over the run. Grade C comes before B; grade A is never listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from chainsim.errors import Lang
from chainsim.library.model import Coefficient
from chainsim.park.model import Unit, UnitPort
from chainsim.report.i18n import t
from chainsim.report.names import material_name, plain
from chainsim.report.numbers import fmt, number, unit_label
from chainsim.study.result import RunResult
from chainsim.units import GJ_PER_TCE

COUNT: Final = 5
STATED: Final = 3
"""How many places the scenario's own assumptions get before coefficients come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakCoefficient:
    """A coefficient of grade B or C in use; `doubt_tce` is the heat its range can move."""

    coefficient: Coefficient
    unit: Unit
    port: UnitPort
    doubt_tce: float


def weak_coefficients(result: RunResult) -> tuple[WeakCoefficient, ...]:
    """Coefficients of grade C, then B, of the ports in use, the heaviest doubt first."""
    park, flows = result.park, result.flows
    used = (
        flows[flows["kind"] == "unit"].groupby(["component", "port"], sort=True)["quantity"].sum()
    )
    heaviest: dict[str, WeakCoefficient] = {}
    for key, quantity in used.items():
        component, name = cast("tuple[str, str]", key)
        unit = park.units[component]
        port = next((p for p in unit.ports if p.name == name), None)
        known = {} if unit.process is None else {p.name: p for p in unit.process.ports}
        found = known[name].coefficient if name in known else None
        if port is None or found is None or found.grade == "A":
            continue
        content = 1.0 if port.by_heat else port.material.energy_gj
        doubt = abs(float(quantity)) * content * _half_range(found) / GJ_PER_TCE
        before = heaviest.get(found.path)
        total = doubt + (before.doubt_tce if before else 0.0)
        heaviest[found.path] = WeakCoefficient(
            coefficient=found, unit=unit, port=port, doubt_tce=total
        )
    return tuple(
        sorted(
            heaviest.values(),
            key=lambda w: (w.coefficient.grade != "C", -w.doubt_tce, w.coefficient.path),
        )
    )


def _half_range(found: Coefficient) -> float:
    return (found.high - found.low) / 2.0 / abs(found.value) if found.value else 0.0


def top_assumptions(result: RunResult, lang: Lang, count: int = COUNT) -> tuple[str, ...]:
    """The `count` assumptions that matter most, as sentences."""
    stated = [plain(a.zh if lang == "zh" else a.en) for a in result.park.assumptions]
    weak = [_sentence(result, w, lang) for w in weak_coefficients(result) if w.doubt_tce > 0]
    own = stated[: max(STATED, count - len(weak))]
    return tuple([*own, *weak][:count])


def _sentence(result: RunResult, weak: WeakCoefficient, lang: Lang) -> str:
    c = weak.coefficient
    process = weak.unit.process
    assert process is not None
    return t(
        "page.weak",
        lang,
        process=plain(process.name(lang)),
        material=material_name(result.park, weak.port.material.id, lang),
        value=number(c.value),
        low=number(c.low),
        high=number(c.high),
        unit=unit_label(c.unit, lang),
        grade=c.grade,
        doubt=fmt(weak.doubt_tce, "tce", lang),
    )
