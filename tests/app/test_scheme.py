"""Levers, undo, variants, language, sharing: one truth, and the figures are the library's."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from app import strip
from app.state import MOST_KEPT, History
from chainsim.report.cards import Card
from chainsim.report.cards import strip as make_strip
from chainsim.report.dossier import FORMS, report_pages
from chainsim.report.lever_views import changes
from chainsim.study.levers import Scheme, levers
from chainsim.study.schemes import scheme_result
from tests.app.conftest import Open, to

BASE = "xinzhou-base"
METHANOL = f"lever_{BASE}_methanol_zh"


def scheme(page: AppTest) -> Scheme:
    found: History = page.session_state["history"]
    return found.scheme


def test_a_slider_moves_the_scheme_and_the_figures(visit: Open, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    shown: list[Card] = []
    monkeypatch.setattr(strip, "show", lambda cards, lang: shown.__setitem__(slice(None), cards))
    page = visit("scheme")
    base = scheme_result(Scheme(base=BASE))
    assert tuple(shown) == make_strip(base, base, "zh", None)
    page.slider(key=METHANOL).set_value(20.0).run()
    assert not page.exception
    assert dict(scheme(page).values) == {"methanol": 20.0}
    after = scheme_result(scheme(page))
    assert tuple(shown) == make_strip(after, base, "zh", None)
    assert any(card.change for card in shown)
    assert "已改动 1 项" in page.markdown[0].value


def test_a_slider_that_was_moved_is_not_sent_back(visit: Open) -> None:
    page = visit("scheme")
    assert page.slider(key=METHANOL).proto.set_value
    page.slider(key=METHANOL).set_value(20.0).run()
    assert not page.slider(key=METHANOL).proto.set_value
    page.run()
    assert not page.slider(key=METHANOL).proto.set_value
    page.button(key="undo").click().run()
    assert page.slider(key=METHANOL).proto.set_value
    assert page.slider(key=METHANOL).value == 16.0


def test_undo_redo_reset(visit: Open) -> None:
    page = visit("scheme")
    assert page.button(key="undo").disabled
    page.slider(key=METHANOL).set_value(20.0).run()
    page.slider(key=f"lever_{BASE}_oven_load_zh").set_value(80.4).run()
    assert scheme(page).changed == 2
    page.button(key="undo").click().run()
    assert dict(scheme(page).values) == {"methanol": 20.0}
    assert page.slider(key=METHANOL).value == 20.0
    page.button(key="undo").click().run()
    assert scheme(page).changed == 0
    assert page.slider(key=METHANOL).value == 16.0
    page.button(key="redo").click().run()
    page.button(key="redo").click().run()
    assert scheme(page).changed == 2
    assert page.button(key="redo").disabled
    page.button(key="reset").click().run()
    assert scheme(page).changed == 0
    page.button(key="undo").click().run()
    assert scheme(page).changed == 2
    assert not page.exception


def test_the_language_keeps_the_scheme(visit: Open) -> None:
    page = visit("scheme")
    page.slider(key=METHANOL).set_value(20.0).run()
    page.button_group(key="language").set_value("en").run()
    assert not page.exception
    assert page.query_params["lang"] == ["en"] or page.query_params["lang"] == "en"
    assert page.slider(key=f"lever_{BASE}_methanol_en").value == 200.0
    assert dict(scheme(page).values) == {"methanol": 20.0}


def test_variants_are_kept_by_name(visit: Open) -> None:
    page = visit("scheme")
    page.slider(key=METHANOL).set_value(20.0).run()
    page.text_input(key="keep_name").set_value("多甲醇")
    page.button[[b.label for b in page.button].index("保存")].click().run()
    assert list(page.session_state["history"].kept) == ["多甲醇"]
    page.button(key="reset").click().run()
    page.button(key="kept_0").click().run()
    assert dict(scheme(page).values) == {"methanol": 20.0}
    to(page, "compare")
    assert not page.exception
    assert "多甲醇" in "".join(page.multiselect[0].options)


def test_the_report_tells_what_was_changed() -> None:
    moved = Scheme(base=BASE).with_value(next(x for x in levers(BASE) if x.id == "methanol"), 20.0)
    told = changes(moved, scheme_result(Scheme(base=BASE)), "zh")
    pages = report_pages(scheme_result(moved), "zh", changed=told)
    assert "甲醇能力: 16 → 20 万t/年" in pages[0].lead


def test_the_report_is_offered_for_what_is_shown(visit: Open) -> None:
    for name in ("scheme", "invest"):
        page = visit(name)
        assert not page.exception
        offered = [b.key for b in page.get("download_button") if "report" in (b.key or "")]
        assert offered == [f"report_{name}_{form}" for form in FORMS]


def test_variants_are_bounded_and_named_plainly() -> None:
    history = History()
    assert not history.keep("  ")
    assert not history.keep("x" * 31)
    assert not history.keep("a\nb")
    for number in range(MOST_KEPT + 5):
        assert history.keep(f"v{number}")
    assert len(history.kept) == MOST_KEPT


def test_a_share_link_opens_the_same_view(visit: Open) -> None:
    page = visit("scheme")
    page.slider(key=METHANOL).set_value(20.0).run()
    page.session_state["view_chosen"] = "policy"
    page.button(key="share_scheme").click().run()
    key = page.query_params["s"]
    key = key[0] if isinstance(key, list) else key
    other = visit("home", s=key)
    assert not other.exception
    assert dict(scheme(other).values) == {"methanol": 20.0}
    assert other.session_state["view_chosen"] == "policy"
    assert other.slider(key=METHANOL).value == 20.0


def test_a_share_link_keeps_what_is_compared_and_the_project(visit: Open) -> None:
    page = visit("compare")
    page.multiselect[0].set_value(["now", "preset:chain-nylon"]).run()
    to(page, "invest")
    page.selectbox(key="project_zh").set_value("investor-pbat").run()
    page.button(key="share_invest").click().run()
    key = page.query_params["s"]
    key = key[0] if isinstance(key, list) else key
    other = visit("home", s=key)
    assert not other.exception
    assert other.session_state["project_chosen"] == "investor-pbat"
    assert other.selectbox(key="project_zh").value == "investor-pbat"
    to(other, "compare")
    assert other.multiselect[0].value == ["now", "preset:chain-nylon"]


def test_taking_a_chain_out_draws(visit: Open) -> None:
    page = visit("scheme")
    for lever in levers(BASE):
        if lever.kind in ("capacity", "scale"):
            page.session_state["history"].move(Scheme(base=BASE).with_value(lever, lever.low))
            page.run()
            assert not page.exception, lever.id
            assert not page.error, (lever.id, [e.value for e in page.error])
