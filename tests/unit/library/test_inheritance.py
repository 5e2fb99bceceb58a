"""Processes written `like` another one: what they take over, whose figures these are, mistakes."""

from __future__ import annotations

import pytest

from chainsim.errors import DataError
from chainsim.library.files import read_records, resolve
from tests.unit.library.test_files import edit, folder, problems_of, write

__all__ = ["folder"]

MORE = """
schema_version: 1
templates:
  plant:
    turndown: {value: 0.25, unit: ratio, low: 0.2, high: 0.3, source: est, grade: C}
processes:
  fine_mill:
    like: mill
    name_en: fine mill
    ports:
      good: {value: 0.85, unit: t/t, source: est, grade: B}
  third_mill:
    like: fine_mill
    turndown: null
"""


@pytest.fixture
def three(folder):
    write(folder, "processes/more.yaml", MORE)
    edit(
        folder,
        "processes/more.yaml",
        "turndown: null",
        "turndown: {value: 0.1, unit: ratio, source: est, grade: C}",
    )
    return folder


def test_what_is_not_said_is_taken_over(three):
    library = resolve(read_records(three))
    fine = library.processes["fine_mill"]
    assert (fine.name_en, fine.name_zh, fine.family) == ("fine mill", "磨", "more")
    assert fine.port("good").amount == 0.85
    assert fine.turndown == 0.5
    assert library.processes["third_mill"].port("good").amount == 0.85
    assert library.processes["third_mill"].turndown == 0.1


def test_figures_taken_over_stay_one_figure(three):
    """`good` of the third mill was written for the fine one, its `raw` for the first."""
    records = read_records(three)
    third = resolve(records).processes["third_mill"]
    assert third.port("good").coefficient.path == "processes.fine_mill.ports.good"
    assert third.port("raw").coefficient.path == "processes.mill.ports.raw"
    assert third.figure("turndown").path == "processes.third_mill.turndown"
    moved = resolve(records, {"processes.fine_mill.ports.good": 0.84})
    amounts = {k: p.port("good").amount for k, p in moved.processes.items()}
    assert amounts == {"mill": 0.9, "fine_mill": 0.84, "third_mill": 0.84}


def test_a_template_is_no_process(three):
    edit(three, "processes/more.yaml", "like: fine_mill", "like: fine_mill2")
    edit(three, "processes/more.yaml", "  fine_mill:\n", "  fine_mill2:\n")
    edit(
        three,
        "processes/mills.yaml",
        "  mill:\n",
        "  mill:\n    like: plant\n",
    )
    edit(
        three,
        "processes/mills.yaml",
        "    turndown: {value: 0.5, unit: ratio, source: est, grade: C}\n",
        "",
    )
    library = resolve(read_records(three))
    assert "plant" not in library.processes
    assert library.processes["mill"].turndown == 0.25
    assert library.processes["mill"].figure("turndown").path == "templates.plant.turndown"


def test_a_figure_is_taken_over_whole_or_not_at_all(three):
    """The range of the first mill's yield, 0.8 to 0.95, does not cling to another value."""
    good = resolve(read_records(three)).processes["fine_mill"].port("good")
    c = good.coefficient
    assert (c.value, c.low, c.high, c.grade, good.role) == (0.85, 0.85, 0.85, "B", "product")
    edit(
        three,
        "processes/more.yaml",
        "good: {value: 0.85, unit: t/t, source: est, grade: B}",
        "good: {value: 0.85}",
    )
    codes = sorted((code, path) for code, _, path in problems_of(three))
    assert codes == [
        ("CS-V002", f"processes.{k}.ports.good.{f}")
        for k in ("fine_mill", "third_mill")
        for f in ("grade", "source", "unit")
    ]


def test_null_takes_away(folder):
    write(folder, "processes/more.yaml", MORE)
    found = problems_of(folder)
    assert [(code, path) for code, _, path in found] == [
        ("CS-V002", "processes.third_mill.turndown")
    ]


def test_a_parent_that_does_not_exist(three):
    edit(three, "processes/more.yaml", "like: mill", "like: mull")
    found = problems_of(three)
    first = next(f for f in found if f[0] == "CS-L014")
    assert first[1].endswith("processes/more.yaml:8:11")
    with pytest.raises(DataError) as caught:
        read_records(three)
    told = next(p for p in caught.value.problems if p.code == "CS-L014")
    assert told.found == "mull"
    assert told.hint == "mill"


def test_a_circle(three):
    edit(three, "processes/mills.yaml", "  mill:\n", "  mill:\n    like: third_mill\n")
    assert {code for code, _, _ in problems_of(three)} == {"CS-L013"}
