"""Small studies: a park of two machines, and models that are plain functions."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainsim.errors import InfeasibleError, Problem
from chainsim.library.study_files import StudyFile, parse_study
from chainsim.study.sweeps.parts import Rows
from chainsim.study.sweeps.plan import Plan
from chainsim.study.sweeps.points import Point

ROOT = Path(__file__).parents[4]
PARK = ROOT / "tests" / "scenarios" / "two-machines.yaml"


def study_text(*, reps: int = 6, chunk: int = 2, more: str = "") -> str:
    return f"""\
schema_version: 1
kind: study
id: toy
name_zh: 小试
name_en: Toy
scenarios: [{PARK}]
years: 1
reps: {reps}
chunk: {chunk}
factors:
  size: {{set: buffers.part.capacity, values: [5, 20]}}
{more}"""


def toy_study(**options: object) -> StudyFile:
    return parse_study(study_text(**options))  # type: ignore[arg-type]


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@dataclass(frozen=True)
class Function:
    """A model that is a function of the factors; `fail_at` is a point that cannot be run."""

    name: str
    fail_at: int = -1
    versions: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return f"{self.name}-{self.fail_at}"

    @property
    def fingerprint(self) -> dict[str, str]:
        return dict(self.versions)

    def run(self, point: Point, replication: int, rows: Rows) -> None:
        if point.index == self.fail_at:
            raise InfeasibleError(
                Problem(code="CS-E004", path="obligations.heat", params={"hour": "1"})
            )
        x = np.array([float(v) for _, v in point.values])
        value = FUNCTIONS[self.name](x) + 0.0 * replication
        rows.add(
            [point.index], [replication], ["kpi"], ["y"], [""], [float(value)], ["ratio"],
            [None], [None], [""],
        )  # fmt: skip


@dataclass(frozen=True)
class Gated:
    """A model that stops before point `at` until the file `gate` is there.

    So a sweep can be met in its middle, however fast or slow the machine is.
    """

    gate: str
    at: int

    @property
    def fingerprint(self) -> dict[str, str]:
        return {}

    @property
    def key(self) -> str:
        return "gated"

    def run(self, point: Point, replication: int, rows: Rows) -> None:
        while point.index >= self.at and not Path(self.gate).exists():
            time.sleep(0.01)
        rows.add(
            [point.index], [replication], ["kpi"], ["y"], [""], [point.index / 7.0], ["ratio"],
            [None], [None], [""],
        )  # fmt: skip


def gated_plan(gate: Path, at: int, points: int = 24) -> Plan:
    """A sweep of one run a chunk that goes as far as chunk `at` before the gate is open."""
    return function_plan(Gated(str(gate), at), points, chunk=1)


G_WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
FUNCTIONS = {
    "sum": lambda x: x.sum(),
    "ishigami": lambda x: np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]),
    "g": lambda x: np.prod((np.abs(4 * x - 2) + G_WEIGHTS) / (1 + G_WEIGHTS)),
}


def function_plan(
    model: Function | Gated, points: int | tuple[Point, ...], *, reps: int = 1, chunk: int = 10
) -> Plan:
    if isinstance(points, int):
        points = tuple(Point(index=k, scenario=0, values=(("x", float(k)),)) for k in range(points))
    return Plan(
        id="function",
        model=model,
        points=points,
        scenarios=("f",),
        reps=reps,
        chunk=chunk,
        study={},
    )
