"""A program rewritten for the kernel: what can never flow left out, an order free of names.

Everything becomes one system of equations A z = 0 with bounds on z. The variables z are, in this
order: the columns of the program that can flow, in the order of the dispatch list; one slack for
every row that is no balance; and for members of a sharing group that meet at a header one common
share t with slacks s = +-(x - w t) >= 0. The list of goals in single file ("ranks") has each t
before the members it stands for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainsim.balance.program import Array, Program, Stage

Index = NDArray[np.int64]

_LOOSE = 2.0
"""Stand-ins for missing bounds lie this many times beyond what can be reached."""
_OPEN = 1e3
MEET_LIMIT = 2
"""Members up to which those that meet at a header get a common share of their own: for two its row
is proof enough as a rule, for more than two filling is faster."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Arrays for the kernel. `v` variables, `e` equations, `p` ranks, `g` stages.

    Attributes:
        live: (columns,) the program's column behind each of the first variables.
        columns: how many variables are columns.
        slack_rows: the program's row behind each of the next variables.
        lower, upper: (v,) bounds; stand-ins where there is none.
        missing: (v,) 1 where the bound is a stand-in for a truly missing one.
        weight: (v,) request of each column.
        starts, index, value: A by columns (compressed).
        crash: (e,) variable that may stand for the equation at the start, or -1.
        ranks: (p,) variable of each rank; sense: (p,) +1 large, -1 small.
        stage: (3, g) first rank, first member, end.
        tie: (v,) common share that a column is a member of, or -1.
        slack: (v,) the slack it has there, or -1.
        order: (v,) place of a column in the dispatch list as written, for branching.
    """

    live: Index
    columns: int
    slack_rows: tuple[int, ...]
    lower: Array
    upper: Array
    missing: Index
    weight: Array
    starts: Index
    index: Index
    value: Array
    crash: Index
    ranks: Index
    sense: Array
    stage: Index
    tie: Index
    slack: Index
    order: Index

    @property
    def variables(self) -> int:
        """Number of variables."""
        return len(self.lower)

    @property
    def equations(self) -> int:
        """Number of equations."""
        return len(self.crash)


def build_layout(program: Program) -> Layout:
    """Rewrite a program."""
    return _Builder(program).layout()


class _Builder:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.entries = [dict(program.entries(j)) for j in range(program.n)]
        self.open = _can_flow(program, self.entries)
        self.stages = [self._members(s) for s in program.stages]
        self.stages = [s for s in self.stages if s[1]]
        self.live = [j for _, members in self.stages for j, _ in members]
        self.place = {j: i for i, j in enumerate(self.live)}
        self.rows = self._rows()

    def _members(self, stage: Stage) -> tuple[str, list[tuple[int, float]]]:
        """Open members of a stage with their weights, in an order in which no name counts."""
        members = [
            (j, w) for j, w in zip(stage.columns, stage.weights, strict=True) if self.open[j]
        ]
        return stage.sense, sorted(members, key=lambda m: self._looks(*m))

    def _looks(self, column: int, weight: float) -> tuple[object, ...]:
        values = sorted(self.entries[column].values())
        return weight, float(self.program.upper[column]), len(values), *values

    def _rows(self) -> dict[int, int]:
        """Row of the program -> equation, in the order in which the columns meet them."""
        rows: dict[int, int] = {}
        for j in self.live:
            for row, _ in sorted(self.entries[j].items(), key=lambda e: (e[1], e[0])):
                rows.setdefault(row, len(rows))
        return rows

    def layout(self) -> Layout:
        program, count = self.program, len(self.live)
        vectors = [{self.rows[r]: a for r, a in self.entries[j].items()} for j in self.live]
        lower, upper = [0.0] * count, [float(program.upper[j]) for j in self.live]
        crash = [-1] * len(self.rows)
        slack_rows = []
        for row, equation in self.rows.items():
            low, high = float(program.row_lower[row]), float(program.row_upper[row])
            if low == high == 0.0:
                continue
            crash[equation] = len(vectors)
            slack_rows.append(row)
            vectors.append({equation: -1.0})
            lower.append(low)
            upper.append(high)
        ties = self._ties(vectors, lower, upper, crash)
        size = len(vectors)
        order = np.full(size, size)
        written = [j for s in program.stages for j in s.columns]
        for position, j in enumerate(written):
            if j in self.place:
                order[self.place[j]] = position
        weight = np.ones(size)
        for _, members in self.stages:
            for j, w in members:
                weight[self.place[j]] = w
        ranks, sense, stage = self._ranks(ties)
        tie, slack = np.full(size, -1), np.full(size, -1)
        for share, members_of in ties.items():
            for place, own in members_of:
                tie[place], slack[place] = share, own
        low_bounds, high_bounds, missing = _closed(vectors, lower, upper)
        return Layout(
            live=np.array(self.live, dtype=np.int64),
            columns=count,
            slack_rows=tuple(slack_rows),
            lower=low_bounds,
            upper=high_bounds,
            missing=missing,
            weight=weight,
            starts=np.cumsum([0, *(len(c) for c in vectors)]),
            index=np.array([r for c in vectors for r in sorted(c)], dtype=np.int64),
            value=np.array([c[r] for c in vectors for r in sorted(c)], dtype=float),
            crash=np.array(crash, dtype=np.int64),
            ranks=np.array(ranks, dtype=np.int64),
            sense=np.array(sense, dtype=float),
            stage=np.array(stage, dtype=np.int64).reshape(-1, 3).T.copy(),
            tie=tie,
            slack=slack,
            order=order,
        )

    def _ties(
        self,
        vectors: list[dict[int, float]],
        lower: list[float],
        upper: list[float],
        crash: list[int],
    ) -> dict[int, list[tuple[int, int]]]:
        """A common share for members that meet: share -> (member, its slack)."""
        ties: dict[int, list[tuple[int, int]]] = {}
        for sense, members in self.stages:
            sign = 1.0 if sense == "max" else -1.0
            for group in self._meeting(members):
                share = len(vectors)
                vectors.append({})
                lower.append(0.0)
                upper.append(math.inf)
                ties[share] = []
                for j, w in group:
                    place, equation, own = self.place[j], len(crash), len(vectors)
                    vectors[place][equation] = sign
                    vectors[share][equation] = -sign * w
                    vectors.append({equation: -1.0})
                    lower.append(0.0)
                    upper.append(math.inf)
                    crash.append(own)
                    ties[share].append((place, own))
        return ties

    def _meeting(self, members: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
        """Members of one stage that take from, or give to, the same header."""
        found: list[tuple[set[tuple[int, bool]], list[int]]] = []
        for i, (j, _) in enumerate(members):
            ends = {(row, a > 0.0) for row, a in self.entries[j].items()}
            apart = []
            together = (ends, [i])
            for other in found:
                if other[0] & together[0]:
                    together = (other[0] | together[0], sorted(other[1] + together[1]))
                else:
                    apart.append(other)
            found = [*apart, together]
        sets = sorted(own for _, own in found if 1 < len(own) <= MEET_LIMIT)
        return [[members[i] for i in own] for own in sets]

    def _ranks(
        self, ties: dict[int, list[tuple[int, int]]]
    ) -> tuple[list[int], list[float], list[tuple[int, int, int]]]:
        share_of = {place: share for share, group in ties.items() for place, _ in group}
        ranks: list[int] = []
        senses: list[float] = []
        stages = []
        for sense, members in self.stages:
            places = [self.place[j] for j, _ in members]
            begin = len(ranks)
            ranks += sorted({share_of[p] for p in places if p in share_of})
            middle = len(ranks)
            ranks += places
            senses += [1.0 if sense == "max" else -1.0] * (len(ranks) - begin)
            stages.append((begin, middle, len(ranks)))
        return ranks, senses, stages


def _can_flow(program: Program, entries: Sequence[dict[int, float]]) -> list[bool]:
    """(n,) False where a balance that only gains, or only loses, leaves a column nothing but 0."""
    open_ = [bool(u > 0.0) for u in program.upper]
    columns: list[list[int]] = [[] for _ in range(program.m)]
    for j, own in enumerate(entries):
        for row in own:
            columns[row].append(j)
    balance = (program.row_lower == 0.0) & (program.row_upper == 0.0)
    pending = [r for r in range(program.m) if balance[r]]
    while pending:
        row = pending.pop()
        signs = {entries[j][row] > 0.0 for j in columns[row] if open_[j]}
        if len(signs) != 1:
            continue
        for j in columns[row]:
            if open_[j]:
                open_[j] = False
                pending += [r for r in entries[j] if balance[r]]
    return open_


def _closed(
    vectors: Sequence[dict[int, float]], lower: Sequence[float], upper: Sequence[float]
) -> tuple[Array, Array, Index]:
    """Finite bounds for all variables: what their equations imply, loosened, else a large number.

    A value at a loosened bound is out of reach, so it never decides an answer.
    """
    given_low, given_high = np.array(lower), np.array(upper)
    rows: dict[int, list[tuple[int, float]]] = {}
    for j, own in enumerate(vectors):
        for row, a in own.items():
            rows.setdefault(row, []).append((j, a))
    low, high = given_low.copy(), given_high.copy()
    _imply(rows, low, high)
    missing = np.isinf(low) | np.isinf(high)
    ends = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)], [1.0]])
    far = _OPEN * float(np.abs(ends).max())
    low = np.where(np.isneginf(low), -far, low)
    high = np.where(np.isposinf(high), far, high)
    low = np.where(np.isfinite(given_low), low, np.minimum(_LOOSE * low, 0.0) - 1.0)
    high = np.where(np.isfinite(given_high), high, np.maximum(_LOOSE * high, 0.0) + 1.0)
    return low, high, missing.astype(np.int64)


def _imply(rows: dict[int, list[tuple[int, float]]], low: Array, high: Array) -> None:
    """Derive missing bounds from equations in which all other variables are bounded."""
    changed = True
    while changed:
        changed = False
        for row in sorted(rows):
            for j, a in rows[row]:
                for sign in (1.0, -1.0):
                    if np.isfinite(high[j] if sign > 0 else low[j]):
                        continue
                    reach = 0.0
                    for i, b in rows[row]:
                        if i != j:
                            factor = -sign * b / a
                            reach += factor * (high[i] if factor > 0 else low[i])
                    if math.isfinite(reach):
                        changed = True
                        if sign > 0:
                            high[j] = reach
                        else:
                            low[j] = -reach
