"""Commands that simulate: run, compare, policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from chainsim.cli.output import Output, problem_data, rows, say
from chainsim.report.i18n import t
from chainsim.report.page import compare_page, run_page
from chainsim.report.tables import comparison_table
from chainsim.study.result import RunResult
from chainsim.study.run import Engine
from chainsim.study.run import run as simulate
from chainsim.study.store import check_replaceable, manifest_data, write_run


def run(
    output: Output,
    scenario: str,
    *,
    engine: str,
    years: int | None,
    reps: int,
    seed: int,
    overrides: Sequence[str],
    out: Path | None,
    log: bool,
) -> None:
    """Simulate one scenario, print its page, write its folder when asked for."""
    if out is not None:
        check_replaceable(out.resolve())
    output.progress(0, reps)
    result = simulate(
        scenario,
        engine=cast("Engine", engine),
        years=years,
        reps=reps,
        seed=seed,
        overrides=overrides,
        progress=output.progress,
        log=log,
    )
    if out is not None:
        say(t("cli.written", output.lang, folder=write_run(result, out)))
    if output.json:
        output.data(result_data(output, result))
    else:
        output.page(run_page(result, output.lang))


def compare(
    output: Output,
    scenarios: Sequence[str],
    *,
    engine: str,
    years: int | None,
    reps: int,
    seed: int,
) -> None:
    """Simulate several scenarios under the same random numbers and set them side by side."""
    results: list[RunResult] = []
    output.progress(0, len(scenarios))
    for scenario in scenarios:
        results.append(
            simulate(scenario, engine=cast("Engine", engine), years=years, reps=reps, seed=seed)
        )
        output.progress(len(results), len(scenarios))
    if output.json:
        output.data(
            {
                "comparison": rows(comparison_table(results, output.lang)),
                "scenarios": [result_data(output, r) for r in results],
                "problems": [],
            }
        )
    else:
        output.page(compare_page(results, output.lang))


def result_data(output: Output, result: RunResult) -> dict[str, object]:
    """One result as JSON: the shape that users rely on."""
    return {
        "kpis": rows(result.kpis),
        "policy": rows(result.policy),
        "problems": problem_data(result.problems, output.lang),
        "manifest": manifest_data(result.manifest),
    }
