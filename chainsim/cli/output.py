"""What goes to the terminal: results to stdout as text or JSON, everything else to stderr."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chainsim.errors import Lang, Problem
from chainsim.report.i18n import t

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from chainsim.report.document import Grid, Page

SCHEMA_VERSION: Final = 1
WIDTH: Final = 100
_LEAST_WIDTH: Final = 60
_LEAST_WIDE: Final = 20
_BAR: Final = 40
_LEAST_TEXT: Final = 8
GAP: Final = 3
"""Cells between two columns."""
_STYLES: Final = {"good": "green", "bad": "bold red", "warn": "yellow", "quiet": "dim", "plain": ""}


def say(text: str) -> None:
    """One line to stderr."""
    print(text, file=sys.stderr, flush=True)


@dataclass(slots=True)
class Output:
    """How this call answers: language, and JSON instead of text."""

    lang: Lang
    json: bool
    _told: bool = False

    def problems(self, problems: Sequence[Problem], data: Mapping[str, object]) -> None:
        """Every problem, one line each, on stderr; with `--json` also as JSON, with `data`."""
        for problem in problems:
            say(plain_line(f"{problem.code}  {problem.text(self.lang)}"))
        if self.json:
            self.data({"problems": problem_data(problems, self.lang), **data})

    def data(self, data: Mapping[str, object]) -> None:
        """A JSON document on stdout; what is not a finite number becomes null."""
        document = {"schema_version": SCHEMA_VERSION, **data}
        text = json.dumps(jsonable(document), ensure_ascii=False, indent=1, allow_nan=False)
        sys.stdout.write(text + "\n")

    def text(self, text: str) -> None:
        """Plain text on stdout."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def page(self, page: Page) -> None:
        """A page of sections and tables on stdout; a table wider than the page is not cut."""
        from rich.padding import Padding

        console = _console()
        console.print(_styled(page.title, "bold"))
        if page.lead:
            console.print(_styled(page.lead))
        for section in page.sections:
            console.print()
            console.print(_styled(section.title, "bold cyan"))
            for line in section.lines:
                console.print(Padding(_styled(line), (0, 0, 0, 2)))
            if section.grid is not None:
                widths = column_widths(section.grid, console.width)
                whole = max(console.width, sum(widths) + GAP * len(widths))
                _console(whole).print(table(section.grid, widths))

    def progress(self, done: int, count: int) -> None:
        """What is being done, on one line of stderr, when somebody is looking."""
        if sys.stderr.isatty():
            text = f"{t('cli.running', self.lang)} {done}/{count}" if done < count else ""
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def compiling(self, done: int, count: int) -> None:
        """One message when the kernel is compiled, and a bar when somebody is looking."""
        if not self._told:
            self._told = True
            say(t("cli.compiling", self.lang))
        if sys.stderr.isatty():
            filled = _BAR * done // count
            bar = "█" * filled + "░" * (_BAR - filled)
            print(f"\r\x1b[K{bar} {done}/{count}", end="", file=sys.stderr, flush=True)


def _console(wide: int | None = None) -> Console:
    from rich.console import Console

    width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    return Console(width=wide or max(_LEAST_WIDTH, min(width, 140)), highlight=False, markup=False)


def _styled(text: str, style: str = "") -> Any:
    from rich.text import Text

    return Text(plain_line(text), style=style)


def column_widths(grid: Grid, page: int) -> list[int]:
    """Width of each column, in cells of a terminal, for a page of `page` cells.

    Numbers are never broken. Where the table is wider than the page, first the columns that may
    wrap give way, then headers of numbers and the other texts; what is still too wide stays so.
    """
    from rich.cells import cell_len

    bodies = [
        max((cell_len(plain_line(row.cells[i])) for row in grid.rows if row.cells), default=0)
        for i in range(len(grid.headers))
    ]
    widths = [max(cell_len(plain_line(h)), b) for h, b in zip(grid.headers, bodies, strict=True)]
    for columns, least in ((grid.wide, _LEAST_WIDE), (range(len(widths)), _LEAST_TEXT)):
        floors = {i: min(widths[i], bodies[i] if i in grid.numeric else least) for i in columns}
        while sum(widths) + GAP * len(widths) > page:
            broadest = max(floors, key=lambda i: (widths[i] - floors[i], i), default=-1)
            if broadest < 0 or widths[broadest] <= floors[broadest]:
                break
            widths[broadest] -= 1
    return widths


def table(grid: Grid, widths: Sequence[int]) -> Any:
    """A grid as a rich table; names are text, never markup."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, header in enumerate(grid.headers):
        drawn.add_column(
            _styled(header),
            justify="right" if index in grid.numeric else "left",
            width=widths[index],
            overflow="fold",
        )
    for row in grid.rows:
        cells = [_styled(cell) for cell in row.cells]
        if cells:
            cells[grid.toned].stylize(_STYLES[row.tone])
        drawn.add_row(*cells)
    return drawn


def plain_line(text: str) -> str:
    """`text` without anything that moves the cursor or hides other text."""
    return "".join(c if c.isprintable() else " " for c in text)


def jsonable(value: Any) -> Any:
    """The same data from what JSON knows; NaN and infinity become null."""
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "item"):
        return jsonable(value.item())
    return str(value)


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON rows."""
    return [{str(k): jsonable(v) for k, v in row.items()} for row in frame.to_dict("records")]


def problem_data(problems: Iterable[Problem], lang: Lang) -> list[dict[str, object]]:
    """Problems as JSON rows."""
    return [
        {
            "code": p.code,
            "severity": p.severity,
            "file": p.file,
            "line": p.line,
            "column": p.column,
            "path": p.path,
            "message": p.message(lang),
            "found": p.found,
            "expected": p.expected_text(lang),
            "hint": p.hint_text(lang),
        }
        for p in problems
    ]
