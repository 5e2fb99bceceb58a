"""Tables on a terminal or in a pipe: fitted to the page, never cut."""

from __future__ import annotations

import pytest

from chainsim.cli.output import GAP, Output, column_widths
from chainsim.report.document import Grid, Page, Row, Section

MINE = pytest.CaptureFixture[str]
NUMBER = "1,234,567,890"


def grid(columns: int, name: str = "Coke-oven battery") -> Grid:
    """A name and `columns` numbers in each of two rows."""
    row = Row((name, *[NUMBER] * columns))
    return Grid(
        headers=("Unit", *["A rather long header"] * columns),
        rows=(row, row),
        numeric=frozenset(range(1, columns + 1)),
        wide=frozenset({0}),
    )


def test_a_table_that_fits_keeps_its_natural_widths() -> None:
    assert column_widths(grid(2), 100) == [17, 20, 20]


def test_headers_of_numbers_give_way_before_numbers_do() -> None:
    widths = column_widths(grid(5), 100)
    assert sum(widths) + GAP * 6 <= 100
    assert all(len(NUMBER) <= w < 20 for w in widths[1:])


def test_columns_that_may_wrap_give_way_first() -> None:
    widths = column_widths(grid(3, name="a long name " * 6), 100)
    assert widths[0] < 72
    assert widths[1:] == [20, 20, 20]


def test_what_cannot_fit_is_printed_wider_than_the_page(capsys: MINE) -> None:
    page = Page(title="Wide", sections=(Section(title="Numbers", grid=grid(9)),))
    Output(lang="en", json=False).page(page)
    out = capsys.readouterr().out
    assert out.count(NUMBER) == 18
    assert max(map(len, out.splitlines())) > 100


def test_chinese_counts_two_cells_a_character(capsys: MINE) -> None:
    wide = Grid(headers=("装置", "产量"), rows=(Row(("原平焦化", "12")),), numeric=frozenset({1}))
    assert column_widths(wide, 100) == [8, 4]


def test_compiling_is_told_once_and_without_a_bar_where_nobody_looks(capsys: MINE) -> None:
    output = Output(lang="en", json=False)
    for done in range(4):
        output.compiling(done, 4)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["first run: compiling the kernel (about a minute, once)"]
