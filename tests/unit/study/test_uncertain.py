"""Draws: physically possible in every sample, of the wanted distribution, equal everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chainsim.library.census import figures
from chainsim.library.closures import Closures
from chainsim.library.files import draft, library_records, load_library
from chainsim.library.scenarios import load_scenario
from chainsim.library.study_files import load_study
from chainsim.library.uncertainty_records import UncertaintyRecord
from chainsim.park.build import build_park
from chainsim.study.uncertain.draws import Draws, park_at
from chainsim.study.uncertain.feasible import FeasibleDraws, Range, independent, range_of
from chainsim.study.uncertain.price_paths import PriceModel, _fit, fit_prices, price_ratios

HARD = ("coke_battery_stamp_6_25", "ethylene_glycol", "methanol_cog", "lng")


def ranges(figures, shape):
    return {path: range_of(c, shape) for path, c in figures.items()}


@pytest.fixture(scope="module")
def closures() -> Closures:
    records = library_records()
    return Closures(records, [k for k in HARD if k in records.processes])


@pytest.mark.parametrize("shape", ["triangular", "uniform"])
def test_every_sample_closes_within_its_ranges(closures, shape):
    draws = FeasibleDraws(closures, ranges(closures.figures, shape), rounds=3)
    moved = []
    for replication in range(25):
        values = draws.draw(1, replication)
        assert closures.broken(closures.processes, values) == []
        for path, value in values.items():
            figure = closures.figures[path]
            assert figure.low <= value <= figure.high, path
            moved.append(abs(value - figure.value) / (figure.high - figure.low))
    assert np.mean(moved) > 0.1  # samples are not all drawn in to the typical values


def test_independent_draws_would_not_close(closures):
    """The reason for all this: if it ever passes, plain draws will do."""
    broken = [
        bool(
            closures.broken(
                closures.processes, independent(ranges(closures.figures, "uniform"), 1, k)
            )
        )
        for k in range(20)
    ]
    assert np.mean(broken) > 0.5


def test_what_was_made_before_changes_no_closing(closures):
    """Materials and ports serve again where no value of theirs has moved."""
    records, typical = library_records(), {k: c.value for k, c in closures.figures.items()}
    drawn = [independent(ranges(closures.figures, "uniform"), 1, k) for k in range(4)]
    halves = [dict(list(d.items())[::2]) for d in drawn]  # the rest typical, as if not given
    for values in (drawn[0], {**drawn[0], **halves[1]}, halves[2], {}, typical, drawn[3], drawn[0]):
        afresh = Closures(records, [k for k in HARD if k in records.processes])
        asked = closures.processes
        assert closures.margins(asked, values) == afresh.margins(asked, values)
        problems = draft(records, values).problems
        named = {p.path.split(".")[1] for p in problems if p.path.startswith("processes.")}
        assert closures.broken(asked, values) == [key for key in asked if key in named]


class Triangle:
    """Two figures in the unit square, possible where their sum is at most one."""

    processes = ("p",)

    def __init__(self) -> None:
        one = next(iter(figures(load_library()).values()))
        self.figures = {k: replace(one, path=k, low=0.0, value=0.25, high=1.0) for k in ("a", "b")}
        self.depending = dict.fromkeys(self.figures, ("p",))

    def margins(self, processes, values):
        a, b = values.get("a", 0.25), values.get("b", 0.25)
        return {"p.rest": 1.0 - a - b}

    def broken(self, processes, values):
        return ["p"] if self.margins(processes, values)["p.rest"] < -1e-12 else []


def test_draws_have_the_distribution_of_the_ranges_given_that_all_closes():
    """Uniform on a triangle: means 1/3, variances 1/18, covariance -1/36."""
    draws = FeasibleDraws(Triangle(), ranges(Triangle().figures, "uniform"), rounds=10)
    found = np.array([list(draws.draw(1, k).values()) for k in range(4000)])
    assert found.sum(axis=1).max() <= 1.0 + 1e-9
    assert found.mean(axis=0) == pytest.approx([1 / 3, 1 / 3], abs=0.012)
    covariance = np.cov(found.T)
    assert covariance == pytest.approx(np.array([[1 / 18, -1 / 36], [-1 / 36, 1 / 18]]), abs=0.004)


@pytest.mark.parametrize("shape", ["uniform", "triangular"])
def test_share_and_quantile_are_inverse(shape):
    range_ = Range(low=-1.0, mode=0.5, high=2.0, shape=shape)
    for share in np.linspace(0.0, 1.0, 31):
        assert range_.share(range_.at(share)) == pytest.approx(share, abs=1e-12)


def test_a_replication_draws_the_same_alone_or_in_a_batch_and_in_any_order():
    park = build_park(load_scenario("xinzhou-base"))
    record = UncertaintyRecord.model_validate({"coefficients": {}, "prices": {}})
    first, second = Draws(park, record, 7), Draws(park, record, 7)
    assert [first.figures(k, {}) for k in (0, 3)] == [second.figures(k, {}) for k in (3, 0)][::-1]
    assert first.prices(2) == second.prices(2)
    assert first.prices(2) != first.prices(3)
    values = first.figures(0, {"prices.coke": 1.0})
    assert values is not None
    assert values["prices.coke"] == 1.0


def test_a_park_of_drawn_figures_is_built_and_closes():
    scenario = load_scenario("xinzhou-base")
    park = build_park(scenario)
    draws = Draws(park, UncertaintyRecord.model_validate({"coefficients": {}}), 1)
    for replication in range(3):
        values = draws.figures(replication, {})
        drawn = park_at(scenario, values)  # raises where a process does not close
        changed = [u for u in drawn.units if drawn.units[u].ports != park.units[u].ports]
        assert len(changed) > len(park.units) / 2


def test_the_fit_recovers_an_autoregression():
    rng = np.random.default_rng(1)
    phi, level, sigma, n = 0.8, 7.0, 0.05, 20_000
    x = np.empty(n)
    x[0] = level
    for k in range(1, n):
        x[k] = level + phi * (x[k - 1] - level) + sigma * rng.standard_normal()
    x[rng.random(n) < 0.1] = np.nan  # months that were not published
    found = _fit(pd.Series(x))
    assert found[:3] == pytest.approx((level, phi, sigma), rel=0.02)


def test_paths_have_the_spread_and_the_correlation_of_their_model():
    factor = np.linalg.cholesky(np.array([[1.0, 0.7], [0.7, 1.0]]))
    model = PriceModel(
        names=("a", "b"),
        level=np.zeros(2),
        phi=np.array([0.9, 0.5]),
        sigma=np.array([0.1, 0.2]),
        factor=factor,
        last=np.array([1.0, 1.0]),
    )
    rng = np.random.default_rng(2)
    first = np.array([model.paths(rng, 1, start="stationary")[0] for _ in range(20_000)])
    assert first.std(axis=0) == pytest.approx(model.spread, rel=0.02)
    shock = 0.7 * 0.1 * 0.2 / (1 - 0.9 * 0.5)
    assert np.cov(first.T)[0, 1] == pytest.approx(shock, rel=0.05)
    begun = np.array([model.paths(rng, 1, start="last")[0] for _ in range(5_000)])
    assert begun.mean(axis=0) == pytest.approx([0.9, 0.5], abs=0.01)


def test_fitted_series_are_credible_and_prices_stand_still_without_deviation():
    library = load_library()
    model = fit_prices(library)
    assert len(model.names) >= 5
    assert ((model.phi >= 0) & (model.phi < 1)).all()
    assert ((model.spread > 0.02) & (model.spread < 2.0)).all()
    correlation = model.factor @ model.factor.T
    assert np.diag(correlation) == pytest.approx(np.ones(len(model.names)))
    ratios = price_ratios(library, model, anchor="base")
    still = ratios.at(np.zeros((12, len(model.names))))
    assert set(still.values()) == {1.0}
    assert {"coke", "coking_coal"} <= set(still)


def test_a_process_that_nobody_uses_need_not_close():
    """In this draw the LNG plants' tail gas comes out negative; the park has none, but could burn it.

    Replication 43 of `xinzhou-layouts`, which failed.
    """
    study = load_study("xinzhou-layouts")
    scenario = study.scenarios()[2]
    draws = Draws(build_park(scenario), study.record.uncertainty, study.record.seed)
    values = draws.figures(43, {})
    assert draft(library_records(), values).library.materials["lng_psa_tail_gas"].lhv_gj < 0.0
    park = park_at(scenario, values)
    assert park.library.materials["lng_psa_tail_gas"].lhv_gj > 0.0
