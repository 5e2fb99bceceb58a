"""Base files, bodies, overrides: who wins, and what is said when one does not fit."""

from __future__ import annotations

import pytest

from chainsim.errors import DataError, UserError
from chainsim.library.scenarios import Scenario, load_scenario, merge, parse_scenario
from tests.parks import HEAD

BASE = """\
schema_version: 1
id: base
name_zh: 基准
name_en: base
library: false
materials: {x: {}, y: {unit: GJ}}
units:
  m: {recipe: {feeds: {x: 1}}, capacity: 10, priority: 1}
overrides: [units.m.capacity=20]
"""
CHILD = """\
base: base.yaml
id: child
units:
  m: {priority: 2}
  n: {recipe: {feeds: {x: 1}}, capacity: 5}
overrides: [units.m.min_load=0.5, units.n.capacity=6]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "child.yaml").write_text(CHILD, encoding="utf-8")
    return tmp_path


def told(caught: pytest.ExceptionInfo[UserError]) -> list[str]:
    return [p.text() for p in caught.value.problems]


def refused(text: str, overrides: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(DataError) as caught:
        parse_scenario(text, overrides=overrides)
    return told(caught)


def test_mappings_merge_values_replace_null_removes():
    weak = {"a": {"x": 1, "y": [1, 2]}, "b": 1, "c": {"d": 1}}
    strong = {"a": {"y": [3], "z": {"n": None, "m": 1}}, "b": None, "c": 2}
    assert merge(weak, strong) == {"a": {"x": 1, "y": [3], "z": {"m": 1}}, "c": 2}
    assert weak["a"] == {"x": 1, "y": [1, 2]}  # left as it was


def test_precedence_base_body_own_overrides_callers(folder):
    plain = load_scenario(folder / "child.yaml")
    unit = plain.record.units["m"]
    assert (unit.capacity, unit.priority, unit.min_load) == (20, 2, 0.5)
    assert plain.record.units["n"].capacity == 6
    assert (plain.record.id, plain.record.name_en) == ("child", "base")
    told_last = load_scenario(folder / "child.yaml", ["units.n.capacity=7", "units.n.capacity=8"])
    assert told_last.record.units["n"].capacity == 8


def test_an_override_may_write_any_yaml_value():
    made = parse_scenario(BASE, overrides=["units.m={recipe: {feeds: {y: 2}}, capacity: 3}"])
    assert made.record.units["m"].priority == 1  # mappings merge
    assert made.record.units["m"].recipe.feeds == {"x": 1, "y": 2}
    assert parse_scenario(BASE, overrides=["units.m=null"]).record.units == {}
    assert parse_scenario(BASE, overrides=["horizon.hours=5"]).record.horizon.hours == 5


def test_the_digest_follows_content_not_order():
    one = parse_scenario(BASE)
    other = parse_scenario(BASE.replace("{x: {}, y: {unit: GJ}}", "{y: {unit: GJ}, x: {}}"))
    assert one.digest == other.digest
    assert parse_scenario(BASE, overrides=["units.m.capacity=21"]).digest != one.digest


def test_a_problem_is_placed_in_the_file_that_wrote_it(folder):
    (folder / "base.yaml").write_text(BASE.replace("priority: 1", "prioriti: 1"), "utf-8")
    with pytest.raises(DataError) as caught:
        load_scenario(folder / "child.yaml")
    assert told(caught) == [
        f"{folder}/base.yaml:8:48  units.m.prioriti  unknown key  found 1  hint did you mean priority?"
    ] or (
        caught.value.problems[0].file.endswith("base.yaml") and caught.value.problems[0].line == 8
    )


def test_an_override_without_value():
    assert refused(BASE, ("units.m.capacity",)) == [
        "--set  an override is written key.path=value  found units.m.capacity"
    ]


def test_an_override_of_nothing():
    assert refused(BASE, ("units.k.capacity=1", "unit.m.capacity=1")) == [
        "--set  unit.m.capacity  the override's path unit.m.capacity does not exist in the scenario"
        "  hint units",
        "--set  units.k.capacity  the override's path units.k.capacity does not exist in the scenario",
    ]


def test_an_override_that_is_no_yaml():
    (message,) = refused(BASE, ("units.m.capacity=[1",))
    assert message.startswith("--set  units.m.capacity  ")


def test_overrides_must_be_a_list():
    text = BASE.replace("[units.m.capacity=20]", "units.m.capacity=20")
    assert refused(text) == [
        "scenario.yaml:9:12  overrides  the value has the wrong type  expected [key.path=value, …]"
    ]


def test_an_unknown_base():
    (message,) = refused("base: nowhere-at-all\nid: x\n")
    assert message.startswith("scenario.yaml:1:7  base  no scenario file and no shipped scenario")
    assert refused("base: 3\nid: x\n") == [
        "scenario.yaml:1:7  base  the value has the wrong type  found 3  expected text"
    ]


def test_bases_that_go_round(folder):
    (folder / "base.yaml").write_text("base: child.yaml\n" + BASE, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_scenario(folder / "child.yaml")
    assert [p.code for p in caught.value.problems] == ["CS-F007"]


def test_an_unknown_name_has_a_hint():
    with pytest.raises(DataError) as caught:
        load_scenario("xinzhou-bas")
    assert told(caught)[0].startswith(
        '-  no scenario file and no shipped scenario called "xinzhou-bas"'
    )


def test_a_scenario_is_a_plain_value():
    made = parse_scenario(BASE)
    assert isinstance(made, Scenario)
    assert made.data["units"]["m"]["capacity"] == 20
    assert "overrides" not in made.data


def code_of_base(path) -> tuple[str, str]:
    with pytest.raises(DataError) as caught:
        load_scenario(path)
    (problem,) = caught.value.problems
    return problem.code, problem.hint


@pytest.mark.parametrize("base", ["../base.yaml", "../nothing.yaml", "/etc/passwd", "link.yaml"])
def test_a_base_outside_the_folder_is_neither_read_nor_told_to_exist(folder, base):
    inner = folder / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(folder / "base.yaml")
    (inner / "child.yaml").write_text(f"base: {base}\nid: child\n", encoding="utf-8")
    assert code_of_base(inner / "child.yaml")[0] == "CS-F011"


def test_a_base_beside_the_file_wants_its_whole_name(folder):
    (folder / "child.yaml").write_text("base: base\nid: child\n", encoding="utf-8")
    assert code_of_base(folder / "child.yaml") == ("CS-F006", "base.yaml")


def test_text_in_memory_reads_no_file(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (message,) = refused("base: base.yaml\nid: x\n")
    assert "no scenario file and no shipped scenario" in message


def test_a_folder_does_not_hide_a_shipped_scenario(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "xinzhou-base").mkdir()
    assert load_scenario("xinzhou-base").record.id == "xinzhou-base"


def test_what_the_caller_overrides_is_told_as_such():
    (message,) = refused(BASE, ("units.m.priority=first",))
    assert message.startswith("--set  units.m.priority  the value has the wrong type  found first")


def test_places_need_no_names():
    record = parse_scenario(BASE + "sites: {a: {}}\nenterprises: {b: {}}\n").record
    assert (record.sites["a"].name_zh, record.enterprises["b"].name_en) == (None, None)


def test_an_empty_entry_without_anything_to_remove_is_told_where_it_stands():
    with pytest.raises(DataError) as caught:
        parse_scenario(
            HEAD + "materials: {x: {}}\nbuy:\n  x:\nsell: {x: {}}\n",
            overrides=["sell.y=", "sell.x="],
        )
    told = [(p.code, p.file, p.path, p.line) for p in caught.value.problems]
    first = len(HEAD.splitlines())
    assert told == [
        ("CS-V019", "--set", "sell.y", 0),
        ("CS-V019", "scenario.yaml", "buy.x", first + 3),
    ]
    assert caught.value.problems[0].hint == ""


def test_a_number_that_is_none_is_told_like_one_without_quotes():
    recipe = "recipes: {r: {feeds: {x: 'nan'}, products: {y: .inf}}}\n"
    with pytest.raises(DataError) as quoted:
        parse_scenario(HEAD + recipe.replace(".inf", "1"))
    with pytest.raises(DataError) as bare:
        parse_scenario(HEAD + recipe.replace("'nan'", "1"))
    for caught in (quoted, bare):
        assert [p.code for p in caught.value.problems] == ["CS-Y021"]
