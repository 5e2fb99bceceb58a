"""Two machines and a buffer, of any speeds, against the Markov chain of their states and the level.

Between empty and full the level moves at a rate r that each state of the machines (both up, one up,
none) fixes, and the states change by a generator Q: densities f satisfy f' R = f Q. States in which
the level stands (r = 0) are eliminated: what enters them leaves them. At the ends states have masses
p; at the empty end f R = p Q0, at the full end f R = -p QN, Q0 and QN being the generators there:
with operating clocks a starved or blocked machine does not fail. Masses exist only where the level
does not leave the end. All mass is 1. A matrix exponential and a small linear system, no simulation;
equal speeds give the formulas of `test_closed_forms` back.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from tests.golden.test_closed_forms import (
    CONFIDENCE,
    FAILURE,
    MODE,
    REPAIR,
    calendar_line,
    estimate,
    operating_line,
    sold,
)
from tests.parks import park_of

Array = np.ndarray
UP = np.array([(1, 1), (1, 0), (0, 1), (0, 0)])
"""States: first machine up, second machine up."""


def generator(fails: tuple[Array, Array]) -> Array:
    """Generator over the states; a machine that is up fails where `fails` says so."""
    q = np.zeros((4, 4))
    for i, state in enumerate(UP):
        for machine in (0, 1):
            other = state.copy()
            other[machine] ^= 1
            j = int(np.argmax((other == UP).all(axis=1)))
            q[i, j] = (FAILURE * fails[machine][i]) if state[machine] else REPAIR
    return q - np.diag(q.sum(axis=1))


def exponential(matrix: Array) -> Array:
    """Of a matrix, by its series and squaring."""
    squarings = max(0, math.ceil(math.log2(max(np.abs(matrix).sum(axis=1).max(), 1e-9))) + 4)
    small, term, total = matrix / 2**squarings, np.eye(len(matrix)), np.eye(len(matrix))
    for k in range(1, 16):
        term = term @ small / k
        total = total + term
    for _ in range(squarings):
        total = total @ total
    return total


def fluid_line(speeds: tuple[float, float], size: float, clock: str) -> float:
    """Output per hour of the line."""
    drift = speeds[0] * UP[:, 0] - speeds[1] * UP[:, 1]
    always = np.ones(4)
    starves, blocks = (UP[:, 0] == 1) * 1.0, (UP[:, 1] == 1) * 1.0  # who can go on at an end
    ageing = clock == "operating"
    inside = generator((always, always))
    empty = generator((always, starves if ageing else always))
    full = generator((blocks if ageing else always, always))
    moves, stays = np.flatnonzero(drift), np.flatnonzero(drift == 0.0)
    through = -np.linalg.solve(inside[np.ix_(stays, stays)].T, inside[np.ix_(moves, stays)].T).T
    reduced = inside[np.ix_(moves, moves)] + through @ inside[np.ix_(stays, moves)]
    m = reduced / drift[moves]
    n = len(moves)
    wide = exponential(size * np.block([[m, np.eye(n)], [np.zeros((n, 2 * n))]]))
    across, along = wide[:n, :n], wide[:n, n:]  # f(size) = f(0) across; integral = f(0) along
    spread = np.zeros((n, 4))  # densities of all states from those of the moving ones
    spread[:, moves], spread[:, stays] = np.eye(n), through
    low, high = np.flatnonzero(drift <= 0.0), np.flatnonzero(drift >= 0.0)
    count = n + len(low) + len(high)
    rows, flow = np.zeros((9, count)), spread * drift  # unknown: f(0), masses at both ends
    rows[:4, :n], rows[:4, n : n + len(low)] = flow.T, -empty[low].T
    rows[4:8, :n], rows[4:8, n + len(low) :] = (across @ flow).T, full[high].T
    rows[8] = np.concatenate([(along @ spread).sum(axis=1), np.ones(len(low) + len(high))])
    found = np.linalg.lstsq(rows, np.append(np.zeros(8), 1.0), rcond=None)[0]
    second = speeds[1] * UP[:, 1]
    starved = np.minimum(second, speeds[0] * UP[:, 0])
    worth = np.concatenate([along @ spread @ second, starved[low], second[high]])
    return float(found @ worth)


@pytest.mark.parametrize("size", [1.0, 10.0, 40.0])
def test_equal_speeds_give_the_formulas_back(size: float):
    assert fluid_line((1.0, 1.0), size, "calendar") == pytest.approx(calendar_line(size), abs=1e-9)
    assert fluid_line((1.0, 1.0), size, "operating") == pytest.approx(
        operating_line(size), abs=1e-9
    )


def test_a_line_read_backwards_makes_as_much():
    # Reversibility (Muth): what flows forward as parts flows backward as room.
    for clock in ("calendar", "operating"):
        assert fluid_line((1.2, 1.0), 10.0, clock) == pytest.approx(
            fluid_line((1.0, 1.2), 10.0, clock), abs=1e-9
        )


@pytest.mark.parametrize("speeds", [(1.0, 1.2), (1.2, 1.0)])
@pytest.mark.parametrize("clock", ["calendar", "operating"])
def test_machines_of_unequal_speeds(speeds: tuple[float, float], clock: str):
    mode = MODE.format(clock=clock)
    park = park_of(
        f"""
        materials: {{raw: {{}}, part: {{}}, good: {{}}}}
        units:
          m1:
            recipe: {{feeds: {{raw: 1}}, products: {{part: 1}}}}
            capacity: {speeds[0]}
            failures: [{mode}]
          m2:
            recipe: {{feeds: {{part: 1}}, products: {{good: 1}}}}
            capacity: {speeds[1]}
            failures: [{mode}]
        buffers: {{part: {{capacity: 10}}}}
        buy: {{raw: {{}}}}
        sell: {{good: {{}}}}
        """,
        hours=40000.0,
    )
    plant = Plant(park)
    mean, error = estimate([sold(run_des(park, replication=r, plant=plant)) for r in range(40)])
    exact = fluid_line(speeds, 10.0, clock)
    print(f"{speeds}, {clock}: {mean:.5f} +- {error:.5f}, exact {exact:.5f}")
    assert error < 0.0016
    assert abs(mean - exact) < CONFIDENCE * error
    assert abs(fluid_line((1.0, 1.0), 10.0, clock) - exact) > 10.0 * error
