"""Problems for a page: the name of a file, never where the server keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from chainsim.errors import Lang, Problem
from chainsim.report.names import plain


def sentences(problems: Sequence[Problem], lang: Lang) -> tuple[str, ...]:
    """One line for each problem."""
    return tuple(plain(replace(p, file=PurePath(p.file).name).text(lang)) for p in problems)
