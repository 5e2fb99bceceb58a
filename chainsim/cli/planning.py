"""Commands of the accounts: policy, accounts, cut, evaluate, replacement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pandas as pd

from chainsim.accounts.evaluation import Rating, rate
from chainsim.accounts.policy import note_text
from chainsim.cli.data import unknown
from chainsim.cli.output import Output, problem_data, rows, say
from chainsim.errors import DataError, InfeasibleError, Problem, UnitError, did_you_mean
from chainsim.park.build import load_park
from chainsim.report.account_pages import TABLES, account_tables, accounts_page
from chainsim.report.evaluation_page import evaluation_page, mark_table
from chainsim.report.i18n import t
from chainsim.report.planning_pages import cut_page, replacement_page, replacement_tables
from chainsim.report.verdict_pages import clause_page, policy_page
from chainsim.study.cut import CutStudy, study_cut, view_of
from chainsim.study.result import RunResult
from chainsim.study.run import Engine, run
from chainsim.study.store import manifest_data, write_csv
from chainsim.study.stored import is_run_folder, read_run
from chainsim.units import convert, split_quantity

TIERS = ("T0", "T1", "T2", "T3")


def policy(
    output: Output,
    scenario: str,
    *,
    engine: str,
    overrides: Sequence[str],
    every: bool = False,
    lead: str = "",
    clause: str = "",
    clauses: bool = False,
) -> None:
    """Judge a scenario or a run folder, list its clauses, or show one with its evidence."""
    if clauses:
        _clauses(output, scenario, overrides)
        return
    if is_run_folder(scenario):
        result = read_run(scenario)
    else:
        result = run(scenario, engine=cast("Engine", engine), overrides=overrides)
    known = result.park.library.policies
    if clause and clause not in known:
        raise unknown(clause, did_you_mean(clause, known))
    if output.json:
        output.data(
            {
                "kpis": rows(result.kpis),
                "policy": _with_text(output, result),
                "mode": result.park.facts.mode,
                "problems": problem_data(result.problems, output.lang),
                "manifest": manifest_data(result.manifest),
            }
        )
    else:
        page = policy_page(result, output.lang, every=every, lead=lead, key=clause)
        output.page(page)


def _with_text(output: Output, result: RunResult) -> list[dict[str, object]]:
    """Verdicts with their notes as sentences and the department in charge."""
    known = result.park.library.policies
    found: list[dict[str, object]] = []
    for row in rows(result.policy):
        record = known.get(str(row["id"]))
        lead = "" if record is None else record.lead_zh if output.lang == "zh" else record.lead_en
        text = note_text(str(row["note"]), output.lang)
        found.append({**row, "text": text, "lead": lead})
    return found


def _clauses(output: Output, scenario: str, overrides: Sequence[str]) -> None:
    park = load_park(scenario, overrides)
    if not output.json:
        output.page(clause_page(park, output.lang))
        return
    listed = [
        {
            "id": p.id,
            "judged": p.judged,
            "modes": list(p.modes),
            "check": p.check,
            "limit": park.facts.limits.get(p.id, p.limit),
            "unit": p.unit,
            "level": p.level,
            "lead_zh": p.lead_zh,
            "source": p.source,
            "mark": p.mark,
        }
        for p in park.library.policies.values()
    ]
    output.data({"clauses": listed, "mode": park.facts.mode, "problems": []})


def accounts(
    output: Output,
    scenario: str,
    *,
    engine: str,
    overrides: Sequence[str],
    tables: Sequence[str],
    out: Path | None,
) -> None:
    """The books of one scenario as tables, on the page or as CSV files."""
    for key in tables:
        if key not in TABLES:
            raise unknown(key, did_you_mean(key, TABLES))
    result = run(scenario, engine=cast("Engine", engine), overrides=overrides)
    if out is not None:
        _write(output, account_tables(result, tables), out)
    if output.json:
        found = {key: rows(frame) for key, frame in account_tables(result, tables).items()}
        problems = problem_data(result.problems, output.lang)
        output.data({"tables": found, "problems": problems})
    elif out is None:
        output.page(accounts_page(result, output.lang, tables))


def _write(output: Output, tables: Mapping[str, pd.DataFrame], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for key, frame in tables.items():
        write_csv(frame, out / f"{key}.csv")
    say(t("cli.written", output.lang, folder=out))


def cut(
    output: Output,
    scenario: str,
    *,
    target: str,
    tiers: Sequence[str],
    step: str,
    overrides: Sequence[str],
) -> None:
    """Share out a cut of coke and show what it does; exit code 5 when it is infeasible."""
    study = study_cut(
        scenario,
        _tonnes(target, "--to"),
        tiers=_tiers(tiers),
        step_t=_tonnes(step, "--step") if step else 0.0,
        overrides=overrides,
    )
    if output.json:
        output.data(_cut_data(study))
    else:
        output.page(cut_page(study, output.lang))
    if not study.cut.result.feasible:
        missing = study.cut.result.missing / 1e4
        problem = Problem(code="CS-A009", path="cut", params={"missing": f"{missing:.4g}"})
        raise InfeasibleError(problem)


def _cut_data(study: CutStudy) -> dict[str, object]:
    return {
        "required_t": study.cut.result.required,
        "missing_t": study.cut.result.missing,
        "feasible": study.cut.result.feasible,
        "triggers": dict(study.cut.triggers),
        "signals": dict(study.cut.signals),
        "shares": rows(study.shares()),
        "effects": rows(study.effects()),
        "problems": [],
    }


def _tonnes(text: str, option: str) -> float:
    """A yearly amount of coke, t; `/a` may be left out."""
    try:
        value, unit = split_quantity(text)
        tonnes = value if not unit else convert(value, unit.removesuffix("/a"), "t")
    except UnitError as told:
        told.locate(lambda p: replace(p, path=option))
        raise
    if value < 0:
        raise DataError(Problem(code="CS-S011", path=option, found=text, expected=">= 0"))
    return tonnes


def _tiers(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        owner, _, tier = text.partition("=")
        if tier not in TIERS:
            raise DataError(
                Problem(code="CS-A010", path="--tier", found=text, expected=" | ".join(TIERS))
            )
        found[owner] = tier
    return found


def evaluate(
    output: Output, scenario: str, *, engine: str, weights: str, overrides: Sequence[str]
) -> None:
    """Rate the coking enterprises of one scenario."""
    result = run(scenario, engine=cast("Engine", engine), overrides=overrides)
    presets = result.park.library.evaluation.presets
    if weights and weights not in presets:
        raise unknown(weights, did_you_mean(weights, presets))
    rating = rate(result.park, view_of(result), weights)
    if output.json:
        output.data(_rating_data(output, result, rating))
    else:
        output.page(evaluation_page(result, rating, output.lang))


def _rating_data(output: Output, result: RunResult, rating: Rating) -> dict[str, object]:
    return {
        "preset": rating.preset,
        "enterprises": [
            {
                "enterprise": r.enterprise,
                "tier": r.tier,
                "certain": r.certain,
                "past_survival": r.past_survival,
                "developed": r.developed,
                "scores": dict(r.scores),
                "known_share": r.known_share,
                "missing": r.lacking,
            }
            for r in rating.rated
        ],
        "survival_share": list(rating.survival_share()),
        "development_share": list(rating.development_share()),
        "depends_on_preset": rating.depends_on_preset,
        "rankings": {k: list(v) for k, v in rating.rankings.items()},
        "indicators": rows(mark_table(result, rating.rated, output.lang)),
        "problems": [],
    }


def replacement(
    output: Output, scenario: str, *, engine: str, overrides: Sequence[str], out: Path | None
) -> None:
    """The replacement of old ovens in one scenario."""
    result = run(scenario, engine=cast("Engine", engine), overrides=overrides)
    if out is not None:
        _write(output, replacement_tables(result), out)
    if output.json:
        found = {key: rows(frame) for key, frame in replacement_tables(result).items()}
        output.data({"tables": found, "problems": problem_data(result.problems, output.lang)})
    elif out is None:
        output.page(replacement_page(result, output.lang))
