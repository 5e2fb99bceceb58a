"""What leaves the page: reports, links of a search; and the words that streamlit would say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from chainsim.report.i18n import t
from tests.browser.conftest import Visit

Open = Callable[..., Visit]
pytestmark = pytest.mark.browser
WAIT_MS = 60_000


def test_reports_are_made_when_asked_for(visit: Open) -> None:
    done = visit("scheme")
    page = done.page
    page.get_by_role("button", name="报告").click()
    for name, begins in (("Word 文档", b"PK"), ("PDF 文件", b"%PDF"), ("Excel 数据表", b"PK")):
        with page.expect_download(timeout=WAIT_MS) as saved:
            page.get_by_role("button", name=name).click()
        assert saved.value.suggested_filename.startswith("chainsim-xinzhou-base.")
        assert Path(saved.value.path()).read_bytes().startswith(begins)


def test_a_slow_browser_finds_its_file_after_others_have_moved_on(visit: Open) -> None:
    done, other = visit("scheme"), visit("scheme")
    page = done.page
    page.get_by_role("button", name="报告").click()
    with page.expect_download(timeout=WAIT_MS) as saved:
        page.get_by_role("button", name="Excel 数据表").click()
    for _ in range(3):
        other.page.reload()
        other.settled()
    again = page.request.get(saved.value.url)
    assert again.status == 200
    assert (
        again.headers["content-disposition"] == 'attachment; filename="chainsim-xinzhou-base.xlsx"'
    )
    assert again.body() == Path(saved.value.path()).read_bytes()


def test_a_link_reopens_a_search(visit: Open) -> None:
    done = visit("optimise")
    page = done.page
    budget = page.get_by_role("spinbutton")
    budget.fill("33")
    budget.press("Enter")
    done.settled()
    page.get_by_role("button", name="分享").click()
    page.get_by_role("button", name="生成链接").click()
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(link).to_contain_text("?s=")
    other = visit("?s=" + link.inner_text().split("?s=")[1].strip())
    expect(other.page.get_by_role("spinbutton")).to_have_value("33", timeout=WAIT_MS)


@pytest.mark.parametrize(("lang", "word"), [("zh", "选择文件"), ("en", "Choose a file")])
def test_uploaders_speak_the_language_of_the_page(visit: Open, lang: str, word: str) -> None:
    done = visit(f"editor?lang={lang}")
    button = done.page.get_by_test_id("stFileUploaderDropzone").locator("button p")
    content = button.evaluate("x => getComputedStyle(x, '::after').content")
    assert content == f'"{word}"'
    assert button.evaluate("x => getComputedStyle(x).fontSize") == "0px"


def test_controls_of_streamlit_speak_the_language_of_the_page(visit: Open) -> None:
    done = visit("figures")
    page = done.page
    table = page.get_by_test_id("stDataFrame").first
    table.hover()
    button = page.get_by_role("button", name=re.compile("^全屏: "))
    button.hover()
    expect(page.get_by_test_id("stTooltipContent")).to_have_text("全屏")
    page.get_by_text("为什么是这个数", exact=True).click()
    done.settled()
    box = page.get_by_test_id("stMain").get_by_role("combobox")
    box.click()
    box.fill("zzz")
    expect(page.get_by_role("option")).to_have_text("没有找到")
    page.keyboard.press("Escape")
    page.get_by_text("English", exact=True).click()
    done.settled()
    page.get_by_text(t("figures.search_tab", "en"), exact=True).click()
    done.settled()
    table.hover()
    expect(page.get_by_role("button", name=re.compile("^Fullscreen: "))).to_be_visible()


def test_what_visitors_say_is_left_alone(visit: Open) -> None:
    done = visit("scheme")
    page = done.page
    page.get_by_role("button", name="存为方案").click()
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_role("textbox").fill("Fullscreen")
    body.get_by_role("button", name="保存").click()
    expect(body.get_by_role("button", name="Fullscreen")).to_be_visible()
