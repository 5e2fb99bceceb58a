"""What one replication draws: figures of the library that the park uses, and prices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from chainsim.errors import DataError
from chainsim.ids import spawn_key
from chainsim.library.census import figures
from chainsim.library.closures import Closures
from chainsim.library.files import Draft, draft, library_records, load_library, repriced
from chainsim.library.model import Coefficient, Library
from chainsim.library.scenarios import Scenario
from chainsim.library.study_records import CoefficientsRecord, UncertaintyRecord
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.study.uncertain.feasible import FeasibleDraws, independent
from chainsim.study.uncertain.price_paths import fit_prices, price_ratios

PRICES = "prices."
"""Figures that move no flow begin so."""
STEADY_PARTS = ("turndown", "min_down")
"""Figures of a process that a scenario's set-points are checked against; they stay typical."""


class Draws:
    """The draws of one scenario, the same for all points and on every machine."""

    def __init__(self, park: Park, record: UncertaintyRecord, seed: int) -> None:
        """Find what the park uses.

        Args:
            park: the scenario's park at typical figures.
            record: what is drawn.
            seed: of the study.
        """
        self._record, self._seed = record, seed
        self._used: dict[str, Coefficient] = {}
        self._ranged: dict[str, Coefficient] = {}
        self._feasible: dict[tuple[tuple[str, float], ...], FeasibleDraws] = {}
        moved: frozenset[str] = frozenset()
        if record.prices is not None:
            self._model = fit_prices(park.library)
            self._ratios = price_ratios(park.library, self._model, anchor=record.prices.anchor)
            self._months = max(1, round(park.horizon.years * 12))
            moved = frozenset(f"prices.{key}" for key in self._ratios.keys)
        if record.coefficients is not None:
            processes = {u.process.id for u in park.units.values() if u.process is not None}
            self._closures = Closures(library_records(), processes)
            found = {c.path: c for c in used_figures(park)}
            used = _chosen({**self._closures.figures, **found}, record.coefficients, moved)
            self._ranged = {
                path: c for path, c in used.items() if record.prices and path.startswith(PRICES)
            }
            self._used = {path: c for path, c in used.items() if path not in self._ranged}
        self._last: tuple[object, dict[str, float]] | None = None

    def figures(self, replication: int, fixed: Mapping[str, float]) -> dict[str, float] | None:
        """Values by path, those of `fixed` among them; None when no figure is drawn."""
        record = self._record.coefficients
        if record is None:
            return None
        key = (replication, tuple(sorted(fixed.items())))
        if self._last is None or self._last[0] != key:
            values = independent(self._free(fixed), self._seed, replication, record.distribution)
            values |= self._held(key[1], record).draw(self._seed, replication)
            self._last = (key, {**values, **fixed})
        return self._last[1]

    def prices(self, replication: int, fixed: Collection[str] = ()) -> dict[str, float]:
        """Price over base price by key, the mean over the horizon; empty when none is drawn.

        Args:
            replication: number of the run.
            fixed: paths of figures that the point sets.
        """
        record = self._record.prices
        if record is None:
            return {}
        key = spawn_key(replication, "prices")
        sequence = np.random.SeedSequence(self._seed, spawn_key=key)
        rng = np.random.Generator(np.random.PCG64(sequence))
        found = self._ratios.at(self._model.paths(rng, self._months, start=record.start))
        coefficients = self._record.coefficients
        if coefficients is not None:
            free = {path: c for path, c in self._ranged.items() if path not in fixed}
            drawn = independent(free, self._seed, replication, coefficients.distribution)
            found |= {p.removeprefix(PRICES): x / free[p].value for p, x in drawn.items()}
        return found

    def _free(self, fixed: Mapping[str, float]) -> dict[str, Coefficient]:
        held = self._closures.figures
        return {k: c for k, c in self._used.items() if k not in held and k not in fixed}

    def _held(
        self, fixed: tuple[tuple[str, float], ...], record: CoefficientsRecord
    ) -> FeasibleDraws:
        mine = tuple((k, v) for k, v in fixed if k in self._closures.figures)
        if mine not in self._feasible:
            self._feasible.clear()
            self._feasible[mine] = FeasibleDraws(
                self._closures,
                list(self._used),
                shape=record.distribution,
                rounds=record.rounds,
                fixed=dict(mine),
            )
        return self._feasible[mine]


def used_figures(park: Park) -> Iterator[Coefficient]:
    """Figures with a range that the park can feel, each once."""
    library = park.library
    used = {u.process.id for u in park.units.values() if u.process is not None}
    paths = {c.path for key in used for c in library.processes[key].coefficients}
    materials = {h.material.id for h in park.headers.values()}
    materials |= {p.material.id for u in park.units.values() for p in u.ports}
    known = materials & set(library.materials)
    paths |= {c.path for key in known for c in library.materials[key].coefficients}
    paths |= {market.price_path for market in (*park.buy.values(), *park.sell.values())}
    paths |= {obligation.price_path for obligation in park.obligations.values()}
    paths |= {factor.coefficient.path for factor in library.factors.values()}
    for path, figure in sorted(figures(library).items()):
        if path in paths and figure.low < figure.high:
            yield figure


def _chosen(
    found: Mapping[str, Coefficient], record: CoefficientsRecord, moved: frozenset[str]
) -> dict[str, Coefficient]:
    """Those to draw: what the study names, prices only where no path moves them."""
    return {
        path: c
        for path, c in sorted(found.items())
        if _named(path, record.only)
        and path not in moved
        and path.rsplit(".", 1)[-1] not in STEADY_PARTS
    }


def _named(path: str, only: Sequence[str]) -> bool:
    return not only or any(path == name or path.startswith(f"{name}.") for name in only)


def park_at(
    scenario: Scenario, values: Mapping[str, float], prices: Mapping[str, float] | None = None
) -> Park:
    """The park of a scenario at some values of figures and prices.

    Processes the park does not use need not close.

    Args:
        scenario: the scenario.
        values: by path; typical where missing.
        prices: ratios by price key.

    Raises:
        UserError: a process of the park does not close, or the park cannot be built.
    """
    if not values:
        return build_park(scenario, with_prices(load_library(), prices or {}))
    if all(path.startswith(PRICES) for path in values):
        return build_park(scenario, with_prices(repriced(values), prices or {}))
    found = draft(library_records(), values)
    park = build_park(scenario, with_prices(_mended(found, scenario), prices or {}))
    used = {u.process.id for u in park.units.values() if u.process is not None}
    wrong = [
        p for p in found.problems if not p.code.startswith("CS-B") or p.path.split(".")[1] in used
    ]
    if wrong:
        raise DataError(wrong)
    return park


def _mended(found: Draft, scenario: Scenario) -> Library:
    """The library with typical closing streams of processes that do not close and nobody uses.

    Fuel lists name such streams too, and one that came out negative has no heating value.
    """
    used = {u.process for u in scenario.record.units.values()}
    wrong = {p.path.split(".")[1] for p in found.problems if p.code.startswith("CS-B")} - used
    typical = load_library().materials
    streams = {
        key: typical[key]
        for key, record in library_records().materials.items()
        if record.closing_of in wrong
    }
    if not streams:
        return found.library
    return replace(found.library, materials={**found.library.materials, **streams})


def with_prices(library: Library, ratios: Mapping[str, float]) -> Library:
    """`library` with prices times `ratios`, those of its price sets too."""
    if not ratios:
        return library

    def scaled(c: Coefficient, ratio: float) -> Coefficient:
        return replace(c, value=c.value * ratio, low=c.low * ratio, high=c.high * ratio)

    prices = {
        key: replace(
            p,
            value_cny=p.value_cny * ratios.get(key, 1.0),
            coefficient=scaled(p.coefficient, ratios.get(key, 1.0)),
        )
        for key, p in library.prices.items()
    }
    sets = {
        name: replace(s, prices={k: scaled(c, ratios.get(k, 1.0)) for k, c in s.prices.items()})
        for name, s in library.price_sets.items()
    }
    return replace(library, prices=prices, price_sets=sets)
