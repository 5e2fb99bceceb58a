"""A workshop on the page: a facilitator, teams, rounds, a reloaded tablet."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import seat
from chainsim.study.rooms.rooms import Rooms
from chainsim.study.rooms.tables import Database
from tests.app.conftest import Open, texts, to

BASE = "xinzhou-base"


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rooms:
    url = f"sqlite:///{tmp_path / 'rooms.sqlite'}"
    monkeypatch.setenv("CHAINSIM_DB", url)
    seat.changed()
    return Rooms(Database(url))


@pytest.fixture
def code(rooms: Rooms) -> str:
    return rooms.open(title="秋季工作坊", base=BASE, pin="2468")[0]


def press(page: AppTest, label: str) -> AppTest:
    next(b for b in page.button if b.label == label).click()
    page.run()
    assert not page.exception
    return page


def field(page: AppTest, label: str):
    return next(x for x in page.text_input if x.label == label)


def joined(visit: Open, code: str, name: str) -> AppTest:
    page = visit(room=code)
    field(page, "组名").input(name)
    return press(page, "进入")


def test_a_room_is_opened_and_steered(visit: Open, rooms: Rooms) -> None:
    page = visit("workshop")
    field(page, "标题").input("冬季")
    field(page, "主持口令（4—20 位，自己定）").input("2468")
    press(page, "开房间")
    (room,) = rooms.listing()
    assert page.metric[0].value == room.code
    press(page, "停止提交")
    assert rooms.room(room.code).state == "frozen"
    next(x for x in page.selectbox if x.label == "下一轮的情况").select("squeeze")
    press(page, "开始下一轮")
    after = rooms.room(room.code)
    assert (after.round, after.state, after.shock) == (2, "open", "squeeze")
    assert after.deadline is not None
    next(x for x in page.toggle if x.label == "隐去组名").set_value(True).run()
    assert rooms.room(room.code).anonymous
    press(page, "确认删除")
    assert rooms.listing() == ()
    assert "工作坊" in page.title[0].value


def test_a_wrong_code_or_name_is_a_sentence(visit: Open, code: str) -> None:
    page = visit(room="ZZZZ" if code != "ZZZZ" else "YYYY")
    field(page, "组名").input("红")
    press(page, "进入")
    assert "没有房间" in page.error[0].value
    assert joined(visit, code, "红").title[0].value == "小组：红"
    page = joined(visit, code, "红")
    assert "已有小组" in page.error[0].value


def test_a_team_works_hands_in_and_finds_its_work_again(
    visit: Open, rooms: Rooms, code: str
) -> None:
    page = joined(visit, code, "红")
    token = page.session_state["seat"]
    to(page, "scheme")
    lng = next(x for x in page.slider if x.label.startswith("LNG"))
    lng.set_value(lng.value + 1.0).run()
    press(page, "提交本组方案")
    (handed,) = rooms.handed_in(code)
    assert handed.scheme["values"].keys() == {"lng"}
    again = visit(seat=token)
    assert again.title[0].value == "小组：红"
    assert again.session_state["history"].scheme.values == tuple(handed.scheme["values"].items())
    assert "红" in texts(again)


def test_a_shock_reaches_every_team_and_cannot_be_moved_away(
    visit: Open, rooms: Rooms, code: str
) -> None:
    page = joined(visit, code, "红")
    rooms.next_round(code, shock="coal_up", deadline=None)
    seat.changed()
    to(page, "scheme")
    coal = next(x for x in page.slider if "炼焦煤价" in x.label)
    assert (coal.value, coal.disabled) == (130.0, True)
    rooms.next_round(code, shock="none", deadline=None)
    seat.changed()
    page.run()
    coal = next(x for x in page.slider if "炼焦煤价" in x.label)
    assert (coal.value, coal.disabled) == (100.0, False)


def test_a_press_on_the_brink_of_the_next_round_is_told(
    visit: Open, rooms: Rooms, code: str
) -> None:
    page = joined(visit, code, "红")
    to(page, "scheme")
    rooms.next_round(code, shock="coal_up", deadline=None)
    seat.changed()
    press(page, "提交本组方案")
    assert "已开始下一轮" in page.error[0].value
    assert rooms.handed_in(code) == ()
    press(page, "提交本组方案")
    assert [s.round for s in rooms.handed_in(code)] == [2]


def test_another_park_cannot_be_handed_in(visit: Open, rooms: Rooms, code: str) -> None:
    page = joined(visit, code, "红")
    page.session_state["history"].move(
        type(page.session_state["history"].scheme)(base="chain-nylon")
    )
    page.run()
    assert next(b for b in page.button if b.label == "提交本组方案").disabled
    press(page, "回到本房间的园区")
    assert page.session_state["history"].scheme.base == BASE
    press(page, "提交本组方案")
    assert len(rooms.handed_in(code)) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_board_needs_no_seat(visit: Open, rooms: Rooms, code: str, lang: str) -> None:
    press(joined(visit, code, "红"), "提交本组方案")
    seat.changed()
    page = visit(room=code, board="1", lang=lang)
    assert not page.exception
    assert f"# {code}" in [x.value for x in page.markdown]
    assert "红" in texts(page)


def test_who_has_just_joined_is_known_though_others_looked_a_moment_ago(
    visit: Open, rooms: Rooms, code: str
) -> None:
    visit(room=code, board="1")
    page = visit(seat=rooms.join(code, "蓝"))
    assert not page.exception
    assert page.title[0].value == "小组：蓝"


def test_who_leaves_is_nobody_again(visit: Open, code: str) -> None:
    page = joined(visit, code, "红")
    press(page, "离开房间")
    assert page.title[0].value == "工作坊"
    to(page, "scheme")
    assert "提交本组方案" not in [b.label for b in page.button]
