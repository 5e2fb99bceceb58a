"""The page as people see it: languages, widths, links; nothing leaves the machine, no errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

Open = Callable[..., Visit]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("query", "title", "metric"),
    [("", "忻州焦化产业链布局", "万t"), ("?lang=en", "Layouts of Xinzhou", "kt")],
)
def test_both_languages(visit: Open, tmp_path: Path, query: str, title: str, metric: str) -> None:
    page = visit(query).page
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text(metric)
    diagram = page.locator("img[src^='data:image/svg+xml']")
    assert diagram.evaluate("image => image.naturalWidth") > 1000
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert (tmp_path / "page.png").stat().st_size > 50_000


@pytest.mark.parametrize("width", [390, 820])
def test_narrow_pages_do_not_scroll_sideways(visit: Open, tmp_path: Path, width: int) -> None:
    page = visit(width=width, height=844).page
    wide = page.get_by_test_id("stMainBlockContainer").evaluate(
        "x => x.scrollWidth - x.clientWidth"
    )
    assert wide <= 0
    frame = page.locator(".frame")
    assert frame.evaluate("x => x.scrollWidth > x.clientWidth")
    page.screenshot(path=tmp_path / f"page-{width}.png", full_page=True)


def test_switching_language_and_layout(visit: Open) -> None:
    page = visit().page
    page.get_by_role("radio", name="English").or_(
        page.get_by_role("button", name="English")
    ).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Layouts")
    assert "lang=en" in page.url
    page.get_by_text("Layout 2", exact=False).first.click()
    expect(page.get_by_role("heading", name="Where the gas goes: Layout 2")).to_be_visible()
    assert "layout=layout-yuanping-hub" in page.url


def test_a_link_opens_what_it_names(visit: Open) -> None:
    page = visit("?lang=en&layout=layout-dispersed").page
    expect(page.get_by_role("heading", name="Where the gas goes: Layout 1")).to_be_visible()
