"""The allocation against a slow oracle: one fresh model per stage, floors by enumeration.

The oracle knows nothing of bases, reduced costs or faces: it fixes the value of each goal within
1e-9 and finds the blocked members of a sharing group by probing each of them.
"""

from __future__ import annotations

import itertools
import math

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chainsim.balance.diagnosis import find_gain
from chainsim.balance.kernel import Kernel
from chainsim.balance.program import Array, Program, compile_park
from chainsim.park.model import Park
from tests.parks import park_of

SLACK = 1e-9
EQUAL = 1e-6
ABOVE = 1e-5  # the oracle wins what its slack, many times amplified, gives it
RUNS = settings(
    max_examples=80,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # shrinking hundreds of solves takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
MATERIALS = ("a", "b", "c", "d", "e")
AMOUNTS = st.sampled_from([0.25, 0.4, 0.5, 0.8, 1.0, 1.25, 2.0, 3.0])


# -- random parks -----------------------------------------------------------------------------


@st.composite
def parks(draw: st.DrawFn, *, ties: bool = True, floors: bool = True) -> dict[str, object]:
    """A scenario body: units between five materials, recycles welcome."""
    count = draw(st.integers(2, 12))
    held = draw(st.integers(0, min(count, 3))) if floors else 0
    units: dict[str, object] = {}
    for i in range(count):
        inward = draw(st.lists(st.sampled_from(MATERIALS), min_size=1, max_size=2, unique=True))
        outward = draw(st.lists(st.sampled_from(MATERIALS), min_size=0, max_size=2, unique=True))
        feeds: dict[str, object] = {m: draw(AMOUNTS) for m in inward}
        products = {m: draw(AMOUNTS) for m in outward if m not in feeds}
        if draw(st.integers(0, 3)) == 0:
            choice = draw(st.lists(st.sampled_from(MATERIALS), min_size=2, max_size=3, unique=True))
            covers = {m: draw(AMOUNTS) for m in choice if m not in feeds and m not in products}
            if len(covers) > 1:
                feeds["fuel"] = {"rate": draw(AMOUNTS), "alternatives": covers}
        unit: dict[str, object] = {
            "recipe": {"feeds": feeds, "products": products},
            "capacity": draw(st.sampled_from([5, 8, 10, 20])),
            "priority": draw(st.integers(1, 3)) if ties else i + 1,
        }
        if i < held:
            unit["min_load"] = draw(st.sampled_from([0.3, 0.5, 0.7]))
        elif draw(st.integers(0, 5)) == 0:
            unit["follow"] = True
        units[f"u{i:02d}"] = unit
    limit = st.sampled_from([0, 4, 9, 15, 30])
    bought = draw(st.lists(st.sampled_from(MATERIALS), min_size=1, max_size=3, unique=True))
    made = {m for unit in units.values() for m in unit["recipe"]["products"]}  # type: ignore[index]
    bought += [m for m in needed(units) if m not in made and m not in bought]
    sold = draw(st.lists(st.sampled_from(MATERIALS), max_size=3, unique=True))
    vented = draw(st.lists(st.sampled_from(MATERIALS), max_size=3, unique=True))
    order = itertools.count(1) if not ties else None

    def place() -> dict[str, object]:
        return {} if order is None else {"priority": 200 + next(order)}

    return {
        "materials": {m: {} for m in MATERIALS},
        "units": units,
        "buy": {m: {"limit": draw(limit), **place()} for m in bought},
        "sell": {m: {"limit": draw(limit), **place()} for m in sold},
        "vents": {m: place() for m in vented},
        "obligations": {
            m: {"rate": draw(st.sampled_from([1, 3])), "priority": 0 if ties else 100 + k}
            for k, m in enumerate(draw(st.lists(st.sampled_from(MATERIALS), max_size=1)))
        },
        "buffers": {
            f"s{m}": {"material": m, "capacity": 10, "initial": 5, "fill_rate": 2, "draw_rate": 2}
            for m in draw(st.lists(st.sampled_from(MATERIALS), max_size=1))
        }
        if ties
        else {},
    }


def needed(units: dict[str, object]) -> list[str]:
    """Materials that some unit cannot do without."""
    feeds = (unit["recipe"]["feeds"] for unit in units.values())  # type: ignore[index]
    return sorted({m for group in feeds for m in group} - {"fuel"})


def yaml_of(body: object) -> str:
    """`body` as flow YAML."""
    if isinstance(body, dict):
        return "{" + ", ".join(f"{k}: {yaml_of(v)}" for k, v in body.items()) + "}"
    return str(body).lower() if isinstance(body, bool) else str(body)


def built(body: dict[str, object]) -> Park | None:
    """The park; None when it feeds itself."""
    text = "\n".join(f"{section}: {yaml_of(content)}" for section, content in body.items())
    park = park_of(text)
    return None if find_gain(compile_park(park)) else park


def floors_of(park: Park, program: Program) -> Array:
    floors = np.zeros(program.n)
    for unit in park.units.values():
        floors[program.column[f"unit:{unit.id}"]] = unit.min_load
    return floors


# -- the oracle -------------------------------------------------------------------------------


class Oracle:
    """Rows and bounds of a program, tightened stage by stage."""

    def __init__(self, program: Program, lower: Array, upper: Array) -> None:
        self.program = program
        self.lower, self.upper = lower.copy(), upper.copy()
        self.values: Array = np.zeros(program.n)

    def best(
        self, costs: dict[int, float], share: list[int] | None = None
    ) -> tuple[float, Array] | None:
        """Largest value of the objective, or of the common share of the group `share`."""
        p = self.program
        costs_of = np.zeros(p.n)
        for j, cost in costs.items():
            costs_of[j] = -cost
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = p.n, p.m
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs_of, self.lower, self.upper
        lp.row_lower_, lp.row_upper_ = p.row_lower, p.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = p.starts, p.index
        lp.a_matrix_.value_ = p.value
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("primal_feasibility_tolerance", SLACK / 10)
        solver.setOptionValue("dual_feasibility_tolerance", SLACK / 10)
        solver.passModel(lp)
        if share is not None:
            solver.addVar(-math.inf, math.inf)
            solver.changeColCost(p.n, -1.0)
            for j, weight in self._group:
                if j in share:
                    at = np.array([j, p.n], dtype=np.int32)
                    solver.addRow(0.0, math.inf, 2, at, np.array([self._sign, -weight]))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.array(solver.getSolution().col_value)
        return -solver.getInfo().objective_function_value, values[: p.n]

    def stage(self, sense: str, columns: tuple[int, ...], weights: tuple[float, ...]) -> bool:
        self._sign = 1.0 if sense == "max" else -1.0
        self._group = list(zip(columns, weights, strict=True))
        active = list(columns)
        weight = dict(self._group)
        while active:
            found = self.best({}, active)
            if found is None:
                return False
            level, self.values = found
            for j in active:
                self._hold(j, level * weight[j])
            most = {j: self.best({j: self._sign}) for j in active}
            if None in most.values():
                return False
            blocked = [j for j in active if most[j][0] <= level * weight[j] + 1e-7]  # type: ignore[index]
            for j in blocked or active:
                self._pin(j, level * weight[j])
            active = [j for j in active if blocked and j not in blocked]
        return True

    def _hold(self, column: int, signed: float) -> None:
        """From here on at least as good as `signed`."""
        if self._sign > 0:
            least = max(self.lower[column], signed - SLACK)
            self.lower[column] = min(least, self.upper[column])
        else:
            most = min(self.upper[column], -signed + SLACK)
            self.upper[column] = max(most, self.lower[column])

    def _pin(self, column: int, signed: float) -> None:
        low, high = self.lower[column], self.upper[column]
        value = min(max(self._sign * signed, low), high)
        self.lower[column], self.upper[column] = max(low, value - SLACK), min(high, value + SLACK)


def relaxed(program: Program, lower: Array, upper: Array) -> Array | None:
    """Kernel optimum between bounds."""
    oracle = Oracle(program, lower, upper)
    for stage in program.stages:
        if not oracle.stage(stage.sense, stage.columns, stage.weights):
            return None
    return oracle.values


def goals(program: Program, values: Array) -> list[float]:
    vector: list[float] = []
    for stage in program.stages:
        sign = 1.0 if stage.sense == "max" else -1.0
        vector += sorted(
            sign * values[j] / w for j, w in zip(stage.columns, stage.weights, strict=True)
        )
    return vector


def above(one: list[float], other: list[float]) -> bool:
    for a, b in zip(one, other, strict=True):
        if abs(a - b) > ABOVE:
            return a > b
    return False


def oracle(program: Program, floors: Array) -> Array | None:
    """The best of all on/off patterns of the units with a minimum load.

    None in the few parks where the slack of the fixed goals leaves HiGHS no point at all.
    """
    held = np.flatnonzero(floors > 0)
    best: Array | None = None
    for pattern in itertools.product((False, True), repeat=len(held)):
        lower, upper = np.zeros(program.n), program.upper.copy()
        for j, on in zip(held, pattern, strict=True):
            lower[j] = floors[j] if on else 0.0
            upper[j] = upper[j] if on else 0.0
        found = relaxed(program, lower, upper)
        if found is not None and (
            best is None or above(goals(program, found), goals(program, best))
        ):
            best = found
    return best


# -- properties -------------------------------------------------------------------------------


@RUNS
@given(parks())
def test_the_allocation_is_the_lexicographic_optimum(body):
    park = built(body)
    if park is None:
        return
    program = compile_park(park)
    floors = floors_of(park, program)
    found = Kernel(program).allocate(program.upper, floors)
    assert found.exact
    assert program.residual(found.values) <= 1e-9
    assert np.all(found.values >= 0.0)
    assert np.all(found.values <= program.upper + 1e-9)
    assert np.all((found.values == 0.0) | (found.values >= floors - 1e-8))
    expected = oracle(program, floors)
    if expected is None:
        return
    # A state that keeps every row and floor cannot be above the optimum: no less is what counts.
    # With floors several on/off patterns may be equally good; without, the answer is unique.
    assert not above(goals(program, expected), goals(program, found.values))
    if not floors.any():
        assert found.values == pytest.approx(expected, abs=EQUAL)


@RUNS
@given(parks(ties=False), st.randoms(use_true_random=False))
def test_neither_file_order_nor_names_decide(body, random):
    park = built(body)
    if park is None:
        return

    def shuffled(section: dict[str, object]) -> dict[str, object]:
        items = list(section.items())
        random.shuffle(items)
        return dict(items)

    names = [f"n{i}" for i in range(len(body["units"]))]
    random.shuffle(names)
    renamed = dict(zip(body["units"], names, strict=True))
    other = {key: shuffled(content) for key, content in body.items()}
    other["units"] = {renamed[k]: v for k, v in other["units"].items()}
    again = built(other)
    assert again is not None
    one, two = activities(park), activities(again)
    for old, new in renamed.items():
        assert two[f"unit:{new}"] == pytest.approx(one[f"unit:{old}"], abs=EQUAL)


@RUNS
@given(parks(), st.sampled_from([0.01, 3.0, 1000.0]))
def test_scaling_every_size_scales_every_flow(body, by):
    park = built(body)
    if park is None:
        return
    larger = {
        section: {key: scaled(record, by) for key, record in content.items()}
        for section, content in body.items()
    }
    again = built(larger)
    assert again is not None
    one, two = flows(park), flows(again)
    for key, flow in one.items():
        factor = 1.0 if key.startswith("unit:") else by
        assert two[key] == pytest.approx(flow * factor, abs=1e-6 * factor * 100), key


def scaled(record: dict[str, object], by: float) -> dict[str, object]:
    sizes = ("capacity", "limit", "rate", "initial", "fill_rate", "draw_rate")
    return {k: v * by if k in sizes else v for k, v in record.items()}  # type: ignore[operator]


def activities(park: Park) -> dict[str, float]:
    program = compile_park(park)
    values = Kernel(program).allocate(program.upper, floors_of(park, program)).values
    return dict(zip(program.keys, values, strict=True))


def flows(park: Park) -> dict[str, float]:
    program = compile_park(park)
    return {k: v * program.scale[program.column[k]] for k, v in activities(park).items()}
