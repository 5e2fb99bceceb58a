"""What one replication draws: figures of the library that the park uses, and prices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np

from chainsim.errors import DataError
from chainsim.ids import spawn_key
from chainsim.library.census import figures
from chainsim.library.closures import Closures
from chainsim.library.files import Draft, draft, library_records, load_library
from chainsim.library.model import Coefficient, Library
from chainsim.library.scenarios import Scenario
from chainsim.library.uncertainty_records import (
    CoefficientsRecord,
    FigureRangeRecord,
    PriceRangeRecord,
    PricesRecord,
    UncertaintyRecord,
)
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.study.uncertain.feasible import FeasibleDraws, Range, independent, range_of
from chainsim.study.uncertain.price_paths import (
    PriceModel,
    PriceRatios,
    fit_prices,
    price_ratios,
)

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
        self._used: dict[str, Range] = {}
        self._priced: dict[str, Range] = {}
        """Ranges of prices as ratios, by path."""
        self._feasible: dict[tuple[tuple[str, float], ...], FeasibleDraws] = {}
        self._last: tuple[object, dict[str, float]] | None = None
        self._paths: tuple[PriceModel, PriceRatios] | None = None
        self._months = max(1, round(park.horizon.years * 12))
        if record.prices is not None:
            self._priced = _price_ranges(record.prices)
            if record.prices.paths and park.library.series:
                model = fit_prices(park.library)
                ratios = price_ratios(park.library, model, anchor=record.prices.anchor)
                self._paths = model, ratios
        if record.coefficients is not None:
            self._draw_figures(park, record.coefficients)

    def _draw_figures(self, park: Park, record: CoefficientsRecord) -> None:
        named = {given.figure: given for given in record.ranges.values()}
        processes = {u.process.id for u in park.units.values() if u.process is not None}
        self._closures = Closures(library_records(), processes, also=named)
        known = {path: as_priced(park, c) for path, c in figures(park.library).items()}
        found = {**self._closures.figures, **{c.path: c for c in used_figures(park)}}
        moved = set(self._priced)
        if self._paths is not None:
            moved |= {f"{PRICES}{key}" for key in self._paths[1].keys}
        for path, figure in sorted(found.items()):
            if _wanted(path, record) and path not in moved:
                self._used[path] = range_of(figure, record.distribution)
        self._used |= {
            path: _range_in(given, known[path].value, given.distribution or record.distribution)
            for path, given in sorted(named.items())
            if path in known
        }
        for path in [p for p in self._used if p.startswith(PRICES)]:
            self._priced.setdefault(path, self._used.pop(path).over(known[path].value))

    @property
    def modes(self) -> dict[str, float]:
        """The figures that are drawn around another value than the library's, at that value."""
        known = figures(load_library())
        return {p: r.mode for p, r in self._used.items() if r.mode != known[p].value}

    def figures(self, replication: int, fixed: Mapping[str, float]) -> dict[str, float] | None:
        """Values by path, those of `fixed` among them; None when no figure is drawn.

        Prices are not among them: they are drawn as ratios (`prices`).
        """
        record = self._record.coefficients
        if record is None or not self._used:
            return None
        key = (replication, tuple(sorted(fixed.items())))
        if self._last is None or self._last[0] != key:
            values = independent(self._free(fixed), self._seed, replication)
            values |= self._held(key[1], record).draw(self._seed, replication)
            self._last = (key, {**values, **fixed})
        return self._last[1]

    def prices(self, replication: int, fixed: Collection[str] = ()) -> dict[str, float]:
        """Drawn over typical price by key, the mean over the horizon; empty when none is drawn.

        Args:
            replication: number of the run.
            fixed: paths of figures that the point sets.
        """
        found: dict[str, float] = {}
        if self._paths is not None and self._record.prices is not None:
            model, ratios = self._paths
            key = spawn_key(replication, "prices")
            sequence = np.random.SeedSequence(self._seed, spawn_key=key)
            rng = np.random.Generator(np.random.PCG64(sequence))
            start = self._record.prices.start
            found = ratios.at(model.paths(rng, self._months, start=start))
        free = {path: r for path, r in self._priced.items() if path not in fixed}
        drawn = independent(free, self._seed, replication)
        return found | {path.removeprefix(PRICES): ratio for path, ratio in drawn.items()}

    def _free(self, fixed: Mapping[str, float]) -> dict[str, Range]:
        held = self._closures.figures
        return {k: r for k, r in self._used.items() if k not in held and k not in fixed}

    def _held(
        self, fixed: tuple[tuple[str, float], ...], record: CoefficientsRecord
    ) -> FeasibleDraws:
        mine = tuple((k, v) for k, v in fixed if k in self._closures.figures)
        if mine not in self._feasible:
            self._feasible.clear()
            self._feasible[mine] = FeasibleDraws(
                self._closures, self._used, rounds=record.rounds, fixed=dict(mine)
            )
        return self._feasible[mine]


def _price_ranges(record: PricesRecord) -> dict[str, Range]:
    """The ranges that a section gives prices, by path."""
    return {
        f"{PRICES}{key}": _range_in(given, 1.0, given.distribution)
        for key, given in sorted(record.ranges.items())
    }


def _range_in(given: FigureRangeRecord | PriceRangeRecord, typical: float, shape: str) -> Range:
    """A range as written, its mode the typical value or, where that lies outside, the middle."""
    mode = given.mode
    if mode is None:
        inside = given.low <= typical <= given.high
        mode = typical if inside else (given.low + given.high) / 2.0
    return Range(low=given.low, mode=mode, high=given.high, shape=shape)


def used_figures(park: Park) -> Iterator[Coefficient]:
    """Figures with a range that the park can feel, each once."""
    library = park.library
    used = {u.process.id for u in park.units.values() if u.process is not None}
    paths = {c.path for key in used for c in library.processes[key].coefficients}
    materials = {h.material.id for h in park.headers.values()}
    materials |= {p.material.id for u in park.units.values() for p in u.ports}
    known = materials & set(library.materials)
    paths |= {c.path for key in known for c in library.materials[key].coefficients}
    paths |= {f"{PRICES}{key}" for key in traded(park) - set(park.economics.fixed_prices)}
    paths |= {factor.coefficient.path for factor in library.factors.values()}
    for path, figure in sorted(figures(library).items()):
        if path in paths and figure.low < figure.high:
            yield as_priced(park, figure)


def as_priced(park: Park, figure: Coefficient) -> Coefficient:
    """A price as the scenario has it, its range with it; any other figure as it is."""
    key = figure.path.removeprefix(PRICES)
    known = park.library.prices.get(key) if figure.path.startswith(PRICES) else None
    if known is None or key not in park.prices or not known.net_cny > 0.0:
        return figure
    own = park.prices[key] / known.net_cny
    if own == 1.0 or not own > 0.0:
        return figure
    low, value, high = (x * own for x in (figure.low, figure.value, figure.high))
    return replace(figure, low=low, value=value, high=high)


def park_with(scenario: Scenario, figure: Coefficient, value: float) -> Park:
    """The park of a scenario with one figure, as `used_figures` tells it, at another value."""
    if figure.path.startswith(PRICES):
        ratio = value / figure.value
        return park_at(scenario, {}, {figure.path.removeprefix(PRICES): ratio})
    return park_at(scenario, {figure.path: value})


def traded(park: Park) -> set[str]:
    """Price keys that deals go by, or swing with where they have a price of their own."""
    keys = {market.price_key for market in (*park.buy.values(), *park.sell.values())}
    keys |= {park.headers[o.header].material.id for o in park.obligations.values()}
    return keys | set(park.economics.transfer_prices)


def _wanted(path: str, record: CoefficientsRecord) -> bool:
    """Whether a figure is drawn: what the section names, but no figure of set-points."""
    named = not record.only or any(path == n or path.startswith(f"{n}.") for n in record.only)
    return named and path.rsplit(".", 1)[-1] not in STEADY_PARTS


def park_at(
    scenario: Scenario, values: Mapping[str, float], prices: Mapping[str, float] | None = None
) -> Park:
    """The park of a scenario at some values of figures and prices.

    Processes the park does not use need not close. A figure that is a price counts as a ratio to
    its typical value: it moves the scenario's own price of that key alike.

    Args:
        scenario: the scenario.
        values: by path; typical where missing.
        prices: ratios by price key.

    Raises:
        UserError: a process of the park does not close, or the park cannot be built.
    """
    moving = {path: v for path, v in values.items() if not path.startswith(PRICES)}
    ratios = (ratios_of(values), prices or {})
    if not moving or not scenario.record.library:
        return build_park(scenario, _moved(library_of(scenario), *ratios))
    found = draft(library_records(), moving)
    park = build_park(scenario, _moved(_mended(found, scenario), *ratios))
    used = {u.process.id for u in park.units.values() if u.process is not None}
    wrong = [
        p for p in found.problems if not p.code.startswith("CS-B") or p.path.split(".")[1] in used
    ]
    if wrong:
        raise DataError(wrong)
    return park


def _moved(library: Library, *moves: Mapping[str, float]) -> Library:
    for ratios in moves:
        library = with_prices(library, ratios)
    return library


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
    """`library` with every price moved by its ratio, those that scenarios write themselves too."""
    if not ratios:
        return library
    draws = dict(library.price_draws)
    for key, ratio in ratios.items():
        draws[key] = draws.get(key, 1.0) * ratio
    return replace(library, price_draws=draws)


def library_of(scenario: Scenario) -> Library:
    """What a scenario is built with at typical figures: nothing for a self-contained park."""
    return load_library() if scenario.record.library else Library()


def ratios_of(values: Mapping[str, float]) -> dict[str, float]:
    """Price figures among `values` as ratios to their typical ones, by price key."""
    typical = load_library().prices
    return {
        key: value / typical[key].coefficient.value
        for path, value in values.items()
        if path.startswith(PRICES) and (key := path.removeprefix(PRICES)) in typical
    }
