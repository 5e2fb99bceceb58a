"""Study files -> one validated record, and the scenarios it names. Nothing is run here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainsim.errors import DataError, Problem, UserError, did_you_mean, shorten
from chainsim.library.document import Document, KeyPath, Mark
from chainsim.library.files import data_root
from chainsim.library.scenarios import Scenario, load_scenario, overridden
from chainsim.library.study_records import StudyRecord
from chainsim.library.validate import validate
from chainsim.library.yaml_loader import load_yaml, parse_yaml

STUDY = "study"
FOLDER = "studies"


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A read study: the record, and where each value was written."""

    record: StudyRecord
    document: Document
    folder: Path
    """Where scenarios named by a relative file are looked for."""

    @property
    def data(self) -> dict[str, Any]:
        """The plain data."""
        return self.document.data

    def place(self, problem: Problem) -> Problem:
        """`problem` with the file, line and column of its key path."""
        keys: KeyPath = tuple(int(k) if k.isdigit() else k for k in problem.path.split(".") if k)
        line, column = self.document.position(keys)
        return replace(problem, file=self.document.file, line=line, column=column)

    def scenarios(self) -> list[Scenario]:
        """The scenarios it names, read.

        Raises:
            DataError: every problem of every file.
        """
        problems: list[Problem] = []
        found = []
        for index, name in enumerate(self.record.scenarios):
            near = self.folder / name
            try:
                is_file = Path(name).suffix and near.is_file()
                found.append(load_scenario(near if is_file else name))
            except UserError as exc:
                missing = {"CS-F001", "CS-F006"}
                path = f"scenarios.{index}"
                problems += [
                    self.place(replace(p, path=path)) if p.code in missing else p
                    for p in exc.problems
                ]
        if problems:
            raise DataError(problems)
        return found


def shipped_studies() -> dict[str, Path]:
    """Id -> file of every study that comes with chainsim."""
    return {p.stem: p for p in sorted((data_root() / "scenarios" / FOLDER).glob("*.yaml"))}


def study_path(name: str | Path) -> Path | None:
    """The study file meant by a path or by the id of a shipped study; None for anything else.

    Raises:
        DataError: the file cannot be read.
    """
    path = Path(name)
    if not path.suffix and not path.exists():
        return shipped_studies().get(str(name))
    return path if load_yaml(path).data.get("kind") == STUDY else None


def load_study(name: str | Path, overrides: Sequence[str] = ()) -> StudyFile:
    """Read and validate a study.

    Args:
        name: path of a file, or id of a shipped study.
        overrides: `key.path=value` strings, applied in order.

    Raises:
        DataError: every problem, with places.
    """
    path = Path(name)
    if not path.suffix and not path.exists():
        shipped = shipped_studies()
        if str(name) not in shipped:
            hint = did_you_mean(str(name), shipped)
            raise DataError(Problem(code="CS-F006", found=shorten(name), hint=hint))
        path = shipped[str(name)]
    return _read(load_yaml(path), path.parent, overrides)


def parse_study(
    text: str,
    *,
    file: str = "study.yaml",
    folder: Path | None = None,
    overrides: Sequence[str] = (),
) -> StudyFile:
    """The same for text in memory."""
    return _read(parse_yaml(text, file=file), folder or Path(), overrides)


def _read(document: Document, folder: Path, overrides: Sequence[str]) -> StudyFile:
    data: dict[str, Any] = document.data
    problems: list[Problem] = []
    for text in overrides:
        data = overridden(data, text, problems, file="--set", model=StudyRecord)
    if problems:
        raise DataError(problems)
    whole = replace(document, data=data)
    return StudyFile(validate(StudyRecord, whole), whole, folder)


def study_of(data: dict[str, Any], file: str) -> StudyFile:
    """A study from plain data; `file` is named where something is wrong with it.

    Raises:
        DataError: every problem found.
    """
    document = Document(file=file, data=data, mark=Mark(1, 1))
    return StudyFile(validate(StudyRecord, document), document, Path())
