"""Options of the commands in `planning`: policy, accounts, report, cut, evaluate, replacement."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chainsim.cli.output import Output
from chainsim.errors import DataError, Problem

Read = Callable[[list[str], tuple[str, ...]], None]
Scenario = Annotated[str, typer.Argument(metavar="SCENARIO")]
Json = Annotated[bool, typer.Option("--json")]
Overrides = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE")]
Folder = Annotated[Path | None, typer.Option("--out", metavar="DIR", file_okay=False)]


class Engine(StrEnum):
    """Engines of the accounts' commands."""

    des = "des"
    steady = "steady"


class Format(StrEnum):
    """What a report is written as."""

    docx = "docx"
    xlsx = "xlsx"
    pdf = "pdf"


Engines = Annotated[Engine, typer.Option()]


def add_planning(root: typer.Typer, output: Output, read: Read) -> None:
    """Add the commands to `root`; `read` checks files before engines are imported."""
    _add_policy(root, output, read)
    _add_books(root, output, read)
    _add_report(root, output, read)
    _add_cut(root, output, read)


def _add_policy(root: typer.Typer, output: Output, read: Read) -> None:
    @root.command()
    def policy(
        scenario: Annotated[str, typer.Argument(metavar="SCENARIO|RUNDIR")],
        engine: Engines = Engine.steady,
        every: Annotated[bool, typer.Option("--all")] = False,
        lead: Annotated[str, typer.Option("--lead", metavar="TEXT")] = "",
        clause: Annotated[str, typer.Option("--clause", metavar="ID")] = "",
        clauses: Annotated[bool, typer.Option("--list")] = False,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        _check(scenario, tuple(overrides or ()), read)
        from chainsim.cli import planning

        planning.policy(
            output,
            scenario,
            engine=engine.value,
            overrides=tuple(overrides or ()),
            every=every,
            lead=lead,
            clause=clause,
            clauses=clauses,
        )


def _check(source: str, overrides: tuple[str, ...], read: Read) -> None:
    """Read a scenario before engines are imported; overrides go with a scenario only."""
    if not Path(source).is_dir():
        read([source], overrides)
    elif overrides:
        raise DataError(Problem(code="CS-X007", file=source))


def _add_report(root: typer.Typer, output: Output, read: Read) -> None:
    @root.command()
    def report(
        scenario: Annotated[str, typer.Argument(metavar="SCENARIO|RUNDIR")],
        form: Annotated[Format, typer.Option("--format")] = Format.docx,
        out: Annotated[Path | None, typer.Option("--out", metavar="FILE", dir_okay=False)] = None,
        json: Json = False,
    ) -> None:
        output.json = json
        _check(scenario, (), read)
        from chainsim.cli import reporting

        reporting.report(output, scenario, form=form.value, out=out)


def _add_books(root: typer.Typer, output: Output, read: Read) -> None:
    @root.command()
    def accounts(
        scenario: Scenario,
        tables: Annotated[list[str] | None, typer.Option("--table", metavar="NAME")] = None,
        engine: Engines = Engine.steady,
        overrides: Overrides = None,
        out: Folder = None,
        json: Json = False,
    ) -> None:
        output.json = json
        read([scenario], tuple(overrides or ()))
        from chainsim.cli import planning

        planning.accounts(
            output,
            scenario,
            engine=engine.value,
            overrides=tuple(overrides or ()),
            tables=tuple(tables or ()),
            out=out,
        )

    @root.command()
    def evaluate(
        scenario: Scenario,
        weights: Annotated[str, typer.Option("--weights", metavar="PRESET")] = "",
        engine: Engines = Engine.steady,
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        read([scenario], tuple(overrides or ()))
        from chainsim.cli import planning

        planning.evaluate(
            output,
            scenario,
            engine=engine.value,
            weights=weights,
            overrides=tuple(overrides or ()),
        )

    @root.command()
    def replacement(
        scenario: Scenario,
        engine: Engines = Engine.steady,
        overrides: Overrides = None,
        out: Folder = None,
        json: Json = False,
    ) -> None:
        output.json = json
        read([scenario], tuple(overrides or ()))
        from chainsim.cli import planning

        planning.replacement(
            output, scenario, engine=engine.value, overrides=tuple(overrides or ()), out=out
        )


def _add_cut(root: typer.Typer, output: Output, read: Read) -> None:
    @root.command()
    def cut(
        scenario: Scenario,
        target: Annotated[str, typer.Option("--to", metavar="AMOUNT")],
        tiers: Annotated[list[str] | None, typer.Option("--tier", metavar="ID=TIER")] = None,
        step: Annotated[str, typer.Option("--step", metavar="AMOUNT")] = "",
        overrides: Overrides = None,
        json: Json = False,
    ) -> None:
        output.json = json
        read([scenario], tuple(overrides or ()))
        from chainsim.cli import planning

        planning.cut(
            output,
            scenario,
            target=target,
            tiers=tuple(tiers or ()),
            step=step,
            overrides=tuple(overrides or ()),
        )
