"""Files made on demand against streamlit's own keeper of files."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from app import takeaway


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MediaFileManager:
    found = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(media_file_mgr=found))
    return found


def _served(manager: MediaFileManager, url: str) -> bytes | None:
    found = manager.read_file(url.rsplit("/", 1)[1].split(".")[0])
    return found.content if found else None


def test_a_file_outlives_the_scripts_of_others(
    manager: MediaFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def press(label: str, data: Any, *, file_name: str, mime: str, **_: Any) -> None:
        asked.append(manager.add_deferred(data, mime, label, file_name))

    monkeypatch.setattr(st, "download_button", press)
    takeaway.button("CSV", lambda: b"a,b", file_name="t.csv", mime="text/csv", key="t")
    url = manager.execute_deferred(asked[0])
    for _ in range(3):
        manager.remove_orphaned_files()
    assert _served(manager, url) == b"a,b"


def test_only_the_last_files_are_kept(manager: MediaFileManager) -> None:
    files = [f"{n}".encode() for n in range(takeaway.KEPT + 1)]
    for data in files:
        takeaway.keep(data, "text/csv", "report.csv")
    for _ in range(3):
        manager.remove_orphaned_files()
    storage = manager._storage
    assert isinstance(storage, MemoryMediaFileStorage)
    kept = {file.content for file in storage._files_by_id.values()}
    assert kept == set(files[1:])
