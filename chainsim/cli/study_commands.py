"""Options of the commands in `studies`: sweep, summary, repair, reproduce, sensitivity, explain."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chainsim.cli.output import Output
from chainsim.cli.planning_commands import Read

Study = Annotated[str, typer.Argument(metavar="STUDY")]
Results = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False)]
Json = Annotated[bool, typer.Option("--json")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", file_okay=False)]
Where = Annotated[str, typer.Option("--engine", metavar="ENGINE")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, max=1024)]
Resume = Annotated[bool, typer.Option("--resume")]
Overrides = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE")]
Kpis = Annotated[list[str] | None, typer.Option("--kpi", metavar="KPI")]
Kpi = Annotated[str, typer.Option("--kpi", metavar="KPI")]
VALUE_ADDED = "value.added_cny"


class Method(StrEnum):
    """Methods of sensitivity."""

    morris = "morris"
    sobol = "sobol"


class By(StrEnum):
    """How changes become levers."""

    chain = "chain"
    component = "component"


def add_studies(root: typer.Typer, output: Output, read: Read) -> None:
    """Add the commands to `root`; `read` checks files before engines are imported."""
    _add_sweeps(root, output)
    _add_uncertainty(root, output, read)
    _add_folders(root, output)
    _add_reasons(root, output, read)


def _add_sweeps(root: typer.Typer, output: Output) -> None:
    @root.command()
    def sweep(
        study: Study,
        out: Out,
        engine: Where = "processes",
        workers: Workers = None,
        resume: Resume = False,
        kpis: Kpis = None,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        from chainsim.cli import studies

        studies.sweep(
            output,
            study,
            out=out,
            engine=engine,
            workers=workers,
            resume=resume,
            kpis=tuple(kpis or ()),
            overrides=tuple(overrides or ()),
        )

    @root.command()
    def sensitivity(
        study: Study,
        out: Out,
        method: Annotated[Method, typer.Option()] = Method.sobol,
        samples: Annotated[int | None, typer.Option(min=1)] = None,
        engine: Where = "processes",
        workers: Workers = None,
        resume: Resume = False,
        kpis: Kpis = None,
        spider: Annotated[bool, typer.Option("--spider")] = False,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        from chainsim.cli import studies

        studies.sensitivity(
            output,
            study,
            out=out,
            method=method.value,
            samples=samples,
            engine=engine,
            workers=workers,
            resume=resume,
            kpis=tuple(kpis or ()),
            spider=spider,
            overrides=tuple(overrides or ()),
        )


def _add_uncertainty(root: typer.Typer, output: Output, read: Read) -> None:
    @root.command()
    def uncertainty(
        scenario: Annotated[str, typer.Argument(metavar="SCENARIO")],
        reps: Annotated[int, typer.Option("--reps", min=1)] = 100,
        seed: Annotated[int, typer.Option(min=0)] = 1,
        years: Annotated[int | None, typer.Option(min=1, max=60)] = None,
        out: Annotated[Path | None, typer.Option("--out", metavar="DIR", file_okay=False)] = None,
        engine: Where = "processes",
        workers: Workers = None,
        resume: Resume = False,
        kpis: Kpis = None,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        read([scenario], tuple(overrides or ()))
        from chainsim.cli import studies

        studies.uncertainty(
            output,
            scenario,
            reps=reps,
            seed=seed,
            years=years,
            out=out,
            engine=engine,
            workers=workers,
            resume=resume,
            kpis=tuple(kpis or ()),
            overrides=tuple(overrides or ()),
        )


def _add_folders(root: typer.Typer, output: Output) -> None:
    @root.command()
    def summary(results: Results, kpis: Kpis = None, json: Json = False) -> None:
        output.json = json
        from chainsim.cli import studies

        studies.summary(output, results, tuple(kpis or ()))

    @root.command()
    def repair(results: Results, json: Json = False) -> None:
        output.json = json
        from chainsim.cli import studies

        studies.repair(output, results)

    @root.command()
    def reproduce(
        results: Results,
        engine: Where = "processes",
        workers: Workers = None,
        json: Json = False,
    ) -> None:
        output.json = json
        from chainsim.cli import studies

        studies.reproduce(output, results, engine=engine, workers=workers)


def _add_reasons(root: typer.Typer, output: Output, read: Read) -> None:
    @root.command()
    def explain(
        before: Annotated[str, typer.Argument(metavar="BEFORE")],
        after: Annotated[str, typer.Argument(metavar="AFTER")],
        kpi: Kpi = VALUE_ADDED,
        by: Annotated[By, typer.Option()] = By.chain,
        flips: Annotated[bool, typer.Option("--flips")] = False,
        json: Json = False,
    ) -> None:
        output.json = json
        read([before, after], ())
        from chainsim.cli import studies

        studies.explain(output, before, after, kpi=kpi, by=by.value, flips=flips)

    @root.command()
    def bottlenecks(
        scenario: Annotated[str, typer.Argument(metavar="SCENARIO")],
        kpi: Kpi = VALUE_ADDED,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        read([scenario], tuple(overrides or ()))
        from chainsim.cli import studies

        studies.bottlenecks(output, scenario, kpi=kpi, overrides=tuple(overrides or ()))
