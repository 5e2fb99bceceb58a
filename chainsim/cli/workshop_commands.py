"""Options of `chainsim workshop`: the rooms of this machine's server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from chainsim.cli.output import Output

_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
Json = Annotated[bool, typer.Option("--json")]


def add_workshop(root: typer.Typer, output: Output) -> None:
    """Add the group of commands to `root`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, context_settings=_CONTEXT)

    @group.command("rooms")
    def listing(json: Json = False) -> None:
        output.json = json
        from chainsim.cli import workshop

        workshop.listing(output)

    @group.command()
    def export(
        code: Annotated[str, typer.Argument(metavar="CODE")],
        out: Annotated[Path, typer.Option("--out", metavar="FILE.xlsx", dir_okay=False)],
        json: Json = False,
    ) -> None:
        output.json = json
        from chainsim.cli import workshop

        workshop.export(output, code, out)

    @group.command()
    def purge(
        codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE...]")] = None,
        older: Annotated[float | None, typer.Option("--older", metavar="DAYS", min=0.0)] = None,
        json: Json = False,
    ) -> None:
        output.json = json
        from chainsim.cli import workshop

        workshop.purge(output, codes or [], older)

    root.add_typer(group, name="workshop")
