"""Reading the files of a library folder into validated records; nothing is computed here.

All problems of all files are collected and raised together, each with file, line and key path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from chainsim.errors import DataError, Problem, UserError, did_you_mean
from chainsim.library.document import Document
from chainsim.library.evaluation_records import (
    DimensionRecord,
    EvaluationFile,
    IndicatorRecord,
    PresetRecord,
)
from chainsim.library.inheritance import SECTIONS, Origins, inherited
from chainsim.library.records import MaterialRecord, ProcessRecord
from chainsim.library.reference_records import (
    ConstantsFile,
    FactorsFile,
    FuelsFile,
    LimitRecord,
    MaterialsFile,
    NamedCoefficient,
    PoliciesFile,
    PolicyRecord,
    PriceRecord,
    PriceSetRecord,
    PriceSetsFile,
    PricesFile,
    ProcessesFile,
    RouteRecord,
    RoutesFile,
    SeriesFile,
    SeriesRecord,
    SourceRecord,
    SourcesFile,
)
from chainsim.library.series import Months, read_series
from chainsim.library.validate import validate
from chainsim.library.yaml_loader import load_yaml

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRecords:
    """Validated records of a library folder, before anything is computed."""

    constants: ConstantsFile
    materials: Mapping[str, MaterialRecord] = field(default_factory=dict)
    processes: Mapping[str, tuple[str, ProcessRecord]] = field(default_factory=dict)
    """Process id -> (family, record)."""
    sources: Mapping[str, SourceRecord] = field(default_factory=dict)
    prices: Mapping[str, PriceRecord] = field(default_factory=dict)
    factors: Mapping[str, NamedCoefficient] = field(default_factory=dict)
    limits: Mapping[str, LimitRecord] = field(default_factory=dict)
    policies: Mapping[str, PolicyRecord] = field(default_factory=dict)
    dimensions: Mapping[str, DimensionRecord] = field(default_factory=dict)
    indicators: Mapping[str, IndicatorRecord] = field(default_factory=dict)
    presets: Mapping[str, PresetRecord] = field(default_factory=dict)
    series: Mapping[str, SeriesRecord] = field(default_factory=dict)
    months: Months = field(default_factory=dict)
    """Series id -> month -> price."""
    price_sets: Mapping[str, PriceSetRecord] = field(default_factory=dict)
    routes: Mapping[str, RouteRecord] = field(default_factory=dict)
    short_names: Mapping[str, str] = field(default_factory=dict)
    fuels: Mapping[str, list[str]] = field(default_factory=dict)
    """Name -> materials in order, for the alternatives of ports."""
    origin: Origins = field(default_factory=lambda: Origins({}))
    documents: Mapping[str, Document] = field(default_factory=dict)
    digest: str = ""

    def alternatives(self, listed: Iterable[str]) -> tuple[str, ...]:
        """`listed` with the names of fuel lists opened, each material once, in order."""
        opened = (m for name in listed for m in self.fuels.get(name, [name]))
        return tuple(dict.fromkeys(opened))

    def place(self, problem: Problem) -> Problem:
        """`problem` with file, line and column of its key path, where the path is known."""
        keys = tuple(problem.path.split("."))
        for document in self.documents.values():
            section = document.data.get(keys[0]) if isinstance(document.data, dict) else None
            if isinstance(section, dict) and (len(keys) < 2 or keys[1] in section):
                line, column = document.position(keys)
                return replace(problem, file=document.file, line=line, column=column)
        return problem


class _Folder:
    """The documents of a folder and the problems found on the way."""

    def __init__(self, folder: Path) -> None:
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}
        self.origin = Origins({})
        self._folder = folder
        paths = library_files(folder)
        if not any(path.suffix == ".yaml" for path in paths):
            raise DataError(Problem(code="CS-L005", file=str(folder)))
        digest = hashlib.sha256()
        for path in paths:
            name = path.relative_to(folder).as_posix()
            try:
                if path.suffix == ".yaml":
                    self.documents[name] = load_yaml(path)
            except UserError as exc:
                self.problems += exc.problems
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        self.digest = digest.hexdigest()
        self._inherit()

    def _inherit(self) -> None:
        """Complete the processes written `like` another one or a template."""
        families = [
            document
            for name, document in self.documents.items()
            if name.startswith("processes/") and isinstance(document.data.get("processes"), dict)
        ]
        raw = {
            key: (section, record)
            for document in families
            for section in SECTIONS
            for key, record in _mapping(document.data.get(section)).items()
            if isinstance(record, dict)
        }
        self.origin = Origins(raw)
        for document in families:

            def fail(problem: Problem, document: Document = document) -> None:
                line, column = document.position(tuple(problem.path.split(".")))
                self.problems.append(replace(problem, file=document.file, line=line, column=column))

            whole = {
                key: inherited(raw, key, fail) if key in raw else record
                for key, record in document.data["processes"].items()
            }
            name = next(n for n, d in self.documents.items() if d is document)
            self.documents[name] = replace(document, data={**document.data, "processes": whole})

    def monthly(self) -> Months:
        """The price series, by id and month."""
        try:
            return read_series(self._folder / "series" / "monthly.csv")
        except UserError as exc:
            self.problems += exc.problems
            return {}

    def one(self, name: str, model: type[M]) -> M | None:
        """The file called `name`; None with a problem reported."""
        document = self.documents.get(name)
        if document is None:
            if not any(p.file.endswith(name) for p in self.problems):
                self.problems.append(Problem(code="CS-L006", file=str(self._folder), found=name))
            return None
        try:
            return validate(model, document)
        except UserError as exc:
            self.problems += exc.problems
            return None

    def some(self, name: str, model: type[M]) -> M | None:
        """The file called `name` where there is one."""
        return self.one(name, model) if name in self.documents else None

    def all(self, below: str, model: type[M]) -> dict[str, M]:
        """Every valid file of the subfolder `below`, by its stem-bearing name."""
        names = [n for n in self.documents if n.startswith(f"{below}/")]
        return {n: file for n in names if (file := self.one(n, model)) is not None}

    def joined(self, section: str, parts: Mapping[str, Mapping[str, R]]) -> dict[str, R]:
        """The records of several files in one mapping; an id that stands in two is a problem."""
        found: dict[str, R] = {}
        origin: dict[str, str] = {}
        for name, records in parts.items():
            for key, record in records.items():
                if key in found:
                    self._twice(section, key, self.documents[name], origin[key])
                found[key], origin[key] = record, name
        return found

    def _twice(self, section: str, key: str, document: Document, first: str) -> None:
        line, column = document.position((section, key))
        self.problems.append(
            Problem(
                code="CS-L011",
                file=document.file,
                line=line,
                column=column,
                path=f"{section}.{key}",
                found=key,
                params={"first": first},
            )
        )


def _mapping(node: object) -> dict[str, object]:
    return node if isinstance(node, dict) else {}


def library_files(folder: Path) -> list[Path]:
    """Every file of a library folder, in order."""
    return sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".csv"))


def read_records(folder: Path) -> LibraryRecords:
    """Read and validate every file of the library in `folder`.

    Raises:
        DataError: all problems of all files together.
    """
    read = _Folder(folder)
    constants = read.one("constants.yaml", ConstantsFile)
    sources = read.all("sources", SourcesFile)
    prices = read.all("prices", PricesFile)
    series = read.some("series.yaml", SeriesFile)
    price_sets = read.some("price_sets.yaml", PriceSetsFile)
    routes = read.some("routes.yaml", RoutesFile)
    fuels = read.some("fuels.yaml", FuelsFile)
    materials = read.all("materials", MaterialsFile)
    families = read.all("processes", ProcessesFile)
    standards = read.all("standards", FactorsFile)
    policies = read.all("policies", PoliciesFile)
    evaluation = read.all("evaluation", EvaluationFile)
    processes = {
        n: {key: (Path(n).stem, record) for key, record in f.processes.items()}
        for n, f in families.items()
    }
    joined = read.joined
    if constants is None:
        raise DataError(read.problems)
    records = LibraryRecords(
        constants=constants,
        materials=joined("materials", {n: f.materials for n, f in materials.items()}),
        processes=joined("processes", processes),
        sources=joined("sources", {n: f.sources for n, f in sources.items()}),
        prices=joined("prices", {n: f.prices for n, f in prices.items()}),
        limits=joined("limits", {n: f.limits for n, f in standards.items()}),
        series=series.series if series else {},
        months=read.monthly() if series else {},
        price_sets=price_sets.price_sets if price_sets else {},
        routes=routes.routes if routes else {},
        short_names=routes.short_names if routes else {},
        fuels=fuels.fuels if fuels else {},
        origin=read.origin,
        factors=joined("factors", {n: f.factors for n, f in standards.items()}),
        policies=joined("policies", {n: f.policies for n, f in policies.items()}),
        dimensions=joined("dimensions", {n: f.dimensions for n, f in evaluation.items()}),
        indicators=joined("indicators", {n: f.indicators for n, f in evaluation.items()}),
        presets=joined("presets", {n: f.presets for n, f in evaluation.items()}),
        documents=read.documents,
        digest=read.digest,
    )
    problems = read.problems or list(_unknown_sources(records))
    if problems:
        raise DataError(problems)
    return records


def _unknown_sources(records: LibraryRecords) -> Iterable[Problem]:
    """Every `source:` key anywhere in the files must stand under `sources/`."""
    for document in records.documents.values():
        for path, key in _sources_in(document.data, ()):
            if key in records.sources:
                continue
            line, column = document.position(path)
            yield Problem(
                code="CS-L007",
                file=document.file,
                line=line,
                column=column,
                path=".".join(path),
                found=key,
                hint=did_you_mean(key, records.sources),
            )


def _sources_in(node: object, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "source" and isinstance(value, str):
                yield (*path, key), value
            else:
                yield from _sources_in(value, (*path, str(key)))
    elif isinstance(node, list):
        for value in node:
            yield from _sources_in(value, path)
