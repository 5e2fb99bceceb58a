"""Commands that simulate: run, compare, policy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from chainsim.cli.output import Output, problem_data, rows, say
from chainsim.cli.progress import bar
from chainsim.errors import Problem, ScenarioError
from chainsim.park.build import load_park
from chainsim.report.best_page import repair_page
from chainsim.report.compare_page import compare_page
from chainsim.report.i18n import t
from chainsim.report.page import run_page
from chainsim.report.tables import comparison_table
from chainsim.report.trips import trip_table
from chainsim.study.aim import Aim
from chainsim.study.compare import compare as run_all
from chainsim.study.optimum import ImpossibleError
from chainsim.study.rates import objective
from chainsim.study.reasons import Reasons, reasons
from chainsim.study.result import RunResult
from chainsim.study.run import Engine
from chainsim.study.run import run as simulate
from chainsim.study.store import check_replaceable, manifest_data, write_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Objective and limits of the lp engine as they were typed."""

    objective: str
    limits: str
    at_most: tuple[str, ...]
    at_least: tuple[str, ...]
    min_loads: bool

    def read(self) -> Aim:
        """Made sense of.

        Raises:
            ScenarioError: an unknown measure (CS-O001), or no amount (CS-O004).
        """
        return Aim(
            weights=objective(self.objective or "profit"),
            limits=self.limits,
            at_most=_amounts("at_most", self.at_most),
            at_least=_amounts("at_least", self.at_least),
            min_loads=self.min_loads,
        )


def _amounts(path: str, given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        key, equals, amount = text.partition("=")
        if not equals or not amount.strip():
            raise ScenarioError(Problem(code="CS-O004", path=path, found=text))
        pairs[key.strip()] = amount.strip()
    return pairs


def run(
    output: Output,
    scenario: str,
    *,
    engine: str,
    years: int | None,
    reps: int,
    seed: int,
    overrides: Sequence[str],
    aim: Asked,
    out: Path | None,
    log: bool,
) -> None:
    """Simulate one scenario, print its page, write its folder when asked for."""
    if out is not None:
        check_replaceable(out.resolve())
    output.progress(0, reps)
    try:
        result = simulate(
            scenario,
            engine=cast("Engine", engine),
            years=years,
            reps=reps,
            seed=seed,
            overrides=overrides,
            aim=aim.read(),
            progress=output.progress,
            log=log,
        )
    except ImpossibleError as exc:
        output.progress(1, 1)
        if not output.json:
            output.page(repair_page(load_park(scenario, overrides), exc, output.lang))
        raise
    if out is not None:
        say(t("cli.written", output.lang, folder=write_run(result, out)))
    if output.json:
        output.data(result_data(output, result))
    else:
        output.page(run_page(result, output.lang))


def _reason_rows(told: Sequence[Reasons], names: Sequence[str]) -> list[dict[str, object]]:
    return [
        {
            "scenario": name,
            "kpi": kpi,
            "method": explained.method,
            "parts": rows(explained.parts),
            "interaction": explained.interaction,
            "flips": rows(one.flips[kpi]),
        }
        for name, one in zip(names, told, strict=False)
        for kpi, explained in one.parts.items()
    ]


def compare(
    output: Output,
    scenarios: Sequence[str],
    *,
    engine: str,
    years: int | None,
    reps: int,
    seed: int,
    base: str | None,
    workers: int | None,
    kpis: Sequence[str],
    out: Path | None,
    resume: bool,
    why: bool,
    whole: bool,
) -> None:
    """Simulate several scenarios under the same random numbers and set them side by side."""
    with bar(output) as progress:
        found = run_all(
            scenarios,
            engine=cast("Engine", engine),
            years=years,
            reps=reps,
            seed=seed,
            base=base,
            workers=workers or os.cpu_count() or 1,
            out=out,
            resume=resume,
            progress=progress,
        )
        parks = [r.park for r in found.results]
        told = reasons(parks, kpis, years=years, progress=progress) if why else ()
    if not output.json:
        output.page(compare_page(found, output.lang, kpis, reasons=told, whole=whole))
        return
    paired = found.paired
    output.data(
        {
            "comparison": rows(comparison_table(found.results, output.lang)),
            "inputs": {k: rows(v) for k, v in found.inputs.items()},
            "differences": [] if paired is None else rows(paired.differences),
            "regret": [] if paired is None else rows(paired.regret),
            "reasons": _reason_rows(told, list(found.inputs)),
            "fixed_prices": {p.id: list(p.economics.fixed_prices) for p in parks},
            "scenarios": [result_data(output, r) for r in found.results],
            "problems": [],
        }
    )


def result_data(output: Output, result: RunResult) -> dict[str, object]:
    """One result as JSON: the shape that users rely on."""
    best = {} if result.optimum is None else {"optimum": asdict(result.optimum)}
    return {
        **best,
        "kpis": rows(result.kpis),
        "policy": rows(result.policy),
        "shipments": rows(trip_table(result)),
        "problems": problem_data(result.problems, output.lang),
        "manifest": manifest_data(result.manifest),
    }
