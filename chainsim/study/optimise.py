"""Optimise a layout: the best, others that stand elsewhere, fronts, and the test under failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chainsim.errors import InfeasibleError
from chainsim.library.candidate_files import CandidateFile, load_candidates
from chainsim.park.model import Park
from chainsim.study.layout.hindrances import no_layout
from chainsim.study.layout.layouts import Layout
from chainsim.study.layout.search import Search, layout_weights
from chainsim.study.layout.several import check_front, find_alternatives, find_front
from chainsim.study.layout.tuning import Tuned, tune
from chainsim.study.layout.verify import Verified, verify
from chainsim.study.layout.writing import layout_text

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long and how widely to look.

    Attributes:
        gap: share of what a layout adds within which a search may stop.
        time_limit_s: of one search. A search stopped by it may differ from machine to machine.
        alternatives: layouts that stand elsewhere.
        tolerance: share of the best value that an alternative may miss.
        front: measures to trade the objective against, several at once joined by `+`.
        points: levels of each.
        reps: replications of the event engine for the layouts of the first list; 0 for none.
        tune: replications at most of each way to run the winner; 0 leaves it as planned.
        seed: of those replications.
    """

    gap: float = 0.01
    time_limit_s: float = 60.0
    alternatives: int = 3
    tolerance: float = 0.1
    front: tuple[str, ...] = ()
    points: int = 6
    reps: int = 0
    tune: int = 0
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimised:
    """What was found.

    Attributes:
        file: the candidates.
        park: everything that might stand, for names.
        weights: the objective.
        unit: of its values.
        rate: discount rate of the present value.
        standing_keeps: whether the park as it stands can keep the limits; values count from it
            without them where it cannot.
        layouts: the best and its alternatives.
        fronts: measure -> layouts from the best to the one with least of it.
        verified: layouts by the event engine, the best first; empty without replications.
        tuned: overhauls and buffers of the winner: the best by simulation, or on paper without
            replications; None where it was not asked for.
        units: measure -> its unit in the layouts.
        limit_units: limit -> unit of what its price is for.
        texts: layout -> its scenario file; `tuned` the winner's.
        size: columns, binaries and rows of the program.
        wall_s: time taken.
    """

    file: CandidateFile
    park: Park
    weights: Mapping[str, float]
    unit: str
    rate: float
    standing_keeps: bool
    layouts: tuple[Layout, ...]
    fronts: Mapping[str, tuple[Layout, ...]]
    verified: tuple[Verified, ...]
    tuned: Tuned | None
    units: Mapping[str, str]
    limit_units: Mapping[str, str]
    texts: Mapping[str, str]
    size: tuple[int, int, int]
    effort: Effort
    wall_s: float = field(compare=False)

    @property
    def all_layouts(self) -> tuple[Layout, ...]:
        """Every layout once, the best first."""
        return (*self.layouts, *(x for front in self.fronts.values() for x in front[1:]))


def optimise(
    source: str | Path | CandidateFile,
    *,
    objective: str = "",
    limits: Sequence[str] | None = None,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Optimised:
    """Find layouts.

    Args:
        source: a candidate file, the id of a shipped one, or a scenario, whose plans are taken.
        objective: instead of the file's: `fnpv`, `value_added`, `carbon=-1,value_added=0.001` …
        limits: clauses to be kept in every year, instead of the file's.
        effort: how long and how widely to look.
        progress: told after every search and every replication.

    Raises:
        UserError: a mistake in the file; NoLayoutError when no layout keeps all rules (CS-O011);
            InfeasibleError as the solver.
    """
    began = time.perf_counter()
    effort = effort or Effort()
    file = source if isinstance(source, CandidateFile) else load_candidates(source)
    if limits is not None:
        file = replace(file, record=file.record.model_copy(update={"policies": list(limits)}))
    weights = layout_weights(file, objective)
    check_front(effort.front)
    search = Search(file, weights=weights, gap=effort.gap, time_limit_s=effort.time_limit_s)
    steps = _Steps(
        progress,
        1 + effort.alternatives + sum(effort.points ** len(f.split("+")) for f in effort.front),
    )
    try:
        best = search.best()
    except InfeasibleError as exc:
        if any(p.code != "CS-O011" for p in exc.problems):
            raise
        raise no_layout(search) from exc
    steps.done(1)
    layouts = [
        best,
        *find_alternatives(search, best, effort.alternatives, effort.tolerance, steps.tick),
    ]
    fronts: dict[str, tuple[Layout, ...]] = {}
    for measure in effort.front:
        named = sum(len(front) - 1 for front in fronts.values())
        found = find_front(search, measure, effort.points, steps.tick, after=named)
        fronts[measure] = tuple(found)
    steps.finish()
    verified: Sequence[Verified] = ()
    if effort.reps:
        verified = verify(search, layouts, reps=effort.reps, seed=effort.seed, progress=progress)
    tuned = None
    if effort.tune:
        winner = verified[0].layout if verified else best
        tuned = tune(search, winner, most=effort.tune, seed=effort.seed, progress=progress)
    names = [*layouts, *(x for front in fronts.values() for x in front[1:])]
    model = search.form.model
    return Optimised(
        file=file,
        park=search.ground.park,
        weights=weights,
        unit=_unit(search, weights),
        rate=search.form.money.rate,
        standing_keeps=search.standing_keeps,
        layouts=tuple(layouts),
        fronts=fronts,
        verified=tuple(verified),
        tuned=tuned,
        units={k: _unit(search, {k: 1.0}) for k in search.shown},
        limit_units=dict(search.form.limit_units),
        texts={x.name: layout_text(search.ground, x) for x in names}
        | ({} if tuned is None else {"tuned": tuned.text}),
        size=(len(model.names), sum(model.integer), len(model.row_names)),
        effort=effort,
        wall_s=time.perf_counter() - began,
    )


def _unit(search: Search, weights: Mapping[str, float]) -> str:
    """Unit of the objective: that of its measure when it is one, money when they are weighed."""
    units = {search.form.unit(k) for k in weights}
    if len(units) > 1:
        return "CNY"
    unit = units.pop()
    once = set(weights) <= {"fnpv", "capex", "land", "jobs"}
    return unit if once else f"{unit}/a"


class _Steps:
    """Counts searches for a progress bar."""

    def __init__(self, progress: Progress | None, count: int) -> None:
        self._progress, self._count, self._done = progress, count, 0

    def tick(self, _: int, __: int) -> None:
        """One more search."""
        self.done(self._done + 1)

    def done(self, number: int) -> None:
        """So many searches are done."""
        self._done = min(number, self._count)
        if self._progress is not None:
            self._progress(self._done, self._count)

    def finish(self) -> None:
        """All are done, however many there were."""
        self.done(self._count)
