"""A page that is loaded again goes on where it was, in a copy of its own."""

from __future__ import annotations

import pytest

from app import visits
from chainsim.study.levers import Scheme
from tests.app.conftest import Open

LNG = "investor-lng"


def test_a_reload_finds_levers_steps_and_views_again(visit: Open) -> None:
    page = visit("scheme", lang="en")
    assert "v" not in page.query_params
    page.slider[0].set_value(80.0).run()
    page.session_state["view_chosen"] = "policy"
    page.run()
    number = page.query_params["v"]
    again = visit("scheme", lang="en", v=number)
    assert again.session_state["history"].scheme == page.session_state["history"].scheme
    assert again.session_state["view_chosen"] == "policy"
    again.button(key="undo").click().run()
    assert again.session_state["history"].scheme.changed == 0
    assert page.session_state["history"].scheme.changed == 1
    assert again.query_params["v"] != number


def test_a_reload_loses_nothing_typed_in_the_editor(visit: Open) -> None:
    page = visit("editor")
    page.text_input[0].set_value("\u6211\u7684\u56ed\u533a").run()
    again = visit("editor", v=page.query_params["v"])
    assert again.text_input[0].value == "\u6211\u7684\u56ed\u533a"
    assert not again.button(key="editor_undo").disabled


def test_what_came_after_a_link_was_made_wins_over_the_link(visit: Open) -> None:
    page = visit("scheme")
    page.session_state["history"].move(Scheme(base=LNG))
    page.run()
    page.button(key="share_scheme").click().run()
    page.slider[0].set_value(page.slider[0].max).run()
    query = {key: page.query_params[key] for key in ("s", "v")}
    again = visit("scheme", **query)
    assert again.session_state["history"].scheme == page.session_state["history"].scheme


def test_a_link_that_was_opened_is_found_again_and_speaks_the_language_asked_for(
    visit: Open,
) -> None:
    page = visit("scheme", lang="en")
    page.session_state["history"].move(Scheme(base=LNG))
    page.run()
    page.button(key="share_scheme").click().run()
    opened = visit(s=page.query_params["s"], lang="zh")
    assert opened.session_state["lang"] == "zh"
    assert opened.session_state["history"].scheme == Scheme(base=LNG)
    again = visit("scheme", v=opened.query_params["v"])
    assert again.session_state["history"].scheme == Scheme(base=LNG)


def test_a_number_nobody_knows_is_dropped(visit: Open) -> None:
    page = visit("scheme", v="../../etc")
    assert not page.exception
    assert "v" not in page.query_params


def test_the_oldest_visits_are_dropped(visit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "MOST", 1)
    first = visit("scheme")
    first.slider[0].set_value(80.0).run()
    second = visit("scheme")
    second.slider[0].set_value(81.0).run()
    assert visit("scheme", v=first.query_params["v"]).session_state["history"].at == 0
