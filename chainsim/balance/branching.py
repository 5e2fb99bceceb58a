"""Branch and bound over minimum loads: every unit stands still or runs at its floor or more.

Branching goes on the highest-ranked unit between 0 and its floor. A node's goal vector bounds those
below it lexicographically, so nodes that are not above the best answer are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chainsim.balance.program import Array
from chainsim.errors import InfeasibleError, Problem

LOAD_TOLERANCE = 1e-8
MAX_NODES = 200
_DUST = 1e-12

Vector = tuple[float, ...]
"""What every goal of the dispatch list got; larger is better, lexicographically."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Values of all columns (n,), what limited each stage, and how it was found."""

    values: Array
    limits: tuple[tuple[str, ...], ...]
    """For each stage: keys of the columns at a bound that keep it from doing better."""
    nodes: int = 1
    exact: bool = True
    """False when branching was cut short."""


@dataclass(frozen=True, slots=True)
class Node:
    """Bounds of all columns (n,) in one part of the search."""

    lower: Array
    upper: Array


@dataclass(frozen=True, slots=True)
class Leaf:
    """The optimum inside a node; a larger `vector` is better, lexicographically."""

    values: Array
    limits: tuple[tuple[str, ...], ...]
    vector: Vector


Solve = Callable[[Node, Vector | None], Leaf | None]
"""Optimum of a node; None when it is empty or not above the vector given."""
Ranks = Mapping[int, tuple[int, int]]
"""Column -> (stage, place inside it)."""


def branch(solve: Solve, upper: Array, floors: Array, ranks: Ranks) -> Allocation:
    """The best state in which every column is 0 or at least its floor.

    Args:
        solve: optimum of a node without floors, or None when it is not above the best so far.
        upper: (n,) what every column may reach.
        floors: (n,) minimum loads; 0 where there is none.
        ranks: place of each column in the dispatch list.

    Raises:
        InfeasibleError: no state keeps the rows (CS-E001).
    """
    upper = np.where(upper + LOAD_TOLERANCE < floors, 0.0, upper)
    pending = [Node(np.zeros_like(upper), upper)]
    best: Leaf | None = None
    nodes = 0
    while pending and nodes < MAX_NODES:
        node = pending.pop()
        nodes += 1
        leaf = solve(node, best.vector if best is not None else None)
        if leaf is None:
            continue
        column = _violator(leaf.values, floors, ranks)
        if column is None:
            best = leaf
        else:
            pending += _children(node, column, float(floors[column]))
    if best is None:
        best = _greedy(solve, upper, floors, ranks)
    values = best.values.copy()
    values[np.abs(values) < _DUST] = 0.0
    return Allocation(values, best.limits, nodes, exact=not pending)


def _children(node: Node, column: int, floor: float) -> list[Node]:
    """The node with the column at 0, and, to be tried first, with it at its floor or above."""
    off, on = node.upper.copy(), node.lower.copy()
    off[column] = 0.0
    on[column] = floor
    return [Node(node.lower, off), Node(on, node.upper)]


def _greedy(solve: Solve, upper: Array, floors: Array, ranks: Ranks) -> Leaf:
    """Hold the highest-ranked violator at 0 until none is left: feasible, not always best."""
    upper = upper.copy()
    while True:
        leaf = solve(Node(np.zeros_like(upper), upper), None)
        if leaf is None:
            raise InfeasibleError(Problem(code="CS-E001"))
        column = _violator(leaf.values, floors, ranks)
        if column is None:
            return leaf
        upper[column] = 0.0


def _violator(values: Array, floors: Array, ranks: Ranks) -> int | None:
    low = (values > LOAD_TOLERANCE) & (values < floors - LOAD_TOLERANCE)
    found = [int(j) for j in np.flatnonzero(low)]
    return min(found, key=lambda j: ranks[j]) if found else None


def compare(one: Sequence[float], other: Sequence[float]) -> int:
    """1, 0 or -1 as the first difference beyond rounding is for `one`, absent, or for `other`.

    Only as many entries as both have are compared.
    """
    for a, b in zip(one, other, strict=False):
        if abs(a - b) > LOAD_TOLERANCE:
            return 1 if a > b else -1
    return 0
