"""Every number of a page is the library's and stands in the files to take away.

The library is asked by itself (`run`, `appraise`), not through what the page keeps.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from app import takeaway
from app.views.invest import VIEWS as INVEST_VIEWS
from app.views.scheme import VIEWS
from chainsim.errors import Lang
from chainsim.report.numbers import NOTHING, fmt
from chainsim.report.page import headline
from chainsim.report.presets import presets
from chainsim.study.appraise import appraise
from chainsim.study.background import Job, background
from chainsim.study.levers import Scheme, overrides
from chainsim.study.replications import attempt
from chainsim.study.result import RunResult
from chainsim.study.run import run
from tests.app.conftest import Open, to

BASE, PROJECT = "xinzhou-base", "investor-lng"
Rows = list[list[str]]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What the page that was drawn last offers to take away: name of the file -> maker."""
    found: dict[str, Callable[[], bytes]] = {}

    def button(label: str, make: Callable[[], bytes], *, file_name: str, **_: object) -> None:
        found[file_name] = make

    monkeypatch.setattr(takeaway, "button", button)
    return found


def plain(cell: object) -> str:
    """A cell as it is read: without marks of Markdown, and spaces as spaces."""
    text = re.sub(r"^:\w+\[\*\*(.*)\*\*\]$", r"\1", str(cell))
    text = text.replace("\u2060", "").replace("\u00a0", " ")
    return re.sub(r"\\([\\`*_{}\[\]()#+!|$:<>~^&-])", r"\1", text)


def shown(page: AppTest) -> list[Rows]:
    """All tables of the page, row by row."""
    return [[[plain(c) for c in row] for row in x.value.to_numpy()] for x in page.table]


def of_csv(data: bytes) -> Rows:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1:]
    return [[re.sub(r"^'(?=[=+\-@])", "", cell) for cell in row] for row in rows]


def of_workbook(data: bytes) -> Rows:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [["" if c is None else str(c) for c in row] for row in sheet.values][1:]


def as_number(text: str) -> str:
    """A number in one way of writing."""
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return text


def holds(page: AppTest, files: dict[str, Callable[[], bytes]]) -> int:
    """Check the files of a page against its tables and each other; how many there were."""
    assert not page.exception
    tables = shown(page)
    count = 0
    for name, make in files.items():
        if name.endswith(".svg"):
            assert make().startswith(b"<svg")
        if not name.endswith(".csv") or name.startswith("chainsim-scenario"):
            continue
        count += 1
        rows = of_csv(make())
        whole = of_workbook(files[name.replace(".csv", ".xlsx")]())
        numbers = [[[as_number(c) for c in row] for row in x] for x in (rows, whole)]
        assert numbers[0] == numbers[1], name
        framed = name.startswith(("chainsim-statement", "chainsim-events", "chainsim-figures"))
        assert framed or rows in tables, name
    return count


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_of_a_scheme_is_its_file(
    visit: Open, files: dict[str, Callable[[], bytes]], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(Scheme(base=PROJECT))
    found = [attempt(PROJECT, (), 1, n) for n in (0, 1)]
    job = Job(name=PROJECT, overrides=(), total=2, found=found)  # type: ignore[arg-type]
    monkeypatch.setattr(background, "known", lambda *_: job)
    seen = 0
    for view in VIEWS:
        files.clear()
        page.session_state["view_chosen"] = view
        page.run()
        seen += holds(page, files)
    files.clear()
    to(page, "year")
    assert seen + holds(page, files) >= 10


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_of_the_other_pages_is_its_file(
    visit: Open, files: dict[str, Callable[[], bytes]], lang: str
) -> None:
    page = visit("invest", lang=lang)
    page.session_state["project_chosen"] = PROJECT
    seen = 0
    for view in INVEST_VIEWS:
        files.clear()
        page.session_state["invest_view_chosen"] = view
        page.run()
        seen += holds(page, files)
    page.session_state["compared"] = [f"preset:{PROJECT}", "preset:investor-methanol"]
    for name in ("compare", "figures"):
        files.clear()
        to(page, name)
        seen += holds(page, files)
    assert seen >= 8


def texts(result: RunResult, lang: Lang) -> dict[str, str]:
    """KPI -> value as it is written; `lang` of the page."""
    frame = result.kpis[result.kpis["period"] == "total"]
    return {
        str(key): fmt(float(value), str(unit), lang)
        for key, value, unit in zip(frame["id"], frame["value"], frame["unit"], strict=True)
    }


@pytest.mark.parametrize("lang", ["en"])
def test_figures_of_a_scheme_are_those_of_the_library(visit: Open, lang: Lang) -> None:
    moved = Scheme(base=BASE, values=(("methanol", 20.0),))
    mine = texts(run(BASE, engine="steady", overrides=overrides(moved)), lang)
    page = visit("scheme", lang=lang)
    page.session_state["history"].move(moved)
    expected = {
        "energy": ("energy.coke_kgce_per_t", "carbon.direct_t", "water.fresh_t"),
        "money": ("value.added_cny", "finance.fnpv_cny", "finance.firr"),
    }
    for view, keys in expected.items():
        page.session_state["view_chosen"] = view
        page.run()
        cells = {cell for table in shown(page) for row in table for cell in row}
        assert {mine[key] for key in keys} <= cells


def test_limits_and_verdicts_are_those_of_the_library(visit: Open) -> None:
    result = run(BASE, engine="steady")
    page = visit("scheme", lang="en")
    page.session_state["view_chosen"] = "policy"
    page.run()
    failed = result.policy[result.policy["verdict"] == "fail"]
    assert f"fail {len(failed)}" in " ".join(x.value for x in page.caption)
    table = next(
        x for x in shown(page) if any("Unit energy of coke" in c for row in x for c in row)
    )
    coke = next(row for row in table if row[1] == "Unit energy of coke")
    policies = result.park.library.policies
    limited = failed["id"].map(lambda key: policies[key].kpi)
    worst = failed[limited == "energy.coke_kgce_per_t"].iloc[0]
    assert coke[0] == "fail"
    assert coke[2].startswith(f"{worst['value']:.4g}")
    assert coke[3] == f"≤ {worst['limit']:g}"


@pytest.mark.parametrize("lang", ["zh"])
def test_compared_figures_are_those_of_the_library(visit: Open, lang: Lang) -> None:
    names = ("layout-dispersed", "layout-two-hubs")
    page = visit("scheme", lang=lang)
    page.session_state["compared"] = [f"preset:{name}" for name in names]
    to(page, "compare")
    results = [run(name, engine="steady") for name in names]
    row = next(r for r in shown(page)[0] if r[0] == headline(results[0], "value.added_cny", lang))
    assert row[1:3] == [texts(r, lang)["value.added_cny"] for r in results]


@pytest.mark.parametrize("lang", ["en"])
def test_indicators_of_a_project_are_those_of_the_library(visit: Open, lang: Lang) -> None:
    appraisal = appraise(PROJECT).appraisal
    page = visit("invest", lang=lang)
    page.session_state["project_chosen"] = PROJECT
    page.run()
    values = [m.value for m in page.metric]
    assert values[0] == fmt(appraisal.value("investment_cny") or 0.0, "CNY", lang)
    assert values[1] == fmt(appraisal.value("firr_after_tax") or 0.0, "ratio", lang)
    assert values[2] == fmt(appraisal.value("fnpv_after_tax_cny") or 0.0, "CNY", lang)


def test_numbers_on_the_first_page_are_those_of_the_library(visit: Open) -> None:
    page = visit("home", lang="en")
    for _ in range(len(presets("planner")) + len(presets("investor"))):
        page.run()
    value = next(m.value for m in page.metric if m.label == "Energy per t of coke")
    assert value == texts(run(BASE, engine="steady"), "en")["energy.coke_kgce_per_t"]
    assert all(m.value != NOTHING for m in page.metric)
