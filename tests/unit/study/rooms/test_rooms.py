"""Rooms: who may do what, what is kept, many at once, killed in the middle."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from chainsim.errors import DataError, LimitError, MachineError, ScenarioError, UserError
from chainsim.study.rooms import rooms as store
from chainsim.study.rooms.rooms import Rooms
from chainsim.study.rooms.tables import Database

BASE = "xinzhou-base"
FIGURES = {"value.added_cny": 1.0}


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new' / 'rooms.sqlite'}"


@pytest.fixture
def rooms(url: str, clock: Clock) -> Rooms:
    return Rooms(Database(url), clock)


@pytest.fixture
def code(rooms: Rooms) -> str:
    return rooms.open(title="忻州工作坊", base=BASE, pin="2468")[0]


def team_of(rooms: Rooms, code: str, name: str) -> int:
    seat = rooms.seat(rooms.join(code, name))
    assert seat is not None
    assert seat.team is not None
    return seat.team


def problem(caught: pytest.ExceptionInfo[UserError]) -> str:
    return caught.value.problems[0].code


def test_a_token_is_the_way_back_to_a_seat(rooms: Rooms, code: str, url: str):
    token = rooms.join(code.lower(), "  红  队 ")
    again = Rooms(Database(url))
    seat = again.seat(token)
    assert seat is not None
    assert seat.room == code
    assert [t.name for t in again.teams(code)] == ["红 队"]
    again.save(seat.team or 0, {"base": BASE, "values": {"lng": 3.0}})
    assert rooms.teams(code)[0].work["values"] == {"lng": 3.0}
    assert rooms.seat("something else") is None
    with sa.create_engine(url).connect() as plain:
        stored = plain.execute(sa.text("select * from seats")).all()
    assert token not in str(stored)


def test_the_facilitator_comes_back_with_the_pin(rooms: Rooms, code: str):
    seat = rooms.seat(rooms.admit(code, "2468"))
    assert seat is not None
    assert (seat.room, seat.team) == (code, None)
    with pytest.raises(DataError) as caught:
        rooms.admit("ZZZZ" if code != "ZZZZ" else "YYYY", "2468")
    assert problem(caught) == "CS-R002"


def test_guessing_a_pin_is_stopped_for_some_minutes(rooms: Rooms, code: str, clock: Clock):
    for _ in range(store.MOST_WRONG_PINS):
        with pytest.raises(DataError) as wrong:
            rooms.admit(code, "0000")
        assert problem(wrong) == "CS-R006"
    with pytest.raises(LimitError) as caught:
        rooms.admit(code, "2468")
    assert problem(caught) == "CS-R007"
    clock.now += store.COOL_DOWN_S
    assert rooms.admit(code, "2468")


def test_names_are_taken_once_whatever_their_case(rooms: Rooms, code: str):
    rooms.join(code, "Team A")
    for name, expected in (
        ("team  a", "CS-R008"),
        (" ", "CS-R003"),
        ("x" * 17, "CS-R003"),
        ("a\u0007", "CS-R003"),
    ):
        with pytest.raises(DataError) as caught:
            rooms.join(code, name)
        assert problem(caught) == expected
    other = rooms.open(title="b", base=BASE, pin="1357")[0]
    assert rooms.join(other, "team a")


def test_a_round_takes_work_while_it_is_open(rooms: Rooms, code: str, clock: Clock):
    team = team_of(rooms, code, "a")
    scheme = {"base": BASE, "values": {}}
    rooms.hand_in(team, scheme, FIGURES, ["q03"])
    rooms.steer(code, state="frozen")
    with pytest.raises(ScenarioError) as caught:
        rooms.hand_in(team, scheme, FIGURES, [])
    assert problem(caught) == "CS-R010"
    rooms.next_round(code, shock="coal_up", deadline=clock.now + 60)
    room = rooms.room(code)
    assert (room.round, room.state, room.shock) == (2, "open", "coal_up")
    clock.now += 59
    rooms.hand_in(team, scheme, FIGURES, [])
    clock.now += 1
    with pytest.raises(ScenarioError):
        rooms.hand_in(team, scheme, FIGURES, [])
    assert [(s.round, s.failed) for s in rooms.handed_in(code)] == [(1, ("q03",)), (2, ())]


def test_limits_are_told(rooms: Rooms, code: str, monkeypatch: pytest.MonkeyPatch):
    team = team_of(rooms, code, "a")
    monkeypatch.setattr(store, "MOST_TEAMS", 1)
    monkeypatch.setattr(store, "MOST_ROOMS", 1)
    monkeypatch.setattr(store, "MOST_SUBMISSIONS", 0)
    asked = (
        (lambda: rooms.join(code, "b"), "CS-R009"),
        (lambda: rooms.open(title="c", base=BASE, pin="1234"), "CS-R005"),
        (lambda: rooms.hand_in(team, {}, FIGURES, []), "CS-R011"),
    )
    for ask, expected in asked:
        with pytest.raises(LimitError) as caught:
            ask()
        assert problem(caught) == expected
    with pytest.raises(DataError) as short:
        rooms.open(title="c", base=BASE, pin="123")
    assert problem(short) == "CS-R004"


def test_a_deleted_room_takes_everything_with_it(rooms: Rooms, code: str, url: str):
    token = rooms.join(code, "a")
    rooms.hand_in(team_of(rooms, code, "b"), {}, FIGURES, [])
    rooms.delete(code)
    assert rooms.listing() == ()
    assert rooms.seat(token) is None
    with sa.create_engine(url).connect() as plain:
        for table in ("teams", "seats", "submissions"):
            assert plain.scalar(sa.text(f"select count(*) from {table}")) == 0
    with pytest.raises(DataError):
        rooms.delete(code)


def test_forty_tablets_write_at_once_and_nothing_is_lost(rooms: Rooms, code: str, url: str):
    failures: list[BaseException] = []

    def tablet(index: int) -> None:
        try:
            own = Rooms(Database(url))
            team = team_of(own, code, f"team {index}")
            for step in range(5):
                own.save(team, {"base": BASE, "values": {"lng": float(step)}})
                own.hand_in(team, {"step": step}, {"value.added_cny": float(index)}, [])
                own.handed_in(code)
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=tablet, args=(k,)) for k in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    found = rooms.handed_in(code)
    assert len(found) == 200
    assert sorted({s.team for s in found}) == sorted(t.id for t in rooms.teams(code))
    assert all(t.work["values"] == {"lng": 4.0} for t in rooms.teams(code))


KILLED = """
import os, signal, sys
from chainsim.study.rooms.rooms import Rooms
from chainsim.study.rooms.tables import Database
rooms = Rooms(Database(sys.argv[1]))
for step in range(10_000):
    rooms.hand_in(int(sys.argv[2]), {"step": step}, {}, [])
    print(step, flush=True)
    if step == 7:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_confirmed_outlives_a_kill(rooms: Rooms, code: str, url: str):
    team = team_of(rooms, code, "a")
    run = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(team)], capture_output=True, text=True, timeout=60
    )
    confirmed = [int(line) for line in run.stdout.split()]
    assert confirmed == list(range(8))
    assert [s.scheme["step"] for s in rooms.handed_in(code)][: len(confirmed)] == confirmed
    assert rooms.hand_in(team, {"step": 8}, {}, [])


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/none/rooms.sqlite", "nothing://x", "sqlite:///{}"]
)
def test_a_database_that_cannot_be_used_is_told(url: str, tmp_path: Path):
    (tmp_path / "text").write_text("no database at all, but long enough to be looked at" * 9)
    with pytest.raises(MachineError) as caught:
        Database(url.format(tmp_path / "text"))
    assert problem(caught) == "CS-R001"
