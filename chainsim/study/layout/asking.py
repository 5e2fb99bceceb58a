"""A layout search as a page asks for it: a candidate file with some of it left out or set anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chainsim.errors import DataError, Problem, did_you_mean, shorten
from chainsim.library.candidate_files import CandidateFile, load_candidates, parse_candidates
from chainsim.library.scenarios import shipped_scenarios
from chainsim.park.model import Park
from chainsim.study.layout.hindrances import Hindrance, NoLayoutError
from chainsim.study.optimise import Effort, Optimised, optimise


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutAsk:
    """What is looked for.

    Attributes:
        source: id of a shipped candidate file or scenario; of no meaning where there is `text`.
        text: a candidate file that somebody brought.
        chosen: candidates that may be built.
        objective: instead of the file's.
        budget_yi: most that may be invested, in 100 million CNY; None for no budget.
        policies: clauses to be kept.
        limits: limits of the file to be kept.
        years: first and last year.
        effort: how widely to look.
    """

    source: str
    text: str = ""
    chosen: tuple[str, ...]
    objective: str = ""
    budget_yi: float | None = None
    policies: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    years: tuple[int, int]
    effort: Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLayout:
    """Nothing keeps all rules: what would have to give way."""

    file: CandidateFile
    park: Park
    alone: tuple[Hindrance, ...]
    together: tuple[Hindrance, ...]


def read_candidates(source: str, content: bytes | str = "") -> CandidateFile:
    """The candidate file of an id, or of a text that may only stand on a shipped scenario.

    Raises:
        UserError: everything that is wrong with it.
    """
    if not content:
        return load_candidates(source)
    file = parse_candidates(content)
    base, known = file.record.base, shipped_scenarios()
    if base not in known:
        hint = did_you_mean(base, known)
        problem = Problem(code="CS-F006", path="base", found=shorten(base), hint=hint)
        raise DataError(file.place(problem))
    return file


def possible(file: CandidateFile, chosen: Sequence[str], years: tuple[int, int]) -> tuple[str, ...]:
    """Those of `chosen` that can begin within the years and have all they need among them."""
    first, last = years
    candidates = file.record.candidates
    left = {
        key: set(c.needs)
        for key, c in candidates.items()
        if key in chosen and (not c.start or any(first <= y <= last for y in c.start))
    }
    while gone := [k for k, needs in left.items() if (needs & set(candidates)) - set(left)]:
        for key in gone:
            del left[key]
    return tuple(left)


def narrowed(file: CandidateFile, ask: LayoutAsk) -> CandidateFile:
    """`file` as asked; what needs something that was left out is left out with it.

    Raises:
        DataError: nothing is left to choose from (CS-O013).
    """
    record = file.record
    left = possible(file, ask.chosen, ask.years)
    if not left:
        raise DataError(Problem(code="CS-O013", found=record.id))
    changed = {
        "candidates": {key: record.candidates[key] for key in left},
        "years": list(ask.years),
        "budget": None if ask.budget_yi is None else f"{ask.budget_yi:.10g} yi_CNY",
        "policies": list(ask.policies),
        "limits": {key: limit for key, limit in record.limits.items() if key in ask.limits},
        "apart": {k: a for k, a in record.apart.items() if set(a.of) <= set(left)},
    }
    return replace(file, record=record.model_copy(update=changed))


def search_layouts(
    ask: LayoutAsk, progress: Callable[[int, int], None] | None = None
) -> Optimised | NoLayout:
    """Layouts as asked, or what stands in the way of every one.

    Raises:
        UserError: a mistake in the file, or as the solver.
    """
    file = narrowed(read_candidates(ask.source, ask.text), ask)
    try:
        return optimise(file, objective=ask.objective, effort=ask.effort, progress=progress)
    except NoLayoutError as exc:
        return NoLayout(file=file, park=exc.park, alone=exc.alone, together=exc.together)
