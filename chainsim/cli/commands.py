"""The commands and their options. Help texts stand in the catalogue under `help`.

Every command is a thin function: it reads options, calls the module that does the work (imported
then, not before) and hands the answer to `Output`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from chainsim.cli.output import Output
from chainsim.cli.planning_commands import add_planning
from chainsim.cli.study_commands import add_studies
from chainsim.cli.workshop_commands import add_workshop
from chainsim.report.i18n import catalogue, t

_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Engine(StrEnum):
    """Engines of comparisons."""

    des = "des"
    steady = "steady"


class RunEngine(StrEnum):
    """Engines of `run`."""

    des = "des"
    steady = "steady"
    lp = "lp"


class GraphFormat(StrEnum):
    """What `graph` writes."""

    dot = "dot"
    graphml = "graphml"
    json = "json"
    svg = "svg"


class FileKind(StrEnum):
    """Files that `schema` knows."""

    scenario = "scenario"
    project = "project"
    candidates = "candidates"
    study = "study"


class Kind(StrEnum):
    """Collections of the library."""

    materials = "materials"
    processes = "processes"
    routes = "routes"
    prices = "prices"
    price_sets = "price_sets"
    series = "series"
    factors = "factors"
    limits = "limits"
    policies = "policies"
    sources = "sources"


Scenario = Annotated[str, typer.Argument(metavar="SCENARIO")]
Scenarios = Annotated[list[str], typer.Argument(metavar="SCENARIO...")]
Json = Annotated[bool, typer.Option("--json")]
Years = Annotated[int | None, typer.Option(min=1, max=60)]
Reps = Annotated[int, typer.Option(min=1, max=100_000)]
Seed = Annotated[int, typer.Option(min=0)]
Overrides = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE")]
Log = Annotated[bool, typer.Option("--log")]
Amounts = Annotated[list[str] | None, typer.Option(metavar="MEASURE=AMOUNT")]
Month = Annotated[str | None, typer.Option(metavar="YYYY-MM")]
Folder = Annotated[Path | None, typer.Option("--out", metavar="DIR", file_okay=False)]


def build(output: Output) -> Any:
    """The command tree, its help in the language of `output`."""
    root = typer.Typer(
        name="chainsim",
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_CONTEXT,
    )
    root.callback()(_everywhere)
    library = typer.Typer(no_args_is_help=True, rich_markup_mode=None, context_settings=_CONTEXT)
    _add_runs(root, output)
    add_planning(root, output, _read)
    add_studies(root, output, _read)
    add_workshop(root, output)
    _add_data(root, library, output)
    root.add_typer(library, name="library")
    command = typer.main.get_command(root)
    _translate(command, "chainsim", output)
    return command


def _everywhere(lang: Annotated[str, typer.Option("--lang", metavar="zh|en")] = "") -> None:
    """`--lang` for the help only: the entry takes it out wherever it stands."""


def _read(scenarios: Sequence[str], overrides: Sequence[str] = ()) -> None:
    """Read the files before the engines are imported: a mistake in them is answered at once."""
    from chainsim.library.scenarios import load_scenario

    for scenario in scenarios:
        load_scenario(scenario, overrides)


def _add_runs(root: typer.Typer, output: Output) -> None:
    """Commands that simulate."""

    @root.command()
    def run(
        scenario: Scenario,
        engine: Annotated[RunEngine, typer.Option()] = RunEngine.des,
        years: Years = None,
        reps: Reps = 1,
        seed: Seed = 1,
        overrides: Overrides = None,
        objective: Annotated[str, typer.Option(metavar="MEASURE")] = "",
        limits: Annotated[str, typer.Option(metavar="kept|all|none|IDS")] = "kept",
        at_most: Amounts = None,
        at_least: Amounts = None,
        min_loads: Annotated[bool, typer.Option("--min-loads")] = False,
        out: Folder = None,
        log: Log = False,
        json: Json = False,
    ) -> None:
        output.json = json
        if log and out is None:
            raise typer.BadParameter(t("usage.log", output.lang), param_hint="--log")
        _read([scenario], tuple(overrides or ()))
        from chainsim.cli import runs

        runs.run(
            output,
            scenario,
            engine=engine.value,
            years=years,
            reps=reps,
            seed=seed,
            overrides=tuple(overrides or ()),
            aim=runs.Asked(
                objective=objective,
                limits=limits,
                at_most=tuple(at_most or ()),
                at_least=tuple(at_least or ()),
                min_loads=min_loads,
            ),
            out=out,
            log=log,
        )

    @root.command()
    def compare(
        scenarios: Scenarios,
        engine: Annotated[Engine, typer.Option()] = Engine.des,
        years: Years = None,
        reps: Reps = 1,
        seed: Seed = 1,
        base: Annotated[str | None, typer.Option("--base", metavar="ID")] = None,
        workers: Annotated[int | None, typer.Option("--workers", min=1, max=1024)] = None,
        kpis: Annotated[list[str] | None, typer.Option("--kpi", metavar="KPI")] = None,
        out: Folder = None,
        resume: Annotated[bool, typer.Option("--resume")] = False,
        why: Annotated[bool, typer.Option("--why")] = False,
        whole: Annotated[bool, typer.Option("--all")] = False,
        json: Json = False,
    ) -> None:
        output.json = json
        if len(scenarios) < 2:
            raise typer.BadParameter(t("usage.two", output.lang), param_hint="SCENARIO...")
        _read(scenarios)
        from chainsim.cli import runs

        runs.compare(
            output,
            scenarios,
            engine=engine.value,
            years=years,
            reps=reps,
            seed=seed,
            base=base,
            workers=workers,
            kpis=tuple(kpis or ()),
            out=out,
            resume=resume,
            why=why,
            whole=whole,
        )

    @root.command()
    def optimise(
        source: Annotated[str, typer.Argument(metavar="CANDIDATES|SCENARIO")],
        objective: Annotated[str, typer.Option(metavar="MEASURE")] = "",
        clauses: Annotated[str | None, typer.Option("--limits", metavar="IDS")] = None,
        gap: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.01,
        time_limit: Annotated[float, typer.Option(min=1.0, max=86_400.0)] = 60.0,
        alternatives: Annotated[int, typer.Option(min=0, max=40)] = 3,
        tolerance: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.1,
        front: Annotated[list[str] | None, typer.Option(metavar="MEASURE")] = None,
        points: Annotated[int, typer.Option(min=2, max=40)] = 6,
        reps: Annotated[int, typer.Option(min=0, max=10_000)] = 0,
        tune: Annotated[int, typer.Option(min=0, max=10_000)] = 0,
        seed: Seed = 1,
        out: Folder = None,
        json: Json = False,
    ) -> None:
        output.json = json
        from chainsim.cli import optimise as command
        from chainsim.study.optimise import Effort

        effort = Effort(
            gap=gap,
            time_limit_s=time_limit,
            alternatives=alternatives,
            tolerance=tolerance,
            front=tuple(front or ()),
            points=points,
            reps=reps,
            tune=tune,
            seed=seed,
        )
        command.optimise(
            output,
            source,
            objective=objective,
            limits=None if clauses is None else _ids(clauses),
            effort=effort,
            out=out,
        )

    @root.command()
    def appraise(
        name: Annotated[str, typer.Argument(metavar="PROJECT|SCENARIO")],
        units: Annotated[str | None, typer.Option("--units", metavar="A,B")] = None,
        park: Annotated[bool, typer.Option("--park")] = False,
        engine: Annotated[Engine, typer.Option()] = Engine.steady,
        seed: Seed = 1,
        overrides: Overrides = None,
        out: Folder = None,
        json: Json = False,
    ) -> None:
        output.json = json
        if units is not None and park:
            raise typer.BadParameter(t("usage.units_or_park", output.lang), param_hint="--units")
        from chainsim.library.project_files import project_path

        if project_path(name) is None:
            _read([name], tuple(overrides or ()))
        from chainsim.cli import finance

        finance.appraise(
            output,
            name,
            units=None if units is None else _ids(units),
            whole_park=park,
            engine=engine.value,
            seed=seed,
            overrides=tuple(overrides or ()),
            out=out,
        )

    @root.command()
    def routes(
        scenario: Annotated[str, typer.Argument(metavar="[SCENARIO]")] = "xinzhou-base",
        sources: Annotated[list[str] | None, typer.Option("--from", metavar="MATERIAL")] = None,
        share: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.5,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        _read([scenario], tuple(overrides or ()))
        from chainsim.cli import routes as commands

        commands.routes(
            output,
            scenario,
            sources=tuple(sources or ()),
            share=share,
            overrides=tuple(overrides or ()),
        )

    @root.command()
    def app(
        lan: Annotated[bool, typer.Option("--lan")] = False,
        port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
        browser: Annotated[bool, typer.Option("--browser/--no-browser")] = True,
    ) -> int:
        from chainsim.cli import web

        return web.serve(output, lan=lan, port=port, browser=browser)


def _add_data(root: typer.Typer, library: typer.Typer, output: Output) -> None:
    """Commands that read files only."""

    @root.command()
    def validate(
        paths: Annotated[list[str], typer.Argument(metavar="PATH...")],
        resolved: Annotated[bool, typer.Option("--resolved")] = False,
        json: Json = False,
    ) -> int:
        from chainsim.cli import data

        output.json = json
        return data.validate(output, paths, resolved=resolved)

    @root.command()
    def scenarios(json: Json = False) -> None:
        from chainsim.cli import data

        output.json = json
        data.scenarios(output)

    @root.command()
    def graph(
        scenario: Scenario,
        format: Annotated[GraphFormat, typer.Option("--format")] = GraphFormat.dot,
        overrides: Overrides = None,
    ) -> None:
        from chainsim.cli import data

        data.graph(output, scenario, format.value, tuple(overrides or ()))

    @root.command()
    def schema(what: Annotated[FileKind, typer.Argument()] = FileKind.scenario) -> None:
        from chainsim.cli import data

        data.schema(output, what.value)

    @root.command()
    def version(json: Json = False) -> None:
        from chainsim.cli import data

        output.json = json
        data.version(output)

    @library.command("check")
    def check(
        folder: Annotated[Path | None, typer.Argument(metavar="[DIR]")] = None, json: Json = False
    ) -> None:
        from chainsim.cli import library as commands

        output.json = json
        commands.check(output, folder)

    @library.command("list")
    def list_(kind: Annotated[Kind | None, typer.Argument()] = None, json: Json = False) -> None:
        from chainsim.cli import library as commands

        output.json = json
        commands.listing(output, kind.value if kind else None)

    @library.command("graph")
    def library_graph(
        source: Annotated[str, typer.Option("--from", metavar="MATERIAL")] = "cog",
        format: Annotated[GraphFormat, typer.Option("--format")] = GraphFormat.svg,
        share: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.5,
    ) -> None:
        from chainsim.cli import routes as commands

        commands.graph(output, source, format.value, share)

    @library.command("rank")
    def rank(
        scenario: Annotated[str, typer.Argument(metavar="[SCENARIO]")] = "xinzhou-base",
        kpis: Annotated[list[str] | None, typer.Option("--kpi", metavar="KPI")] = None,
        top: Annotated[int, typer.Option(min=1, max=1000)] = 20,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        _read([scenario], tuple(overrides or ()))
        from chainsim.cli import library as commands

        commands.rank(output, scenario, tuple(kpis or ()), top, tuple(overrides or ()))

    @library.command("limits")
    def limits(json: Json = False) -> None:
        from chainsim.cli import library as commands

        output.json = json
        commands.limits(output)

    @library.command("series")
    def series(first: Month = None, last: Month = None, json: Json = False) -> None:
        from chainsim.cli import library as commands

        output.json = json
        commands.series(output, first or "", last or "")

    @library.command("show")
    def show(id: Annotated[str, typer.Argument(metavar="ID")], json: Json = False) -> None:
        from chainsim.cli import library as commands

        output.json = json
        commands.show(output, id)

    @library.command("trace")
    def trace(
        kpi: Annotated[str, typer.Argument(metavar="KPI")],
        scenario: Annotated[str, typer.Option()] = "xinzhou-base",
        json: Json = False,
    ) -> None:
        from chainsim.cli import library as commands

        output.json = json
        commands.trace(output, kpi, scenario)


def _ids(text: str) -> list[str]:
    """Ids separated by commas."""
    return [x.strip() for x in text.split(",") if x.strip()]


def _translate(command: Any, name: str, output: Output) -> None:
    """Help texts in the reader's language, down the tree."""
    command.help = command.short_help = t(f"help.{name}", output.lang)
    for parameter in command.params:
        key = f"help.{name}.{parameter.name}"
        if key not in catalogue():
            key = f"help.{parameter.name}"
        parameter.help = t(key, output.lang)
    for below in getattr(command, "commands", {}).values():
        _translate(below, below.name, output)
