"""Project files -> one validated record. Nothing is computed here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainsim.errors import DataError, Problem, did_you_mean, shorten
from chainsim.library.document import Document
from chainsim.library.files import data_root
from chainsim.library.finance_records import ProjectRecord
from chainsim.library.scenarios import canonical, overridden, shipped_scenarios
from chainsim.library.validate import validate
from chainsim.library.yaml_loader import load_yaml, parse_yaml

PROJECT = "project"
FOLDER = "projects"


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A read project: the record, and where each value was written."""

    record: ProjectRecord
    document: Document

    @property
    def digest(self) -> str:
        """SHA-256 of the data, independent of key order and of the name of the file."""
        return hashlib.sha256(canonical(self.document.data).encode()).hexdigest()

    def place(self, problem: Problem) -> Problem:
        """`problem` with the file, line and column of its key path."""
        keys = tuple(int(k) if k.isdigit() else k for k in problem.path.split(".") if k)
        line, column = self.document.position(keys)
        return replace(problem, file=self.document.file, line=line, column=column)


def shipped_projects() -> dict[str, Path]:
    """Id -> file of every project that comes with chainsim."""
    return {p.stem: p for p in sorted((data_root() / "scenarios" / FOLDER).glob("*.yaml"))}


def project_path(name: str | Path) -> Path | None:
    """The project file meant by a path or by the id of a shipped project; None for a scenario.

    Raises:
        DataError: the file cannot be read, or nothing goes by that id.
    """
    path = Path(name)
    if not path.suffix and not path.exists():
        projects, scenarios = shipped_projects(), shipped_scenarios()
        if str(name) in projects:
            return projects[str(name)]
        if str(name) not in scenarios:
            hint = did_you_mean(str(name), [*projects, *scenarios])
            raise DataError(Problem(code="CS-F006", found=shorten(name), hint=hint))
        return None
    data = load_yaml(path).data
    return path if data.get("kind") == PROJECT or "investment" in data else None


def load_project(path: Path, overrides: Sequence[str] = ()) -> ProjectFile:
    """Read and validate a project file.

    Args:
        path: the file.
        overrides: `key.path=value` strings, applied in order.

    Raises:
        DataError: every problem, with places.
    """
    return _read(load_yaml(path), overrides)


def parse_project(
    text: str, *, file: str = "project.yaml", overrides: Sequence[str] = ()
) -> ProjectFile:
    """The same for text in memory."""
    return _read(parse_yaml(text, file=file), overrides)


def _read(document: Document, overrides: Sequence[str]) -> ProjectFile:
    data: dict[str, Any] = document.data
    problems: list[Problem] = []
    for text in overrides:
        data = overridden(data, text, problems, file="--set", model=ProjectRecord)
    if problems:
        raise DataError(problems)
    whole = replace(document, data=data)
    return ProjectFile(validate(ProjectRecord, whole), whole)
