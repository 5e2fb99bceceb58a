"""Every page in both languages: it draws, says no error, and speaks one language."""

from __future__ import annotations

import itertools
import re

import pytest

from app import tables
from app.shell import PAGES
from app.views import compare
from app.views.invest import VIEWS as INVEST_VIEWS
from app.views.scheme import VIEWS
from chainsim.report.presets import presets
from chainsim.study.background import Job, background
from chainsim.study.drafts import draft_of, keep_draft
from chainsim.study.levers import Scheme
from chainsim.study.replications import attempt
from tests.app.conftest import CHINESE, Open, texts, to
from tests.arch.law import ROOT

NAME = "investor-lng"
SOME = ("xinzhou-base", "chain-hydrogen", "layout-two-hubs")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens(visit: Open, name: str, lang: str) -> None:
    page = visit(name, lang=lang)
    assert not page.exception
    assert not page.error
    found = texts(page)
    # Names in two languages are what the editor is for.
    assert bool(CHINESE.search(found)) == (lang == "zh"), found
    assert len(found) > 50


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("base", SOME)
def test_every_view_of_a_scheme_opens(visit: Open, base: str, lang: str) -> None:
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(Scheme(base=base))
    for view in VIEWS:
        page.session_state["view_chosen"] = view
        page.run()
        assert not page.exception, view
        assert not page.error, view
        assert bool(CHINESE.search(texts(page))) == (lang == "zh"), view


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("project", presets("investor")[:2])
def test_every_view_of_a_project_opens(visit: Open, project: str, lang: str) -> None:
    page = visit("invest", lang=lang)
    page.session_state["project_chosen"] = project
    for view in INVEST_VIEWS:
        page.session_state["invest_view_chosen"] = view
        page.run()
        assert not page.exception, view
        assert not page.error, view
        assert bool(CHINESE.search(texts(page))) == (lang == "zh"), view


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("base", presets("planner"))
def test_every_preset_opens_as_a_scheme(visit: Open, base: str, lang: str) -> None:
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(Scheme(base=base))
    page.run()
    assert not page.exception
    assert not page.error
    assert len(page.slider) >= 8


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_year_is_drawn_when_its_run_is_there(
    visit: Open, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = attempt("investor-lng", (), 1, 0)
    job = Job(name="investor-lng", overrides=(), total=1, found=[found])  # type: ignore[list-item]
    monkeypatch.setattr(background, "known", lambda *_: job)
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(Scheme(base="investor-lng"))
    to(page, "year")
    assert not page.exception
    assert len(page.subheader) == 5
    to(page, "scheme")
    page.session_state["view_chosen"] = "risk"
    page.run()
    assert not page.exception
    assert page.table


def _with_lorries() -> str:
    """A draft with one road of lorries in batches; its id."""
    data = draft_of("xinzhou-base")
    road = {k: v for k, v in data["links"]["xf_yp_tar"].items() if k != "capacity"}
    road |= {"shipment": {"batch": "30 t", "bays": 1, "loading": 2}}
    tank = {"material": "coal_tar", "site": "xinfu", "capacity": "2000 t", "priority": 2}
    links, buffers = {**data["links"], "xf_yp_tar": road}, {**data["buffers"], "xf_tar": tank}
    return keep_draft({**data, "links": links, "buffers": buffers})


def test_the_year_shows_the_bays_and_plays_its_months(
    visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit("scheme")
    name = _with_lorries()
    found = attempt(name, (), 1, 0)
    assert not isinstance(found, tuple), found
    job = Job(name=name, overrides=(), total=1, found=[found])
    monkeypatch.setattr(background, "known", lambda *_: job)
    page.session_state["history"].move(Scheme(base=name))
    to(page, "year")
    assert not page.exception
    assert "装车位与排队" in [x.value for x in page.subheader]
    trips, delivered = page.table[0].value.iloc[0, 1:3]
    assert trips != "0"
    assert not delivered.startswith("0")
    page.button(key="month_play").click().run()
    assert not page.exception
    assert page.session_state["month_playing"]
    page.session_state["month_due"] = 0.0
    page.run()
    first = page.session_state["month_chosen"]
    assert first.endswith("-01")
    page.run()
    assert page.session_state["month_chosen"] == first
    page.select_slider(key="month_zh").set_value(first[:-2] + "11").run()
    assert not page.session_state["month_playing"]
    page.button(key="month_play").click().run()
    page.session_state["month_due"] = 0.0
    page.run()
    assert page.session_state["month_chosen"].endswith("-12")
    assert not page.session_state["month_playing"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_paired_runs_tell_who_is_better(
    visit: Open, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [
        Job(name=NAME, overrides=texts, total=2, found=[attempt(NAME, texts, 1, n) for n in (0, 1)])  # type: ignore[misc]
        for texts in ((), ("economics.prices.lng=20000",))
    ]
    turn = itertools.cycle(jobs)
    monkeypatch.setattr(compare, "RUNS", ("2", "4"))
    monkeypatch.setattr(background, "known", lambda *_: next(turn))
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(Scheme(base=NAME))
    page.session_state["compared"] = ["now", f"preset:{NAME}"]
    to(page, "compare")
    assert not page.exception
    shown = page.table[1].value.iloc[0].astype(str).str.replace("\u2060", "")
    assert shown.iloc[-2] in ("0%", "100%")
    assert "±" in shown.iloc[2]
    page.segmented_control(key=f"compare_runs_{lang}").set_value("4").run()
    assert not page.exception
    assert page.button(key="chances")  # two more of each are still to be run


@pytest.mark.parametrize("view", ["why_tab", "assumed_tab"])
def test_every_view_of_the_figures_opens(visit: Open, view: str) -> None:
    page = visit("figures")
    page.session_state["figures_view_chosen"] = view
    page.run()
    assert not page.exception
    assert texts(page)


def test_searching_a_figure(visit: Open) -> None:
    page = visit("figures")
    page.text_input(key="figure_words").set_value("甲醇").run()
    assert not page.exception
    assert 1 < len(page.dataframe[0].value) < 300


def test_an_unknown_language_or_share_is_no_crash(visit: Open) -> None:
    page = visit("home", lang="fr", s="../../etc/passwd")
    assert not page.exception
    assert CHINESE.search(page.title[0].value)
    to(page, "scheme")
    assert not page.exception
    assert page.warning


@pytest.mark.parametrize(
    "text",
    ["![x](http://x.invalid/y.png)", "[x](javascript:alert(1))", ":material/home:", "$x$", "**x**"],
)
def test_names_are_never_markdown(text: str) -> None:
    unescaped = re.sub(r"\\.", "", tables.escaped(text))
    assert not set(unescaped) & set("[]()!:$*_`<>#|")


def test_short_cells_do_not_break() -> None:
    assert " " not in tables.together("52.2 万t")
    assert tables.together("a long name that may break") == "a long name that may break"


def test_the_page_asks_for_nothing_unsafe() -> None:
    for path in sorted((ROOT / "app").rglob("*.py")):
        text = path.read_text("utf-8")
        for word in ("unsafe_allow", "st.html", ":material/", "components.v1", "st.iframe",
                     "innerHTML"):  # fmt: skip
            assert word not in text, path
