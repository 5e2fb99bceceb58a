"""Records of the other files -> sources, prices, series, price sets, figures, limits, policies.

Plain conversion: nothing here is closed or balanced. `unknown_references` tells of ids that one
record says of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chainsim.errors import Problem, did_you_mean
from chainsim.library.materials import coefficient
from chainsim.library.model import (
    Corrections,
    Evaluation,
    Factor,
    Indicator,
    Limit,
    Policy,
    Preset,
    Price,
    PriceSet,
    Process,
    Route,
    Series,
    Source,
)
from chainsim.library.price_sets import price_set
from chainsim.library.reading import LibraryRecords
from chainsim.library.records import CoefficientRecord
from chainsim.library.reference_records import (
    CorrectionsRecord,
    LimitRecord,
    PolicyRecord,
    RouteRecord,
    SourceRecord,
)
from chainsim.library.sampled import Values


def source(key: str, record: SourceRecord) -> Source:
    """A source."""
    return Source(
        key=key,
        title=record.title,
        issuer=record.issuer,
        year=record.year,
        url=record.url,
        read=record.read,
    )


def prices(records: LibraryRecords, values: Values) -> dict[str, Price]:
    """Base prices by key."""
    prices = {}
    for key, record in sorted(records.prices.items()):
        unit = record.unit.split("/", 1)[1] if "/" in record.unit else "ratio"
        material = records.materials.get(key)
        base = material.unit if material is not None else unit
        c = coefficient(f"prices.{key}", record, f"CNY/{base}", values)
        prices[key] = Price(
            key=key,
            name_zh=record.name_zh,
            name_en=record.name_en,
            value_cny=c.base,
            vat=record.vat,
            taxed=record.taxed,
            year=record.year,
            coefficient=c,
            series=record.series or "",
            follows=record.follows or {},
        )
    return prices


def series(records: LibraryRecords) -> dict[str, Series]:
    """Monthly series by id."""
    return {
        key: Series(
            id=key,
            name_zh=record.name_zh,
            name_en=record.name_en,
            source=record.source,
            grade=record.grade,
            note=record.note,
            months=records.months.get(key, {}),
        )
        for key, record in sorted(records.series.items())
    }


def price_sets(
    records: LibraryRecords,
    values: Values,
    prices: Mapping[str, Price],
    series: Mapping[str, Series],
) -> dict[str, PriceSet]:
    """Named price sets by id."""
    found = {}
    for key, record in sorted(records.price_sets.items()):
        read = {
            name: coefficient(
                f"price_sets.{key}.prices.{name}", given, prices[name].coefficient.unit, values
            )
            for name, given in sorted(record.prices.items())
        }
        found[key] = price_set(key, record, prices, series, read)
    return found


def limits(records: LibraryRecords, values: Values) -> dict[str, Limit]:
    """Limits of the standards by id."""
    return {key: _limit(key, record, values) for key, record in sorted(records.limits.items())}


def _limit(key: str, record: LimitRecord, values: Values) -> Limit:
    path = f"limits.{key}"
    levels = {
        name: coefficient(f"{path}.levels.{name}", given, record.unit, values)
        for name, given in record.levels.items()
    }
    corrections = None
    if record.corrections is not None:
        corrections = _corrections(f"{path}.corrections", record.corrections, record.unit, values)
    return Limit(
        id=key,
        name_zh=record.name_zh,
        name_en=record.name_en,
        standard=record.standard,
        edition=record.edition,
        in_force=record.in_force,
        quantity=record.quantity,
        scope=record.scope,
        unit=record.unit,
        oven=record.oven or "",
        levels=levels,
        corrections=corrections,
        note=record.note,
    )


def _corrections(path: str, record: CorrectionsRecord, unit: str, values: Values) -> Corrections:
    def read(name: str, given: CoefficientRecord, target: str) -> float:
        return coefficient(f"{path}.{name}", given, target, values).base

    return Corrections(
        volatile=tuple((x, y) for x, y in record.volatile.points),
        moisture_base_pct=read("moisture_base", record.moisture_base, "percent"),
        moisture_slope=read("moisture_slope", record.moisture_slope, unit),
        mixed_gas=read("mixed_gas", record.mixed_gas, unit),
        wet_quench=read("wet_quench", record.wet_quench, unit),
        wet_quench_levels=tuple(record.wet_quench_levels),
        age=tuple(sorted((x, y) for x, y in record.age.points)),
        age_levels=tuple(record.age_levels),
    )


def route(key: str, record: RouteRecord) -> Route:
    """A named route."""
    return Route(id=key, **{**record.model_dump(), "steps": tuple(record.steps)})


def route_problems(
    key: str, record: RouteRecord, processes: Mapping[str, Process]
) -> Iterator[Problem]:
    """Steps that do not exist or do not join."""
    path, given = f"routes.{key}.steps", {record.source_stream}
    for step in record.steps:
        if step not in processes:
            yield _unknown(path, step, processes)
            return
        ports = processes[step].ports
        taken = {m for p in ports if p.amount < 0 for m in (p.material.id, *p.alternatives)}
        if not taken & given:
            yield Problem(code="CS-L017", path=path, found=step, expected=" | ".join(sorted(given)))
            return
        given = {p.material.id for p in ports if p.amount > 0}
    if record.product not in given:
        code, expected = "CS-L018", " | ".join(sorted(given))
        yield Problem(code=code, path=path, found=record.product, expected=expected)


def factors(records: LibraryRecords, values: Values) -> dict[str, Factor]:
    """Free-standing figures by key."""
    return {
        key: Factor(
            key=key,
            name_zh=record.name_zh,
            name_en=record.name_en,
            coefficient=coefficient(f"factors.{key}", record, None, values),
        )
        for key, record in sorted(records.factors.items())
    }


def policy(key: str, record: PolicyRecord) -> Policy:
    """A clause."""
    return Policy(
        id=key,
        name_zh=record.name_zh,
        name_en=record.name_en,
        clause_zh=record.clause_zh,
        check=record.check,
        kpi=record.kpi or "",
        limit=record.limit,
        unit=record.unit,
        comparison=record.comparison,
        level=record.level,
        lead_zh=record.lead_zh,
        lead_en=record.lead_en,
        source=record.source,
        mark=record.mark or "",
        note=record.note,
        applies_from=record.applies_from,
        values=tuple(record.values),
        soft=record.soft,
        modes=tuple(record.modes),
        judged=record.judged,
    )


def evaluation(records: LibraryRecords) -> Evaluation:
    """The evaluation of enterprises."""
    return Evaluation(
        dimensions={k: (d.name_zh, d.name_en) for k, d in records.dimensions.items()},
        indicators={
            k: Indicator(id=k, **{**r.model_dump(), "values": tuple(r.values)})
            for k, r in records.indicators.items()
        },
        presets={k: Preset(id=k, **r.model_dump()) for k, r in records.presets.items()},
    )


def unknown_references(
    records: LibraryRecords, processes: Mapping[str, Process]
) -> Iterator[Problem]:
    """Ids that one record says of another and that nothing goes by."""
    known_prices = {*records.prices, *records.series}
    for key, price in records.prices.items():
        for name in [*([price.series] if price.series else []), *(price.follows or {})]:
            if name not in (records.series if name == price.series else known_prices):
                yield _unknown(f"prices.{key}", name, known_prices)
    for key, prices in records.price_sets.items():
        for name in set(prices.prices) - set(records.prices):
            yield _unknown(f"price_sets.{key}.prices.{name}", name, records.prices)
    for key, (_, process) in records.processes.items():
        for name in set(process.limits) - set(records.limits):
            yield _unknown(f"processes.{key}.limits", name, records.limits)
        for port, record in process.ports.items():
            for name in records.alternatives(getattr(record, "alternatives", None) or ()):
                if name not in records.materials:
                    path = f"processes.{key}.ports.{port}.alternatives"
                    yield _unknown(path, name, [*records.materials, *records.fuels])
    for key, indicator in records.indicators.items():
        if indicator.dimension not in records.dimensions:
            path = f"indicators.{key}.dimension"
            yield _unknown(path, indicator.dimension, records.dimensions)
    for key, preset in records.presets.items():
        for name in set(preset.weights) - set(records.dimensions):
            yield _unknown(f"presets.{key}.weights", name, records.dimensions)
    for word, name in records.short_names.items():
        if name not in records.materials:
            yield _unknown(f"short_names.{word}", name, records.materials)
    for key, route in records.routes.items():
        yield from route_problems(key, route, processes)


def _unknown(path: str, name: str, known: Iterable[str]) -> Problem:
    return Problem(code="CS-L016", path=path, found=name, hint=did_you_mean(name, known))
