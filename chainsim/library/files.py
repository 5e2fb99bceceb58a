"""The library as a whole: records -> materials, closed processes, prices, figures, policies.

Reading stands in `reading.py`; here everything is computed, at typical or at sampled values.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chainsim.errors import DataError, Problem
from chainsim.library import reference
from chainsim.library.chemistry import Constants
from chainsim.library.materials import MaterialResolver
from chainsim.library.model import Library
from chainsim.library.processes import ProcessResolver
from chainsim.library.reading import LibraryRecords, library_files, read_records
from chainsim.library.reference_records import ConstantsFile
from chainsim.library.sampled import Values

__all__ = [
    "Draft",
    "LibraryRecords",
    "data_root",
    "draft",
    "library_records",
    "load_library",
    "read_records",
    "resolve",
]


_CLOSING = "CS-B"
"""Codes of processes that do not close; everything else is there all the same."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A computed library, and what is wrong with it."""

    library: Library
    problems: tuple[Problem, ...]


def data_root() -> Path:
    """Folder that holds `graphs/`, `scenarios/` and `app/`: the checkout, or the installed copy."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_data"
    return installed if (installed / "graphs").is_dir() else package.parent


def within_data(file: str) -> str:
    """A shipped file by its path below `data_root`, the same on every machine; others as they are.

    >>> within_data(str(data_root() / "scenarios" / "xinzhou-base.yaml"))
    'scenarios/xinzhou-base.yaml'
    """
    path = Path(file)
    return path.relative_to(data_root()).as_posix() if path.is_relative_to(data_root()) else file


def constants_of(file: ConstantsFile) -> Constants:
    """The constants of nature as plain numbers."""
    return Constants(
        atomic_weights={k: v.value for k, v in file.atomic_weights.items()},
        species={k: v.value for k, v in file.species.items()},
        molar_volume=file.molar_volume.value,
    )


def resolve(records: LibraryRecords, values: Mapping[str, float] | None = None) -> Library:
    """Compute materials and close processes.

    Args:
        records: validated records.
        values: sampled values by coefficient path (of origin); typical values where missing.

    Raises:
        DataError: unknown materials, unit mismatches, processes that do not close.
    """
    found = draft(records, values)
    if found.problems:
        raise DataError(found.problems)
    return found.library


def draft(records: LibraryRecords, values: Mapping[str, float] | None = None) -> Draft:
    """Compute as `resolve` does, but hand the problems over instead of raising them.

    A process whose closing stream came out negative or too large is closed exactly all the same;
    one that cannot be computed at all is missing.
    """
    sampled = Values(values, records.origin)
    problems: list[Problem] = []
    constants = constants_of(records.constants)
    materials = MaterialResolver(records.materials, constants, sampled, problems.append)
    processes = ProcessResolver(records, materials, constants, sampled, problems.append)
    for key in sorted(records.materials):
        materials.resolve(key)
    for key in closing_order(records):
        processes.resolve(key)
    prices, series = reference.prices(records, sampled), reference.series(records)
    problems += reference.unknown_references(records, processes.done)
    readable = all(p.code.startswith(_CLOSING) for p in problems)
    sets = reference.price_sets(records, sampled, prices, series) if readable else {}
    library = Library(
        materials=materials.done,
        processes=dict(sorted(processes.done.items())),
        sources={k: reference.source(k, s) for k, s in sorted(records.sources.items())},
        prices=prices,
        factors=reference.factors(records, sampled),
        limits=reference.limits(records, sampled),
        series=series,
        price_sets=sets,
        routes={k: reference.route(k, r) for k, r in sorted(records.routes.items())},
        short_names=records.short_names,
        evaluation=reference.evaluation(records),
        policies={k: reference.policy(k, p) for k, p in sorted(records.policies.items())},
        closure=tuple(processes.rows),
        digest=records.digest,
    )
    first: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:  # a material is asked for by many processes and told of once
        first.setdefault((problem.code, problem.path, problem.found), problem)
    return Draft(library, tuple(records.place(p) for p in first.values()))


def closing_order(records: LibraryRecords) -> list[str]:
    """Process ids so that a process comes after those whose closing streams it takes in."""
    made = {k: m.closing_of for k, m in records.materials.items() if m.closing_of}
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


@functools.lru_cache(maxsize=4)
def _cached_records(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> LibraryRecords:
    return read_records(folder)


@functools.lru_cache(maxsize=4)
def _cached_library(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Library:
    return resolve(_cached_records(folder, stamp))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    return tuple(
        (p.as_posix(), p.stat().st_mtime_ns, p.stat().st_size) for p in library_files(folder)
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
