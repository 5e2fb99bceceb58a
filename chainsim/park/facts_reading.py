"""`facts` and `assessment` of a scenario file -> `Facts`, with every wrong id and unit told."""

from __future__ import annotations

from collections.abc import Mapping

from chainsim.library.facts_records import (
    AirRecord,
    BaselineRecord,
    BuiltUpRecord,
    CountyFactsRecord,
    EnterpriseFactsRecord,
    UnitFactsRecord,
)
from chainsim.library.model import Limit
from chainsim.park.facts import (
    AIR,
    PERMITS,
    Air,
    Baseline,
    Circle,
    CityFacts,
    CountyFacts,
    Cut,
    EnterpriseFacts,
    Facts,
    UnitFacts,
    mode_of,
)
from chainsim.park.references import References


def build_facts(refs: References) -> Facts:
    """`facts` and `assessment` of a scenario; wrong ids and units become problems."""
    record, read = refs.record.facts, refs.read
    given = refs.record.assessment
    _check_ids(refs)
    cut = None
    if given.cut is not None:
        market = given.cut.market
        margin = market.margin
        cut = Cut(
            target_t=read("assessment.cut.target", given.cut.target, "t/a"),
            price_fall=market.price_fall,
            stock_days=market.stock_days,
            margin_cny_per_t=None if margin is None else _signed(refs, margin),
        )
    return Facts(
        city=_city(refs),
        counties={k: _county(refs, k, r) for k, r in sorted(record.counties.items())},
        enterprises={k: _enterprise(refs, k, r) for k, r in sorted(record.enterprises.items())},
        units={k: _unit(refs, k, r) for k, r in sorted(record.units.items())},
        mode=given.mode or mode_of(refs.horizon.start.year),
        limits=dict(given.limits),
        air_limits={k: dict(v) for k, v in given.air_limits.items()},
        limit_set=given.limit_set,
        constant_prices=given.constant_prices,
        weights=given.weights or "",
        cut=cut,
    )


def _signed(refs: References, amount: float | str) -> float:
    """A margin, which may be negative."""
    text = str(amount).strip()
    value = refs.read("assessment.cut.market.margin", text.removeprefix("-"), "CNY/t")
    return -value if text.startswith("-") else value


def _check_ids(refs: References) -> None:
    """Names under `facts` and `assessment` that nothing goes by."""
    record, given = refs.record.facts, refs.record.assessment
    counties = {site.county for site in refs.sites.values()}
    for section, names, known in (
        ("facts.counties", record.counties, counties),
        ("facts.enterprises", record.enterprises, refs.enterprises),
        ("facts.units", record.units, refs.record.units),
    ):
        for name in names:
            refs.known(f"{section}.{name}", name, known)
    for key, unit in record.units.items():
        for name in unit.replaced_by or []:
            refs.known(f"facts.units.{key}.replaced_by", name, refs.record.units)
    policies: Mapping[str, object] = refs.library.policies
    limits: Mapping[str, Limit] = refs.library.limits
    for name in given.limits:
        refs.known(f"assessment.limits.{name}", name, policies)
    for group, figures in given.air_limits.items():
        for name in figures:
            refs.known(f"assessment.air_limits.{group}.{name}", name, limits)
    _check_evaluation(refs)
    if "constant_prices" in given.model_fields_set:
        refs.known("assessment.constant_prices", given.constant_prices, refs.library.price_sets)


def _check_evaluation(refs: References) -> None:
    """Indicators, dimensions and presets that the evaluation does not have."""
    given, table = refs.record.assessment, refs.library.evaluation
    for name in given.indicators:
        refs.known(f"assessment.indicators.{name}", name, table.indicators)
    for preset, weights in given.presets.items():
        for name in weights:
            refs.known(f"assessment.presets.{preset}.{name}", name, table.dimensions)
    if given.weights is not None:
        refs.known("assessment.weights", given.weights, table.presets)


def _optional(refs: References, path: str, amount: float | str | None, unit: str) -> float | None:
    return None if amount is None else refs.read(path, amount, unit)


def _air(refs: References, path: str, record: AirRecord, unit: str) -> Air:
    given = {name: getattr(record, name) for name in AIR}
    return {k: refs.read(f"{path}.{k}", v, unit) for k, v in given.items() if v is not None}


def _unit(refs: References, key: str, record: UnitFactsRecord) -> UnitFacts:
    replaced = record.replaced_by
    return UnitFacts(
        commissioned=record.commissioned,
        replaced_by=None if replaced is None else tuple(replaced),
        ultra_low_since=record.ultra_low_since,
        never_ultra_low=record.never_ultra_low,
        measured=_air(refs, f"facts.units.{key}.measured", record.measured, "mg/Nm3"),
        grid_share=record.grid_share,
        civil_source_ready=record.civil_source_ready,
        design_kgce_per_t=record.design_kgce_per_t,
        volatile=record.volatile,
        moisture=record.moisture,
        two_cuts_four_stops=record.two_cuts_four_stops,
    )


def _enterprise(refs: References, key: str, record: EnterpriseFactsRecord) -> EnterpriseFacts:
    path = f"facts.enterprises.{key}"
    before = record.productivity_before
    return EnterpriseFacts(
        permits={name: getattr(record.permits, name) for name in PERMITS},
        persons=record.persons,
        settled_share=record.settled_share,
        research_cny=_optional(refs, f"{path}.research", record.research, "CNY/a"),
        safety_class=record.safety_class,
        months_without_accident=record.months_without_accident,
        metering=record.metering,
        online_monitoring=record.online_monitoring,
        energy_management=record.energy_management,
        productivity_before_cny=_optional(
            refs, f"{path}.productivity_before", before, "CNY/person/a"
        ),
        tier=record.tier or "",
        **_quotas(refs, path, record),  # type: ignore[arg-type]
    )


def _quotas(
    refs: References, path: str, record: EnterpriseFactsRecord | CountyFactsRecord
) -> dict[str, object]:
    bought = _optional(refs, f"{path}.energy_bought", record.energy_bought, "tce/a")
    return {
        "energy_quota_tce": _optional(refs, f"{path}.energy_quota", record.energy_quota, "tce/a"),
        "energy_bought_tce": bought or 0.0,
        "air_quota_t": _air(refs, f"{path}.air_quota", record.air_quota, "t/a"),
        "air_bought_t": _air(refs, f"{path}.air_bought", record.air_bought, "t/a"),
    }


def _county(refs: References, name: str, record: CountyFactsRecord) -> CountyFacts:
    path = f"facts.counties.{name}"
    freight = record.freight_before
    return CountyFacts(
        energy_target_tce={
            year: refs.read(f"{path}.energy_target.{year}", amount, "tce/a")
            for year, amount in record.energy_target.items()
        },
        freight_before_cny_per_t=_optional(refs, f"{path}.freight_before", freight, "CNY/t"),
        **_quotas(refs, path, record),  # type: ignore[arg-type]
    )


def _city(refs: References) -> CityFacts:
    record = refs.record.facts.city
    path = "facts.city"
    price = record.energy_right_price
    return CityFacts(
        baseline_2020=_baseline(refs, f"{path}.baseline_2020", record.baseline_2020),
        baseline_2025=_baseline(refs, f"{path}.baseline_2025", record.baseline_2025),
        built_up=_circle(record.built_up),
        energy_target_tce={
            year: refs.read(f"{path}.energy_target.{year}", amount, "tce/a")
            for year, amount in record.energy_target.items()
        },
        park_share_before=record.park_share_before,
        research_share=record.research_share,
        energy_right_price_cny=_optional(refs, f"{path}.energy_right_price", price, "CNY/tce"),
    )


def _circle(record: BuiltUpRecord | None) -> Circle | None:
    if record is None:
        return None
    return Circle(
        x_km=record.x_km, y_km=record.y_km, radius_km=record.radius_km, assumed=record.assumed
    )


def _baseline(refs: References, path: str, record: BaselineRecord) -> Baseline:
    return Baseline(
        energy_tce=_optional(refs, f"{path}.energy", record.energy, "tce/a"),
        kgce_per_t=record.kgce_per_t,
        tce_per_wan_yuan=record.tce_per_wan_yuan,
        carbon_t=_optional(refs, f"{path}.carbon", record.carbon, "t/a"),
        carbon_per_coke=record.carbon_per_coke,
    )
