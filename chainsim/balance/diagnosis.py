"""What is wrong with a park beyond its single parts: loops that feed themselves.

A recycle that returns at least what it takes needs no source: a linear program would run it out of
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

SELF_FED = 1e-7
"""Activity of all units together from which a park without sources counts as self-fed."""
ACTIVITY_FLOOR = 1e-9
_SOURCES = ("buy", "draw")


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
    """Units that run although nothing is bought, withdrawn or made without feed.

    Returns:
        Ids of a smallest such set (no unit can be left out), sorted; empty when there is none.
    """
    takes = _takers(program)
    upper = program.upper.copy()
    wanted = np.zeros(program.n)
    for key, j in program.column.items():
        kind = key.split(":", 1)[0]
        if kind in _SOURCES or (kind == "unit" and j not in takes):
            upper[j] = 0.0
        elif kind == "unit":
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


def _takers(program: Program) -> set[int]:
    """Columns of the units that take something from a header."""
    takers = set()
    for key, j in program.column.items():
        kind, name = key.split(":", 1)
        if kind in ("unit", "feed") and any(
            value < 0.0 and program.row_names[row].startswith("header:")
            for row, value in program.entries(j)
        ):
            takers.add(program.column[f"unit:{name.split('.', 1)[0]}"])
    return takers


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
    """(n,) the most that runs in the closed park; None when nothing does."""
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise InternalError(f"search for gains: {solver.modelStatusToString(status)}")
    values = np.array(solver.getSolution().col_value)
    return values if float(values @ wanted) > SELF_FED else None


def _running(program: Program, values: Array) -> set[str]:
    return {
        key.split(":", 1)[1]
        for key, j in program.column.items()
        if key.startswith("unit:") and values[j] > ACTIVITY_FLOOR
    }
