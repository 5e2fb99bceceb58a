"""The click paths of docs/tour.md, in its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.arch.law import ROOT
from tests.browser.conftest import Visit

Open = Callable[..., Visit]
pytestmark = pytest.mark.browser
TOUR = (ROOT / "docs" / "tour.md").read_text("utf-8")


def words(text: str) -> str:
    """`text`, which the tour must name."""
    assert text in TOUR
    return text


def view(done: Visit, name: str) -> None:
    done.page.get_by_test_id("stMain").get_by_role("radio", name=words(name)).click(force=True)
    done.settled()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=words(name)).first.click()


def test_planner(visit: Open) -> None:
    done = visit()
    page = done.page
    press(page, "打开基准园区")
    coke = page.locator(".strip li").first
    expect(coke).to_have_class("pass")
    slider = page.get_by_test_id("stSlider").filter(has_text=words("焦炉负荷"))
    slider.get_by_role("slider").focus()
    for _ in range(8):
        slider.get_by_role("slider").press("ArrowRight")
    expect(coke).to_have_class("fail", timeout=20_000)
    expect(page.get_by_text(words("已改动 1 项"))).to_be_visible()
    expect(slider).to_contain_text("80")  # none of eight quick steps was lost
    view(done, "政策符合性")
    expect(page.get_by_test_id("stTable").first).to_be_visible()
    view(done, "为什么变了")
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    press(page, "存为方案")
    page.get_by_test_id("stPopoverBody").get_by_role("textbox").fill("多出焦")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="多出焦")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "复位")
    page.get_by_role("link", name=words("对比"), exact=True).click()
    expect(page.get_by_test_id("stMultiSelect")).to_contain_text("多出焦", timeout=20_000)
    expect(page.get_by_role("heading", name="谁更好")).to_be_visible()


def test_investor(visit: Open) -> None:
    done = visit()
    page = done.page
    press(page, "看投资测算")
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=20_000)
    for name in ("敏感性", "价格情景", "原料与转移价", "报表"):
        view(done, name)
        tables = page.get_by_test_id("stTable").or_(page.get_by_test_id("stDataFrame"))
        expect(tables.first).to_be_visible(timeout=20_000)
    page.get_by_role("link", name=words("数据与假设"), exact=True).click()
    box = page.get_by_test_id("stMain").get_by_role("textbox").first
    box.fill("甲醇")
    box.press("Enter")
    expect(page.get_by_text(re.compile("找到 [0-9]{2,3} 个"))).to_be_visible()


def test_workshop(visit: Open, tmp_path: Path) -> None:
    host = visit(width=1280, height=800)
    press(host.page, "开房间或加入")
    host.page.get_by_label("标题").fill("冬季")
    host.page.get_by_label(re.compile("主持口令（4")).fill("2468")
    press(host.page, "开房间")
    metric = host.page.get_by_test_id("stMetricValue")
    expect(metric).to_have_text(re.compile("^[A-Z2-9]{4}$"), timeout=20_000)
    code = metric.inner_text()
    host.settled()
    host.fits("facilitator")

    team = visit(f"?room={code}", width=820, height=1180)
    team.page.get_by_label("组名").fill("红")
    press(team.page, "进入")
    press(team.page, "去方案页调整")
    lng = team.page.get_by_test_id("stSlider").filter(has_text="LNG").get_by_role("slider")
    lng.focus()
    lng.press("ArrowLeft")
    expect(team.page.get_by_text("已改动 1 项")).to_be_visible(timeout=20_000)
    press(team.page, "提交本组方案")
    expect(team.page.get_by_text("已提交，第 1 次")).to_be_visible(timeout=20_000)

    board = visit(f"?room={code}&board=1&view=projector", width=1920, height=1080)
    expect(board.page.get_by_test_id("stTable").first).to_contain_text("红", timeout=20_000)
    board.fits("projector")
    board.page.screenshot(path=tmp_path / "projector.png")

    host.page.get_by_label(words("下一轮的情况")).click()
    host.page.get_by_role("option", name="煤价涨三成").click()
    host.settled()
    press(host.page, "开始下一轮")
    expect(host.page.get_by_text("第 2 轮").first).to_be_visible(timeout=20_000)
    team.page.reload()
    coal = team.page.get_by_test_id("stSlider").filter(has_text="炼焦煤价")
    expect(coal).to_contain_text("130", timeout=30_000)
    expect(coal.get_by_role("slider")).to_be_disabled()
    team.settled()

    host.page.get_by_role("link", name=words("动态"), exact=True).click()
    expect(host.page.get_by_role("heading", level=1)).to_contain_text("一年", timeout=20_000)
    expect(host.page.get_by_text("火炬，逐月")).to_be_visible(timeout=60_000)
