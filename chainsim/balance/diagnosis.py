"""What is wrong with a park beyond its single parts: loops that feed themselves.

A recycle that returns more than it takes needs no source: a linear program would run it out of
nothing. The test is one linear program with every source closed; it says nothing about time, so
units that never stand in the park together are tested together all the same.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from chainsim.balance.program import Array, Program
from chainsim.balance.solver import quiet_solver
from chainsim.errors import InternalError, Problem, StructureError

OUTPUT_FLOOR = 1e-7
"""Net output, in shares of header sizes, from which a closed park counts as self-fed."""
ACTIVITY_FLOOR = 1e-9
_SOURCES = ("buy", "draw")
_SINKS = ("sell", "obligation", "vent", "fill")


def check_gain(program: Program) -> None:
    """Refuse a park with a loop that creates matter or energy.

    Raises:
        StructureError: CS-S019, naming the units of the loop.
    """
    loop = find_gain(program)
    if loop:
        raise StructureError(
            Problem(code="CS-S019", path=f"units.{loop[0]}", found=" + ".join(loop))
        )


def find_gain(program: Program) -> tuple[str, ...]:
    """Units that deliver something although nothing is bought, withdrawn or made without feed.

    Returns:
        Ids of a smallest such set (no unit can be left out), sorted; empty when there is none.
    """
    takes, gives = _connections(program)
    upper = program.upper.copy()
    wanted = np.zeros(program.n)
    for key, j in program.column.items():
        kind = key.split(":", 1)[0]
        if kind in _SOURCES or (kind == "unit" and j not in takes):
            upper[j] = 0.0
        elif kind in _SINKS or (kind == "unit" and j not in gives):
            wanted[j] = 1.0
    solver = _closed(program, wanted, upper)
    values = _most(solver, program, wanted)
    if values is None:
        return ()
    running = _running(program, values)
    for key in sorted(running):
        j = program.column[f"unit:{key}"]
        if key not in running:
            continue
        solver.changeColBounds(j, 0.0, 0.0)
        left = _most(solver, program, wanted)
        if left is None:
            solver.changeColBounds(j, 0.0, float(upper[j]))
        else:
            running = _running(program, left)
    return tuple(sorted(running))


def _connections(program: Program) -> tuple[set[int], set[int]]:
    """Columns of the units that take something from a header, and of those that give something."""
    direction: dict[str, set[bool]] = {}
    for key, j in program.column.items():
        kind, name = key.split(":", 1)
        if kind in ("unit", "feed"):
            signs = {
                value > 0.0
                for row, value in program.entries(j)
                if program.row_names[row].startswith("header:")
            }
            direction.setdefault(name.split(".", 1)[0], set()).update(signs)
    takes = {program.column[f"unit:{u}"] for u, signs in direction.items() if False in signs}
    gives = {program.column[f"unit:{u}"] for u, signs in direction.items() if True in signs}
    return takes, gives


def _closed(program: Program, wanted: Array, upper: Array) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.n, program.m
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = wanted
    lp.col_lower_ = np.zeros(program.n)
    lp.col_upper_ = upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = program.starts
    lp.a_matrix_.index_ = program.index
    lp.a_matrix_.value_ = program.value
    solver = quiet_solver()
    solver.passModel(lp)
    return solver


def _most(solver: Any, program: Program, wanted: Array) -> Array | None:
    """(n,) the largest net output of the closed park; None when there is none."""
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise InternalError(f"search for gains: {solver.modelStatusToString(status)}")
    values = np.array(solver.getSolution().col_value)
    return values if float(values @ wanted) > OUTPUT_FLOOR else None


def _running(program: Program, values: Array) -> set[str]:
    return {
        key.split(":", 1)[1]
        for key, j in program.column.items()
        if key.startswith("unit:") and values[j] > ACTIVITY_FLOOR
    }
