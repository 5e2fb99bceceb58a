"""Price files beside a scenario: their months are written into it, so that it stands alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainsim.errors import DataError, Problem, UserError, did_you_mean, shorten
from chainsim.library.document import Document
from chainsim.library.series import read_table

_SECTION = ("economics", "price_series")


def with_price_files(document: Document, folder: Path) -> Document:
    """The document with the months of every CSV that it names in place of the file's name.

    Args:
        document: a scenario file as read; what is no mapping is left to the validation.
        folder: where that file stands; nothing outside is read.

    Raises:
        DataError: a file or a column that does not exist, or bad cells, with their places.
    """
    economics = document.data.get(_SECTION[0])
    section = economics.get(_SECTION[1]) if isinstance(economics, Mapping) else None
    if not isinstance(section, Mapping):
        return document
    written: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, record in section.items():
        written[key] = record
        if not isinstance(record, Mapping) or not isinstance(record.get("file"), str):
            continue
        try:
            months = _months(folder, record["file"], str(record.get("column") or key))
        except UserError as exc:
            problems += [_placed(document, str(key), p) for p in exc.problems]
            continue
        rest = {k: v for k, v in record.items() if k not in ("file", "column")}
        written[key] = {**rest, "months": months}
    if problems:
        raise DataError(problems)
    data = {**document.data, _SECTION[0]: {**economics, _SECTION[1]: written}}  # type: ignore[dict-item]
    return replace(document, data=data)


def _months(folder: Path, name: str, column: str) -> dict[str, str]:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DataError(Problem(code="CS-F012", path="file", found=shorten(name)))
    table = read_table(path, file=name)
    if column not in table.months:
        hint = did_you_mean(column, table.months)
        raise DataError(Problem(code="CS-S034", path="column", found=shorten(column), hint=hint))
    unit = table.units[column]
    return {month: f"{value!r} {unit}" for month, value in table.months[column].items()}


def _placed(document: Document, key: str, problem: Problem) -> Problem:
    """A problem of the reference at its key; one inside the CSV keeps its own place."""
    if problem.file:
        return problem
    keys = (*_SECTION, key, problem.path)
    line, column = document.position(keys)
    path = ".".join(keys)
    return replace(problem, file=document.file, line=line, column=column, path=path)
