"""One chunk of runs -> the bytes of its part file, or what went wrong; runs anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainsim.errors import MachineError, Problem, UserError
from chainsim.study.heap import left_alone, searched_after
from chainsim.study.sweeps.model import Model, fingerprint
from chainsim.study.sweeps.parts import Rows, part_bytes
from chainsim.study.sweeps.plan import Chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker keeps for the whole sweep."""

    model: Model
    key: str
    """Of the plan; stands in every part file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a worker gives back for a chunk: its part file, or the first error."""

    number: int
    runs: int
    content: bytes = b""
    error: type[UserError] | None = None
    problems: tuple[Problem, ...] = ()


def run_chunk(task: Task, chunk: Chunk) -> Done:
    """Run a chunk; errors of the user come back as data, for they must cross processes."""
    with left_alone():
        return _run(task, chunk)


def _run(task: Task, chunk: Chunk) -> Done:
    rows = Rows()
    for point, replication in chunk.runs:
        try:
            with searched_after():
                task.model.run(point, replication, rows)
        except UserError as exc:
            where = Problem(
                code="CS-T001",
                path=f"points.{point.index}",
                params={
                    "point": point.index,
                    "replication": replication,
                    "values": ", ".join(f"{k} = {v}" for k, v in point.values) or "-",
                },
            )
            return Done(
                number=chunk.number,
                runs=0,
                error=type(exc),
                problems=tuple(_plain(p) for p in (where, *exc.problems)),
            )
    content = part_bytes(rows, task.key, chunk.number)
    return Done(number=chunk.number, runs=len(chunk.runs), content=content)


def _plain(problem: Problem) -> Problem:
    """`problem` with parameters that any process can read."""
    from dataclasses import replace

    return replace(problem, params={k: str(v) for k, v in problem.params.items()})


def check_environment(wanted: Mapping[str, str], worker: str) -> None:
    """Refuse to compute with other versions than the driver's.

    Raises:
        MachineError: what differs, and where (CS-T013).
    """
    here = fingerprint()
    different = [
        Problem(
            code="CS-T013",
            path=name,
            found=here.get(name, "-"),
            expected=version,
            params={"worker": worker},
        )
        for name, version in sorted(wanted.items())
        if here.get(name) != version
    ]
    if different:
        raise MachineError(different)
