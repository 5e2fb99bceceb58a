"""What a sweep runs: the park of a point, simulated and accounted, as rows.

A model is sent to other processes whole; what it has made ready is kept for each thread apart and
never sent. Anything with a `key`, a `fingerprint` and `run` may be swept.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Protocol

import pandas as pd

from chainsim.accounts.account import Accountant, Accounts
from chainsim.accounts.kpis import TOTAL
from chainsim.balance.plant import Plant
from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.library.files import library_records
from chainsim.library.scenarios import Scenario, canonical, parse_scenario
from chainsim.library.uncertainty_records import UncertaintyRecord
from chainsim.park.build import build_park
from chainsim.park.model import Horizon, Park
from chainsim.results import Simulation
from chainsim.study.run import version, versions
from chainsim.study.sweeps.parts import Rows
from chainsim.study.sweeps.points import Point
from chainsim.study.uncertain.draws import PRICES, Draws, park_at, with_prices

FINANCE: Final = "finance."
"""What the ids of the KPIs of an appraisal begin with."""
RESOLVED: Final = "scenario.resolved.yaml"
"""The file that places of a resolved scenario seem to stand in."""
_KEPT = 4


class Model(Protocol):
    """What `sweep` can run."""

    @property
    def key(self) -> str:
        """Digest of everything that decides the rows, besides points and replications."""
        ...

    @property
    def fingerprint(self) -> Mapping[str, str]:
        """Versions that must be alike wherever it runs."""
        ...

    def run(self, point: Point, replication: int, rows: Rows) -> None:
        """Append the rows of one run; raises UserError when it cannot be done."""
        ...


def fingerprint() -> dict[str, str]:
    """Versions of chainsim, of its library and of what computes and writes, on this machine."""
    from importlib import metadata

    return {
        "chainsim": version(),
        "library": library_records().digest,
        **versions(),
        "pyarrow": metadata.version("pyarrow"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkModel:
    """Scenarios, engine and what is kept of their results."""

    scenarios: tuple[str, ...]
    """Resolved scenarios as YAML text."""
    engine: str
    years: int | None
    seed: int
    outages: bool
    kpis: tuple[str, ...]
    policy: bool
    finance: bool
    uncertainty: UncertaintyRecord | None
    fingerprint: Mapping[str, str] = field(default_factory=fingerprint)

    key: str = field(init=False)
    """Digest of all of it."""

    def __post_init__(self) -> None:
        """Make the digest, once."""
        drawn = None if self.uncertainty is None else self.uncertainty.model_dump()
        parts = [*self.scenarios, self.engine, self.years, self.seed, self.outages, self.kpis]
        data = [*parts, self.policy, self.finance, drawn, dict(self.fingerprint)]
        digest = hashlib.sha256(canonical(data).encode()).hexdigest()
        object.__setattr__(self, "key", digest)

    def run(self, point: Point, replication: int, rows: Rows) -> None:
        """Simulate and account for one point; raises UserError as `run` does."""
        ready: _Ready = _kept(("model", self.key), lambda: _Ready(self))
        books = ready.books(point, replication)
        add_rows(rows, point.index, replication, self, books)

    def park(self, point: Point) -> Park:
        """The park of a point at typical (or the point's own) figures."""
        ready: _Ready = _kept(("model", self.key), lambda: _Ready(self))
        return ready.park(point)

    def check_draws(self, point: Point) -> None:
        """Raise UserError where ranges lie around values at which a process does not close."""
        ready: _Ready = _kept(("model", self.key), lambda: _Ready(self))
        ready.check_draws(point)


_local = threading.local()


def _kept(key: Hashable, make: Callable[[], Any], count: int = _KEPT) -> Any:
    """What this thread has made ready under `key`, the latest few kept."""
    store: OrderedDict[Hashable, Any] | None = getattr(_local, "store", None)
    if store is None:
        store = _local.store = OrderedDict()
    if key not in store:
        store[key] = make()
        while len(store) > count:
            store.popitem(last=False)
    store.move_to_end(key)
    return store[key]


class _Typical:
    """A park and what is made once for all its runs."""

    def __init__(self, key: Hashable, park: Park) -> None:
        self.key, self.park = key, park

    @cached_property
    def plant(self) -> Plant:
        return Plant(self.park)

    @cached_property
    def accountant(self) -> Accountant:
        return Accountant(self.park)


class _Ready:
    """Parks and plants of one model in one thread."""

    def __init__(self, model: ParkModel) -> None:
        self._model = model
        kpis = frozenset(model.kpis)
        self._kpis = kpis
        self._finance = model.finance and (not kpis or any(k.startswith(FINANCE) for k in kpis))
        self._last: tuple[Hashable, Simulation] | None = None
        self._scenarios: OrderedDict[Hashable, Scenario] = OrderedDict()
        self._typical: _Typical | None = None
        self._draws: dict[Hashable, Draws] = {}

    def park(self, point: Point) -> Park:
        """The park of `point`, nothing drawn."""
        key = (point.scenario, point.overrides, point.figures)
        if self._typical is None or self._typical.key != key:
            park = park_at(self._scenario(point), dict(point.figures))
            self._typical = _Typical(key, self._timed(park))
        return self._typical.park

    def books(self, point: Point, replication: int) -> Accounts:
        """The accounts of one run."""
        drawn = self._drawn(point)
        if drawn is None or (drawn.coefficients is None and drawn.prices is None):
            self.park(point)
            return self._accounted(self._ready.accountant, self._typical_run(point, replication))
        draws = self._drawing(point)
        fixed = dict(point.figures)
        values, prices = draws.figures(replication, fixed), draws.prices(replication, fixed)
        if values is None:
            library = with_prices(self.park(point).library, prices)
            simulation = self._typical_run(point, replication)
            park = self._timed(build_park(self._scenario(point), library))
            return self._accounted(Accountant(park), simulation)
        park = self._timed(park_at(self._scenario(point), values, prices))
        simulation = self._simulated(point, park, Plant(park), replication)
        return self._accounted(Accountant(park), simulation)

    def _drawn(self, point: Point) -> UncertaintyRecord | None:
        """What is drawn: what the study says, else what the scenario says."""
        return self._model.uncertainty or self._scenario(point).record.uncertainty

    @property
    def _ready(self) -> _Typical:
        assert self._typical is not None
        return self._typical

    def check_draws(self, point: Point) -> None:
        """Build the park at the modes of ranges that stand in for the library's."""
        if self._drawn(point) is None:
            return
        modes = self._drawing(point).modes
        if modes:
            park_at(self._scenario(point), {**modes, **dict(point.figures)})

    def _drawing(self, point: Point) -> Draws:
        """What the runs of `point` draw, of the figures that its scenario uses."""
        record = self._drawn(point) or UncertaintyRecord()
        key = (point.scenario, record.model_dump_json())
        found = self._draws.get(key)
        if found is None:
            first = replace(point, overrides=(), figures=())
            park = self._timed(build_park(self._scenario(first)))
            found = self._draws[key] = Draws(park, record, self._model.seed)
        return found

    def _scenario(self, point: Point) -> Scenario:
        key = (point.scenario, point.overrides)
        found = self._scenarios.get(key)
        if found is None:
            text = self._model.scenarios[point.scenario]
            found = parse_scenario(text, file=RESOLVED, overrides=point.overrides)
            self._scenarios[key] = found
            while len(self._scenarios) > _KEPT:
                self._scenarios.popitem(last=False)
        return found

    def _timed(self, park: Park) -> Park:
        if self._model.years is None:
            return park
        return replace(park, horizon=Horizon.of_years(park.horizon.start, self._model.years))

    def _typical_run(self, point: Point, replication: int) -> Simulation:
        """One run at the figures of `point`; prices move no flow, so the last run may serve."""
        moving = tuple(f for f in point.figures if not f[0].startswith(PRICES))
        key = (point.scenario, point.overrides, moving, replication)
        if self._last is None or self._last[0] != key:
            ready = self._ready
            self._last = key, self._simulated(point, ready.park, ready.plant, replication)
        return self._last[1]

    def _simulated(self, point: Point, park: Park, plant: Plant, replication: int) -> Simulation:
        model, drawn = self._model, self._drawn(point)
        outages = model.outages and (drawn is None or drawn.failures)
        if model.engine == "steady":
            return run_steady(park, outages=outages, plant=plant)
        return run_des(park, seed=model.seed, replication=replication, outages=outages, plant=plant)

    def _accounted(self, accountant: Accountant, simulation: Simulation) -> Accounts:
        return accountant.account(
            simulation,
            finance=self._finance,
            policy=self._model.policy,
            kpis=self._kpis,
            brief=True,
        )


def add_rows(rows: Rows, point: int, replication: int, model: ParkModel, books: Accounts) -> None:
    """KPIs of the whole time, then the verdicts."""
    columns = (books.kpis[c].tolist() for c in ("period", "id", "value", "unit"))
    kept = [r for r in zip(*columns, strict=True) if r[0] == TOTAL]
    if model.kpis:
        kept = [r for r in kept if r[1] in model.kpis]
    count = len(kept)
    nothing: list[Any] = [None] * count
    rows.add(
        *_run(point, replication, "kpi", count),
        [r[1] for r in kept],
        [""] * count,
        [_finite(r[2]) for r in kept],
        [r[3] for r in kept],
        nothing,
        nothing,
        [""] * count,
    )
    if model.policy:
        _add_verdicts(rows, point, replication, books.policy)


def _add_verdicts(rows: Rows, point: int, replication: int, frame: pd.DataFrame) -> None:
    rows.add(
        *_run(point, replication, "policy", len(frame)),
        frame["id"].tolist(),
        frame["subject"].tolist(),
        [_finite(v) for v in frame["value"].tolist()],
        frame["unit"].tolist(),
        [_finite(v) for v in frame["limit"].tolist()],
        [_finite(v) for v in frame["margin"].tolist()],
        frame["verdict"].tolist(),
    )


def _run(point: int, replication: int, kind: str, count: int) -> tuple[list[Any], ...]:
    """The columns that are the same in all rows of a run."""
    return [point] * count, [replication] * count, [kind] * count


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
