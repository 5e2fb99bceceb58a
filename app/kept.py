"""What the page draws, made once for each result and language and shared by all visitors."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chainsim.errors import Lang
from chainsim.report import charts, page, verdict_pages
from chainsim.report.assumptions import top_assumptions
from chainsim.report.cards import Card
from chainsim.report.cards import cards as make_cards
from chainsim.report.document import Grid
from chainsim.report.sankey import gas_sankey
from chainsim.study.result import RunResult

CAPACITY = 512
T = TypeVar("T")
_made: OrderedDict[tuple[str, ...], Any] = OrderedDict()


def cards(result: RunResult, base: RunResult, lang: Lang) -> tuple[Card, ...]:
    """Headline figures of a result, compared with the base."""
    return _kept("cards", [result, base], lang, lambda: make_cards(result, base, lang))


def gas_diagram(result: RunResult, lang: Lang) -> str:
    """The gas diagram as SVG."""
    return _kept("gas", [result], lang, lambda: gas_sankey(result, lang))


def gas_table(result: RunResult, lang: Lang) -> Grid:
    """Sources and uses of coke-oven gas."""
    return _kept("gas table", [result], lang, lambda: page.gas_grid(result, lang))


def verdicts(result: RunResult, lang: Lang) -> tuple[str, Grid]:
    """How many checks pass, in words, and the table of those that matter."""

    def make() -> tuple[str, Grid]:
        return (
            verdict_pages.verdict_summary(result, lang),
            verdict_pages.verdict_worst_grid(result, lang),
        )

    return _kept("verdicts", [result], lang, make)


def assumptions(result: RunResult, lang: Lang) -> tuple[str, ...]:
    """The assumptions that matter most."""
    return _kept("assumptions", [result], lang, lambda: top_assumptions(result, lang))


def layouts(results: Sequence[RunResult], lang: Lang) -> Grid:
    """The results beside each other."""
    return _kept("layouts", results, lang, lambda: page.layouts_grid(results, lang))


def targets(results: Sequence[RunResult], lang: Lang) -> dict[str, Any]:
    """How much of each limit the results use, as a Vega-Lite specification."""
    chart = charts.target_chart
    return _kept("targets", results, lang, lambda: charts.as_spec(chart(results, lang)))


def changes(results: Sequence[RunResult], lang: Lang) -> dict[str, Any]:
    """What differs most between the results, as a Vega-Lite specification."""
    chart = charts.change_chart
    return _kept("changes", results, lang, lambda: charts.as_spec(chart(results, lang)))


def _kept(kind: str, results: Sequence[RunResult], lang: Lang, make: Callable[[], T]) -> T:
    """What `make` gives, kept under the content of the results."""
    key = (kind, lang, *(r.manifest.key for r in results))
    found: T | None = _made.get(key)
    if found is None:
        found = _made[key] = make()
        while len(_made) > CAPACITY:
            _made.popitem(last=False)
    return found
