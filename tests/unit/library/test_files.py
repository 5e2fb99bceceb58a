"""A library folder: every mistake told with its place, computed values handed over complete."""

from __future__ import annotations

import shutil

import pytest

from chainsim.errors import DataError
from chainsim.library.files import data_root, draft, load_library, read_records, resolve

SOURCES = """
schema_version: 1
sources:
  est: {title: own estimate, read: nothing}
"""
MATERIALS = """
schema_version: 1
materials:
  raw: {name_zh: 甲, name_en: raw, phase: solid, unit: t}
  good: {name_zh: 乙, name_en: good, phase: solid, unit: t}
  dust: {name_zh: 尘, name_en: dust, phase: solid, unit: t, closing_of: mill}
"""
PROCESSES = """
schema_version: 1
processes:
  mill:
    name_zh: 磨
    name_en: mill
    boundary: downstream
    basis: raw
    reference: good
    ports:
      raw: {role: feed, value: 1, unit: t/t, source: est, grade: C}
      good: {role: product, value: 0.9, unit: t/t, low: 0.8, high: 0.95, source: est, grade: C}
      dust: {role: loss, closing: true}
    closing:
      port: dust
      kind: difference
      tolerance: {value: 0.2, unit: ratio, source: est, grade: C}
      heat_tolerance: {value: 1, unit: ratio, source: est, grade: C}
    operating_hours: {value: 8000, unit: h/a, source: est, grade: C}
    turndown: {value: 0.5, unit: ratio, source: est, grade: C}
"""
ELEMENTS = (
    ", lhv: {value: 30, unit: GJ/t, source: est, grade: C}"
    ", elements: {unit: wt%, source: est, grade: C, parts: {C: [90, 90, 90], other: [10, 10, 10]}}}"
)


@pytest.fixture
def folder(tmp_path):
    shutil.copy(data_root() / "graphs" / "constants.yaml", tmp_path)
    constants = tmp_path / "constants.yaml"
    keys = {
        line.split("source:")[1].split("}")[0].split(",")[0].strip()
        for line in constants.read_text("utf-8").splitlines()
        if "source:" in line
    }
    extra = "".join(f"  {k}: {{title: t, read: all}}\n" for k in sorted(keys))
    write(tmp_path, "sources/all.yaml", SOURCES + extra)
    materials = MATERIALS.replace(
        "raw, phase: solid, unit: t}", f"raw, phase: solid, unit: t{ELEMENTS}"
    )
    materials = materials.replace(
        "good, phase: solid, unit: t}", f"good, phase: solid, unit: t{ELEMENTS}"
    )
    write(tmp_path, "materials/all.yaml", materials)
    write(tmp_path, "processes/mills.yaml", PROCESSES)
    return tmp_path


def write(folder, name, text):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def edit(folder, name, old, new):
    text = (folder / name).read_text("utf-8")
    assert old in text
    write(folder, name, text.replace(old, new))


def problems_of(folder):
    with pytest.raises(DataError) as caught:
        resolve(read_records(folder))
    return [(p.code, p.place(), p.path) for p in caught.value.problems]


def test_a_closed_process(folder):
    library = resolve(read_records(folder))
    mill = library.processes["mill"]
    assert mill.family == "mills"
    assert mill.port("dust").amount == pytest.approx(0.1)
    assert mill.reference_amount == 0.9
    assert library.materials["dust"].elements["C"] == pytest.approx(0.9)
    row = next(r for r in library.closure if r.quantity == "mass")
    assert (row.into, row.out, row.share) == (1.0, 0.9, pytest.approx(0.1))
    assert row.worst == "processes.mill.ports.good"


def test_sampled_values_move_the_closing_stream(folder):
    library = resolve(read_records(folder), {"processes.mill.ports.good": 0.95})
    assert library.processes["mill"].port("dust").amount == pytest.approx(0.05)


def test_a_draft_closes_where_loading_refuses(folder):
    records = read_records(folder)
    values = {"processes.mill.ports.good": 1.1}
    found = draft(records, values)
    assert [p.code for p in found.problems] == ["CS-B001", "CS-B001", "CS-B003"]
    assert found.library.processes["mill"].port("dust").amount == pytest.approx(-0.1)
    with pytest.raises(DataError):
        resolve(records, values)


def test_no_files_at_all(tmp_path):
    with pytest.raises(DataError) as caught:
        read_records(tmp_path)
    assert caught.value.problems[0].code == "CS-L005"


def test_a_missing_file(folder):
    (folder / "constants.yaml").unlink()
    assert problems_of(folder)[0] == ("CS-L006", str(folder), "")


def test_an_unknown_source(folder):
    edit(folder, "processes/mills.yaml", "high: 0.95, source: est", "high: 0.95, source: ets")
    (found,) = problems_of(folder)
    assert found == (
        "CS-L007",
        f"{folder}/processes/mills.yaml:12:82",
        "processes.mill.ports.good.source",
    )


def test_an_id_defined_in_two_files(folder):
    write(folder, "materials/more.yaml", MATERIALS)
    with pytest.raises(DataError) as caught:
        read_records(folder)
    found = [(p.code, p.path, p.line, p.message()) for p in caught.value.problems]
    assert found == [
        ("CS-L011", f"materials.{k}", n, f'"{k}" is defined in materials/all.yaml already')
        for k, n in (("raw", 4), ("good", 5), ("dust", 6))
    ]


def test_a_value_outside_its_range(folder):
    edit(folder, "processes/mills.yaml", "value: 0.9, unit", "value: 0.99, unit")
    assert [code for code, _, _ in problems_of(folder)] == ["CS-L008"]


def test_an_unknown_material_of_a_port(folder):
    edit(folder, "processes/mills.yaml", "good: {role: product,", "goood: {role: product,")
    edit(folder, "processes/mills.yaml", "reference: good", "reference: goood")
    found = problems_of(folder)
    assert [code for code, _, _ in found] == ["CS-L001"]


def test_a_reference_that_is_no_port(folder):
    edit(folder, "processes/mills.yaml", "reference: good", "reference: dust")
    (found,) = problems_of(folder)
    assert found[0] == "CS-L003"
    assert found[1].endswith("processes/mills.yaml:9:16")


def test_a_closing_port_that_is_not_declared(folder):
    edit(folder, "processes/mills.yaml", "port: dust", "port: good")
    (found,) = problems_of(folder)
    assert (found[0], found[2]) == ("CS-L004", "processes.mill.closing.port")


def test_an_unfitting_unit_of_a_coefficient(folder):
    edit(folder, "processes/mills.yaml", "value: 8000, unit: h/a", "value: 8000, unit: t/a")
    (found,) = problems_of(folder)
    assert (found[0], found[2]) == ("CS-U002", "processes.mill")


def test_the_library_is_read_anew_when_a_file_changes(folder):
    first = load_library(folder)
    assert load_library(folder) is first
    edit(folder, "processes/mills.yaml", "value: 0.9, unit", "value: 0.88, unit")
    assert load_library(folder).processes["mill"].reference_amount == 0.88
    assert load_library(folder).digest != first.digest
