"""Facts of a park that no flow tells, and how it is judged: frozen, in base units.

Amounts per year; energy tce, mass t, money CNY. None means unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

AIR: Final = ("pm", "so2", "nox")
PERMITS: Final = ("capacity_swap", "filing", "discharge_permit", "environment", "energy_review")
REPLAY, TARGET, CARBON = "replay", "target_2025", "carbon"
MODES: Final = (REPLAY, TARGET, CARBON)
_LAST_YEARS: Final = ((2023, REPLAY), (2025, TARGET))
Air = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """Facts of one unit; names as in the scenario."""

    commissioned: dt.date | None = None
    replaced_by: tuple[str, ...] | None = None
    ultra_low_since: dt.date | None = None
    never_ultra_low: bool = False
    measured: Air = field(default_factory=dict)
    """mg/Nm3 by pollutant."""
    grid_share: float | None = None
    civil_source_ready: dt.date | None = None
    design_kgce_per_t: float | None = None
    volatile: float | None = None
    moisture: float | None = None
    two_cuts_four_stops: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFacts:
    """Facts of one enterprise."""

    permits: Mapping[str, bool | None] = field(default_factory=dict)
    persons: float | None = None
    settled_share: float | None = None
    research_cny: float | None = None
    safety_class: int | None = None
    months_without_accident: float | None = None
    metering: bool | None = None
    online_monitoring: bool | None = None
    energy_management: bool | None = None
    energy_quota_tce: float | None = None
    energy_bought_tce: float = 0.0
    air_quota_t: Air = field(default_factory=dict)
    air_bought_t: Air = field(default_factory=dict)
    productivity_before_cny: float | None = None
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyFacts:
    """Quotas and targets of one county."""

    energy_quota_tce: float | None = None
    energy_bought_tce: float = 0.0
    air_quota_t: Air = field(default_factory=dict)
    air_bought_t: Air = field(default_factory=dict)
    energy_target_tce: Mapping[int, float] = field(default_factory=dict)
    freight_before_cny_per_t: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Figures of a base year."""

    energy_tce: float | None = None
    kgce_per_t: float | None = None
    tce_per_wan_yuan: float | None = None
    carbon_t: float | None = None
    carbon_per_coke: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A built-up area, km."""

    x_km: float
    y_km: float
    radius_km: float
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CityFacts:
    """Facts of the whole city."""

    baseline_2020: Baseline = Baseline()
    baseline_2025: Baseline = Baseline()
    built_up: Circle | None = None
    energy_target_tce: Mapping[int, float] = field(default_factory=dict)
    park_share_before: float | None = None
    research_share: float | None = None
    energy_right_price_cny: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A coordinated cut judged with the run."""

    target_t: float
    price_fall: float | None = None
    stock_days: float | None = None
    margin_cny_per_t: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts and the way of judging."""

    city: CityFacts = CityFacts()
    counties: Mapping[str, CountyFacts] = field(default_factory=dict)
    enterprises: Mapping[str, EnterpriseFacts] = field(default_factory=dict)
    units: Mapping[str, UnitFacts] = field(default_factory=dict)
    mode: str = TARGET
    limits: Mapping[str, float] = field(default_factory=dict)
    """Clause -> limit that stands in the place of its own."""
    air_limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    limit_set: str = "ultra_low"
    constant_prices: str = "base_2020"
    weights: str = ""
    cut: Cut | None = None

    def unit(self, key: str) -> UnitFacts:
        """Facts of a unit; all unknown when there are none."""
        return self.units.get(key, UnitFacts())

    def enterprise(self, key: str) -> EnterpriseFacts:
        """Facts of an enterprise; all unknown when there are none."""
        return self.enterprises.get(key, EnterpriseFacts())

    def county(self, name: str) -> CountyFacts:
        """Facts of a county; all unknown when there are none."""
        return self.counties.get(name, CountyFacts())


def mode_of(year: int) -> str:
    """Time mode of a horizon that begins in `year`.

    >>> mode_of(2022), mode_of(2025), mode_of(2027)
    ('replay', 'target_2025', 'carbon')
    """
    return next((mode for last, mode in _LAST_YEARS if year <= last), CARBON)
