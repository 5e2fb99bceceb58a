"""What pages draw, made once for each result and language and shared by all visitors."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from chainsim.errors import Lang
from chainsim.report.charts import as_spec
from chainsim.study.headlines import Headlines
from chainsim.study.result import RunResult

CAPACITY = 768
T = TypeVar("T")
_made: OrderedDict[tuple[object, ...], Any] = OrderedDict()
_lock = threading.Lock()
Found = RunResult | Headlines


def made(kind: str, results: Found | tuple[Found, ...], lang: Lang,
         make: Callable[[], T], *more: object) -> T:  # fmt: skip
    """What `make` gives, kept under its kind, the content of the results and `more`."""
    several = results if isinstance(results, tuple) else (results,)
    parts = ((_content(r), r.park.name_zh) for r in several)
    key = (kind, lang, *(x for part in parts for x in part), *more)
    with _lock:
        found: T | None = _made.get(key)
        if found is not None:
            _made.move_to_end(key)
            return found
    found = make()
    with _lock:
        _made[key] = found
        while len(_made) > CAPACITY:
            _made.popitem(last=False)
    return found


def _content(found: Found) -> str:
    return found.key if isinstance(found, Headlines) else found.manifest.key


def chart(kind: str, results: RunResult | tuple[RunResult, ...], lang: Lang,
          make: Callable[[], Any], *more: object) -> dict[str, Any] | None:  # fmt: skip
    """A chart as the plain dictionary that is drawn; None where there is nothing to draw."""

    def spec() -> tuple[dict[str, Any] | None]:
        drawn = make()
        return (None if drawn is None else as_spec(drawn),)

    return made(kind, results, lang, spec, *more)[0]
