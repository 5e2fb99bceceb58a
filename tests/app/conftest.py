"""Pages without a browser; no worker processes start, shared views go to a folder of the test."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import background, shell
from tests.arch.law import ROOT

MAIN = str(ROOT / "app" / "main.py")
WAIT_S = 60
Open = Callable[..., AppTest]
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page with a query."""
    monkeypatch.setenv("CHAINSIM_SHARES", str(tmp_path))
    monkeypatch.setenv("CHAINSIM_DB", f"sqlite:///{tmp_path / 'rooms.sqlite'}")
    monkeypatch.setattr(background, "PATIENCE", 10**9)
    monkeypatch.setattr(shell, "serve", lambda names: None)

    def open_(page: str = "home", **query: str) -> AppTest:
        opened = AppTest.from_file(MAIN, default_timeout=WAIT_S)
        for key, value in query.items():
            opened.query_params[key] = value
        opened.run()
        return opened if page == "home" else to(opened, page)

    return open_


def to(opened: AppTest, page: str) -> AppTest:
    """Another page of the same visit."""
    opened.switch_page(f"sheets/{page}.py")
    return opened.run()


def texts(opened: AppTest) -> str:
    """What stands on the page outside pictures, charts and data frames."""
    kinds = ("title", "header", "subheader", "caption", "markdown", "info", "warning", "success")
    parts = [x.value for kind in kinds for x in opened.get(kind)]
    parts += [x.label for kind in ("button", "selectbox", "slider", "metric", "expander")
              for x in opened.get(kind)]  # fmt: skip
    parts += [cell for x in opened.table for row in x.value.astype(str).to_numpy() for cell in row]
    return "\n".join(str(p) for p in parts)
