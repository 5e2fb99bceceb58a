"""Rows of one run: what is left out of the work changes no byte of what is kept."""

from __future__ import annotations

import functools

import pytest

from chainsim.library.study_files import parse_study
from chainsim.study.sweeps.parts import Rows
from chainsim.study.sweeps.plan import Plan, study_plan


def plan(more: str) -> Plan:
    return study_plan(
        parse_study(
            "schema_version: 1\nkind: study\nid: base\nname_zh: x\nname_en: x\nyears: 1\n"
            f"scenarios: [xinzhou-base]\n{more}"
        )
    )


def rows_of(made: Plan, point: int = 0) -> list[tuple[object, ...]]:
    rows = Rows()
    made.model.run(made.points[point], 0, rows)
    return list(zip(*rows.columns, strict=True))


@functools.cache
def everything() -> list[tuple[object, ...]]:
    return rows_of(plan(""))


@pytest.mark.parametrize(
    "kpis",
    [["value.added_cny"], ["finance.firr", "cog.flared_share"], ["output.hydrogen_nm3"]],
)
def test_naming_kpis_changes_no_value(kpis):
    found = rows_of(plan(f"kpis: {kpis}\n"))
    assert found == [r for r in everything() if r[2] == "policy" or r[3] in kpis]
    assert sum(r[2] == "kpi" for r in found) == len(kpis)


def test_leaving_out_verdicts_and_finance_changes_no_value():
    found = rows_of(plan("policy: false\nfinance: false\n"))
    left = {r[3] for r in everything() if r[2] == "kpi"} - {r[3] for r in found}
    assert found == [r for r in everything() if r[2] == "kpi" and r[3] not in left]
    assert "finance.firr" in left
    assert all(str(key).startswith("finance.") for key in left)


def test_a_run_that_serves_another_price_gives_what_it_would_alone():
    study = plan(
        "engine: steady\nkpis: [value.added_cny]\npolicy: false\n"
        "factors:\n  coke: {figure: prices.coke, values: [1300, 1600]}\n"
        "  make: {figure: prices.methanol, values: [2000, 2400]}\n"
    )
    together = [rows_of(study, k) for k in range(4)]
    alone = [rows_of(plan_apart(k), k) for k in range(4)]
    assert together == alone
    assert len({r[0][5] for r in together}) == 4


def plan_apart(seed: int) -> Plan:
    """The same points in a model of its own, which has made nothing ready."""
    return plan(
        f"seed: {seed + 2}\nengine: steady\nkpis: [value.added_cny]\npolicy: false\n"
        "factors:\n  coke: {figure: prices.coke, values: [1300, 1600]}\n"
        "  make: {figure: prices.methanol, values: [2000, 2400]}\n"
    )
