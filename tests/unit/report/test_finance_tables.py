"""Printed statements: every row has a number and a name, every choice a sentence, in both languages."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args, get_type_hints

import pandas as pd
import pytest

from chainsim.accounts.projects.from_file import read_project
from chainsim.errors import InternalError
from chainsim.finance.appraisal import appraise
from chainsim.finance.project import Conventions
from chainsim.finance.sensitivity import FACTORS
from chainsim.finance.statements import TABLES
from chainsim.library.files import load_library
from chainsim.library.project_files import load_project, shipped_projects
from chainsim.report.finance_page import appraisal_page, convention_lines
from chainsim.report.finance_tables import ALL_TABLES, finance_table, texts, word
from chainsim.study.appraise import Appraised
from tests.projects import small_project

SMALL = appraise(small_project())


@pytest.mark.parametrize("key", TABLES)
def test_every_row_is_named(key):
    named = {row for _, row, *_ in texts()["tables"][key]["rows"]}
    many = {row.removesuffix("*") for row in named if row.endswith("*")}
    lines = ("product:", "part:", "cost:")
    rows = [r for r in SMALL.statements[key].index if not r.startswith(lines)]
    assert sorted(set(rows) - named) == []
    assert {row for row in named if not row.endswith("*")} <= set(rows)
    assert many <= {"product:", "part:", "cost:material:", "cost:energy:"}


def test_every_text_is_in_both_languages():
    for section, entries in texts().items():
        for key, entry in entries.items():
            if section == "tables":
                assert all(len(row) == 5 for row in entry["rows"])
                rows = [row for row in entry["rows"] if not row[1].endswith("*")]
                assert all(row[2] and row[3] for row in rows)
            elif section.startswith("conventions"):
                assert all(set(text) == {"zh", "en"} for text in entry.values()), key
            else:
                assert set(entry) == {"zh", "en"}, (section, key)


def test_every_choice_of_method_has_its_sentence():
    hints = get_type_hints(Conventions)
    for field in fields(Conventions):
        if field.name == "sensitivity_steps":
            continue
        assert set(texts()["conventions"][field.name]) == set(get_args(hints[field.name]))


def test_every_factor_is_named():
    assert set(FACTORS) == set(texts()["factors"])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("key", ALL_TABLES)
def test_tables_print(key, lang):
    frame = finance_table(SMALL, key, lang)
    assert len(frame) > 2
    assert not frame.columns.duplicated().any()
    assert frame.iloc[:, 1].notna().all()


def test_money_in_ten_thousand_and_totals():
    frame = finance_table(SMALL, "project_cash", "zh").set_index("项目")
    assert frame.loc["建设投资", "1"] == pytest.approx(-SMALL.flows.cash.before_tax[0] / 1e4)
    assert frame.loc["建设投资", "合计"] == pytest.approx(SMALL.value("construction_cny") / 1e4)
    assert pd.isna(frame.loc["累计所得税前净现金流量", "合计"])
    shares = finance_table(SMALL, "investment", "zh").set_index("项目")["占总投资"]
    assert shares["项目总投资"] == pytest.approx(100)


def test_verdicts_of_the_indicators():
    frame = finance_table(SMALL, "indicators", "zh").set_index("指标")
    assert frame.loc["项目投资财务内部收益率（税前）", "结论"] == "满足"
    assert frame.loc["项目投资财务内部收益率（税前）", "基准"] == pytest.approx(12)
    assert frame.loc["平准化成本：methanol", "单位"] == "CNY/t"


def test_a_missing_text_is_a_bug():
    with pytest.raises(InternalError, match=r"finance text page\.nothing"):
        word("page", "nothing", "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page(lang):
    found = read_project(load_project(shipped_projects()["methanol-from-gas"]), load_library())
    appraisal = appraise(found.project, found.conventions)
    page = appraisal_page(
        Appraised(appraisal=appraisal, terms=found.terms, problems=appraisal.problems), lang
    )
    assert len(page.sections) == 8
    assert set(convention_lines(appraisal, lang)) <= {x for s in page.sections for x in s.lines}
    for section in page.sections:
        if section.grid is not None:
            assert all(len(r.cells) == len(section.grid.headers) for r in section.grid.rows)
