"""Reading a whole library folder: files -> records -> resolved, closed `Library`.

All problems of a stage are collected and raised together, each with file, line and key path.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from chainsim.errors import DataError, Problem, UserError, did_you_mean
from chainsim.library.chemistry import Constants
from chainsim.library.materials import MaterialResolver, Values, coefficient
from chainsim.library.model import Coefficient, Factor, Library, Policy, Price, Source
from chainsim.library.processes import ProcessResolver
from chainsim.library.records import (
    ConstantsFile,
    FactorsFile,
    MaterialRecord,
    MaterialsFile,
    PoliciesFile,
    PolicyRecord,
    PriceRecord,
    PricesFile,
    ProcessesFile,
    ProcessRecord,
    SourceRecord,
    SourcesFile,
)
from chainsim.library.validate import validate
from chainsim.library.yaml_loader import Document, load_yaml

M = TypeVar("M", bound=BaseModel)


def data_root() -> Path:
    """Folder that holds `graphs/`, `scenarios/` and `app/`: the checkout, or the installed copy."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_data"
    return installed if (installed / "graphs").is_dir() else package.parent


@dataclass(slots=True)
class LibraryRecords:
    """Validated records of a library folder, before anything is computed."""

    constants: ConstantsFile
    materials: dict[str, MaterialRecord] = field(default_factory=dict)
    processes: dict[str, tuple[str, ProcessRecord]] = field(default_factory=dict)
    sources: dict[str, SourceRecord] = field(default_factory=dict)
    prices: dict[str, PriceRecord] = field(default_factory=dict)
    factors: dict[str, tuple[str, object]] = field(default_factory=dict)
    policies: dict[str, PolicyRecord] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    digest: str = ""

    def place(self, problem: Problem) -> Problem:
        """`problem` with file, line and column of its key path, where the path is known."""
        keys = tuple(problem.path.split("."))
        for document in self.documents.values():
            section = document.data.get(keys[0]) if isinstance(document.data, dict) else None
            if isinstance(section, dict) and (len(keys) < 2 or keys[1] in section):
                line, column = document.position(keys)
                return replace(problem, file=document.file, line=line, column=column)
        return problem


def read_records(folder: Path) -> LibraryRecords:
    """Read and validate every file of the library in `folder`.

    Raises:
        DataError: all problems of all files together.
    """
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    digest = hashlib.sha256()
    paths = sorted(folder.rglob("*.yaml"))
    if not paths:
        raise DataError(Problem(code="CS-L005", file=str(folder)))
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            documents[name] = load_yaml(path)
        except UserError as exc:
            problems += exc.problems
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")

    def read(name: str, model: type[M]) -> M | None:
        document = documents.get(name)
        if document is None:
            if not any(p.file.endswith(name) for p in problems):
                problems.append(Problem(code="CS-L006", file=str(folder), found=name))
            return None
        try:
            return validate(model, document)
        except UserError as exc:
            problems.extend(exc.problems)
            return None

    constants = read("constants.yaml", ConstantsFile)
    materials = [read(n, MaterialsFile) for n in documents if n.startswith("materials/")]
    sources = read("sources.yaml", SourcesFile)
    prices = read("prices.yaml", PricesFile)
    families = {
        n: read(n, ProcessesFile) for n in documents if n.startswith("processes/")
    }
    standards = {n: read(n, FactorsFile) for n in documents if n.startswith("standards/")}
    policies = {n: read(n, PoliciesFile) for n in documents if n.startswith("policies/")}
    if problems or constants is None:
        raise DataError(problems)
    records = LibraryRecords(constants=constants, documents=documents, digest=digest.hexdigest())
    for material_file in materials:
        records.materials |= material_file.materials if material_file else {}
    records.sources = dict(sources.sources) if sources else {}
    records.prices = dict(prices.prices) if prices else {}
    for name, file in families.items():
        for key, process in (file.processes if file else {}).items():
            records.processes[key] = (Path(name).stem, process)
    for name, factors in standards.items():
        for key, factor_record in (factors.factors if factors else {}).items():
            records.factors[key] = (Path(name).stem, factor_record)
    for policy_file in policies.values():
        records.policies |= policy_file.policies if policy_file else {}
    _check_sources(records, problems)
    if problems:
        raise DataError([records.place(p) for p in problems])
    return records


def _check_sources(records: LibraryRecords, problems: list[Problem]) -> None:
    """Every `source:` key anywhere in the files must stand in sources.yaml."""

    def walk(node: object, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], str]]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "source" and isinstance(value, str):
                    yield (*path, key), value
                else:
                    yield from walk(value, (*path, str(key)))
        elif isinstance(node, list):
            for value in node:
                yield from walk(value, path)

    for document in records.documents.values():
        for path, key in walk(document.data, ()):
            if key not in records.sources:
                line, column = document.position(path)
                problems.append(
                    Problem(
                        code="CS-L007",
                        file=document.file,
                        line=line,
                        column=column,
                        path=".".join(path),
                        found=key,
                        hint=did_you_mean(key, records.sources),
                    )
                )


def constants_of(file: ConstantsFile) -> Constants:
    """The constants of nature as plain numbers."""
    return Constants(
        atomic_weights={k: v.value for k, v in file.atomic_weights.items()},
        species={k: v.value for k, v in file.species.items()},
        molar_volume=file.molar_volume.value,
    )


def resolve(records: LibraryRecords, values: Values | None = None) -> Library:
    """Compute materials and close processes.

    Args:
        records: validated records.
        values: sampled values by coefficient path; typical values where missing.

    Raises:
        DataError: unknown materials, unit mismatches, processes that do not close.
    """
    values = values or {}
    problems: list[Problem] = []
    constants = constants_of(records.constants)
    materials = MaterialResolver(records.materials, constants, values, problems.append)
    processes = ProcessResolver(records.processes, materials, constants, values, problems.append)
    for key in sorted(records.materials):
        materials.resolve(key)
    for key in closing_order(records):
        processes.resolve(key)
    if problems:
        unique = list(dict.fromkeys(_frozen(p) for p in problems))
        raise DataError([records.place(p) for p in _thawed(unique, problems)])
    return Library(
        materials=materials.done,
        processes=dict(sorted(processes.done.items())),
        sources={k: _source(k, s) for k, s in sorted(records.sources.items())},
        prices=_prices(records, values),
        factors=_factors(records, values),
        policies={k: _policy(k, p) for k, p in sorted(records.policies.items())},
        closure=tuple(processes.rows),
        digest=records.digest,
    )


def closing_order(records: LibraryRecords) -> list[str]:
    """Process ids so that a process comes after those whose closing streams it takes in."""
    maker = {m.closing_of: k for k, m in records.materials.items() if m.closing_of}
    made = {material: process for process, material in maker.items()}
    order: list[str] = []
    seen: set[str] = set()

    def visit(key: str) -> None:
        if key in seen or key not in records.processes:
            return
        seen.add(key)
        for name, port in sorted(records.processes[key][1].ports.items()):
            source = made.get(port.material or name)
            if source is not None and source != key:
                visit(source)
        order.append(key)

    for key in sorted(records.processes):
        visit(key)
    return order


def _frozen(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.path, problem.found


def _thawed(keys: list[tuple[str, str, str]], problems: list[Problem]) -> list[Problem]:
    first: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        first.setdefault(_frozen(problem), problem)
    return [first[key] for key in keys]


def _source(key: str, record: SourceRecord) -> Source:
    return Source(
        key=key,
        title=record.title,
        issuer=record.issuer,
        year=record.year,
        url=record.url,
        read=record.read,
    )


def _prices(records: LibraryRecords, values: Values) -> dict[str, Price]:
    prices = {}
    for key, record in sorted(records.prices.items()):
        unit = record.unit.split("/", 1)[1] if "/" in record.unit else "ratio"
        material = records.materials.get(key)
        base = material.unit if material is not None else unit
        c: Coefficient = coefficient(f"prices.{key}", record, f"CNY/{base}", values)
        prices[key] = Price(
            key=key,
            name_zh=record.name_zh,
            name_en=record.name_en,
            value_cny=c.base,
            vat=record.vat,
            taxed=record.taxed,
            year=record.year,
            coefficient=c,
        )
    return prices


def _factors(records: LibraryRecords, values: Values) -> dict[str, Factor]:
    factors = {}
    for key, (_, record) in sorted(records.factors.items()):
        c = coefficient(f"factors.{key}", record, None, values)  # type: ignore[arg-type]
        factors[key] = Factor(
            key=key,
            name_zh=record.name_zh,  # type: ignore[attr-defined]
            name_en=record.name_en,  # type: ignore[attr-defined]
            coefficient=c,
        )
    return factors


def _policy(key: str, record: PolicyRecord) -> Policy:
    return Policy(
        id=key,
        name_zh=record.name_zh,
        name_en=record.name_en,
        clause_zh=record.clause_zh,
        check=record.check,
        kpi=record.kpi or "",
        limit=record.limit,
        unit=record.unit,
        comparison=record.comparison,
        level=record.level,
        lead_zh=record.lead_zh,
        lead_en=record.lead_en,
        source=record.source,
        mark=record.mark or "",
        note=record.note,
        applies_from=record.applies_from,
        values=tuple(record.values),
        soft=record.soft,
    )


@functools.lru_cache(maxsize=4)
def _cached_records(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> LibraryRecords:
    return read_records(folder)


@functools.lru_cache(maxsize=4)
def _cached_library(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Library:
    return resolve(_cached_records(folder, stamp))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    return tuple(
        (p.as_posix(), p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(folder.rglob("*.yaml"))
    )


def library_records(folder: Path | None = None) -> LibraryRecords:
    """Records of the shipped library (or of `folder`), read once per state of its files."""
    folder = (folder or data_root() / "graphs").resolve()
    return _cached_records(folder, _stamp(folder))


def load_library(folder: Path | None = None, values: Mapping[str, float] | None = None) -> Library:
    """The shipped library (or the one in `folder`), resolved; `values` are sampled coefficients.

    Raises:
        DataError: with every problem found.
    """
    folder = (folder or data_root() / "graphs").resolve()
    if values is None:
        return _cached_library(folder, _stamp(folder))
    return resolve(library_records(folder), values)
