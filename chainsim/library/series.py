"""Monthly price series: a CSV of months by series, and means over a time.

The file has a header (`month` and the ids), a line of units, then one line a month in order. An
empty cell means that nothing was published. The library's series are CNY/t with VAT.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chainsim.errors import DataError, Problem, shorten
from chainsim.library.text_files import decoded, read_bytes

Months = Mapping[str, Mapping[str, float]]
UNIT = "CNY/t"
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True)
class PriceTable:
    """One file: the unit of each series, and its prices by month."""

    units: Mapping[str, str]
    months: Months


def read_series(path: Path) -> Months:
    """Prices by series and month, all in CNY/t.

    Raises:
        DataError: the file cannot be read; every bad cell, with its line and column.
    """
    if not path.is_file():
        raise DataError(Problem(code="CS-L006", file=str(path.parent), found=path.name))
    table = read_table(path, file=path.name)
    wrong = [
        _problem(path.name, 2, column, unit, UNIT)
        for column, unit in enumerate(table.units.values(), start=2)
        if unit != UNIT
    ]
    if wrong:
        raise DataError(wrong)
    return table.months


def read_table(path: Path, *, file: str) -> PriceTable:
    """Prices by series and month, each series in the unit that the file tells.

    Args:
        path: the file.
        file: its name in messages.

    Raises:
        DataError: the file cannot be read; every bad cell, with its line and column.
    """
    lines = list(csv.reader(decoded(read_bytes(path, file), file).splitlines()))
    ids = lines[0][1:] if lines else []
    if len(lines) < 2 or lines[0][:1] != ["month"] or len(set(ids)) < len(ids):
        raise DataError(_problem(file, 1, 1, ",".join(lines[0]) if lines else "", "month,…"))
    if len(lines[1]) != len(lines[0]):
        raise DataError(_problem(file, 2, 1, ",".join(lines[1]), "YYYY-MM,CNY/t,…"))
    problems: list[Problem] = []
    found: dict[str, dict[str, float]] = {key: {} for key in ids}
    last = ""
    for number, cells in enumerate(lines[2:], start=3):
        if not cells or not _MONTH.match(cells[0]) or cells[0] <= last or len(cells) > len(ids) + 1:
            problems.append(_problem(file, number, 1, ",".join(cells[:1]), f"YYYY-MM > {last}"))
            continue
        last = cells[0]
        for column, (key, cell) in enumerate(zip(ids, cells[1:], strict=False), start=2):
            try:
                if cell:
                    found[key][last] = _positive(cell)
            except ValueError:
                problems.append(_problem(file, number, column, cell, "> 0"))
    if problems:
        raise DataError(problems)
    return PriceTable(dict(zip(ids, lines[1][1:], strict=True)), found)


def _positive(cell: str) -> float:
    value = float(cell)
    if not 0.0 < value < 1e9:
        raise ValueError(cell)
    return value


def _problem(file: str, line: int, column: int, found: str, expected: str) -> Problem:
    return Problem(
        code="CS-L015",
        file=file,
        line=line,
        column=column,
        found=shorten(found),
        expected=expected,
    )


def mean(months: Mapping[str, float], first: str, last: str) -> float | None:
    """Mean of the months from `first` to `last`; None when there is none.

    >>> mean({"2024-01": 1.0, "2024-02": 3.0, "2024-03": 9.0}, "2024-01", "2024-02")
    2.0
    """
    values = [value for month, value in months.items() if first <= month <= last]
    return sum(values) / len(values) if values else None
