"""The kernel at its edges: filling, minimum loads, limits, and ways out when a way is lost."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numba
import numpy as np
import pytest

from chainsim.balance import cache, compiled
from chainsim.balance.kernel import Kernel
from chainsim.balance.lexicographic import Lexicographic
from chainsim.balance.motion import Running
from chainsim.balance.plant import Plant
from chainsim.balance.program import Array, Program, compile_park
from chainsim.balance.search import MAX_NODES
from chainsim.balance.state import FLOOR_NOW, VALUE
from chainsim.des import engine as des_engine
from chainsim.errors import InfeasibleError
from chainsim.park.build import load_park
from chainsim.park.model import Park
from tests.parks import park_of
from tests.random_parks import random_parks, random_states


def floors_of(park: Park, program: Program) -> np.ndarray:
    floors = np.zeros(program.n)
    for unit in park.units.values():
        floors[program.column[f"unit:{unit.id}"]] = unit.min_load
    return floors


def water_level(supply: float, caps: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Shares of a supply among takers of unit need: min(cap, weight x level), all used up."""
    low, high = 0.0, 1e6
    for _ in range(200):
        level = (low + high) / 2
        if np.minimum(caps, weights * level).sum() < supply:
            low = level
        else:
            high = level
    return np.minimum(caps, weights * low)


@pytest.mark.parametrize("count", [2, 3, 5, 12, 40])
def test_a_group_of_any_size_fills_like_connected_vessels(count: int):
    r = np.random.default_rng(count)
    caps, weights = r.uniform(0.1, 1.0, count), r.choice([0.5, 1.0, 2.0], count)
    units = "\n".join(
        f"      u{i:02d}: {{recipe: {{feeds: {{x: 1}}}}, capacity: 10, priority: 1, weight: {weights[i]}}}"
        for i in range(count)
    )
    park = park_of(f"""
    materials: {{x: {{}}}}
    units:
{units}
    buy: {{x: {{limit: 1000}}}}
    """)
    program = compile_park(park)
    kernel = Kernel(program)
    columns = [program.column[f"unit:u{i:02d}"] for i in range(count)]
    for share in (0.05, 0.3, 0.7, 0.95):
        upper = program.upper.copy()
        upper[columns] = caps
        upper[program.column["buy:x"]] = caps.sum() * share
        found = kernel.allocate(upper, np.zeros(program.n)).values[columns]
        assert found == pytest.approx(water_level(caps.sum() * share, caps, weights), abs=1e-9)


def test_a_member_at_its_minimum_load_rises_with_the_others():
    # Found by the comparison with the reference: b starts at its floor of 3, below the level that
    # the supply of 9 allows (4.5 each).
    park = park_of("""
        materials: {x: {}, y: {}}
        units:
          a: {recipe: {feeds: {x: 1}}, capacity: 10, priority: 1}
          b: {recipe: {feeds: {x: 1}}, capacity: 10, priority: 1, min_load: 0.3}
          c: {recipe: {feeds: {x: 1, y: 1}}, capacity: 10, priority: 1, min_load: 0.5}
        buy: {x: {limit: 9}, y: {limit: 4}}
    """)
    program = compile_park(park)
    found = Kernel(program).allocate(program.upper, floors_of(park, program)).values
    assert [found[program.column[f"unit:{u}"]] for u in "abc"] == pytest.approx([0.45, 0.45, 0.0])


@pytest.mark.parametrize("sense", ["large", "small"])
def test_a_floor_out_of_reach_costs_one_node_more(sense: str):
    # What is left of x is too little for b at its floor, which a, before it, would have to pay for;
    # and c, needed by a, has to run at its floor although less would do.
    park = park_of("""
        materials: {x: {}, y: {}}
        units:
          a: {recipe: {feeds: {x: 1, y: 0.1}}, capacity: 10, priority: 1}
          b: {recipe: {feeds: {x: 1}}, capacity: 10, priority: 2, min_load: 0.5}
          c: {recipe: {products: {y: 1}}, capacity: 10, priority: 3, min_load: 0.4, follow: true}
        buy: {x: {limit: 12}}
        vents: {y: {}}
    """)
    program = compile_park(park)
    floors = floors_of(park, program)
    kept = "unit:b" if sense == "large" else "unit:c"
    floors = np.where(np.arange(program.n) == program.column[kept], floors, 0.0)
    found = Kernel(program).allocate(program.upper, floors)
    expected = Lexicographic(program).allocate(program.upper, floors)
    assert found.values == pytest.approx(expected.values, abs=1e-9)
    assert found.values[program.column[kept]] == (0.0 if sense == "large" else 0.4)
    assert found.nodes == 2


def test_twins_that_cannot_all_run_are_taken_in_the_order_of_the_list():
    units = "\n".join(
        f"      t{i}: {{recipe: {{feeds: {{x: 1}}}}, capacity: 10, priority: 1, min_load: 0.6}}"
        for i in range(6)
    )
    park = park_of(f"""
    materials: {{x: {{}}}}
    units:
{units}
    buy: {{x: {{limit: 19}}}}
    """)
    program = compile_park(park)
    floors = floors_of(park, program)
    found = Kernel(program).allocate(program.upper, floors)
    expected = Lexicographic(program).allocate(program.upper, floors)
    running = [k for k in program.keys if k.startswith("unit") and found.values[program.column[k]]]
    assert len(running) == 3
    assert found.values == pytest.approx(expected.values, abs=1e-7)


def test_limits_name_what_a_goal_depends_on():
    park = park_of("""
        materials: {gas: {unit: kNm3}, a: {}, b: {}}
        units:
          first: {recipe: {feeds: {gas: 1}, products: {a: 1}}, capacity: 6, priority: 1}
          second: {recipe: {feeds: {gas: 1}, products: {b: 1}}, capacity: 8, priority: 2}
        buy: {gas: {limit: 10}}
        sell: {a: {}, b: {}}
    """)
    program = compile_park(park)
    found = Kernel(program).allocate(program.upper, np.zeros(program.n))
    assert found.limits[0] == ("unit:first",)
    assert set(found.limits[1]) == {"unit:first", "buy:gas"}


def test_rows_that_no_state_keeps_are_an_error(monkeypatch):
    monkeypatch.setattr("chainsim.balance.kernel.check_gain", lambda program: None)
    program = compile_park(
        park_of("""
            materials: {x: {}}
            units: {m: {recipe: {feeds: {x: 1}}, capacity: 10}}
            buy: {x: {limit: 5}}
            buffers: {x: {capacity: 4, initial: 2, serves: [m]}}
        """)
    )
    serving = program.row_lower < 0.0
    asked = dataclasses.replace(
        program,
        upper=np.minimum(program.upper, 0.5),
        row_lower=np.where(serving, 3.0, 0.0),
        row_upper=np.where(serving, 4.0, 0.0),
    )
    with pytest.raises(InfeasibleError) as caught:
        Kernel(asked)
    assert caught.value.problems[0].code == "CS-E001"


def test_a_full_log_is_survived():
    seed, park, program = next(random_parks(range(5003, 5100)))
    states = list(random_states(park, program, seed, 6))
    kernel = Kernel(program)
    expected = [kernel.allocate(*state).values for state in states]
    small = dataclasses.replace(
        kernel.tableau,
        log_place=kernel.tableau.log_place[:9],
        log_value=kernel.tableau.log_value[:9],
    )
    for state, values in zip(states, expected, strict=True):
        kernel.tableau = small
        assert kernel.allocate(*state).values == pytest.approx(values, abs=1e-9)


def test_a_search_that_is_cut_short_says_so():
    # Fifty units of different size, one after the other in rank, share what none of them can use
    # alone: more patterns than may be tried.
    units = "\n".join(
        f"      t{i:02d}: {{recipe: {{feeds: {{x: 1, y{i % 5}: 1}}}}, capacity: {10 + i}, "
        f"priority: {i % 3}, min_load: 0.55}}"
        for i in range(50)
    )
    park = park_of(f"""
    materials: {{x: {{}}, y0: {{}}, y1: {{}}, y2: {{}}, y3: {{}}, y4: {{}}}}
    units:
{units}
    buy: {{x: {{limit: 97}}, y0: {{limit: 31}}, y1: {{limit: 29}}, y2: {{limit: 23}}, y3: {{limit: 19}}, y4: {{limit: 17}}}}
    """)
    program = compile_park(park)
    floors = floors_of(park, program)
    found = Kernel(program).allocate(program.upper, floors)
    assert found.exact == (found.nodes < MAX_NODES)
    assert program.residual(found.values) <= 1e-9
    assert np.all((found.values == 0.0) | (found.values >= floors - 1e-8))


def test_without_a_folder_to_write_to_functions_are_compiled_all_the_same(monkeypatch):
    from numba.core import caching

    for name in ("InTreeCacheLocator", "UserWideCacheLocator"):
        monkeypatch.setattr(
            getattr(caching, name), "from_function", classmethod(lambda cls, *_: None)
        )
    monkeypatch.setattr(compiled, "cache_folder", lambda: "/dev/null/none")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)

    def double(x: float) -> float:
        return 2.0 * x

    made = compiled.compiled(double)
    assert isinstance(made, numba.core.dispatcher.Dispatcher)
    assert made(21.0) == 42.0


def test_the_cache_folder_follows_the_text_of_the_kernels(monkeypatch, tmp_path):
    cache.cache_folder.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    assert cache.cache_folder().startswith(str(tmp_path / "chainsim" / "kernels-"))
    assert not cache.kept_code()
    cache.cache_folder.cache_clear()


def test_numba_is_loaded_without_the_linear_algebra_of_scipy():
    text = (
        "import sys, chainsim.balance.compiled; from numba.np import linalg, arraymath; "
        "print('scipy.linalg' in sys.modules, arraymath._HAVE_BLAS); "
        "linalg.ensure_blas(); print('scipy.linalg' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True", "True"]


def test_who_asked_is_told_what_is_compiled(monkeypatch, tmp_path):
    monkeypatch.setattr(compiled, "cache_folder", lambda: str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)

    def treble(x: float) -> float:
        return 3.0 * x

    heard: list[tuple[int, int]] = []
    cache.tell_compilation(lambda done, count: heard.append((done, count)))
    try:
        made = compiled.compiled(treble)
        assert made(2.0) == 6.0
        assert heard
        assert all(0 <= done <= count for done, count in heard)
        before = len(heard)
        assert made(4.0) == 12.0
        assert len(heard) == before
    finally:
        cache.tell_compilation(None)
        compiled._ours.discard(treble)


def test_no_unit_of_the_base_park_runs_on_dust(monkeypatch: pytest.MonkeyPatch):
    """In a year of changes every load is 0 or at least its floor, whatever the rounding."""
    park = load_park("xinzhou-base")
    plant = Plant(park)
    loads: list[tuple[Array, Array]] = []
    advance = des_engine.advance

    def watched(running: Running, hour: float, until: float) -> int:
        status = advance(running, hour, until)
        column = running.state.column
        loads.append((column[VALUE].copy(), column[FLOOR_NOW].copy()))
        return status

    monkeypatch.setattr(des_engine, "advance", watched)
    des_engine.run_des(park, plant=plant)
    assert len(loads) > 200
    for value, floor in loads:
        assert ((value == 0.0) | (value >= floor - 1e-8)).all()
