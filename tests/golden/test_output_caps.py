"""Caps on what a park makes: by hand, in all engines."""

from __future__ import annotations

import numpy as np
import pytest

import chainsim as cs
from chainsim.balance.lexicographic import Lexicographic
from chainsim.balance.plant import Plant
from chainsim.errors import UserError
from chainsim.park.build import load_park
from chainsim.results import Simulation
from tests.parks import park_of

PARK = """
    materials: {{coal: {{price_cny: 1}}, coke: {{price_cny: 3}}, tar: {{}}}}
    recipes: {{oven: {{feeds: {{coal: 1.3}}, products: {{coke: 1, tar: 0.05}}}}}}
    units:
      big: {{recipe: oven, capacity: 60, priority: {first}}}
      small: {{recipe: oven, capacity: 30, min_load: 0.5, priority: 1}}
      idle: {{recipe: {{feeds: {{coal: 1}}, products: {{tar: 1}}}}, capacity: 1, priority: 3}}
    buy: {{coal: {{}}}}
    sell: {{coke: {{}}, tar: {{}}}}
    measures: {{cap: {measure}}}
"""


def ran(measure: str, *, first: int = 1, hours: float = 24.0 * 59) -> tuple[Simulation, ...]:
    park = park_of(PARK.format(measure=measure, first=first), hours=hours)
    return tuple(cs.run(park, engine=engine).simulation for engine in ("steady", "des"))


def rates(found: Simulation) -> dict[str, float]:
    made = found.flows[(found.flows["kind"] == "unit") & (found.flows["material"] == "coke")]
    return (made.groupby("component")["quantity"].sum() / (24.0 * 59)).to_dict()


def test_equal_ranks_cut_alike():
    for found in ran("{from: 2025-01-01, output: {coke: 45}}"):
        assert rates(found) == pytest.approx({"big": 30.0, "small": 15.0})


def test_who_has_priority_makes_it():
    for found in ran("{from: 2025-01-01, output: {coke: 45}}", first=0):
        assert rates(found) == pytest.approx({"big": 45.0})
        assert found.residual < 1e-9


def test_a_yearly_amount_is_a_rate_and_holds_for_its_days():
    for found in ran("{from: 2025-02-01, output: {coke: 262.8 kt/a}}"):
        sold = found.flows[(found.flows["kind"] == "sell") & (found.flows["material"] == "coke")]
        by_month = (-sold.groupby("period")["quantity"].sum()).to_dict()
        assert by_month == pytest.approx({"2025-01": 90 * 744, "2025-02": 30 * 28 * 24})


def test_some_units_only_and_none_at_all():
    for found in ran("{from: 2025-01-01, output: {coke: 20}, units: [big]}"):
        assert rates(found) == pytest.approx({"big": 20.0, "small": 30.0})
    for found in ran("{from: 2025-01-01, output: {coke: 0}}"):
        assert rates(found) == {}
    for found in ran("{from: 2025-01-01, output: {coke: 500}}"):
        assert rates(found) == pytest.approx({"big": 60.0, "small": 30.0})


def test_the_cap_has_a_price():
    park = park_of(
        PARK.format(measure="{from: 2025-01-01, output: {coke: 45}}", first=1), hours=8760
    )
    worths = cs.run(park, engine="lp").optimum.worths
    cap = next(w for w in worths if w.kind == "cap")
    assert (cap.key, cap.unit) == ("cap.coke", "t/a")
    assert cap.limit == pytest.approx(45 * 8760)
    assert cap.price == pytest.approx(3 - 1.3)


@pytest.mark.parametrize(
    ("measure", "code", "path"),
    [
        ("{from: 2025-01-01, output: {cake: 4}}", "CS-S005", "measures.cap.output"),
        ("{from: 2025-01-01, output: {coal: 4}}", "CS-S038", "measures.cap.output.coal"),
        (
            "{from: 2025-01-01, output: {coke: 4}, units: [idle]}",
            "CS-S038",
            "measures.cap.output.coke",
        ),
        ("{from: 2025-01-01, output: {coke: 4}, units: [bog]}", "CS-S002", "measures.cap.units"),
        ("{from: 2025-01-01, output: {coke: 4 MWh}}", "CS-U002", "measures.cap.output.coke"),
    ],
)
def test_what_is_wrong_is_told(measure: str, code: str, path: str):
    with pytest.raises(UserError) as caught:
        park_of(PARK.format(measure=measure, first=1))
    assert [(p.code, p.path) for p in caught.value.problems] == [(code, path)]


def test_kernel_and_reference_agree_where_caps_bind():
    outputs = "{coke: 350 万t/a, methanol: 10 万t/a, steam: 900 t/h}"
    capped = f"measures={{cap: {{from: 2025-01-01, output: {outputs}}}}}"
    plant = Plant(load_park("xinzhou-base", [capped]))
    program, reference = plant.program, Lexicographic(plant.program)
    columns = [j for key, j in program.column.items() if key.startswith("cap:")]
    units = [j for key, j in program.column.items() if key.startswith("unit:")]
    rng, binding = np.random.default_rng(3), 0
    for _ in range(25):
        upper, floors = program.upper.copy(), np.zeros(program.n)
        upper[units] *= rng.random(len(units)) > 0.05
        upper[columns] = rng.uniform(0.0, 0.9, len(columns))
        found = plant.kernel.allocate(upper, floors).values
        assert np.abs(found - reference.allocate(upper, floors).values).max() < 1e-7
        binding += bool((found[columns] > upper[columns] - 1e-9).any())
    assert binding > 5


def test_the_city_s_cap_on_a_shipped_park():
    capped = "measures={cap: {from: 2025-01-01, output: {coke: 350 万t/a}}}"
    result = cs.run("xinzhou-base", engine="steady", overrides=[capped])
    assert result.kpi("output.coke_t") == pytest.approx(3.5e6, rel=1e-9)
