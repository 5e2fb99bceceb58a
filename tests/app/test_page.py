"""The page without a browser: both languages, every layout, the figures of the library."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from app.page import LAYOUTS
from streamlit.testing.v1 import AppTest

from app import tables
from chainsim.report.cards import cards
from chainsim.study import cache
from chainsim.study.cache import shipped, steady_result
from tests.arch.law import ROOT

MAIN = str(ROOT / "app" / "main.py")
WAIT_S = 60


def opened(**query: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=WAIT_S)
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


def texts(page: AppTest) -> str:
    parts = [x.value for kind in ("title", "header", "subheader", "caption", "markdown")
             for x in page.get(kind)]  # fmt: skip
    parts += [x.label for x in page.metric]
    parts += [cell for x in page.table for row in x.value.astype(str).to_numpy() for cell in row]
    return "\n".join(str(p) for p in parts)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_opens(layout: str, lang: str) -> None:
    page = opened(lang=lang, layout=layout)
    assert not page.exception
    assert not page.error
    result = steady_result(layout)
    shown = {m.label: m.value for m in page.metric}
    expected = cards(result, steady_result(LAYOUTS[0]), lang)  # type: ignore[arg-type]
    assert shown == {c.name: c.value for c in expected}
    assert bool(re.search("[\u4e00-\u9fff]", texts(page))) == (lang == "zh")


def test_all_layouts_are_there() -> None:
    assert shipped(*LAYOUTS) == LAYOUTS


def test_an_unknown_layout_or_language_shows_the_first() -> None:
    page = opened(lang="fr", layout="../../etc/passwd")
    assert not page.exception
    assert page.title[0].value.startswith("忻州")


def test_switching_keeps_the_address() -> None:
    page = opened()
    page.button_group(key="language").set_value("en").run()
    assert page.query_params["lang"] == "en"
    assert page.title[0].value.startswith("Layouts")
    page.button_group(key="layout_en").set_value(LAYOUTS[2]).run()
    assert page.query_params["layout"] == LAYOUTS[2]
    assert not page.exception


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first layout is a file that cannot be read."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / f"{LAYOUTS[0]}.yaml").write_text("a: [b](http://x.invalid): c")
    monkeypatch.setattr("chainsim.library.scenarios.data_root", lambda: tmp_path)
    monkeypatch.setattr(cache, "data_root", lambda: tmp_path)


@pytest.mark.usefixtures("broken")
def test_a_broken_scenario_is_told_with_its_problems() -> None:
    page = opened()
    assert not page.exception
    assert LAYOUTS[0] in page.error[0].value
    assert "](http" not in page.error[0].value


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
        for word in ("unsafe_allow", "st.html", ":material/", "components.v1", "st.iframe"):
            assert word not in text, path
