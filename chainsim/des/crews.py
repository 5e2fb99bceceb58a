"""Crews that mend: what fails while all are busy waits, by priority, then first come first served.

Who gets a crew is decided at the end of an instant, when all that fails or is mended then is known:
the order in which things happen within an instant does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(order=True, frozen=True, slots=True)
class Job:
    """A repair that waits."""

    priority: float
    since: float
    mode: int
    """Number of the failure mode."""
    hours: float = field(compare=False)


class Crews:
    """All crews of a park."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.free = dict(sizes)
        self.waiting: dict[str, list[Job]] = {name: [] for name in sizes}

    def ask(self, crew: str, job: Job) -> None:
        """Let a repair wait for a crew."""
        self.waiting[crew].append(job)

    def give_back(self, crew: str) -> None:
        """One repair is done."""
        self.free[crew] += 1

    def assigned(self) -> Iterator[Job]:
        """Repairs that begin now."""
        for crew, jobs in self.waiting.items():
            while jobs and self.free[crew] > 0:
                job = min(jobs)
                jobs.remove(job)
                self.free[crew] -= 1
                yield job
