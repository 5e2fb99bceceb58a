"""The pages as people see them: languages, widths, levers, links, files; nothing leaves the host."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.shell import PAGES
from chainsim.report.i18n import t
from tests.browser.conftest import PATIENCE, Visit

Open = Callable[..., Visit]
pytestmark = pytest.mark.browser
CHINESE = re.compile("[\u4e00-\u9fff]")


WIDTHS = (1366, 820, 390)


def lever(visit: Visit, label: str, key: str, times: int = 1) -> None:
    """Move a lever by keyboard."""
    slider = visit.page.get_by_test_id("stSlider").filter(has_text=label).get_by_role("slider")
    slider.focus()
    for _ in range(times):
        slider.press(key)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_its_language_at_every_width(visit: Open, lang: str) -> None:
    done = visit(f"?lang={lang}")
    main = done.page.get_by_test_id("stMain")
    for name in PAGES:
        done.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        done.page.get_by_role("link", name=t(f"nav.{name}", lang), exact=True).click()  # type: ignore[arg-type]
        done.settled()
        expect(main.locator("h1, .strip").first).to_be_visible()
        text = main.locator("h1, .strip").first.inner_text()
        assert bool(CHINESE.search(text)) == (lang == "zh"), text
        for width in WIDTHS:
            done.page.set_viewport_size({"width": width, "height": 900})
            done.fits(f"{name} at {width}")
            expect(done.page.get_by_text("English", exact=True)).to_be_in_viewport()


@pytest.mark.parametrize(("name", "width"), [("scheme", 390), ("invest", 820)])
def test_a_page_opened_small_is_whole(visit: Open, name: str, width: int) -> None:
    done = visit(name, width=width, height=844)
    done.fits()
    done.page.get_by_text("English", exact=True).click()
    expect(done.page).to_have_url(re.compile("lang=en"))
    done.settled()
    text = done.page.get_by_test_id("stMain").locator("h1, .strip").first
    expect(text).not_to_contain_text(CHINESE)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_tablet_has_the_pictures_first_and_whole(visit: Open, lang: str) -> None:
    done = visit(f"scheme?lang={lang}", width=820, height=1180)
    page = done.page
    picture, slider = page.locator(".frame .sheet").first, page.get_by_test_id("stSlider").first
    expect(picture).to_be_visible()
    assert picture.bounding_box()["y"] < slider.bounding_box()["y"]  # type: ignore[index]
    frame = page.locator(".frame").filter(has=page.locator(".sheet"))
    assert frame.evaluate("x => x.scrollWidth - x.clientWidth") <= 0
    cards = page.locator(".strip li")
    expect(cards).to_have_count(8)
    assert page.locator("ul.strip").evaluate("x => x.scrollWidth - x.clientWidth") <= 0
    page.get_by_role("link", name=t("scheme.to_levers", lang)).click()  # type: ignore[arg-type]
    expect(slider).to_be_in_viewport()
    expect(cards.first).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1366])
def test_the_figures_never_leave_sight(visit: Open, width: int) -> None:
    done = visit("scheme", width=width, height=760)
    card = done.page.locator(".strip li").first
    last = done.page.get_by_test_id("stSlider").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    expect(card).to_be_in_viewport(ratio=0.9)


def test_charts_keep_their_place_on_a_projector(visit: Open) -> None:
    done = visit("compare?view=projector", width=1920, height=1080)
    charts = done.page.get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(3)
    wide = "x => x.querySelector('svg').getBoundingClientRect().width"
    for chart in charts.all():
        expect(chart.locator("svg")).to_be_visible()
        assert chart.evaluate(wide) <= chart.bounding_box()["width"] + 1  # type: ignore[index]


def test_a_slider_changes_the_figures_and_undo_brings_them_back(visit: Open) -> None:
    done = visit("scheme")
    page = done.page
    expect(page.locator(".strip li")).to_have_count(8)
    before = done.figures()
    lever(done, "焦炉负荷", "ArrowRight", times=3)
    expect(page.get_by_text("已改动 1 项")).to_be_visible()
    expect(page.locator(".strip li").first).to_contain_text("较情景")
    assert done.figures()[0].split("\n")[1] != before[0].split("\n")[1]
    expect(page.locator(".strip")).to_be_in_viewport()
    # On a busy machine a key may reach the server after the first step back.
    unchanged, undo = page.get_by_text("与情景一致"), page.get_by_role("button", name="撤销")
    for _ in range(PATIENCE):
        if unchanged.is_visible():
            break
        if undo.is_enabled():
            undo.click()
        done.settled()
    expect(unchanged).to_be_visible()
    expect(page.locator(".strip li .value").first).to_have_text(before[0].split("\n")[1])


def test_a_reload_and_the_way_back_lose_nothing(visit: Open) -> None:
    done = visit("scheme?lang=en")
    page = done.page
    lever(done, "Oven load", "ArrowRight", times=2)
    expect(page).to_have_url(re.compile("v="))
    done.settled()
    page.reload()
    expect(page.get_by_text("1 changed")).to_be_visible(timeout=30_000)
    done.settled()
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    done.settled()
    page.go_back()
    expect(page.get_by_text("1 changed")).to_be_visible(timeout=30_000)
    done.settled()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schemes side by side")
    done.settled()


def test_a_share_link_opens_the_same_view(visit: Open) -> None:
    done = visit("scheme?lang=en")
    page = done.page
    lever(done, "Methanol", "ArrowRight", times=2)
    expect(page.get_by_text("1 change")).to_be_visible()
    page.get_by_text("Policy", exact=True).click()
    done.settled()
    page.get_by_role("button", name="Share").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button").first.click()
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(link).to_contain_text("?s=")
    figures = [text.split("sim ")[0].strip() for text in done.figures()]
    address = link.inner_text().strip()
    assert address.startswith(done.address)
    other = visit(address.removeprefix(f"{done.address}/"))
    expect(other.page.get_by_text("1 change")).to_be_visible()
    expect(other.page.get_by_test_id("stTable").first).to_be_visible()
    assert [text.split("sim ")[0].strip() for text in other.figures()] == figures


def test_a_plant_on_the_picture_is_clicked(visit: Open) -> None:
    done = visit("scheme")
    page = done.page
    page.get_by_text("装置网络图", exact=True).click()
    done.settled()
    spot = page.locator(".sheet button[aria-label*='制甲醇']")
    spot.wait_for()
    spot.focus()
    spot.press("Enter")
    card = page.get_by_test_id("stMain").get_by_role("heading", name=re.compile("甲醇"))
    expect(card.first).to_be_visible()


def test_event_runs_come_by_themselves(visit: Open) -> None:
    done = visit("scheme")
    expect(done.page.locator(".strip li .band").first).to_contain_text("仿真", timeout=60_000)
    done.page.get_by_text("不可靠的代价", exact=True).click()
    expect(done.page.get_by_test_id("stTable").first).to_be_visible(timeout=30_000)


def test_a_bad_file_is_told_and_a_good_one_is_taken(visit: Open, tmp_path: Path) -> None:
    done = visit("editor")
    page = done.page
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text("base: xinzhou-base\nunits: {yp_methanol: {capacity: <img src=x>}}")
    good.write_text("base: investor-lng\nname_zh: 我的项目")
    page.locator("input[type=file]").set_input_files(bad)
    alert = page.get_by_role("alert").filter(has_text="没有载入")
    expect(alert).to_contain_text("units.yp_methanol.capacity")
    assert alert.locator("img").count() == 0
    page.locator("input[type=file]").set_input_files(good)
    expect(page.get_by_text("已载入 good.yaml")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载情景（YAML）").click()
    assert "我的项目" in Path(saved.value.path()).read_text("utf-8")
    page.get_by_role("button", name="计算这个园区").click()
    expect(page.locator(".strip li").first).to_be_visible(timeout=30_000)
    expect(page.get_by_role("img", name=re.compile("我的项目"))).to_be_visible()


def test_a_table_and_a_chart_are_taken_away(visit: Open) -> None:
    done = visit("compare")
    page = done.page
    files = page.get_by_role("button", name="下载")
    files.first.click()
    with page.expect_download() as saved:
        page.get_by_test_id("stPopoverBody").get_by_role("button", name="CSV").click()
    text = Path(saved.value.path()).read_text("utf-8-sig")
    cell = page.get_by_test_id("stTable").first.locator("td").nth(1).inner_text()
    assert cell.replace("\u2060", "").replace("\u00a0", " ") in text


def test_the_projector_is_large_and_has_no_more_words(visit: Open) -> None:
    done = visit("scheme?view=projector", width=1280, height=720)
    expect(done.page.locator(".strip li")).to_have_count(8)
    done.fits()


def test_the_dispatch_order_is_filled_in_and_taken_back(visit: Open) -> None:
    done = visit("editor")
    main = done.page.get_by_test_id("stMain")
    main.get_by_text(t("editor.dispatch", "zh"), exact=True).click()
    done.settled()
    undo = main.get_by_role("button", name=t("editor.undo", "zh"))
    expect(undo).to_be_disabled()
    main.get_by_role("button", name=t("editor.order_now", "zh")).click()
    done.settled()
    expect(undo).to_be_enabled()
    main.get_by_text(t("editor.order_whole", "zh")).click()
    expect(main.get_by_test_id("stTable").first).to_contain_text("obligation:xf_civil_gas")
    undo.click()
    done.settled()
    expect(undo).to_be_disabled()
