"""The kernel against the reference on thousands of states, and what its answers do not depend on."""

from __future__ import annotations

import numpy as np
import pytest

from chainsim.balance.kernel import Allocation, Kernel
from chainsim.balance.lexicographic import Lexicographic
from chainsim.balance.program import Array, compile_park
from chainsim.balance.tableau import ALONE0, ANY_ROW0
from chainsim.errors import InfeasibleError
from tests.parks import park_of
from tests.random_parks import Body, random_body, random_parks, random_states, text_of

STATES = 12
BLOCKS = 4
PER_BLOCK = 2600
"""States per block: 10,400 in all."""


def answer(solver: Kernel | Lexicographic, upper: Array, floors: Array) -> Allocation | str:
    """The allocation, or the code of what is wrong."""
    try:
        return solver.allocate(upper, floors)
    except InfeasibleError as error:
        return error.problems[0].code


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_kernel_gives_the_answers_of_the_reference(block: int):
    compared = 0
    first = 1000 * (block + 1)
    for seed, park, program in random_parks(range(first, first + 999)):
        kernel = Kernel(program)
        try:
            reference = Lexicographic(program)
        except InfeasibleError:  # HiGHS gives up before the first state: one park in a thousand
            continue
        for i, (upper, floors) in enumerate(random_states(park, program, seed, STATES)):
            one, other = answer(kernel, upper, floors), answer(reference, upper, floors)
            compared += 1
            if isinstance(one, str) or isinstance(other, str):
                assert one == other, (seed, i)
                continue
            assert one.exact
            assert program.residual(one.values) <= 1e-9, (seed, i)
            assert np.abs(one.values - other.values).max(initial=0.0) <= 1e-7, (seed, i)
            standing = (one.values == 0.0) | (one.values >= floors - 1e-8)
            assert standing.all(), (seed, i)
            assert (one.values <= upper).all(), (seed, i)
        if compared >= PER_BLOCK:
            break
    assert compared >= PER_BLOCK


def in_other_units(body: Body, seed: int) -> Body:
    """The same park with every material counted in units of another size, and every unit too."""
    r = np.random.default_rng(seed)
    size = {m: 10.0 ** r.integers(-3, 7) for m in body["materials"]}
    larger = {k: 10.0 ** r.integers(-3, 5) for k in body["units"]}
    units = {}
    for key, unit in body["units"].items():
        recipe: Body = unit["recipe"]  # type: ignore[assignment]
        feeds: dict[str, object] = {}
        for name, given in recipe["feeds"].items():
            if isinstance(given, dict):
                covers = {m: a / size[m] for m, a in given["alternatives"].items()}
                feeds[name] = {"rate": given["rate"] / larger[key], "alternatives": covers}
            else:
                feeds[name] = given * size[name] / larger[key]  # type: ignore[operator]
        products = {m: a * size[m] / larger[key] for m, a in recipe["products"].items()}  # type: ignore[operator]
        units[key] = unit | {
            "recipe": {"feeds": feeds, "products": products},
            "capacity": unit["capacity"] * larger[key],  # type: ignore[operator]
        }
    other = {section: dict(content) for section, content in body.items()}
    other["units"] = units
    for section in ("buy", "sell", "obligations", "buffers"):
        for key, record in body[section].items():
            by = size[str(record.get("material", key))]
            amounts = ("limit", "rate", "capacity", "initial", "fill_rate", "draw_rate")
            other[section][key] = {k: v * by if k in amounts else v for k, v in record.items()}  # type: ignore[operator]
    return other


def test_units_of_any_size_give_the_same_activities():
    for seed, park, program in random_parks(range(5500, 5560)):
        again = park_of(text_of(in_other_units(random_body(seed), seed)))
        other = compile_park(again)
        kernel, scaled = Kernel(program), Kernel(other)
        for upper, floors in random_states(park, program, seed, 4):
            limited = np.isfinite(program.upper) & (program.upper > 0.0)
            share = (upper > 0.0).astype(float)
            share[limited] = upper[limited] / program.upper[limited]
            bounds = np.where(share > 0.0, other.upper * np.maximum(share, 1e-300), 0.0)
            one, two = answer(kernel, upper, floors), answer(scaled, bounds, floors)
            if isinstance(one, str):
                assert one == two
                continue
            units = [j for key, j in program.column.items() if key.startswith("unit:")]
            assert two.values[units] == pytest.approx(one.values[units], abs=1e-7), seed


def test_an_answer_depends_on_its_bounds_alone_to_the_last_bit():
    r = np.random.default_rng(1)
    for seed, park, program in random_parks(range(5000, 5040)):
        states = list(random_states(park, program, seed, 8))
        kernel = Kernel(program)
        before = [answer(kernel, *state) for state in states]
        order = r.permutation(len(states))
        again = {i: answer(kernel, *states[i]) for i in order}
        other = Kernel(program)
        for i, one in enumerate(before):
            for same in (again[i], answer(other, *states[i])):
                if isinstance(one, str):
                    assert one == same
                else:
                    assert one.values.tobytes() == same.values.tobytes()
                    assert one.limits == same.limits


def test_what_is_passed_over_would_change_no_bit():
    """Rows known to be within bounds, columns known to have none to trade with: looked at or not."""
    for seed, park, program in random_parks(range(5600, 5680)):
        quick, thorough = Kernel(program), Kernel(program)
        thorough.tableau.colmark[ALONE0] = 0
        thorough.tableau.size[ANY_ROW0] = 1
        for upper, floors in random_states(park, program, seed, 12):
            one, other = answer(quick, upper, floors), answer(thorough, upper, floors)
            if isinstance(one, str):
                assert one == other
                continue
            assert one.values.tobytes() == other.values.tobytes(), seed
            assert (one.limits, one.nodes) == (other.limits, other.nodes), seed


def test_a_tableau_built_for_the_state_gives_the_same_answer():
    for seed, park, program in random_parks(range(5100, 5150)):
        kernel = Kernel(program)
        for upper, floors in random_states(park, program, seed, 5):
            one = answer(kernel, upper, floors)
            if isinstance(one, str):
                continue
            cold = kernel.allocate(upper, floors, afresh=True)
            assert cold.values == pytest.approx(one.values, abs=1e-9)


def test_a_usual_state_changes_the_way_and_not_the_answer():
    for seed, park, program in random_parks(range(5200, 5240)):
        states = list(random_states(park, program, seed, 6))
        kernel, tuned = Kernel(program), Kernel(program, usual=states[3][0])
        for upper, floors in states:
            one, other = answer(kernel, upper, floors), answer(tuned, upper, floors)
            if isinstance(one, str):
                assert one == other
            else:
                assert other.values == pytest.approx(one.values, abs=1e-9)


def test_the_order_of_the_file_leaves_the_bytes_unchanged():
    r = np.random.default_rng(2)
    seen = 0
    for seed, park, program in random_parks(range(5300, 5340)):
        body = random_body(seed)
        mixed = {}
        for section in r.permutation(list(body)):
            content = body[section]
            mixed[section] = {k: content[k] for k in r.permutation(list(content))}
        again = compile_park(park_of(text_of(mixed)))
        upper, floors = next(random_states(park, program, seed, 1))
        one, other = answer(Kernel(program), upper, floors), answer(Kernel(again), upper, floors)
        if not isinstance(one, str):
            assert one.values.tobytes() == other.values.tobytes()
            seen += 1
    assert seen > 20


def test_other_names_leave_the_bytes_unchanged():
    # Each unit has a rank and a capacity of its own here: twins can only be told apart by name.
    r = np.random.default_rng(3)
    seen = 0
    for seed, _, _ in random_parks(range(5400, 5440)):
        body = random_body(seed)
        for i, unit in enumerate(body["units"].values()):
            unit |= {"priority": i + 1, "capacity": 5 + 0.37 * i}
        for i, market in enumerate([*body["buy"].values(), *body["sell"].values()]):
            market |= {"priority": 200 + i}
        body["buffers"], body["vents"] = {}, {}
        names = [f"n{i:02d}" for i in r.permutation(len(body["units"]))]
        renamed = dict(zip(body["units"], names, strict=True))
        other = body | {"units": {renamed[k]: v for k, v in body["units"].items()}}
        parks = [park_of(text_of(body)), park_of(text_of(other))]
        flows = []
        for park in parks:
            program = compile_park(park)
            upper, floors = next(random_states(park, program, seed, 1))
            found = answer(Kernel(program), upper, floors)
            flows.append(found if isinstance(found, str) else (program, found.values))
        if isinstance(flows[0], str):
            continue
        (one, values), (two, again) = flows
        for key, j in one.column.items():
            kind, name = key.split(":", 1)
            head, dot, tail = name.partition(".")
            j2 = two.column[f"{kind}:{renamed.get(head, head)}{dot}{tail}"]
            assert values[j].tobytes() == again[j2].tobytes(), (seed, key)
        seen += 1
    assert seen > 20
