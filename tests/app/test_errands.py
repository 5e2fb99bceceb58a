"""Pages whose work runs in the background, with the work done at once: asked, drawn, opened."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import errands as module
from app.views import invest_odds
from chainsim.study.drafts import is_draft
from chainsim.study.errands import Errand, Work
from chainsim.study.levers import Scheme
from tests.app.conftest import CHINESE, Open, texts, to
from tests.unit.study.test_page_work import SMALL

NAME = "investor-lng"
ANSWERS: dict[tuple[Work, Hashable], Any] = {}
"""What was worked out serves both languages."""


class AtOnce:
    """Does the work when it is asked; `known` only what was asked."""

    def __init__(self) -> None:
        self.made: dict[tuple[Work, Hashable], Errand] = {}
        self.under_way = False

    def known(self, work: Work, ask: Hashable) -> Errand | None:
        return self.made.get((work, ask))

    def ask(self, work: Work, ask: Hashable) -> Errand:
        found = self.made[work, ask] = Errand(work=work, ask=ask)
        if not self.under_way:
            if (work, ask) not in ANSWERS:
                ANSWERS[work, ask] = work(ask, lambda *_: None)
            found.state, found.answer = "done", ANSWERS[work, ask]
        return found

    def stop(self, errand: Errand) -> None:
        errand.state = "stopped"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> AtOnce:
    from app.views import optimise

    desk = AtOnce()
    monkeypatch.setattr(module, "errands", desk)
    monkeypatch.setattr(optimise, "known", desk)
    return desk


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def with_file(page: AppTest, text: str = SMALL) -> AppTest:
    page.session_state["optimise_text"] = text
    page.session_state["optimise_source"] = "uploaded"
    return page.run()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_layout_is_found_tested_and_opened(visit: Open, at_once: AtOnce, lang: str) -> None:
    page = with_file(visit("optimise", lang=lang))
    assert not page.error
    press(page, "optimise_start")
    assert not page.error
    assert bool(CHINESE.search(texts(page).replace("小例", ""))) == (lang == "zh")
    assert len(page.table) >= 2
    page.session_state["optimise_layout"] = "front-1"
    page.run()
    assert not page.exception
    if lang == "zh":
        page.session_state["optimise_reps"] = 3
        before = len(page.table)
        press(page.run(), "trial_start")
        assert len(page.table) == before + 1
        page.session_state["optimise_tune_reps"] = 5
        press(page.run(), "tuning_start")
        assert "检修与储罐的仿真调优" in texts(page)
        assert page.button(key="optimise_open_tuned")
    press(page, "optimise_open")
    assert is_draft(page.session_state["history"].scheme.base)


def test_changed_settings_keep_the_result_before_in_sight(visit: Open, at_once: AtOnce) -> None:
    page = press(with_file(visit("optimise")), "optimise_start")
    page.number_input[0].set_value(5.0).run()
    assert not page.exception
    assert any("上一次设置" in x.value for x in page.caption)
    assert page.button(key="optimise_start")
    assert page.table


def test_a_share_link_opens_the_same_search(visit: Open, at_once: AtOnce) -> None:
    page = press(with_file(visit("optimise")), "optimise_start")
    page.number_input[0].set_value(5.0).run()
    press(page, "optimise_start")
    page.session_state["optimise_layout"] = "front-1"
    press(page, "share_optimise")
    key = page.query_params["s"]
    other = visit("home", s=key[0] if isinstance(key, list) else key)
    assert not other.exception
    assert other.number_input[0].value == 5.0
    assert other.session_state["optimise_source"] == "uploaded"
    assert other.session_state["optimise_layout"] == "front-1"
    assert other.table  # the server still has the answer


def test_a_share_link_that_no_longer_fits_is_no_crash(visit: Open) -> None:
    page = visit("optimise")
    page.session_state["optimise_held"] = {
        "xinzhou-2026-2030": {
            "candidates": ["gone"],
            "years": [1900, 1901],
            "budget": "x",
            "points": 9,
        }
    }
    page.run()
    assert not page.exception


def test_no_layout_is_told_in_sentences(visit: Open, at_once: AtOnce) -> None:
    page = with_file(visit("optimise"), SMALL.replace("390 万t/a", "900 万t/a"))
    press(page, "optimise_start")
    assert not page.error
    assert any("什么须让步" in x.value for x in page.subheader)
    assert any("放宽" in x.value for x in page.caption)


def test_a_wrong_candidate_file_is_refused(visit: Open, at_once: AtOnce) -> None:
    page = visit("optimise")
    for content in (b"kind: candidates", b"\x00", SMALL.replace("xinzhou-built", "/etc/x.yaml")
                    .encode()):  # fmt: skip
        page.file_uploader(key="optimise_file").set_value(("c.yaml", content, "text/yaml")).run()
        assert not page.exception
        assert "没有载入" in page.error[0].value
    page.file_uploader(key="optimise_file").set_value(("c.yaml", SMALL.encode(), "text/yaml"))
    page.run()
    assert not page.error
    assert any("小例" in str(x.value) or "uploaded" in str(x.value) for x in page.selectbox)


def test_work_under_way_shows_a_stop(visit: Open, at_once: AtOnce) -> None:
    at_once.under_way = True
    page = press(with_file(visit("optimise")), "optimise_start")
    assert page.button(key="optimise_stop")
    press(page, "optimise_stop")
    page.run()
    assert page.button(key="optimise_start")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_difference_is_explained(visit: Open, at_once: AtOnce, lang: str) -> None:
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(Scheme(base=NAME).with_prices("type_2022"))
    page.session_state["compared"] = ["now", f"preset:{NAME}"]
    to(page, "compare")
    assert not page.exception
    before = len(page.table)
    press(page, "compare_why_start")
    assert len(page.table) == before + 1
    page.session_state[f"why_way_{lang}"] = "alone"
    page.run()
    assert not page.exception
    assert bool(CHINESE.search(texts(page))) == (lang == "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_risk_of_a_project(
    visit: Open, at_once: AtOnce, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invest_odds, "RUNS", (2,))
    page = visit("invest", lang=lang)
    page.session_state["project_chosen"] = NAME
    page.session_state["invest_view_chosen"] = "odds"
    press(page.run(), "odds_start")
    assert len(page.table) == 3
    assert bool(CHINESE.search(texts(page))) == (lang == "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_best_use_of_a_scheme(visit: Open, at_once: AtOnce, lang: str) -> None:
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(Scheme(base=NAME))
    page.session_state["view_chosen"] = "best"
    press(page.run(), "best_use_start")
    assert not page.error
    assert bool(CHINESE.search(texts(page))) == (lang == "zh")
