"""Candidate files -> one validated record, and the scenario in which everything stands at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainsim.errors import DataError, Problem, UserError, did_you_mean, shorten
from chainsim.library.candidate_records import CandidatesRecord
from chainsim.library.document import Document
from chainsim.library.files import data_root
from chainsim.library.inheritance import merge
from chainsim.library.scenarios import Scenario, load_scenario, parse_scenario, shipped_scenarios
from chainsim.library.validate import validate
from chainsim.library.yaml_loader import load_yaml, parse_yaml
from chainsim.library.yaml_writer import to_yaml

KIND = "candidates"


@dataclass(frozen=True, slots=True)
class CandidateFile:
    """A read candidate file."""

    record: CandidatesRecord
    document: Document

    def place(self, problem: Problem) -> Problem:
        """`problem` with the file, line and column of its key path."""
        keys = tuple(int(k) if k.isdigit() else k for k in problem.path.split(".") if k)
        line, column = self.document.position(keys)
        return replace(problem, file=self.document.file, line=line, column=column)

    @property
    def base(self) -> str | Path:
        """The scenario it stands on, as `load_scenario` takes it."""
        name = self.record.base
        near = Path(self.document.file).parent / name
        return near if near.suffix and near.is_file() else name


def shipped_candidates() -> dict[str, Path]:
    """Id -> candidate file that comes with chainsim."""
    folder = data_root() / "scenarios" / KIND
    return {p.stem: p for p in sorted(folder.glob("*.yaml"))}


def candidates_path(name: str | Path) -> Path | None:
    """The file meant by a path or by the id of a shipped candidate file; None for a scenario's id.

    Raises:
        DataError: nothing goes by that id (CS-F006).
    """
    path, shipped = Path(name), shipped_candidates()
    if not path.suffix and not path.exists():
        if str(name) in shipped:
            return shipped[str(name)]
        if str(name) in shipped_scenarios():
            return None
        hint = did_you_mean(str(name), [*shipped, *shipped_scenarios()])
        raise DataError(Problem(code="CS-F006", found=shorten(name), hint=hint))
    return path


def is_candidates(name: str | Path) -> bool:
    """True for the id of a shipped candidate file and for a file that says it is one.

    Raises:
        DataError: the file cannot be read.
    """
    path = Path(name)
    if not path.suffix and not path.exists():
        return str(name) in shipped_candidates()
    return bool(load_yaml(path).data.get("kind") == KIND)


def load_candidates(name: str | Path) -> CandidateFile:
    """Read and validate a candidate file; of a scenario, what it plans is taken.

    Raises:
        DataError: every problem, with places.
    """
    path = candidates_path(name)
    if path is None:
        return candidates_from(name)
    document = load_yaml(path)
    planned = "candidates" not in document.data and document.data.get("kind") is None
    return candidates_from(path) if planned else _read(document)


def candidates_from(name: str | Path) -> CandidateFile:
    """What a scenario plans, each plant and link to be built as planned or not at all.

    Raises:
        DataError: the scenario is invalid, or plans nothing (CS-O012).
    """
    scenario = load_scenario(name)
    record, data = scenario.record, scenario.data
    horizon = record.horizon
    first = horizon.start.year
    units = {k: u for k, u in record.units.items() if u.status != "built"}
    links = {k: x for k, x in record.links.items() if x.status != "built"}
    only = next(iter(record.sites), "")
    candidates: dict[str, Any] = {}
    for key, unit in units.items():
        body = {k: v for k, v in data["units"][key].items() if k not in _CHOSEN}
        candidates[key] = {
            "unit": body,
            "sites": {unit.site or only: unit.owner},
            "sizes": [unit.capacity],
        }
    for key in links:
        body = {k: v for k, v in data["links"][key].items() if k not in _CHOSEN}
        candidates[key] = {"link": body, "sizes": [data["links"][key].get("capacity", 1e6)]}
    if not candidates:
        raise DataError(Problem(code="CS-O012", found=record.id))
    made = {
        "schema_version": 1,
        "kind": KIND,
        "id": record.id,
        "name_zh": record.name_zh,
        "name_en": record.name_en,
        "base": str(name),
        "years": [first, first + (horizon.years or 1) - 1],
        "scenario": {"units": dict.fromkeys(units), "links": dict.fromkeys(links)},
        "candidates": candidates,
    }
    return _read(parse_yaml(to_yaml(made), file=str(scenario.documents[-1].file)))


_CHOSEN = ("site", "owner", "capacity", "start", "close", "status")


def parse_candidates(text: str | bytes, *, file: str = "candidates.yaml") -> CandidateFile:
    """The same for text in memory."""
    return _read(parse_yaml(text, file=file))


def _read(document: Document) -> CandidateFile:
    if document.data.get("kind") != KIND:
        problem = Problem(code="CS-O005", file=document.file, found=document.file)
        raise DataError(problem)
    found = CandidateFile(validate(CandidatesRecord, document), document)
    problems = [found.place(p) for p in _slips(found.record)]
    if problems:
        raise DataError(problems)
    return found


def _slips(record: CandidatesRecord) -> Iterator[Problem]:
    """What each entry alone does not show: no site, a year outside, what the search decides."""
    first, last = record.years
    for key, candidate in record.candidates.items():
        path = f"candidates.{key}"
        if candidate.unit is not None and not candidate.sites:
            yield Problem(code="CS-O006", path=f"{path}.sites", found="{}")
        for i, year in enumerate(candidate.start):
            if first <= last and not first <= year <= last:
                allowed = f"{first} – {last}"
                place = f"{path}.start.{i}"
                yield Problem(code="CS-O014", path=place, found=str(year), expected=allowed)
        kind = "link" if candidate.unit is None else "unit"
        if "start" in (candidate.unit or candidate.link or {}):
            yield Problem(code="CS-O015", path=f"{path}.{kind}.start", expected=f"{path}.start")


def overlaid(file: CandidateFile, *layers: Mapping[str, Any]) -> Scenario:
    """The base scenario with the file's own sections and further layers over it.

    Raises:
        DataError: every problem of the whole.
    """
    data = dict(load_scenario(file.base).data)
    for layer in (file.record.scenario, *layers):
        data = merge(data, dict(layer))
    try:
        return parse_scenario(to_yaml(data), file=file.document.file)
    except UserError as exc:
        # Lines are those of the merged text: the key path says where to look.
        raise DataError([replace(p, line=0, column=0) for p in exc.problems]) from exc
