"""Monthly price series: a CSV of months by series, and means over a time.

The file has a header (`month` and the ids), a line of units, then one line a month in order. An
empty cell means that nothing was published. Values are CNY/t with VAT.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from chainsim.errors import DataError, Problem, shorten

Months = Mapping[str, Mapping[str, float]]
UNIT = "CNY/t"
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


def read_series(path: Path) -> Months:
    """Prices by series and month.

    Raises:
        DataError: every bad cell, with its line and column.
    """
    try:
        lines = list(csv.reader(path.read_text("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as exc:
        raise DataError(Problem(code="CS-L006", file=str(path.parent), found=path.name)) from exc
    if len(lines) < 2 or lines[0][:1] != ["month"]:
        raise DataError(_problem(path, 1, 1, ",".join(lines[0]) if lines else "", "month,…"))
    problems: list[Problem] = []
    ids = lines[0][1:]
    found: dict[str, dict[str, float]] = {key: {} for key in ids}
    for column, unit in enumerate(lines[1][1:], start=2):
        if unit != UNIT:
            problems.append(_problem(path, 2, column, unit, UNIT))
    last = ""
    for number, cells in enumerate(lines[2:], start=3):
        if not cells or not _MONTH.match(cells[0]) or cells[0] <= last or len(cells) > len(ids) + 1:
            problems.append(_problem(path, number, 1, ",".join(cells[:1]), f"YYYY-MM > {last}"))
            continue
        last = cells[0]
        for column, (key, cell) in enumerate(zip(ids, cells[1:], strict=False), start=2):
            try:
                if cell:
                    found[key][last] = _positive(cell)
            except ValueError:
                problems.append(_problem(path, number, column, cell, "> 0"))
    if problems:
        raise DataError(problems)
    return found


def _positive(cell: str) -> float:
    value = float(cell)
    if not 0.0 < value < 1e9:
        raise ValueError(cell)
    return value


def _problem(path: Path, line: int, column: int, found: str, expected: str) -> Problem:
    return Problem(
        code="CS-L015",
        file=path.name,
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
