"""Work in the background as people see it: begun, followed, stopped, drawn, clicked, opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.unit.study.test_page_work import SMALL

Open = Callable[..., Visit]
pytestmark = pytest.mark.browser
WAIT_MS = 120_000


def test_the_best_layout_is_found_clicked_and_opened(visit: Open, tmp_path: Path) -> None:
    done = visit("optimise")
    page = done.page
    own = tmp_path / "own.yaml"
    own.write_text(SMALL, "utf-8")
    page.get_by_text("用自己的备选项目表").click()
    page.locator("input[type=file]").set_input_files(own)
    expect(page.get_by_role("spinbutton")).to_have_value("20")
    page.get_by_role("button", name="开始寻找").click()
    expect(page.get_by_role("heading", name="找到的布局")).to_be_visible(timeout=WAIT_MS)
    done.settled()
    point = page.locator("[data-testid=stVegaLiteChart] path[aria-label*='前沿 1']")
    point.click(force=True)
    expect(page.get_by_role("combobox", name="看哪个布局")).to_have_value("前沿 1")
    page.set_viewport_size({"width": 390, "height": 844})
    done.fits()
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载这个情景").click()
    assert "base: xinzhou-built" in Path(saved.value.path()).read_text("utf-8")
    page.get_by_role("button", name="作为情景打开").click()
    expect(page.locator(".strip li").first).to_be_visible(timeout=WAIT_MS)


def test_a_search_is_stopped(visit: Open) -> None:
    done = visit("optimise?lang=en")
    page = done.page
    page.get_by_role("button", name="Find the best layout").click()
    expect(page.get_by_text("Working in the background")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Find the best layout")).to_be_visible()
