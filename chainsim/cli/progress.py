"""A bar with rate and time left on stderr, for work in many runs; nothing when nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chainsim.cli.output import Output
from chainsim.report.i18n import t


@contextmanager
def bar(output: Output) -> Iterator[Callable[[int, int], None] | None]:
    """A function to be told (done, count); the bar goes when the block ends."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    lang = output.lang

    class Rate(ProgressColumn):
        """Runs a second, over the last stretch."""

        def render(self, task: Task) -> Text:
            """The rate of a task."""
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:.1f} {t('study.rate', lang)}")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TextColumn(t("study.left", lang)),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(t("cli.running", lang), total=None)

        def progress(done: int, count: int) -> None:
            shown.update(task, completed=done, total=count)

        yield progress
