"""Part files: the rows of one chunk of runs as Parquet, named by number and content.

A part is `part-<number>-<first 16 digits of its SHA-256>.parquet`. It is written beside its place,
flushed to the disk and renamed, so it is whole or absent; its name tells whether its bytes are
still those that were written. Equal rows give equal bytes, whoever wrote them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from chainsim.errors import MachineError, Problem

SCHEMA: Final = pa.schema(
    [
        ("point", pa.int32()),
        ("replication", pa.int32()),
        ("kind", pa.string()),  # kpi | policy
        ("id", pa.string()),
        ("subject", pa.string()),  # of a clause: city, or a county, enterprise or unit
        ("value", pa.float64()),  # null: does not exist, as an IRR of flows that never change sign
        ("unit", pa.string()),
        ("limit", pa.float64()),
        ("margin", pa.float64()),
        ("verdict", pa.string()),
    ]
)
_NAME: Final = re.compile(r"^part-(\d{6})-([0-9a-f]{16})\.parquet$")
_STUDY: Final = b"chainsim.study"
_CHUNK: Final = b"chainsim.part"
PENDING: Final = ".pending-"
UNREAD: Final = ".tmp"
"""Ending of half-written files: readers of `*.parquet` see hidden files too, but not these."""
HIDDEN: Final = "."
"""What file managers leave behind begins so; it is nobody's."""


@dataclass(slots=True)
class Rows:
    """Rows collected column by column, in the order of `SCHEMA`."""

    columns: tuple[list[Any], ...] = field(
        default_factory=lambda: tuple([] for _ in range(len(SCHEMA)))
    )

    def add(self, *columns: Sequence[Any]) -> None:
        """Append rows given as whole columns."""
        for kept, given in zip(self.columns, columns, strict=True):
            kept.extend(given)

    def table(self, metadata: dict[str, str]) -> pa.Table:
        """The rows as an Arrow table; NaN becomes null."""
        arrays = [
            pa.array(values, type=column.type, from_pandas=True)
            for values, column in zip(self.columns, SCHEMA, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=SCHEMA.with_metadata(metadata))


def part_bytes(rows: Rows, study_key: str, number: int) -> bytes:
    """A part file in memory; page checksums are on."""
    table = rows.table({_STUDY.decode(): study_key, _CHUNK.decode(): str(number)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return bytes(sink.getvalue())


@dataclass(frozen=True, slots=True)
class Part:
    """A part file found in a folder."""

    number: int
    path: Path
    digest: str

    def intact(self) -> bool:
        """Whether its bytes are those that were written."""
        return short_digest(self.path.read_bytes()) == self.digest

    def belongs(self, key: str) -> bool:
        """Whether it was written for this chunk of the study `key`; asked of intact parts."""
        told = pq.read_schema(self.path).metadata or {}
        return told.get(_STUDY) == key.encode() and told.get(_CHUNK) == str(self.number).encode()


def short_digest(content: bytes) -> str:
    """The digest in the name of a part."""
    return hashlib.sha256(content).hexdigest()[:16]


def found_parts(folder: Path) -> list[Part]:
    """Part files in `folder`, by number."""
    parts = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (match := _NAME.match(path.name)) and path.is_file():
            parts.append(Part(int(match[1]), path, match[2]))
    return parts


def strangers(folder: Path, key: str) -> list[Path]:
    """What lies in the folder of parts and is not of the study `key`: whole parts of others too.

    Hidden files, such as half-written ones, count for nothing.
    """
    ours = {p.path for p in found_parts(folder) if not p.intact() or p.belongs(key)}
    return [
        p
        for p in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if p not in ours and not p.name.startswith(HIDDEN)
    ]


def damaged(parts: Sequence[Part]) -> list[Part]:
    """Parts whose bytes changed, and all but one whole part of a chunk."""
    whole: set[int] = set()
    found = []
    for part in parts:
        if part.number in whole or not part.intact():
            found.append(part)
        else:
            whole.add(part.number)
    return found


def doubled(parts: Sequence[Part]) -> bool:
    """Whether a chunk is there more than once."""
    return len({p.number for p in parts}) < len(parts)


def sweep_up(folder: Path) -> None:
    """Remove half-written files that a kill left behind."""
    for path in folder.glob(f"{PENDING}*"):
        path.unlink()


def write_part(folder: Path, number: int, content: bytes) -> Path:
    """Write one part whole and durably; returns its path.

    Raises:
        MachineError: it cannot be written (CS-X002), as on a full disk.
    """
    target = folder / f"part-{number:06d}-{short_digest(content)}.parquet"
    write_whole(target, content)
    return target


def write_whole(target: Path, content: bytes) -> None:
    """Write a file beside its place, flush it to the disk, move it there.

    Raises:
        MachineError: it cannot be written (CS-X002).
    """
    pending = target.with_name(f"{PENDING}{target.name}{UNREAD}")
    try:
        with open(pending, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(pending, target)
        _flush_folder(target.parent)
    except OSError as exc:
        pending.unlink(missing_ok=True)
        detail = exc.strerror or type(exc).__name__
        problem = Problem(code="CS-X002", file=str(target), params={"detail": detail})
        raise MachineError(problem) from exc


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ranges(numbers: Sequence[int]) -> Iterator[str]:
    """Numbers as runs.

    >>> list(ranges([1, 2, 3, 7]))
    ['1-3', '7']
    """
    start = last = None
    for n in [*sorted(numbers), None]:
        if last is not None and n == last + 1:
            last = n
            continue
        if last is not None:
            yield f"{start}-{last}" if start != last else str(last)
        start = last = n
