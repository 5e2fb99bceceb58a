"""The editor: rows in and out, wrong cells told, bad uploads refused, the result a scheme."""

from __future__ import annotations

import pandas as pd
from streamlit.testing.v1 import AppTest

from app.drafting import Drafting
from chainsim.report.downloads import xlsx_bytes
from chainsim.study.draft_tables import table
from chainsim.study.drafts import draft_of, draft_text, is_draft
from tests.app.conftest import Open, texts, to
from tests.arch.law import ROOT

BASE = "xinzhou-base"


def draft(page: AppTest) -> Drafting:
    found: Drafting = page.session_state["drafting"]
    return found


def set_cell(page: AppTest, section: str, row: str, column: str, text: str) -> None:
    frame = draft(page).edited.get(section, table(draft(page).data, section)).copy()
    frame.loc[frame["id"] == row, column] = text
    draft(page).edited[section] = frame
    draft(page).version += 1
    page.run()


def test_the_current_scheme_is_what_is_edited(visit: Open) -> None:
    page = visit("scheme")
    page.slider(key=f"lever_{BASE}_methanol_zh").set_value(20.0).run()
    to(page, "editor")
    assert not page.exception
    assert not page.error
    assert page.success
    assert draft(page).data != draft_of(BASE)


def test_a_wrong_cell_is_told_and_mended(visit: Open) -> None:
    page = visit("editor")
    set_cell(page, "units", "yp_methanol", "capacity", "很多")
    assert not page.exception
    assert "1 个问题" in page.error[0].value
    assert page.button(key="editor_run").disabled
    row = page.table[0].value.iloc[0].astype(str).str.replace("\u2060", "")
    assert "装置" in row.iloc[0]
    assert "methanol" in row.iloc[1]
    assert "能力" in row.iloc[2]
    to(page, "scheme")
    to(page, "editor")
    kept = draft(page).edited["units"]
    assert kept.loc[kept["id"] == "yp_methanol", "capacity"].iloc[0] == "很多"
    set_cell(page, "units", "yp_methanol", "capacity", "8 万t/a")
    assert not page.error


def test_a_plant_is_added_and_computed(visit: Open) -> None:
    page = visit("editor")
    page.selectbox(key="add_process_zh").set_value("cog_power").run()
    page.text_input(key="add_capacity").set_value("5 MW")
    page.button(key="add_now").click().run()
    assert not page.exception
    data, problems = draft(page).current()
    assert problems == ()
    assert data["units"]["cog_power"]["capacity"] == "5 MW"
    page.button(key="editor_run").click().run()
    assert not page.exception
    assert is_draft(page.session_state["history"].scheme.base)
    to(page, "scheme")
    assert not page.exception
    assert not page.error
    to(page, "editor")
    page.button(key="editor_undo").click().run()
    assert "cog_power" not in draft(page).current()[0]["units"]


def test_every_cell_is_undone_by_itself() -> None:
    edited = Drafting(data=draft_of(BASE))
    frame = edited.frame("units", anew=True)
    edited.typed("units", frame.copy())
    assert edited.past == []
    for capacity in ("8 万t/a", "很多"):
        after = edited.edited["units"].copy()
        after.loc[after["id"] == "yp_methanol", "capacity"] = capacity
        edited.typed("units", after)
        edited.typed("units", after.copy())
    assert len(edited.current()[1]) == 1
    edited.back()
    shown = edited.frame("units", anew=True)
    assert shown.loc[shown["id"] == "yp_methanol", "capacity"].iloc[0] == "8 万t/a"
    assert edited.current()[1] == ()
    edited.back()
    assert edited.current()[0] == draft_of(BASE)
    assert edited.past == []


def test_the_dispatch_order_is_filled_in_moved_and_undone(visit: Open) -> None:
    page = visit("editor")
    page.session_state["editor_table_chosen"] = "dispatch"
    page.run()
    assert "按优先级" in texts(page)
    page.button(key="editor_order").click().run()
    assert not page.exception
    assert not page.error
    frame = draft(page).edited["dispatch"]
    assert list(frame["id"]) == [str(i) for i in range(1, len(frame) + 1)]
    name = frame["targets"].iloc[-1]
    set_cell(page, "dispatch", str(len(frame)), "id", "0.5")
    assert not page.error
    assert draft(page).current()[0]["dispatch"][0] == {"maximise": name.split(", ")}
    page.button(key="editor_undo").click().run()
    assert "dispatch" not in draft(page).current()[0]


def test_obligations_and_vents_are_tables(visit: Open) -> None:
    page = visit("editor")
    for section in ("obligations", "vents"):
        page.session_state["editor_table_chosen"] = section
        page.run()
        assert not page.exception
        assert draft(page).current() == (draft_of(BASE), ())
    set_cell(page, "obligations", "xf_civil_gas", "monthly", "1.5，2")
    assert page.table[0].value.iloc[0].iloc[0].replace("\u2060", "") == "保供"


def test_another_scenario_is_loaded(visit: Open) -> None:
    page = visit("editor")
    page.selectbox(key="editor_start_zh").set_value("chain-hydrogen").run()
    page.button(key="editor_load").click().run()
    assert not page.exception
    assert draft(page).data == draft_of("chain-hydrogen")


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    page.file_uploader(key="editor_file").set_value((name, content, "application/octet-stream"))
    return page.run()


def test_a_scenario_is_uploaded(visit: Open) -> None:
    page = visit("editor")
    text = draft_text({**draft_of("investor-lng"), "name_zh": "我的园区"})
    upload(page, "mine.yaml", text.encode())
    assert not page.exception
    assert not page.error
    assert draft(page).data["name_zh"] == "我的园区"
    assert "我的园区" in [x.value for x in page.text_input]


def test_a_workbook_is_uploaded(visit: Open) -> None:
    page = visit("editor")
    frame = table(draft_of(BASE), "sites")
    frame.loc[0, "x_km"] = "3"
    upload(page, "t.xlsx", xlsx_bytes({"sites": frame}))
    assert not page.exception
    assert not page.error
    assert draft(page).data["sites"]["yuanping"]["x_km"] == 3


def test_bad_uploads_change_nothing_and_say_why(visit: Open) -> None:
    page = visit("editor")
    before = draft(page).data
    for name, content in (
        ("a.yaml", b"\x00\x01"),
        ("a.yaml", b"units: ["),
        ("a.yaml", b"base: /etc/passwd\nid: x"),
        ("a.yaml", b"base: xinzhou-base\nunits: {yp_methanol: {site: [x](http://x.invalid)}}"),
        ("a.xlsx", b"PK"),
        ("a.xlsx", xlsx_bytes({"x": pd.DataFrame({"a": [1]})})),
    ):
        upload(page, name, content)
        assert not page.exception
        assert "没有载入" in page.error[0].value
        assert "](http" not in page.error[0].value
        assert str(ROOT) not in page.error[0].value
        assert draft(page).data == before
        assert "检查通过" in texts(page)
