"""Shared views: kept under their content, read back, nothing else read."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainsim.errors import MachineError
from chainsim.study import shares
from chainsim.study.shares import load_view, save_view, share_folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shares, "share_folder", lambda: tmp_path / "shares")
    return tmp_path / "shares"


def test_a_view_comes_back_and_has_one_id() -> None:
    view = {"page": "scheme", "scheme": {"base": "x", "values": {"a": 1.5}}}
    key = save_view(view)
    assert load_view(key) == view
    assert save_view(dict(reversed(view.items()))) == key


@pytest.mark.parametrize("key", ["", "0123456789", "../shares", "../../etc/passwd", "a" * 10, "x"])
def test_what_is_no_view_of_ours_is_none(key: str) -> None:
    assert load_view(key) is None


@pytest.mark.parametrize("text", ["", "[1]", "{", "1" * (shares.MOST_BYTES + 1)])
def test_a_spoilt_file_is_none(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "0123456789.json").write_text(text)
    assert load_view("0123456789") is None


def test_the_oldest_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "MOST_FILES", 3)
    for number in range(6):
        save_view({"n": number})
    assert len(list(folder.iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_a_sentence(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(MachineError) as caught:
        save_view({})
    assert [p.code for p in caught.value.problems] == ["CS-X002"]


def test_the_folder_is_the_users_choice() -> None:
    assert share_folder({"CHAINSIM_SHARES": "/x"}) == Path("/x")
    assert share_folder({"XDG_STATE_HOME": "/y"}) == Path("/y/chainsim/shares")
