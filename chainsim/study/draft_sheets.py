"""Sections of a draft from an Excel workbook that somebody brings, read with suspicion.

A workbook is a zip archive: its unpacked size is checked before anything is unpacked, and XML
entities are refused (openpyxl uses defusedxml where it is installed, and it is).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

import openpyxl
import pandas as pd

from chainsim.errors import DataError, Problem
from chainsim.study.draft_tables import COLUMNS, ID, MOST_ROWS, SECTIONS, with_table

MOST_BYTES: Final = 2 << 20
MOST_UNPACKED: Final = 30 << 20
MOST_PARTS: Final = 200
MOST_COLUMNS: Final = 60


def with_workbook(
    data: Mapping[str, Any], content: bytes, file: str
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The draft with every section for which the workbook has a sheet (named `units`, `links` …).

    The first row of a sheet names the fields; other columns are passed over.

    Returns:
        The new data and the problems of `with_table`.

    Raises:
        DataError: no workbook, too large, or no sheet of that kind (CS-F004, CS-F008, CS-F009).
    """
    _check_size(content, file)
    after = dict(data)
    problems: list[Problem] = []
    known = False
    for name, frame in _sheets(content, file):
        if name in SECTIONS and ID in frame.columns:
            known = True
            after, found = with_table(after, name, frame)
            problems += found
    if not known:
        raise DataError(Problem(code="CS-F009", file=file, expected=" | ".join(SECTIONS)))
    return after, tuple(problems)


def _check_size(content: bytes, file: str) -> None:
    expected = f"≤ {MOST_BYTES} B"
    size = len(content)
    if size <= MOST_BYTES:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = archive.infolist()
        except zipfile.BadZipFile as exc:
            raise DataError(_unreadable(file, "zip")) from exc
        size = sum(part.file_size for part in parts)
        if size <= MOST_UNPACKED and len(parts) <= MOST_PARTS:
            return
        expected = f"≤ {MOST_UNPACKED} B"
    raise DataError(Problem(code="CS-F004", file=file, found=f"{size} B", expected=expected))


def _sheets(content: bytes, file: str) -> Iterator[tuple[str, pd.DataFrame]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as exc:  # whatever a broken file makes openpyxl raise
        raise DataError(_unreadable(file, type(exc).__name__)) from exc
    try:
        for sheet in book.worksheets:
            try:
                rows = list(
                    sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
                )
            except Exception as exc:
                raise DataError(_unreadable(file, type(exc).__name__)) from exc
            if rows:
                yield sheet.title, _frame(rows)
    finally:
        book.close()


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    head = [str(cell).strip() if cell is not None else "" for cell in rows[0]]
    wanted = {c for columns in COLUMNS.values() for c in (ID, *columns)}
    kept = [i for i, name in enumerate(head) if name in wanted and head.index(name) == i]
    cells = [[_cell(row[i]) if i < len(row) else None for i in kept] for row in rows[1:]]
    return pd.DataFrame(cells, columns=[head[i] for i in kept], dtype=object)


def _cell(value: Any) -> Any:
    """Dates as they are written in scenarios; the rest as it is."""
    return value.date().isoformat() if hasattr(value, "date") else value


def _unreadable(file: str, detail: str) -> Problem:
    return Problem(code="CS-F008", file=file, params={"detail": detail})
