"""Scenario record + library -> typed park, with every reference and unit checked at once.

The pieces are built in `units.py` and `outlets.py` with the lookups of `references.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from chainsim.errors import StructureError
from chainsim.library.files import load_library
from chainsim.library.finance_records import PRICED
from chainsim.library.model import Library
from chainsim.library.scenarios import Scenario, load_scenario
from chainsim.library.uncertainty_names import unknown_names
from chainsim.park.assessed import assessed
from chainsim.park.checks import check_park
from chainsim.park.dispatch import build_goals
from chainsim.park.facts_reading import build_facts
from chainsim.park.measures import build_measures
from chainsim.park.model import Assumption, Buffer, Economics, Limits, Market, Park, Unit
from chainsim.park.outlets import (
    build_buffer,
    build_link,
    build_market,
    build_obligation,
    build_vent,
)
from chainsim.park.ovens import with_pushes
from chainsim.park.references import References
from chainsim.park.reliability import refuse_circles
from chainsim.park.shipments import with_buffers
from chainsim.park.supply import with_what_is_there
from chainsim.park.units import build_unit, curve_factor

__all__ = ["build_park", "curve_factor", "load_park"]


def load_park(
    name: str | Path,
    overrides: Iterable[str] = (),
    values: Mapping[str, float] | None = None,
) -> Park:
    """Read a scenario and the library it uses, and build the park.

    Args:
        name: path of a scenario file, or id of a shipped scenario.
        overrides: `key.path=value` strings.
        values: sampled library coefficients by path.

    Raises:
        UserError: with every problem of the stage that failed.
    """
    return build_park(load_scenario(name, tuple(overrides)), values=values)


def build_park(
    scenario: Scenario,
    library: Library | None = None,
    values: Mapping[str, float] | None = None,
) -> Park:
    """The park of a resolved scenario.

    Raises:
        StructureError: every wrong reference, unit or number, with file, line and key path.
    """
    if library is None:
        library = load_library(values=values) if scenario.record.library else Library()
    library = assessed(library, scenario.record.assessment)
    refs = References(scenario.record, library)
    park = _assembled(refs, scenario)
    if not refs.problems:
        park = with_pushes(park)
        park = with_what_is_there(park, scenario.record.dispatch)
        park = replace(
            park,
            units=_with_levels(park.units, park.buffers),
            links=with_buffers(park, refs.problems.append),
        )
        park = replace(
            park, goals=build_goals(park, scenario.record.dispatch, refs.problems.append)
        )
    problems = refs.problems or check_park(park)
    errors = [scenario.place(p) for p in problems if p.severity == "error"]
    if errors:
        raise StructureError(errors)
    return park


def _assembled(refs: References, scenario: Scenario) -> Park:
    """All components; dispatch goals and restart levels still open."""
    record = refs.record
    units = {k: u for k, r in sorted(record.units.items()) if (u := build_unit(refs, k, r))}
    links = {k: x for k, r in sorted(record.links.items()) if (x := build_link(refs, k, r))}
    buy, sell = _markets(refs, "buy"), _markets(refs, "sell")
    obligations = {
        k: o for k, r in sorted(record.obligations.items()) if (o := build_obligation(refs, k, r))
    }
    vents = {k: v for k, r in sorted(record.vents.items()) if (v := build_vent(refs, k, r))}
    buffers = {k: b for k, r in sorted(record.buffers.items()) if (b := build_buffer(refs, k, r))}
    _check_names(refs)
    refuse_circles(refs)
    return Park(
        id=record.id,
        name_zh=record.name_zh,
        name_en=record.name_en,
        story_zh=record.story_zh,
        story_en=record.story_en,
        library=refs.library,
        materials=refs.materials,
        sites=refs.sites,
        enterprises=refs.enterprises,
        units=units,
        crews={k: c.size for k, c in sorted(record.crews.items())},
        headers=dict(sorted(refs.headers.items())),
        buffers=buffers,
        links=links,
        buy=buy,
        sell=sell,
        obligations=obligations,
        vents=vents,
        measures=build_measures(refs),
        limits=Limits(events=record.limits.events, wall_s=record.limits.wall_s),
        goals=(),
        horizon=refs.horizon,
        economics=_economics(refs),
        prices={key: cny * refs.moved(key) for key, cny in refs.prices.items()},
        policies=tuple(record.policies or sorted(refs.library.policies)),
        facts=build_facts(refs),
        assumptions=tuple(
            Assumption(key=k, zh=a.zh, en=a.en) for k, a in record.assumptions.items()
        ),
        digest=scenario.digest,
        finance=record.finance,
        uncertainty=record.uncertainty,
        resolved=scenario.data,
        written=scenario,
    )


def _markets(refs: References, side: str) -> dict[str, Market]:
    records = refs.record.buy if side == "buy" else refs.record.sell
    return {k: m for k, r in sorted(records.items()) if (m := build_market(refs, side, k, r))}


def _economics(refs: References) -> Economics:
    given = refs.record.economics
    factor = given.grid_factor
    own = None if isinstance(factor, str) else factor
    key = factor if isinstance(factor, str) else f"{factor:g} t/MWh"
    record = grid_factor(refs.library.factors, key, refs.horizon.start.year)
    if own is None and "grid_factor" in given.model_fields_set:
        refs.known("economics.grid_factor", record, refs.library.factors)
    return Economics(
        grid_factor=record,
        grid_t_per_mwh=own,
        boundary=given.boundary,
        carbon_price_cny_per_t=refs.read("economics.carbon_price", given.carbon_price, "CNY/t"),
        transfer_prices=_transfer_prices(refs),
        fixed_prices=tuple(given.fixed_prices),
        transfer_draws={key: _transfer_draw(refs, key) for key in given.transfer_prices},
    )


def _transfer_prices(refs: References) -> dict[str, float]:
    found = {}
    for key, amount in refs.record.economics.transfer_prices.items():
        path = f"economics.transfer_prices.{key}"
        material = refs.material(path, key)
        if material is not None:
            cny = refs.read(path, amount, f"CNY/{material.unit}")
            found[key] = cny * _transfer_draw(refs, key)
    return found


def _transfer_draw(refs: References, material: str) -> float:
    return refs.moved(material, f"transfer_prices.{material}")


def grid_factor(known: Collection[str], key: str, year: int) -> str:
    """Record of the grid's carbon factor: `key` itself, or of the region `key` by year.

    A region's latest record not younger than `year` is taken, its first where all are younger.

    >>> grid_factor(["grid_shanxi_2022", "grid_shanxi_2023"], "grid_shanxi", 2025)
    'grid_shanxi_2023'
    """
    years = sorted(
        int(name.removeprefix(f"{key}_"))
        for name in known
        if name.startswith(f"{key}_") and name.removeprefix(f"{key}_").isdigit()
    )
    if key in known or not years:
        return key
    return f"{key}_{max((y for y in years if y <= year), default=years[0])}"


def _check_names(refs: References) -> None:
    """Policies, buffers and parts of a project that are only named."""
    for key in refs.record.finance.units or ():
        refs.known("finance.units", key, [*refs.record.units, *refs.record.links])
    priced = {*refs.library.materials, *refs.record.materials, *PRICED}
    for key in refs.record.finance.price_paths:
        refs.known(f"finance.price_paths.{key}", key.partition("@")[0], priced, "CS-N024")
    sites = refs.record.finance.site_integration
    for key in sites if isinstance(sites, dict) else ():
        refs.known("finance.site_integration", key, refs.record.sites)
    _check_drawn(refs)
    for policy in refs.record.policies:
        refs.known("policies", policy, refs.library.policies)
    for key, unit in refs.record.units.items():
        for buffer in unit.restart_level or {}:
            refs.known(f"units.{key}.restart_level", buffer, refs.record.buffers)


def _check_drawn(refs: References) -> None:
    """What studies draw, and what they leave alone, exists."""
    record = refs.record
    prices = {*refs.prices, *refs.library.prices, *refs.materials}
    known = {*prices, *(f"transfer_prices.{k}" for k in record.economics.transfer_prices)}
    known |= {f"buy.{k}" for k in record.buy} | {f"sell.{k}" for k in record.sell}
    known |= {f"obligations.{k}" for k in record.obligations}
    for index, name in enumerate(record.economics.fixed_prices):
        refs.known(f"economics.fixed_prices.{index}", name, known)
    if record.uncertainty is not None:
        refs.problems += unknown_names(record.uncertainty, refs.library, prices)


def _with_levels(units: Mapping[str, Unit], buffers: Mapping[str, Buffer]) -> dict[str, Unit]:
    """Restart levels as amounts instead of shares."""
    return {
        key: replace(
            unit,
            restart_levels={b: s * buffers[b].capacity for b, s in unit.restart_levels.items()},
        )
        for key, unit in units.items()
    }
