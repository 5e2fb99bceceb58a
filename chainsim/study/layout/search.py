"""Finding the best layout, again and again under further bounds.

A layout's value is counted from the park as it stands, run as well as it can be under the same
limits (without them where it cannot keep them); the gap of a search therefore is a share of what
the layout adds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from chainsim.accounts.rates import MEASURES
from chainsim.balance.linear import Answer, Array, Solver
from chainsim.errors import InfeasibleError, Problem
from chainsim.library.candidate_files import CandidateFile
from chainsim.study.layout.bounding import Row, costs_of, largest
from chainsim.study.layout.formulation import (
    BUILT,
    SCALE,
    Expression,
    Pick,
    formulate,
    value_of,
)
from chainsim.study.layout.layouts import Built, Layout
from chainsim.study.layout.options import ground_of
from chainsim.study.layout.rules import add_rules
from chainsim.study.rates import BOUNDARY, objective

Told = Callable[[float, float], None]
SHOWN = (
    "fnpv", "capex", "value_added", "energy_a", "energy_b", "carbon", "transport", "water", "jobs",
    "land",
)  # fmt: skip
"""Measures told of every layout."""
_TOKEN = 1e-5
"""What building anything costs the search, in its own units: nothing is built for nothing."""
_MONEY = frozenset({"fnpv", "capex", "profit", "value_added", "revenue"})


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
        self._gap, self.time_limit_s, self._told = gap, time_limit_s, told
        self.objective = self.expression(self.weights)
        self.scale = largest(self.objective)
        if _MONEY & set(self.weights):
            self.scale = min(self.scale, SCALE)
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
        solver.costs(costs_of(self.form, objective, -1.0 / scale))
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

    def best(self, name: str = "best", rows: Iterator[Row] | tuple[Row, ...] = ()) -> Layout:
        """The best layout under further rows.

        Raises:
            InfeasibleError: no layout keeps all rules (CS-O011).
        """
        model = self.form.model
        model.cost = list(costs_of(self.form, self.objective, -1.0 / self.scale))
        model.offset = self.zero / self.scale
        for pick in self.form.picks:
            model.cost[pick.column] += _TOKEN
        solver = Solver(model, gap=self._gap, time_limit_s=self.time_limit_s)
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
        model.cost = list(costs_of(self.form, self.objective, -1.0 / self.scale))
        model.offset = self.zero / self.scale
        model.integer = [False] * len(integer)
        solver = Solver(model)
        model.integer = integer
        for pick in self.form.picks:
            on = 1.0 if self.form.model.names[pick.column] in picks else 0.0
            solver.bounds(pick.column, on, on)
        return solver.minimise()

    def _polished(self, answer: Answer, rows: tuple[Row, ...]) -> Answer:
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
        worth = Row.over(self.objective, least, math.inf)
        solver.add_row(worth.entries, worth.lower, worth.upper)
        solver.costs(costs_of(self.form, self.form.measure("fnpv"), -1.0 / SCALE))
        second = solver.minimise()
        return exact if second is None else replace(exact, values=second.values)

    def _layout(self, name: str, answer: Answer, exact: Answer) -> Layout:
        built = tuple(self._built(pick, exact.values) for pick in self.chosen(answer.values))
        bound = len(built) * _TOKEN - answer.bound
        measures = {k: value_of(self.form.measure(k), exact.values) for k in self.shown}
        measures["fnpv"] -= self._base["fnpv"]
        return Layout(
            name=name,
            built=built,
            links=tuple(self._carrying(exact.values)),
            value=self._cleared(value_of(self.objective, exact.values) - self.zero),
            bound=self._cleared(bound * self.scale),
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


def is_small(key: str) -> bool:
    """True for a measure of which less is better."""
    if key in BUILT:
        return key in ("capex", "land")
    return key == BOUNDARY or MEASURES[key].small


def layout_weights(file: CandidateFile, text: str = "") -> dict[str, float]:
    """An objective of layouts as weights; the file's when `text` is empty.

    Raises:
        ScenarioError: an unknown measure (CS-O001), or a weight that is no number (CS-O002).
    """
    return objective(text or file.record.objective, {key: is_small(key) for key in BUILT})
