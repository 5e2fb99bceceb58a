"""Correlated mean-reverting price paths, fitted to the monthly series.

Each series' logarithm x follows x[t+1] = m + phi (x[t] - m) + e, an autoregression of order one
(the discrete Ornstein-Uhlenbeck process of Schwartz, J. Finance 52 (1997) 923-973, model 1). phi
and m come from least squares over consecutive published months, the correlation of e from the
residuals two series have in common. A price of the library moves with its own series, or with
those it `follows`, each to the power of its elasticity; others stand still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.library.model import Library, Price
from chainsim.library.series import mean
from chainsim.study.price_history import LEAST_MONTHS, monthly_prices

Array = NDArray[np.float64]
PHI_MOST = 0.995
"""Of a series that shows no return to its mean; its half-life is then 11.5 years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceModel:
    """Fitted series, in the order of `names`."""

    names: tuple[str, ...]
    level: Array
    """(n,) m: long-run mean of the logarithm."""
    phi: Array
    """(n,) persistence from month to month."""
    sigma: Array
    """(n,) standard deviation of e."""
    factor: Array
    """(n, n) with factor @ factor.T the correlation of e."""
    last: Array
    """(n,) logarithm of the last published month."""

    @property
    def spread(self) -> Array:
        """(n,) standard deviation of x in the long run."""
        return np.asarray(self.sigma / np.sqrt(1.0 - self.phi**2))

    def paths(self, rng: np.random.Generator, months: int, *, start: str) -> Array:
        """(months, n) deviations of x from m along one path.

        Args:
            rng: source of the draws.
            months: length.
            start: `stationary` (anywhere, as likely as in the long run) or `last`.
        """
        n = len(self.names)
        found = np.empty((months, n))
        if start == "last":
            now = self.last - self.level
        else:
            # the covariance of the stationary state: c_ij s_i s_j / (1 - phi_i phi_j)
            shock = self.factor @ self.factor.T * np.outer(self.sigma, self.sigma)
            covariance = shock / (1.0 - np.outer(self.phi, self.phi))
            now = _root(covariance) @ rng.standard_normal(n)
        for month in range(months):
            now = self.phi * now + self.sigma * (self.factor @ rng.standard_normal(n))
            found[month] = now
        return found


def fit_prices(library: Library) -> PriceModel:
    """The model of all series with at least `LEAST_MONTHS` months and one more."""
    prices = monthly_prices(library)
    names = tuple(k for k in prices.columns if prices[k].notna().sum() > LEAST_MONTHS)
    logs = pd.DataFrame(np.log(prices[list(names)]))
    months = pd.PeriodIndex(logs.index, freq="M")
    logs = logs.set_axis(months)
    if len(months):
        logs = logs.reindex(pd.period_range(months.min(), months.max(), freq="M"))
    fits = {k: _fit(logs[k]) for k in names}
    residuals = pd.DataFrame({k: fits[k][3] for k in names})
    correlation = residuals.corr(min_periods=LEAST_MONTHS).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(correlation, 1.0)
    return PriceModel(
        names=names,
        level=np.array([fits[k][0] for k in names]),
        phi=np.array([fits[k][1] for k in names]),
        sigma=np.array([fits[k][2] for k in names]),
        factor=_root(_nearest_correlation(correlation)),
        last=np.array([float(logs[k].dropna().iloc[-1]) for k in names]),
    )


def _fit(x: pd.Series[float]) -> tuple[float, float, float, pd.Series[float]]:
    """(level, phi, sigma, residuals) of one series with gaps."""
    before = x.shift(1)
    both = x.notna() & before.notna()
    y, z = x[both].to_numpy(), before[both].to_numpy()
    slope = float(np.cov(z, y, bias=True)[0, 1] / np.var(z))
    phi = min(max(slope, 0.0), PHI_MOST)
    level = float((y - phi * z).mean() / (1.0 - phi))
    if phi == PHI_MOST:
        level = float(x.mean())
    rest = (x - level) - phi * (before - level)
    return level, phi, float(rest.std(ddof=2)), rest


def _nearest_correlation(matrix: Array) -> Array:
    """A correlation matrix near `matrix`, whose pairs were estimated over different months."""
    values, vectors = np.linalg.eigh(matrix)
    clipped = (vectors * np.maximum(values, 1e-9)) @ vectors.T
    scale = np.sqrt(np.diag(clipped))
    return np.asarray(clipped / np.outer(scale, scale))


def _root(covariance: Array) -> Array:
    """A square root R of a symmetric matrix, R @ R.T = covariance, the same on every machine."""
    values, vectors = np.linalg.eigh(covariance)
    vectors = vectors * np.where(
        vectors[np.abs(vectors).argmax(axis=0), range(len(values))] < 0, -1, 1
    )
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRatios:
    """How the prices of a library follow the series of a model."""

    keys: tuple[str, ...]
    weights: Array
    """(prices, series) elasticity of each price to each series."""
    shift: Array
    """(prices,) what is added to the logarithm: 0, or the long-run level over the base year's."""

    def at(self, deviations: Array) -> dict[str, float]:
        """Price over base price, the mean over the months of a path.

        Args:
            deviations: (months, series) as from `PriceModel.paths`.
        """
        ratios = np.exp(deviations @ self.weights.T + self.shift).mean(axis=0)
        return {k: float(r) for k, r in zip(self.keys, ratios, strict=True)}


def price_ratios(library: Library, model: PriceModel, *, anchor: str) -> PriceRatios:
    """How prices move: around themselves (`base`), or around the series' long run (`history`)."""
    place = {name: k for k, name in enumerate(model.names)}
    rows: dict[str, Array] = {}
    shifts: list[float] = []
    for key, price in sorted(library.prices.items()):
        row = _elasticities(library.prices, key, place, ())
        if row is not None and row.any():
            rows[key] = row
            shifts.append(_shift(library, model, price, row) if anchor == "history" else 0.0)
    weights = np.array(list(rows.values())).reshape(len(rows), len(place))
    return PriceRatios(keys=tuple(rows), weights=weights, shift=np.array(shifts))


def _elasticities(
    prices: Mapping[str, Price], key: str, place: Mapping[str, int], above: tuple[str, ...]
) -> Array | None:
    """Elasticity of a price to each series; None where nothing tells or it follows itself."""
    row = np.zeros(len(place))
    if key in place:
        row[place[key]] = 1.0
        return row
    if key not in prices or key in above:
        return None
    price = prices[key]
    followed: Mapping[str, float] = {price.series: 1.0} if price.series else price.follows
    for name, elasticity in followed.items():
        part = _elasticities(prices, name, place, (*above, key))
        if part is None:
            return None
        row += elasticity * part
    return row


def _shift(library: Library, model: PriceModel, price: Price, row: Array) -> float:
    """Logarithm of the long-run level over the level in the year of the base price."""
    total = 0.0
    for name, level, weight in zip(model.names, model.level, row, strict=True):
        if weight:
            base = mean(library.series[name].months, f"{price.year}-01", f"{price.year}-12")
            total += weight * (level - np.log(base)) if base is not None else 0.0
    return float(total)


def series_fit_table(model: PriceModel) -> pd.DataFrame:
    """What was fitted: long-run price, persistence, half-life in months, spread in the long run."""
    return pd.DataFrame(
        {
            "series": model.names,
            "level": np.exp(model.level),
            "phi": model.phi,
            "half_life_months": np.log(0.5) / np.log(np.maximum(model.phi, 1e-9)),
            "sigma": model.sigma,
            "spread": model.spread,
        }
    )
