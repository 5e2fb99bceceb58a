"""Drafts: tables and back without loss, what is wrong told by its place, uploads that are bad."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.errors import DataError, UserError
from chainsim.report.downloads import xlsx_bytes
from chainsim.report.draft_views import problem_grid
from chainsim.study import drafts
from chainsim.study.cache import shipped, shipped_park, steady_result
from chainsim.study.draft_dispatch import goal_rows, goals_of, present_order
from chainsim.study.draft_sheets import MOST_UNPACKED, with_workbook
from chainsim.study.draft_tables import COLUMNS, SECTIONS, next_id, table, with_table
from chainsim.study.drafts import (
    check_draft,
    draft_of,
    draft_park,
    draft_text,
    keep_draft,
    read_draft,
)
from chainsim.study.levers import Scheme
from chainsim.study.schemes import scheme_data, scheme_of

BASE = "xinzhou-base"
DATA = draft_of(BASE)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINSIM_SHARES", str(tmp_path))
    monkeypatch.setattr(drafts, "share_folder", lambda: tmp_path)


@pytest.mark.parametrize("name", shipped())
def test_tables_give_back_what_they_were_made_of(name: str) -> None:
    data = draft_of(name)
    after = data
    for section in SECTIONS:
        after, problems = with_table(after, section, table(after, section))
        assert problems == ()
    assert after == data


def test_a_draft_is_the_scenario_it_was_made_of() -> None:
    name = keep_draft(DATA)
    assert drafts.is_draft(name)
    assert name == keep_draft(dict(reversed(DATA.items())))
    assert shipped_park(name).digest == shipped_park(BASE).digest
    assert read_draft(draft_text(DATA).encode()) == DATA
    scheme = Scheme(base=name)
    assert scheme_of(scheme_data(scheme)) == scheme


def test_an_edited_capacity_is_computed() -> None:
    frame = table(DATA, "units")
    frame.loc[frame["id"] == "yp_methanol", "capacity"] = "8 万t/a"
    data, _ = with_table(DATA, "units", frame)
    assert check_draft(data) == ()
    result = steady_result(keep_draft(data))
    assert result.kpi("output.methanol_t") < steady_result(BASE).kpi("output.methanol_t")


def test_rows_are_added_and_taken_out() -> None:
    frame = table(DATA, "units")
    row = dict.fromkeys(frame.columns, "")
    row |= {"process": "cog_power", "site": "yuanping", "capacity": "5 MW", "priority": "900"}
    more = pd.concat([frame, pd.DataFrame([row, dict.fromkeys(row, "")])], ignore_index=True)
    data, problems = with_table(DATA, "units", more)
    assert problems == ()
    assert data["units"]["cog_power"] == {
        "process": "cog_power",
        "site": "yuanping",
        "capacity": "5 MW",
        "priority": 900,
    }
    assert check_draft(data) == ()
    fewer, _ = with_table(data, "units", more[more["id"] != ""])
    assert fewer == DATA
    assert next_id(data, "units", "cog_power") == "cog_power_2"


def test_an_own_price_wins() -> None:
    data, _ = with_table(DATA, "prices", pd.DataFrame([{"id": "methanol", "price": "9999 元/t"}]))
    assert data["economics"]["prices"] == {"methanol": "9999 元/t"}
    assert check_draft(data) == ()
    cleared, _ = with_table(data, "prices", pd.DataFrame(columns=["id", "price"]))
    assert not cleared["economics"].get("prices")


@pytest.mark.parametrize(
    ("section", "row", "column", "text"),
    [
        ("units", "yp_methanol", "capacity", "many"),
        ("units", "yp_methanol", "capacity", "-5 t/a"),
        ("units", "yp_methanol", "site", "nowhere"),
        ("units", "yp_methanol", "process", "methanol_cogg"),
        ("units", "yp_methanol", "load", "1.7"),
        ("units", "yp_methanol", "trains", "2.5"),
        ("units", "yp_methanol", "start", "soon"),
        ("sites", "yuanping", "x_km", "west"),
        ("buffers", "yp_holder", "initial_share", "120"),
    ],
)
def test_a_wrong_cell_is_kept_and_told_by_its_place(
    section: str, row: str, column: str, text: str
) -> None:
    frame = table(DATA, section)
    frame.loc[frame["id"] == row, column] = text
    data, _ = with_table(DATA, section, frame)
    kept = table(data, section)
    assert kept.loc[kept["id"] == row, column].iloc[0] == text
    paths = [p.path for p in check_draft(data)]
    assert any(p.startswith(f"{section}.{row}.{column}") for p in paths), paths


def test_an_id_twice_is_told_and_the_first_row_counts() -> None:
    frame = pd.concat([table(DATA, "sites"), table(DATA, "sites").head(1)], ignore_index=True)
    data, problems = with_table(DATA, "sites", frame)
    assert data == DATA
    assert [p.code for p in problems] == ["CS-V018"]


cells = st.one_of(
    st.none(), st.text(max_size=12), st.floats(allow_nan=True), st.sampled_from(["=1+1", "1e999"])
)


@given(st.sampled_from(SECTIONS), st.lists(st.lists(cells, min_size=15, max_size=15), max_size=3))
@settings(max_examples=60)
def test_whatever_is_typed_is_no_crash(section: str, rows: list[list[object]]) -> None:
    columns = ["id", *COLUMNS[section]]
    frame = pd.DataFrame([r[: len(columns)] for r in rows], columns=columns, dtype=object)
    data, problems = with_table(DATA, section, frame)
    for problem in (*problems, *check_draft(data)):
        assert problem.text("zh")


def test_a_workbook_goes_out_and_comes_back() -> None:
    tables = {s: table(DATA, s) for s in SECTIONS}
    tables["sites"].loc[0, "x_km"] = "12.5"
    after, problems = with_workbook(DATA, xlsx_bytes(tables), "x.xlsx")
    assert problems == ()
    assert after["sites"]["yuanping"]["x_km"] == 12.5
    assert {k: v for k, v in after.items() if k != "sites"} == {
        k: v for k, v in DATA.items() if k != "sites"
    }


def zipped(size: int, name: str = "xl/workbook.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b" " * size)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a workbook", "CS-F008"),
        (zipped(10), "CS-F008"),
        (zipped(MOST_UNPACKED + 1), "CS-F004"),
        (b"x" * (3 << 20), "CS-F004"),
        (xlsx_bytes({"other": pd.DataFrame({"a": [1]})}), "CS-F009"),
    ],
)
def test_a_bad_workbook_is_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(DataError) as caught:
        with_workbook(DATA, content, "x.xlsx")
    assert [p.code for p in caught.value.problems] == [code]


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe\x00",
        b"a: [1",
        b"a: &x [1]\nb: *x",
        b"schema_version: 1",
        b"base: ../../../etc/passwd\nid: x",
        b"base: /etc/hostname\nid: x",
        b"base: README.md\nid: x",
        b"base: xinzhou-base\nunits: {yp_methanol: {capacity: -1}}",
        b"x" * (2 << 20),
    ],
)
def test_a_bad_scenario_is_a_sentence(text: bytes) -> None:
    with pytest.raises(UserError) as caught:
        read_draft(text)
    for problem in caught.value.problems:
        assert problem.text("zh")
        assert "root:" not in problem.text("en")


def test_a_scenario_over_a_shipped_one_is_read_whole() -> None:
    data = read_draft(b"base: xinzhou-base\nid: mine\noverrides: [units.yp_methanol.load=0.75]")
    assert data["units"]["yp_methanol"]["load"] == 0.75
    assert data["id"] == "mine"


@pytest.mark.parametrize("name", ["draft-", "draft-../../x", "draft-0123456789AB", "../x"])
def test_only_ids_of_drafts_become_paths(name: str) -> None:
    assert not drafts.is_draft(name)
    assert drafts.source(name) == name


@pytest.mark.parametrize("name", shipped())
def test_the_present_order_written_down_changes_nothing(name: str) -> None:
    data = draft_of(name)
    ordered = {**data, "dispatch": present_order(data)}
    assert check_draft(ordered) == ()
    here, there = draft_park(data).goals, draft_park(ordered).goals
    assert [(g.sense, g.targets, g.weights) for g in there] == [
        (g.sense, g.targets, g.weights) for g in here
    ]
    again, _ = with_table(ordered, "dispatch", table(ordered, "dispatch"))
    assert again == ordered


def test_places_sort_the_dispatch_list_and_stars_give_weights() -> None:
    rows = [
        {"id": "2", "sense": "maximise", "targets": "a, b*2"},
        {"id": "", "sense": "minimise", "targets": "vent:c"},
        {"id": "1.5", "sense": "maximise", "targets": "d、e"},
        {"id": "1", "sense": "minimise", "targets": "f*x"},
        {"id": "3", "sense": "", "targets": "g"},
    ]
    assert goals_of(rows, []) == [
        {"minimise": {"f": "x"}},
        {"maximise": ["d", "e"]},
        {"maximise": {"a": 1, "b": 2.0}},
        {},
        {"minimise": "vent:c"},
    ]
    kept = [{"maximise": ["a"]}]
    assert goals_of(goal_rows(kept), kept) == kept


def test_a_wrong_row_of_the_dispatch_list_is_named_by_its_place() -> None:
    frame = pd.DataFrame([{"id": "7", "sense": "maximise", "targets": "yp_metanol"}], dtype=object)
    data, problems = with_table(DATA, "dispatch", frame)
    assert problems == ()
    (problem,) = check_draft(data)
    assert (problem.code, problem.path) == ("CS-S014", "dispatch.0")
    assert problem_grid([problem], "en").rows[0].cells[:2] == ("Dispatch", "1")


def test_obligations_take_twelve_months_and_a_yes() -> None:
    frame = table(DATA, "obligations")
    row = frame["id"] == "xf_civil_gas"
    assert frame.loc[row, "monthly"].iloc[0].startswith("1.5, 1.5, 1.2")
    frame.loc[row, ["monthly", "hard"]] = [", ".join(["2"] * 11) + "，3 kNm3/h", "true"]
    data, _ = with_table(DATA, "obligations", frame)
    found = data["obligations"]["xf_civil_gas"]
    assert found["monthly"] == [2] * 11 + ["3 kNm3/h"]
    assert found["hard"] is True
    assert check_draft(data) == ()
    frame.loc[row, "monthly"] = "2, 3"
    assert check_draft(with_table(DATA, "obligations", frame)[0])
