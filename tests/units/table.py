"""The table of conversions that stand ready: which the product asks for, and its text."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from chainsim import units

TABLE = Path(units.__file__).with_name("conversions.toml")
HEAD = """\
# Conversions the product itself makes: [target], unit = what a value is multiplied by, as pint gives
# it; false where the dimensions differ. Made by `python -m tests.units.regenerate`.
"""
COMMANDS = [
    *("run xinzhou-base", "run xinzhou-base --engine lp", "policy xinzhou-base"),
    *("appraise xinzhou-base", "library check", "routes xinzhou-base"),
    "compare xinzhou-base xinzhou-2021",
]


def asked() -> set[tuple[str, str]]:
    """(unit, target) of every conversion of the library, the shipped parks and the main commands."""
    pairs: set[tuple[str, str]] = set()
    factor, same_dimension = units.factor, units.same_dimension

    def noted_factor(unit: str, target: str) -> float:
        pairs.add((unit, target))
        return factor(unit, target)

    def noted_same(unit: str, other: str) -> bool:
        pairs.add((unit, other))
        return same_dimension(unit, other)

    # Before anything takes them by name.
    units.factor, units.same_dimension = noted_factor, noted_same  # type: ignore[assignment]
    import chainsim
    from chainsim.cli.entry import invoke
    from chainsim.library.scenarios import shipped_scenarios

    for scenario in shipped_scenarios():
        for engine in ("steady", "des"):
            chainsim.run(scenario, engine=engine, years=1)
    for command in COMMANDS:
        with contextlib.redirect_stdout(io.StringIO()):
            assert invoke(command.split()) == 0, command
    return pairs


def text(pairs: set[tuple[str, str]]) -> str:
    """The file, by target."""
    lines = [HEAD]
    for target in sorted({target for _, target in pairs}):
        lines.append(f'["{target}"]')
        for unit in sorted(unit for unit, wanted in pairs if wanted == target):
            found = units.worked_out(unit, target)
            lines.append(f'"{unit}" = {"false" if found is False else repr(found)}')
        lines.append("")
    return "\n".join(lines)
