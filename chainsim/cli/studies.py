"""Commands on many runs: sweep, sensitivity, summary, repair, reproduce, explain, bottlenecks."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from chainsim.cli.output import Output, rows, say
from chainsim.cli.progress import bar
from chainsim.errors import DataError, Problem, did_you_mean, shorten
from chainsim.library.scenarios import load_scenario
from chainsim.library.study_files import load_study
from chainsim.park.build import build_park, load_park
from chainsim.report.document import Page
from chainsim.report.explain_page import bottleneck_section, explain_page
from chainsim.report.i18n import t
from chainsim.report.study_pages import (
    repair_page,
    reproduce_page,
    sensitivity_page,
    summary_page,
)
from chainsim.study import bottlenecks as holding
from chainsim.study import explain as explaining
from chainsim.study import reproduce as again
from chainsim.study import sensitivity as indices
from chainsim.study import uncertainty as uncertain
from chainsim.study.flips import flip_points
from chainsim.study.sweeps import sweep as sweeping
from chainsim.study.sweeps.engines import engine_spec
from chainsim.study.sweeps.summary import convergence_table
from chainsim.study.sweeps.summary import summary as summary_of


def sweep(
    output: Output,
    study: str,
    *,
    out: Path,
    engine: str,
    workers: int | None,
    resume: bool,
    kpis: Sequence[str],
    overrides: tuple[str, ...],
) -> None:
    """Run a study into a folder and print its summary."""
    spec = engine_spec(engine, workers)
    with bar(output) as progress:
        done = sweeping.sweep(
            study, out, engine=spec, resume=resume, overrides=overrides, progress=progress
        )
    runs = f"{done.plan.runs:,}"
    say(t("study.swept", output.lang, runs=runs, folder=done.folder))
    summary(output, done.folder, kpis)


def summary(output: Output, folder: Path, kpis: Sequence[str]) -> None:
    """Print the summary of a sweep."""
    found = summary_of(folder)
    known = set(found.quantiles["id"])
    if wrong := [k for k in kpis if k not in known]:
        hint = did_you_mean(wrong[0], known)
        raise DataError(Problem(code="CS-T007", found=shorten(wrong[0]), hint=hint))
    if not output.json:
        output.page(summary_page(found, kpis, output.lang))
        return
    output.data(
        {
            "study": found.id,
            "runs": found.runs,
            "done": found.done,
            "points": rows(found.points),
            "kpis": rows(found.quantiles),
            "policy": rows(found.verdicts),
            "below_hurdle": rows(found.below_hurdle),
            "drawn": {
                key: None if record is None else record.model_dump(mode="json")
                for key, record in found.drawn.items()
            },
            "fixed_prices": {key: list(names) for key, names in found.held.items()},
            "convergence": rows(convergence_table(folder, kpis)) if kpis else [],
            "problems": [],
        }
    )


def uncertainty(
    output: Output,
    scenario: str,
    *,
    reps: int,
    seed: int,
    years: int | None,
    out: Path | None,
    engine: str,
    workers: int | None,
    resume: bool,
    kpis: Sequence[str],
    overrides: tuple[str, ...],
) -> None:
    """Run a scenario many times, as its `uncertainty` says, and print what came of it."""
    spec = engine_spec(engine, workers)
    with tempfile.TemporaryDirectory(prefix="chainsim-uncertainty-") as nowhere:
        folder = out or Path(nowhere)
        with bar(output) as progress:
            uncertain.uncertainty(
                scenario,
                reps=reps,
                seed=seed,
                years=years,
                watched=kpis,
                overrides=overrides,
                out=folder,
                engine=spec,
                resume=resume,
                progress=progress,
            )
        summary(output, folder, kpis)


def sensitivity(
    output: Output,
    study: str,
    *,
    out: Path,
    method: str,
    samples: int | None,
    engine: str,
    workers: int | None,
    resume: bool,
    kpis: Sequence[str],
    spider: bool,
    overrides: tuple[str, ...],
) -> None:
    """Run a study through a method of sensitivity and print its indices."""
    spec = engine_spec(engine, workers)
    file = load_study(study, overrides)
    with bar(output) as progress:
        found = indices.sensitivity(
            file,
            out,
            method=cast("indices.Method", method),
            samples=samples,
            kpis=kpis or file.record.kpis or (indices.VALUE_ADDED,),
            engine=spec,
            resume=resume,
            progress=progress,
        )
    park = build_park(file.scenarios()[0])
    if not output.json:
        drawn = file.record.uncertainty
        output.page(sensitivity_page(found, park, output.lang, drawn=drawn, spider=spider))
        return
    output.data(
        {
            "method": method,
            "runs": found.runs,
            "indices": [
                {"kpi": kpi, **row} for kpi, frame in found.indices.items() for row in rows(frame)
            ],
            "tornado": rows(found.tornado),
            "spider": rows(found.spider),
            "fixed_prices": {park.id: list(park.economics.fixed_prices)},
            "problems": [],
        }
    )


def repair(output: Output, folder: Path) -> None:
    """Remove what is damaged and tell what must run again."""
    found = sweeping.repair(folder)
    if output.json:
        keys = ("chunks", "removed", "missing", "strange", "anew")
        output.data({k: getattr(found, k) for k in keys} | {"problems": []})
    else:
        output.page(repair_page(found, output.lang))


def reproduce(output: Output, folder: Path, *, engine: str, workers: int | None) -> None:
    """Run a folder again and print what differs."""
    spec = engine_spec(engine, workers)
    with bar(output) as progress:
        found = again.reproduce(folder, engine=spec, progress=progress)
    if output.json:
        output.data(
            {
                "same": found.same,
                "differing": found.differing,
                "files": rows(found.files),
                "versions": rows(found.versions),
                "figures": rows(found.figures),
                "drift": rows(found.drift),
                "problems": [],
            }
        )
    else:
        output.page(reproduce_page(found, output.lang))


def explain(output: Output, before: str, after: str, *, kpi: str, by: str, flips: bool) -> None:
    """Share out a difference to the levers behind it."""
    first, second = load_scenario(before), load_scenario(after)
    found = explaining.explain(first, second, kpi, by=by, progress=output.progress)
    turning = flip_points(first, second, kpi, progress=output.progress) if flips else None
    output.progress(1, 1)
    if output.json:
        output.data(
            {
                "kpi": kpi,
                "before": found.before,
                "after": found.after,
                "method": found.method,
                "parts": rows(found.parts),
                "interaction": found.interaction,
                "flips": [] if turning is None else rows(turning),
                "problems": [],
            }
        )
    else:
        parks = (build_park(first), build_park(second))
        output.page(explain_page(found, *parks, turning, output.lang))


def bottlenecks(output: Output, scenario: str, *, kpi: str, overrides: tuple[str, ...]) -> None:
    """Print what holds a park back."""
    park = load_park(scenario, overrides)
    found = holding.bottlenecks(park, kpi, progress=output.progress)
    output.progress(1, 1)
    if output.json:
        output.data({"kpi": kpi, "bottlenecks": rows(found.table), "problems": []})
    else:
        section = bottleneck_section(found, output.lang)
        output.page(Page(title=section.title, sections=(section,)))
