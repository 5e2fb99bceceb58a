"""The risk view offers what the scenario itself says is drawn, first."""

from __future__ import annotations

import pytest

from app.views import invest_odds
from chainsim.study.project_risk import SCENARIO
from tests.app.conftest import Open
from tests.app.test_errands import NAME, AtOnce, at_once, press

__all__ = ["at_once"]


@pytest.mark.parametrize("written", [True, False])
def test_the_scenarios_own_word_comes_first(
    visit: Open, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    monkeypatch.setattr(invest_odds, "RUNS", (2,))
    monkeypatch.setattr(invest_odds, "says_what_is_drawn", lambda base, moved: written)
    page = visit("invest", lang="en")
    page.session_state["project_chosen"] = NAME
    page.session_state["invest_view_chosen"] = "odds"
    press(page.run(), "odds_start")
    ((_, ask),) = (key for key in at_once.made if hasattr(key[1], "anchor"))
    assert (ask.anchor == SCENARIO) == written
    switches = {toggle.key for toggle in page.toggle}
    assert ("odds_failures_en" in switches) != written
