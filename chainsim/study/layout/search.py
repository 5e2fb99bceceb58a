"""Finding layouts: the best one, others nearly as good that stand elsewhere, and fronts.

A layout's value is counted from the park as it stands, run as well as it can be under the same
limits (without them where it cannot keep them); the gap of a search therefore is a share of what
the layout adds.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from chainsim.accounts.rates import MEASURES
from chainsim.balance.linear import Answer, Array, Solver
from chainsim.errors import InfeasibleError, InternalError, Problem
from chainsim.library.candidate_files import CandidateFile
from chainsim.study.layout.formulation import (
    BUILT,
    SCALE,
    Expression,
    Formulation,
    Pick,
    formulate,
    value_of,
)
from chainsim.study.layout.options import ground_of
from chainsim.study.layout.rules import add_rules
from chainsim.study.rates import BOUNDARY, objective

Told = Callable[[float, float], None]
Progress = Callable[[int, int], None]
SHOWN = (
    "fnpv", "capex", "value_added", "energy_a", "energy_b", "carbon", "transport", "water", "jobs",
    "land",
)  # fmt: skip
"""Measures told of every layout."""
MOVED = 0.05
"""Share of a layout's investment that another one must not have where it was."""
_TOKEN = 1e-5
"""What building anything costs the search, in its own units: nothing is built for nothing."""
_MONEY = frozenset({"fnpv", "capex", "profit", "value_added", "revenue"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """One thing that a layout builds; `size` is its share of the largest."""

    candidate: str
    component: str
    site: str
    size: float
    text: str
    trains: int
    year: int
    capex_cny: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A layout on paper.

    Attributes:
        name: `best`, `alternative-2`, `front-3` …
        built: what it builds, in a fixed order.
        links: links of the park that carry something in the last year.
        value: objective beyond the park as it stands; money in CNY.
        bound: no layout has more.
        status: `optimal` within the gap, or `limit` when time ran out.
        measures: `SHOWN` and those of a front, of the last year (`fnpv` and
            `capex` of the whole time); `fnpv` is what the layout adds.
        prices: limit -> objective per unit more of it with everything built as it is.
    """

    name: str
    built: tuple[Built, ...]
    links: tuple[str, ...]
    value: float
    bound: float
    status: str
    measures: Mapping[str, float]
    prices: Mapping[str, float]

    @property
    def gap(self) -> float:
        """How much more another layout may add, as a share of what this one adds."""
        return abs(self.bound - self.value) / max(abs(self.value), 1e-9)

    @property
    def siting(self) -> frozenset[str]:
        """What stands where, whatever its size and year."""
        return frozenset(b.component for b in self.built)


class Search:
    """The program of one candidate file, searched again and again."""

    def __init__(
        self,
        file: CandidateFile,
        *,
        weights: Mapping[str, float] | None = None,
        gap: float = 0.01,
        time_limit_s: float = 60.0,
        told: Told | None = None,
    ) -> None:
        """Set up the program.

        Args:
            file: what may be built.
            weights: measure -> weight, instead of the file's objective.
            gap: share of what the layout adds within which the search may stop.
            time_limit_s: of one search.
            told: called with (value, bound) at every better layout.

        Raises:
            UserError: a mistake in the file; InfeasibleError (CS-O010) when the park that stands
                already cannot keep its obligations.
        """
        self.ground = ground_of(file)
        self.form = formulate(self.ground)
        self.weights = dict(weights) if weights is not None else layout_weights(file)
        self._gap, self._time, self._told = gap, time_limit_s, told
        self.objective = self.expression(self.weights)
        self.scale = SCALE if _MONEY & set(self.weights) else _largest(self.objective)
        self.shown = list(SHOWN)
        """Measures told of every layout from now on."""
        self.standing_keeps = True
        """Whether the park as it stands can keep the limits; if not, it is run without them."""
        own, earning = self._start()
        self.zero = value_of(self.objective, own)
        # What a layout adds to the present value counts from the park run for it.
        self._base = {k: value_of(self.form.measure(k), earning) for k in SHOWN}

    def _as_it_stands(self, objective: Expression, scale: float) -> Array | None:
        """Values of the program with nothing built, run as well as it can be."""
        model = self.form.model
        integer, model.integer = model.integer, [False] * len(model.integer)
        solver = Solver(model)
        model.integer = integer
        for pick in self.form.picks:
            solver.bounds(pick.column, 0.0, 0.0)
        for row, name in enumerate(model.row_names):
            if name.startswith("required:"):
                solver.row_bounds(row, -math.inf, math.inf)
        solver.costs(_costs(self.form, objective, -1.0 / scale))
        answer = solver.minimise()
        return None if answer is None else answer.values

    def _start(self) -> tuple[Array, Array]:
        """The standing park run for the objective, and for present value."""
        runs = ((self.objective, self.scale), (self.form.measure("fnpv"), SCALE))
        free = [self._as_it_stands(*run) for run in runs]
        add_rules(self.form)
        held = [self._as_it_stands(*run) for run in runs]
        self.standing_keeps = held[0] is not None
        own, earning = held if self.standing_keeps else free
        if own is None or earning is None:
            raise InfeasibleError(Problem(code="CS-O010", path=self.ground.file.record.base))
        return own, earning

    def standing(self, measure: str) -> float:
        """A measure of `SHOWN` of the park as it stands."""
        return self._base[measure]

    def expression(self, weights: Mapping[str, float]) -> Expression:
        """A weighted sum of measures."""
        found: Expression = {}
        for key, weight in sorted(weights.items()):
            for j, c in self.form.measure(key).items():
                found[j] = found.get(j, 0.0) + weight * c
        return found

    # -- one search ---------------------------------------------------------------------------

    def best(self, name: str = "best", rows: Iterator[_Row] | tuple[_Row, ...] = ()) -> Layout:
        """The best layout under further rows.

        Raises:
            InfeasibleError: no layout keeps all rules (CS-O011).
        """
        model = self.form.model
        model.cost = list(_costs(self.form, self.objective, -1.0 / self.scale))
        model.offset = self.zero / self.scale
        for pick in self.form.picks:
            model.cost[pick.column] += _TOKEN
        solver = Solver(model, gap=self._gap, time_limit_s=self._time)
        rows = tuple(rows)
        for row in rows:
            solver.add_row(row.entries, row.lower, row.upper)
        if self._told is not None:
            told = self._told
            solver.watch(lambda found, bound: told(-found * self.scale, -bound * self.scale))
        answer = solver.minimise()
        if answer is None:
            raise InfeasibleError(Problem(code="CS-O011", path=self.ground.file.record.id))
        return self._layout(name, answer, self._polished(answer, rows))

    def fixed(self, picks: frozenset[str]) -> Answer | None:
        """The best use of exactly the named picks; None when they break a rule."""
        model = self.form.model
        integer = model.integer
        model.cost = list(_costs(self.form, self.objective, -1.0 / self.scale))
        model.offset = self.zero / self.scale
        model.integer = [False] * len(integer)
        solver = Solver(model)
        model.integer = integer
        for pick in self.form.picks:
            on = 1.0 if self.form.model.names[pick.column] in picks else 0.0
            solver.bounds(pick.column, on, on)
        return solver.minimise()

    def _polished(self, answer: Answer, rows: tuple[_Row, ...]) -> Answer:
        """The same picks as a linear program: exact flows, and prices of the limits."""
        model = self.form.model
        integer, model.integer = model.integer, [False] * len(model.integer)
        solver = Solver(model)
        model.integer = integer
        for row in rows:
            solver.add_row(row.entries, row.lower, row.upper)
        for pick in self.form.picks:
            on = float(round(answer.values[pick.column]))
            solver.bounds(pick.column, on, on)
        exact = solver.minimise()
        if exact is None or _MONEY & set(self.weights):
            return exact or answer
        # What the objective leaves open is run for money.
        value = value_of(self.objective, exact.values)
        least = value - 1e-9 * max(self.scale, abs(value))
        worth = _Row.over(self.objective, least, math.inf)
        solver.add_row(worth.entries, worth.lower, worth.upper)
        solver.costs(_costs(self.form, self.form.measure("fnpv"), -1.0 / SCALE))
        second = solver.minimise()
        return exact if second is None else replace(exact, values=second.values)

    def _layout(self, name: str, answer: Answer, exact: Answer) -> Layout:
        built = tuple(self._built(pick, exact.values) for pick in self.chosen(answer.values))
        measures = {k: value_of(self.form.measure(k), exact.values) for k in self.shown}
        measures["fnpv"] -= self._base["fnpv"]
        return Layout(
            name=name,
            built=built,
            links=tuple(self._carrying(exact.values)),
            value=self._cleared(value_of(self.objective, exact.values) - self.zero),
            bound=self._cleared(-answer.bound * self.scale),
            status=answer.status,
            measures=measures,
            prices={} if exact is answer else dict(self._prices(exact)),
        )

    def _cleared(self, value: float) -> float:
        """A value without the dust of the solver."""
        return value if abs(value) > 1e-6 * self.scale else 0.0

    def _carrying(self, values: Array) -> Iterator[str]:
        last = len(self.form.phases) - 1
        for key in self.ground.park.links:
            j = self.form.program.column[f"link:{key}"]
            seasons = range(len(self.form.phases[last].seasons))
            if any(values[self.form.at(last, s, j)] > 1e-7 for s in seasons):
                yield key

    def chosen(self, values: Array) -> list[Pick]:
        """Picks that a solution builds."""
        return [p for p in self.form.picks if values[p.column] > 0.5]

    def _built(self, pick: Pick, values: Array) -> Built:
        o = pick.option
        size = o.high if pick.size < 0 else float(values[pick.size])
        share = 0.0 if o.high == o.low else (size - o.low) / (o.high - o.low)
        return Built(
            candidate=o.candidate,
            component=o.component,
            site=o.site,
            size=size,
            text=o.text,
            trains=o.trains,
            year=pick.year,
            capex_cny=o.capex_low + share * (o.capex_high - o.capex_low),
        )

    def _prices(self, exact: Answer) -> Iterator[tuple[str, float]]:
        for key, rows in self.form.limit_rows.items():
            price = 0.0
            for row in rows:
                size = self.form.limit_sizes[row]
                price -= float(exact.row_prices[row]) * self.scale / size
            if abs(price) > 1e-9:
                yield key, price

    # -- several ------------------------------------------------------------------------------

    def alternatives(
        self, best: Layout, count: int, tolerance: float, progress: Progress | None = None
    ) -> list[Layout]:
        """Further layouts that stand elsewhere and are worth at least (1 - tolerance) of the best.

        Of each layout before it, `MOVED` of the investment stands elsewhere or not at all; they
        come in order of value. Fewer are returned when there are no more.
        """
        found = [best]
        least = best.value - tolerance * abs(best.value) + self.zero
        worth = _Row.over(self.objective, least, math.inf)
        while len(found) <= count and any(b.capex_cny > 0.0 for b in found[-1].built):
            rows = [worth, *(self._elsewhere(layout) for layout in found)]
            try:
                found.append(self.best(f"alternative-{len(found)}", tuple(rows)))
            except InfeasibleError:
                break
            if progress is not None:
                progress(len(found) - 1, count)
        return found[1:]

    def _elsewhere(self, layout: Layout) -> _Row:
        """Not all of a layout's investment stands where it stood: `MOVED` of it does not."""
        spent = {b.component: b.capex_cny for b in layout.built}
        total = sum(spent.values())
        entries = {
            pick.column: spent[pick.choice.component] / total
            for pick in self.form.picks
            if spent.get(pick.choice.component, 0.0) > 0.0
        }
        return _Row(entries, -math.inf, 1.0 - MOVED)

    def front(
        self, against: str, points: int, progress: Progress | None = None, *, after: int = 0
    ) -> list[Layout]:
        """Layouts from the best to the one with least of `against`, none better in everything.

        Each of the measures is held to so many levels between what the best layout needs and the
        least that any can do (epsilon constraints); two measures make a surface.

        Args:
            against: a measure, or several joined by `+`.
            points: levels of each measure.
            progress: called with (searches done, searches in all).
            after: layouts named before; the next is `front-{after + 1}`.
        """
        keys = against.split("+")
        others = [self.expression({k: 1.0 if _small(k) else -1.0}) for k in keys]
        self.shown += [k for k in keys if k not in self.shown]
        first = self.best()
        ends = [(self._reach(x, first), self._least(x)) for x in others]
        found = [first]
        levels = list(product(range(points), repeat=len(keys)))[1:]
        for done, steps in enumerate(levels, 1):
            rows = tuple(
                _level(x, high + (low - high) * i / (points - 1), max(abs(high), abs(low), 1.0))
                for x, (high, low), i in zip(others, ends, steps, strict=True)
                if i
            )
            # A level that nothing reaches together with the others stays empty.
            with contextlib.suppress(InfeasibleError):
                layout = self.best(f"front-{after + len(found)}", rows)
                if not any(_same(layout, x) or self._beaten(layout, x, keys) for x in found):
                    found.append(layout)
            if progress is not None:
                progress(done, len(levels))
        return found

    def _beaten(self, layout: Layout, other: Layout, keys: Sequence[str]) -> bool:
        """Whether another is no worse in anything."""
        pairs = [(other.value, layout.value)]
        for key in keys:
            sign = -1.0 if _small(key) else 1.0
            pairs.append((sign * other.measures[key], sign * layout.measures[key]))
        return all(a >= b - 1e-9 * max(1.0, abs(a)) for a, b in pairs)

    def _reach(self, other: Expression, layout: Layout) -> float:
        """The measure of the best layout, as little as its value allows."""
        model = self.form.model
        integer, model.integer = model.integer, [False] * len(model.integer)
        solver = Solver(model)
        model.integer = integer
        left = {(b.component, b.year, b.text): b for b in layout.built}
        for pick in self.form.picks:
            key = (pick.choice.component, pick.year, pick.option.text)
            size = left[key].size if key in left else -1.0
            on = pick.option.low - 1e-9 <= size <= pick.option.high + 1e-9
            if on:  # a size where two pieces meet belongs to one of them
                del left[key]
            solver.bounds(pick.column, float(on), float(on))
        size = _largest(other)
        solver.costs(_costs(self.form, other, 1.0 / size))
        least = layout.value + self.zero
        least -= 1e-6 * self.scale + 1e-8 * abs(least)
        worth = _Row.over(self.objective, least, math.inf)
        solver.add_row(worth.entries, worth.lower, worth.upper)
        answer = solver.minimise()
        return value_of(other, _required(answer).values)

    def _least(self, other: Expression) -> float:
        """The least of a measure that any layout reaches."""
        model = self.form.model
        size = _largest(other)
        model.cost, model.offset = list(_costs(self.form, other, 1.0 / size)), 0.0
        answer = Solver(model, gap=1e-4, time_limit_s=self._time).minimise()
        if answer is None:
            raise InfeasibleError(Problem(code="CS-O011", path=self.ground.file.record.id))
        return value_of(other, answer.values)


def _required(answer: Answer | None) -> Answer:
    if answer is None:
        raise InternalError("a layout that was found became impossible")
    return answer


def _level(expression: Expression, most: float, size: float) -> _Row:
    """At most so much of a measure, with a hair of room."""
    return _Row.over(expression, -math.inf, most + 1e-6 * size)


@dataclass(frozen=True, slots=True)
class _Row:
    entries: Expression
    lower: float
    upper: float

    @classmethod
    def over(cls, expression: Expression, lower: float, upper: float) -> _Row:
        """A bound on an expression, scaled to coefficients of at most one."""
        size = _largest(expression)
        return cls({j: v / size for j, v in expression.items()}, lower / size, upper / size)


def _largest(expression: Expression) -> float:
    return max((abs(v) for v in expression.values()), default=1.0) or 1.0


def _costs(form: Formulation, expression: Expression, factor: float) -> Array:
    costs = np.zeros(len(form.model.names))
    for j, c in expression.items():
        costs[j] = c * factor
    return costs


def _same(one: Layout, other: Layout) -> bool:
    return [(b.component, round(b.size, 6), b.year) for b in one.built] == [
        (b.component, round(b.size, 6), b.year) for b in other.built
    ] and math.isclose(one.value, other.value, rel_tol=1e-6)


def _small(key: str) -> bool:
    if key in BUILT:
        return key in ("capex", "land")
    return key == BOUNDARY or MEASURES[key].small


def layout_weights(file: CandidateFile, text: str = "") -> dict[str, float]:
    """An objective of layouts as weights; the file's when `text` is empty.

    Raises:
        ScenarioError: an unknown measure (CS-O001), or a weight that is no number (CS-O002).
    """
    return objective(text or file.record.objective, {key: _small(key) for key in BUILT})
