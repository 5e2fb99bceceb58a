"""`chainsim workshop`: rooms listed, taken away, deleted."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from chainsim.cli.entry import invoke
from chainsim.study.rooms.rooms import Rooms
from chainsim.study.rooms.tables import Database


@pytest.fixture
def rooms(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Rooms:
    url = f"sqlite:///{tmp_path / 'rooms.sqlite'}"
    monkeypatch.setenv("CHAINSIM_DB", url)
    return Rooms(Database(url))


def answer(capsys, *arguments: object) -> tuple[int, str, str]:
    code = invoke([str(a) for a in arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_from_list_to_purge(capsys, rooms: Rooms, tmp_path):
    code, _ = rooms.open(title="秋季", base="xinzhou-base", pin="2468")
    seat = rooms.seat(rooms.join(code, "红"))
    assert seat is not None
    assert seat.team is not None
    rooms.hand_in(
        seat.team, {"base": "xinzhou-base", "values": {}}, {"carbon.total_t": 5.0}, ["q03"]
    )
    done, page, _ = answer(capsys, "workshop", "rooms")
    assert done == 0
    assert code in page
    assert "秋季" in page
    target = tmp_path / "out.xlsx"
    assert answer(capsys, "workshop", "export", code.lower(), "--out", target)[0] == 0
    sheets = pd.read_excel(target, sheet_name=None)
    assert [len(frame) for frame in sheets.values()] == [1, 1]
    done, page, _ = answer(capsys, "workshop", "purge", "--older", "1", "--json")
    assert (done, json.loads(page)["deleted"]) == (0, [])
    done, page, _ = answer(capsys, "workshop", "purge", code, "--json")
    assert (done, json.loads(page)["deleted"]) == (0, [code])
    assert json.loads(answer(capsys, "workshop", "rooms", "--json")[1])["rooms"] == []


def test_mistakes_are_told(capsys, rooms: Rooms, tmp_path, monkeypatch: pytest.MonkeyPatch):
    assert answer(capsys, "workshop", "purge", "A")[0] == 4
    done, _, log = answer(capsys, "workshop", "export", "ABCD", "--out", tmp_path / "out.csv")
    assert done == 4
    assert "CS-X006" in log
    done, _, log = answer(capsys, "workshop", "export", "ABCD", "--out", tmp_path / "out.xlsx")
    assert done == 4
    assert "CS-R002" in log
    monkeypatch.setenv("CHAINSIM_DB", "sqlite:////proc/none/x.sqlite")
    done, _, log = answer(capsys, "workshop", "rooms")
    assert done == 3
    assert "CS-R001" in log
