"""A room as several browsers see it at once: what one does reaches the others."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from chainsim.report.i18n import t
from tests.browser.conftest import Visit

Open = Callable[..., Visit]
pytestmark = pytest.mark.browser
TICK_MS = 30_000


def opened(visit: Open) -> tuple[Visit, str]:
    """A facilitator's page and the code of the room."""
    host = visit("workshop", width=1280, height=800)
    page = host.page
    page.get_by_label(t("room.room_title", "zh"), exact=True).fill("冬季")
    page.get_by_label(t("room.pin", "zh")).fill("2468")
    page.get_by_role("button", name=t("room.open_now", "zh"), exact=True).click()
    metric = page.get_by_test_id("stMetricValue")
    expect(metric).to_have_text(re.compile("^[A-Z2-9]{4}$"), timeout=TICK_MS)
    return host, metric.inner_text()


def test_a_room_that_is_deleted_is_told_on_every_page(visit: Open) -> None:
    host, code = opened(visit)
    board = visit(f"?room={code}&board=1")
    team = visit(f"?room={code}", width=820, height=1180)
    team.page.get_by_label(t("room.name", "zh")).fill("红")
    team.page.get_by_role("button", name=t("room.join_now", "zh"), exact=True).click()
    expect(team.page.get_by_role("heading", level=1)).to_contain_text("红", timeout=TICK_MS)
    host.page.get_by_role("button", name=t("room.delete", "zh")).click()
    host.page.get_by_role("button", name=t("room.delete_now", "zh")).click()
    expect(host.page.get_by_role("heading", level=1)).to_have_text(t("room.title", "zh"))
    expect(board.page.get_by_role("alert").first).to_contain_text("没有房间", timeout=TICK_MS)
    expect(team.page.get_by_role("heading", level=1)).to_have_text(
        t("room.title", "zh"), timeout=TICK_MS
    )


def test_a_new_round_reaches_the_tablets_by_itself(visit: Open) -> None:
    host, code = opened(visit)
    team = visit(f"?room={code}", width=820, height=1180)
    team.page.get_by_label(t("room.name", "zh")).fill("红")
    team.page.get_by_role("button", name=t("room.join_now", "zh"), exact=True).click()
    team.page.get_by_role("button", name=t("room.go_scheme", "zh"), exact=True).click()
    coal = team.page.get_by_test_id("stSlider").filter(has_text="炼焦煤价")
    expect(coal.get_by_role("slider")).to_be_enabled(timeout=TICK_MS)
    host.page.get_by_label(t("room.shock", "zh")).click()
    host.page.get_by_role("option", name=t("shock.coal_up", "zh")).click()
    host.settled()
    host.page.get_by_role("button", name=t("room.next", "zh"), exact=True).click()
    expect(coal.get_by_role("slider")).to_be_disabled(timeout=TICK_MS)
    expect(coal).to_contain_text("130")
    for done in (host, team):
        done.settled()
