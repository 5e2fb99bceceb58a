"""A program inside HiGHS, with what the lexicographic solve needs beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from chainsim.balance.program import Array, Program
from chainsim.balance.solver import quiet_solver

# Between goals only the objective changes, so the vertex stays feasible: primal simplex. The
# program is scaled already.
_SIMPLEX: Mapping[str, int] = {"simplex_strategy": 4, "simplex_scale_strategy": 0}


@dataclass(frozen=True, slots=True)
class Model:
    """A solver that holds one program, with a column and rows for every sharing group.

    Attributes:
        solver: the HiGHS instance (columns of the program first, then one per group).
        tie_rows: for each group, the row of each member: value - weight * share >= 0.
        rows_of: for each column of the program, its (row, coefficient) pairs.
        columns_of: for each row of the program, its (column, coefficient) pairs.
        entry_row, entry_column, entry_value: the matrix of the program, entry by entry.
        rows: number of rows, those of the groups included.
    """

    solver: Any
    tie_rows: tuple[tuple[int, ...], ...]
    rows_of: tuple[tuple[tuple[int, float], ...], ...]
    columns_of: tuple[tuple[tuple[int, float], ...], ...]
    entry_row: NDArray[np.int32]
    entry_column: NDArray[np.int64]
    entry_value: Array
    rows: int


def build_model(program: Program) -> Model:
    """Hand a program and its sharing groups to a new solver."""
    groups = [s for s in program.stages if len(s.columns) > 1]
    columns: list[list[tuple[int, float]]] = []
    by_row: list[list[tuple[int, float]]] = [[] for _ in range(program.m)]
    for j in range(program.n):
        columns.append(program.entries(j))
        for row, coefficient in columns[j]:
            by_row[row].append((j, coefficient))
    rows_of = tuple(tuple(c) for c in columns)
    tie_rows: list[tuple[int, ...]] = []
    row = program.m
    for stage in groups:
        sign = 1.0 if stage.sense == "max" else -1.0
        tie: list[tuple[int, float]] = []
        members = []
        for j, weight in zip(stage.columns, stage.weights, strict=True):
            columns[j].append((row, sign))
            tie.append((row, -sign * weight))
            members.append(row)
            row += 1
        columns.append(tie)
        tie_rows.append(tuple(members))
    return Model(
        _solver(program, columns, row, len(groups)),
        tuple(tie_rows),
        rows_of,
        tuple(tuple(r) for r in by_row),
        program.index,
        np.repeat(np.arange(program.n), np.diff(program.starts)),
        program.value,
        row,
    )


def _solver(
    program: Program, columns: list[list[tuple[int, float]]], rows: int, groups: int
) -> Any:
    extra = rows - program.m
    lp = highspy.HighsLp()
    lp.num_col_ = program.n + groups
    lp.num_row_ = rows
    lp.col_cost_ = np.zeros(program.n + groups)
    lp.col_lower_ = np.zeros(program.n + groups)
    lp.col_upper_ = np.concatenate([program.upper, np.full(groups, math.inf)])
    lp.row_lower_ = np.concatenate([program.row_lower, np.full(extra, -math.inf)])
    lp.row_upper_ = np.concatenate([program.row_upper, np.full(extra, math.inf)])
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = np.cumsum([0, *(len(c) for c in columns)])
    matrix.index_ = np.array([r for c in columns for r, _ in c], dtype=np.int32)
    matrix.value_ = np.array([v for c in columns for _, v in c])
    solver = quiet_solver()
    for option, value in _SIMPLEX.items():
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver
