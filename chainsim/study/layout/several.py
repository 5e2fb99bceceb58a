"""Several layouts of one search: others nearly as good that stand elsewhere, and fronts."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from itertools import product

from chainsim.accounts.rates import MEASURES
from chainsim.balance.linear import Answer, Solver
from chainsim.errors import (
    InfeasibleError,
    InternalError,
    Problem,
    ScenarioError,
    did_you_mean,
)
from chainsim.study.layout.bounding import Row, at_most, costs_of, largest
from chainsim.study.layout.formulation import BUILT, Expression, value_of
from chainsim.study.layout.layouts import Layout
from chainsim.study.layout.search import Search, is_small
from chainsim.study.rates import BOUNDARY

Progress = Callable[[int, int], None]
MOVED = 0.05
"""Share of a layout's investment that another one must not have where it was."""


def find_alternatives(
    search: Search, best: Layout, count: int, tolerance: float, progress: Progress | None = None
) -> list[Layout]:
    """Further layouts that stand elsewhere and are worth at least (1 - tolerance) of the best.

    Of each layout before it, `MOVED` of the investment stands elsewhere or not at all; they
    come in order of value. Fewer are returned when there are no more.
    """
    found = [best]
    least = best.value - tolerance * abs(best.value) + search.zero
    worth = Row.over(search.objective, least, math.inf)
    while len(found) <= count and any(b.capex_cny > 0.0 for b in found[-1].built):
        rows = [worth, *(_elsewhere(search, layout) for layout in found)]
        try:
            found.append(search.best(f"alternative-{len(found)}", tuple(rows)))
        except InfeasibleError:
            break
        if progress is not None:
            progress(len(found) - 1, count)
    return found[1:]


def _elsewhere(search: Search, layout: Layout) -> Row:
    """Not all of a layout's investment stands where it stood: `MOVED` of it does not."""
    spent = {b.component: b.capex_cny for b in layout.built}
    total = sum(spent.values())
    entries = {
        pick.column: spent[pick.choice.component] / total
        for pick in search.form.picks
        if spent.get(pick.choice.component, 0.0) > 0.0
    }
    return Row(entries, -math.inf, 1.0 - MOVED)


def check_front(front: Sequence[str]) -> None:
    """Refuse measures that there are not.

    Raises:
        ScenarioError: CS-O001.
    """
    known = (*MEASURES, BOUNDARY, *BUILT)
    unknown = [key for against in front for key in against.split("+") if key not in known]
    if unknown:
        raise ScenarioError(
            Problem(
                code="CS-O001",
                path="front",
                found=key,
                hint=did_you_mean(key, known) or ", ".join(known),
            )
            for key in unknown
        )


def find_front(
    search: Search,
    against: str,
    points: int,
    progress: Progress | None = None,
    *,
    after: int = 0,
) -> list[Layout]:
    """Layouts from the best to the one with least of `against`, none better in everything.

    Each of the measures is held to so many levels between what the best layout needs and the
    least that any can do (epsilon constraints); two measures make a surface.

    Args:
        search: what is searched.
        against: a measure, or several joined by `+`.
        points: levels of each measure.
        progress: called with (searches done, searches in all).
        after: layouts named before; the next is `front-{after + 1}`.
    """
    keys = against.split("+")
    others = [search.expression({k: 1.0 if is_small(k) else -1.0}) for k in keys]
    search.shown += [k for k in keys if k not in search.shown]
    first = search.best()
    ends = [(_reach(search, x, first), _least(search, x)) for x in others]
    found = [first]
    levels = list(product(range(points), repeat=len(keys)))[1:]
    for done, steps in enumerate(levels, 1):
        rows = tuple(
            at_most(x, high + (low - high) * i / (points - 1), max(abs(high), abs(low), 1.0))
            for x, (high, low), i in zip(others, ends, steps, strict=True)
            if i
        )
        # A level that nothing reaches together with the others stays empty.
        with contextlib.suppress(InfeasibleError):
            layout = search.best(f"front-{after + len(found)}", rows)
            if not any(_same(layout, x) or _beaten(layout, x, keys) for x in found):
                found.append(layout)
        if progress is not None:
            progress(done, len(levels))
    return found


def _beaten(layout: Layout, other: Layout, keys: Sequence[str]) -> bool:
    """Whether another is no worse in anything."""
    pairs = [(other.value, layout.value)]
    for key in keys:
        sign = -1.0 if is_small(key) else 1.0
        pairs.append((sign * other.measures[key], sign * layout.measures[key]))
    return all(a >= b - 1e-9 * max(1.0, abs(a)) for a, b in pairs)


def _reach(search: Search, other: Expression, layout: Layout) -> float:
    """The measure of the best layout, as little as its value allows."""
    model = search.form.model
    integer, model.integer = model.integer, [False] * len(model.integer)
    solver = Solver(model)
    model.integer = integer
    left = {(b.component, b.year, b.text): b for b in layout.built}
    for pick in search.form.picks:
        key = (pick.choice.component, pick.year, pick.option.text)
        size = left[key].size if key in left else -1.0
        on = pick.option.low - 1e-9 <= size <= pick.option.high + 1e-9
        if on:  # a size where two pieces meet belongs to one of them
            del left[key]
        solver.bounds(pick.column, float(on), float(on))
    size = largest(other)
    solver.costs(costs_of(search.form, other, 1.0 / size))
    least = layout.value + search.zero
    least -= 1e-6 * search.scale + 1e-8 * abs(least)
    worth = Row.over(search.objective, least, math.inf)
    solver.add_row(worth.entries, worth.lower, worth.upper)
    answer = solver.minimise()
    return value_of(other, _required(answer).values)


def _least(search: Search, other: Expression) -> float:
    """The least of a measure that any layout reaches."""
    model = search.form.model
    size = largest(other)
    model.cost, model.offset = list(costs_of(search.form, other, 1.0 / size)), 0.0
    answer = Solver(model, gap=1e-4, time_limit_s=search.time_limit_s).minimise()
    if answer is None:
        raise InfeasibleError(Problem(code="CS-O011", path=search.ground.file.record.id))
    return value_of(other, answer.values)


def _required(answer: Answer | None) -> Answer:
    if answer is None:
        raise InternalError("a layout that was found became impossible")
    return answer


def _same(one: Layout, other: Layout) -> bool:
    return [(b.component, round(b.size, 6), b.year) for b in one.built] == [
        (b.component, round(b.size, 6), b.year) for b in other.built
    ] and math.isclose(one.value, other.value, rel_tol=1e-6)
