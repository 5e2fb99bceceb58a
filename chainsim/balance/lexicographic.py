"""The reference allocation: the dispatch list as a lexicographic sequence of linear programs.

Each goal is optimised with everything below it free, and the set of its optima is then fixed
(`face.py`). Goals that share are served by leximin (progressive filling). Minimum loads are
semi-continuous: branch and bound (`branching.py`), compared by the vector of goals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainsim.balance.branching import Allocation, Leaf, Node, Vector, branch, compare
from chainsim.balance.diagnosis import check_gain
from chainsim.balance.face import Face
from chainsim.balance.model import build_model
from chainsim.balance.program import Array, Program, Stage

__all__ = ["Allocation", "Lexicographic"]

_GUESS_DECAY = 0.7
_GUESS_FLOOR = 1e-6


class Lexicographic:
    """Solves one program again and again."""

    def __init__(self, program: Program) -> None:
        """Take a program on.

        Raises:
            StructureError: a loop of the park creates matter or energy (CS-S019).
        """
        check_gain(program)
        self.program = program
        self._model = build_model(program)
        self._guess = _guess(program)
        self._nominal = self._nominal_basis()
        self._ranks = {
            j: (k, position)
            for k, stage in enumerate(program.stages)
            for position, j in enumerate(stage.columns)
        }

    def allocate(self, upper: Array, floors: Array) -> Allocation:
        """The lexicographic optimum.

        Args:
            upper: (n,) what every column may reach now.
            floors: (n,) minimum loads of units; 0 elsewhere. A column is 0 or at least its floor.

        Raises:
            InfeasibleError: no state keeps the rows (CS-E001), or a goal is unbounded (CS-E002).
        """
        # Always from the same basis: the answer is a function of the bounds alone, to the last bit.
        self._model.solver.clearSolver()
        if self._nominal is not None:
            self._model.solver.setBasis(self._nominal)
        return branch(self._solve, upper, floors, self._ranks)

    def _nominal_basis(self) -> Any:
        """Basis of the park with everything up, from which every allocation starts."""
        program = self.program
        face = Face(self._model, program, np.zeros(program.n), program.upper.copy())
        face.cost(self._guess)
        return self._model.solver.getBasis() if face.run() else None

    def _solve(self, node: Node, best: Vector | None) -> Leaf | None:
        """The lexicographic optimum without minimum loads inside `node`.

        None when the node is empty, or as soon as it cannot be above `best`.
        """
        if np.any(node.lower > node.upper):
            return None
        face = Face(self._model, self.program, node.lower, node.upper)
        face.cost(self._guess)
        if not face.run():
            return None
        limits: list[tuple[str, ...]] = []
        vector: list[float] = []
        group, ahead = 0, best is None
        for stage in self.program.stages:
            if len(stage.columns) == 1:
                limits.append(face.single(stage))
            else:
                limits.append(face.leximin(stage, group))
                group += 1
            vector += _goal_vector(stage, [face.current(j) for j in stage.columns])
            if not ahead and best is not None:
                order = compare(vector, best)
                ahead = order > 0
                if order < 0:
                    break
        return Leaf(face.result(), tuple(limits), tuple(vector)) if ahead else None


def _guess(program: Program) -> dict[int, float]:
    """A first objective near the lexicographic one, so that most stages are met at once."""
    weight, guess = 1.0, {}
    for stage in program.stages:
        for j in stage.columns:
            if stage.sense == "min":
                guess[j] = weight
            elif math.isfinite(program.upper[j]):
                guess[j] = -weight
        weight = max(weight * _GUESS_DECAY, _GUESS_FLOOR)
    return guess


def _goal_vector(stage: Stage, values: Sequence[float]) -> list[float]:
    """What the goal got: shares of each request, the poorest first; negative for small is good."""
    shares = [v / w for v, w in zip(values, stage.weights, strict=True)]
    return sorted(shares) if stage.sense == "max" else sorted(-s for s in shares)
