"""Pictures and chart specifications, made once for each result and language for all visitors."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from chainsim.errors import Lang
from chainsim.report import charts
from chainsim.report.sankey import gas_sankey
from chainsim.study.result import RunResult

CAPACITY = 128
_made: OrderedDict[tuple[str, ...], Any] = OrderedDict()


def gas(result: RunResult, lang: Lang) -> str:
    """The gas diagram as SVG."""
    return str(_kept("gas", [result], lang, lambda: gas_sankey(result, lang)))


def targets(results: Sequence[RunResult], lang: Lang) -> dict[str, Any]:
    """How much of each limit the results use, as a Vega-Lite specification."""
    chart = charts.target_chart
    return dict(_kept("targets", results, lang, lambda: charts.as_spec(chart(results, lang))))


def changes(results: Sequence[RunResult], lang: Lang) -> dict[str, Any]:
    """What differs most between the results, as a Vega-Lite specification."""
    chart = charts.change_chart
    return dict(_kept("changes", results, lang, lambda: charts.as_spec(chart(results, lang))))


def _kept(kind: str, results: Sequence[RunResult], lang: Lang, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept under the content of the results."""
    key = (kind, lang, *(r.manifest.key for r in results))
    if key not in _made:
        _made[key] = make()
        while len(_made) > CAPACITY:
            _made.popitem(last=False)
    return _made[key]
