"""Result folders: every table of a result as a file, with a manifest of checksums.

A folder is written beside its place and moved there at the end, so it is whole or absent. A folder
that is there already is replaced only when it is a run's and holds nothing else.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from chainsim.errors import DataError, MachineError, Problem
from chainsim.library.census import figures
from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.library.yaml_writer import to_yaml
from chainsim.results import Manifest
from chainsim.study.result import RunResult

SCHEMA_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
FIGURES: Final = "figures.csv"
CHANGES: Final = "changes.parquet"
PROBLEMS: Final = "problems.csv"
TABLES: Final = ("flows", "units", "obligations", "levels", "events", "shipments")
"""Tables of a `Simulation`, a Parquet file each."""
RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes text that begins so for a formula."""
_BOM: Final = "utf-8-sig"
"""Excel reads Chinese from a CSV file only behind a byte-order mark."""


Writer = Callable[[Path], object]


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A kind of folder: the key by which its manifest is known, and the files it may hold."""

    schema: str
    files: tuple[str, ...]


def write_run(result: RunResult, folder: Path) -> Path:
    """Write `result` into `folder` and return its resolved path.

    Raises:
        DataError: the folder holds something else (CS-X001).
        MachineError: it cannot be written (CS-X002).
    """
    return write_folder(folder, _writers(result), manifest_data(result.manifest), RUN)


def write_folder(
    folder: Path, writers: Mapping[str, Writer], manifest: Mapping[str, object], kind: Kind
) -> Path:
    """Write files and their manifest into `folder`, whole or not at all; returns its path.

    Args:
        folder: absent, empty, or an earlier one of this kind.
        writers: file name -> what writes it.
        manifest: what else the manifest says.
        kind: of the folder.

    Raises:
        DataError: the folder holds something else (CS-X001).
        MachineError: it cannot be written (CS-X002).
    """
    target = folder.resolve()
    check_replaceable(target, kind)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as parent:
            fresh = Path(parent) / "run"
            fresh.mkdir()
            for name, write in writers.items():
                write(fresh / name)
            _write_manifest(manifest, fresh, kind)
            if target.exists():
                os.replace(target, Path(parent) / "before")
            os.replace(fresh, target)
    except OSError as exc:
        detail = exc.strerror or type(exc).__name__
        problem = Problem(code="CS-X002", file=str(folder), params={"detail": detail})
        raise MachineError(problem) from exc
    return target


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, in place of an earlier one.

    Raises:
        MachineError: it cannot be written (CS-X002).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
            fresh = Path(folder) / path.name
            fresh.write_bytes(content)
            os.replace(fresh, path)
    except OSError as exc:
        detail = exc.strerror or type(exc).__name__
        raise MachineError(
            Problem(code="CS-X002", file=str(path), params={"detail": detail})
        ) from exc


def sum_of(path: Path) -> str:
    """SHA-256 of a file; empty when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def check_replaceable(folder: Path, kind: Kind | None = None) -> None:
    """Raise DataError (CS-X001) when `folder` is neither absent, empty nor one of its `kind`."""
    kind = kind or RUN
    if not folder.exists():
        return
    names = {p.name for p in folder.iterdir()} if folder.is_dir() else {""}
    if names and not (names <= set(kind.files) and _is_ours(folder / MANIFEST, kind)):
        strange = sorted(names - set(kind.files))
        found = strange[0] if folder.is_dir() and strange else folder.name
        raise DataError(Problem(code="CS-X001", file=str(folder), found=found))


def _is_ours(manifest: Path, kind: Kind) -> bool:
    try:
        return kind.schema in json.loads(manifest.read_text("utf-8"))
    except (OSError, ValueError):
        return False


def _writers(result: RunResult) -> dict[str, Writer]:
    """File name -> what writes it."""
    resolved = to_yaml(result.park.resolved)
    changes = result.simulation.changes
    recorded: dict[str, Writer] = {}
    if changes is not None:
        recorded[CHANGES] = lambda path: _write_parquet(changes, path)
    return recorded | {
        "kpis.csv": lambda path: write_csv(result.kpis, path),
        "ledger.parquet": lambda path: _write_parquet(result.ledger, path),
        **{f"{name}.parquet": _table_writer(getattr(result.simulation, name)) for name in TABLES},
        "policy.csv": lambda path: write_csv(result.policy, path),
        PROBLEMS: lambda path: write_csv(problem_table(result.problems), path),
        "scenario.resolved.yaml": lambda path: path.write_text(resolved, "utf-8"),
        FIGURES: lambda path: write_csv(figure_table(result.park.library), path),
    }


def _table_writer(frame: pd.DataFrame) -> Writer:
    return lambda path: _write_parquet(frame, path)


def figure_table(library: Library | None = None) -> pd.DataFrame:
    """Every figure of a library (the shipped one), to tell later what has changed."""
    rows = [
        {"path": path, "value": c.value, "unit": c.unit, "low": c.low, "high": c.high}
        for path, c in sorted(figures(library or load_library()).items())
    ]
    return pd.DataFrame(rows, columns=["path", "value", "unit", "low", "high"])


FILES: Final = (  # of every run; with a record there is CHANGES as well
    MANIFEST,
    "kpis.csv",
    *(f"{name}.parquet" for name in TABLES),
    "ledger.parquet",
    "policy.csv",
    PROBLEMS,
    "scenario.resolved.yaml",
    FIGURES,
)
RUN: Final = Kind(schema="run_schema", files=(*FILES, CHANGES))


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """CSV for spreadsheets: UTF-8 with a mark, texts that look like formulas made harmless."""
    safe = frame.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = [_harmless(str(value)) for value in safe[column]]
    safe.to_csv(path, index=False, encoding=_BOM, lineterminator="\n")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(RISKY) else text


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, engine="pyarrow", index=False, compression="zstd")


def problem_table(problems: Sequence[Problem]) -> pd.DataFrame:
    """Problems as a table, texts in both languages."""
    columns = ["code", "severity", "file", "line", "column", "path", "found", "expected", "hint"]
    rows = [
        {c: getattr(p, c) for c in columns}
        | {
            "message_zh": p.message("zh"),
            "message_en": p.message("en"),
            "hint_zh": p.hint_text("zh"),
            "hint_en": p.hint_text("en"),
            "params": json.dumps(dict(p.params), ensure_ascii=False, default=str),
        }
        for p in problems
    ]
    texts = ["message_zh", "message_en", "hint_zh", "hint_en", "params"]
    return pd.DataFrame(rows, columns=[*columns, *texts])


def manifest_data(manifest: Manifest) -> dict[str, object]:
    """The manifest as plain data, with its content key."""
    return {**dataclasses.asdict(manifest), "key": manifest.key}


def _write_manifest(manifest: Mapping[str, object], folder: Path, kind: Kind) -> None:
    sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}
    data = {kind.schema: SCHEMA_VERSION, **manifest, "sha256": sums}
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")
