"""Results of shipped scenarios and drafts, kept in memory by what decides their numbers.

Meant for pages that ask for the same few parks again and again: the key is the content of the
resolved scenario and of the library, so an edited file is computed anew. Bounded; safe in threads;
two threads that ask for the same result compute it once.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from chainsim.errors import UserError
from chainsim.library.files import data_root, load_library
from chainsim.library.model import Library
from chainsim.library.scenarios import load_scenario, shipped_scenarios
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.study.drafts import source
from chainsim.study.headlines import Headlines, headlines_of
from chainsim.study.result import RunResult
from chainsim.study.run import run

CAPACITY: Final = 128
FRESH_S: Final = 1.0
PATIENCE_S: Final = 4.0
K = TypeVar("K")
V = TypeVar("V")

Stamp = tuple[tuple[str, int, int], ...]
_results: OrderedDict[str, RunResult] = OrderedDict()
_parks: OrderedDict[tuple[str, tuple[str, ...], Stamp], Park] = OrderedDict()
_headlines: OrderedDict[tuple[str, tuple[str, ...], tuple[str, ...], Stamp], Headlines] = (
    OrderedDict()
)
_lock = threading.Lock()
_seen: tuple[float, Stamp] | None = None
_busy: dict[object, threading.Lock] = {}
_turn = threading.Lock()


class Runner(Protocol):
    """Makes steady runs of scenarios, which a name and overrides tell."""

    def run(self, name: str, overrides: tuple[str, ...], park: Park, outages: bool) -> RunResult:
        """The whole run; `park` is what `name` and `overrides` make."""

    def headlines(self, name: str, overrides: tuple[str, ...], kpis: Sequence[str]) -> Headlines:
        """A few of its figures."""


class _Here:
    """In this process, one after another: side by side all would end as late as the last."""

    def run(self, name: str, overrides: tuple[str, ...], park: Park, outages: bool) -> RunResult:
        with _turn:
            return run(park, engine="steady", outages=outages)

    def headlines(self, name: str, overrides: tuple[str, ...], kpis: Sequence[str]) -> Headlines:
        return headlines_of(steady_result(name, overrides), kpis)


_runner: Runner = _Here()


def run_by(runner: Runner) -> None:
    """Have steady runs made elsewhere from now on, as by worker processes (`steady_pool`)."""
    global _runner
    _runner = runner


def shipped(*wanted: str) -> tuple[str, ...]:
    """Those of `wanted` that are shipped scenarios, in their order; all of them without any."""
    known = _shipped(stamp())
    return tuple(name for name in wanted if name in known) if wanted else tuple(known)


@functools.lru_cache(maxsize=2)
def _shipped(files: Stamp) -> tuple[str, ...]:
    return tuple(shipped_scenarios())


def steady_result(name: str, overrides: Sequence[str] = (), *, outages: bool = True) -> RunResult:
    """The steady result of a shipped scenario, at mean availability or with nothing ever failing.

    Raises:
        UserError: as `run`.
    """
    case, park = (name, tuple(overrides)), _park(name, tuple(overrides))
    key = _key(park, outages=outages)
    return _once(_results, key, lambda: _runner.run(*case, park, outages))


def steady_headlines(name: str, overrides: Sequence[str], kpis: tuple[str, ...]) -> Headlines:
    """A few figures of `steady_result`, there before the rest of it where workers make it.

    Raises:
        UserError: as `run`.
    """
    case, files = (name, tuple(overrides)), stamp()

    def make() -> Headlines:
        with _lock:
            park = _parks.get((*case, files))
            whole = None if park is None else _results.get(_key(park, outages=True))
        return _runner.headlines(*case, kpis) if whole is None else headlines_of(whole, kpis)

    with _hurry:
        return _once(_headlines, (*case, kpis, files), make)


class _Hurry:
    """Who waits for figures at this moment."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._waiting = 0

    def __enter__(self) -> None:
        with self._turn:
            self._waiting += 1

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self._waiting -= 1
            self._turn.notify_all()

    def over(self, patience_s: float) -> None:
        """Return when nobody waits, or after that time."""
        with self._turn:
            self._turn.wait_for(lambda: not self._waiting, patience_s)


_hurry: Final = _Hurry()


def others_first(patience_s: float = PATIENCE_S) -> None:
    """For who has figures already: let those go first who still wait for theirs."""
    _hurry.over(patience_s)


def _once(store: OrderedDict[K, V], key: K, make: Callable[[], V]) -> V:
    """What is kept under `key`, else what `make` gives; threads that ask the same wait for one."""
    with _lock:
        found = _known(store, key)
        if found is not None:
            return found
        guard = _busy.setdefault(key, threading.Lock())
    with guard:
        with _lock:
            found = store.get(key)
        if found is None:
            try:
                found = make()
                with _lock:
                    _keep(store, key, found)
            finally:
                with _lock:
                    _busy.pop(key, None)
        return found


def known_result(name: str) -> RunResult | None:
    """The steady result of a shipped scenario if it has been computed; never computes."""
    try:
        park = _park(name, ())
    except UserError:
        return None
    with _lock:
        return _results.get(_key(park, outages=True))


def _key(park: Park, *, outages: bool) -> str:
    return f"{park.digest}-{park.library.digest}-{outages:d}"


def shipped_park(name: str, overrides: Sequence[str] = ()) -> Park:
    """A shipped scenario as a park, read anew when a file has changed.

    Raises:
        UserError: the scenario is wrong.
    """
    return _park(name, tuple(overrides))


def _park(name: str, overrides: tuple[str, ...]) -> Park:
    key = (name, overrides, stamp())
    with _lock:
        found = _known(_parks, key)
    if found is None:
        found = read_park(name, overrides)
        with _lock:
            _keep(_parks, key, found)
    return found


def read_park(name: str, overrides: tuple[str, ...]) -> Park:
    """The same, not kept: what a worker reads for one run.

    Raises:
        UserError: the scenario is wrong.
    """
    scenario = load_scenario(source(name), overrides)
    return build_park(scenario, _library(stamp()) if scenario.record.library else None)


@functools.lru_cache(maxsize=2)
def _library(files: Stamp) -> Library:
    """The library, not looked for again while its files are the same."""
    return load_library()


def stamp() -> Stamp:
    """Names, times and sizes of the files that all is read from, at most `FRESH_S` old.

    To look at them takes some milliseconds, and one page asks dozens of times.
    """
    global _seen
    now = time.monotonic()
    if _seen is None or now - _seen[0] > FRESH_S:
        _seen = (now, _look())
    return _seen[1]


def _look() -> Stamp:
    files = (p for part in ("graphs", "scenarios") for p in (data_root() / part).rglob("*.yaml"))
    return tuple((str(p), s.st_mtime_ns, s.st_size) for p in sorted(files) for s in (p.stat(),))


def _known(store: OrderedDict[K, V], key: K) -> V | None:
    """What is kept under `key`; the store drops what was asked for longest ago."""
    found = store.get(key)
    if found is not None:
        store.move_to_end(key)
    return found


def _keep(store: OrderedDict[K, V], key: K, value: V) -> None:
    store[key] = value
    while len(store) > CAPACITY:
        store.popitem(last=False)
