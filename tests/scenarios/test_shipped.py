"""Every shipped scenario: what its file promises holds, and together they walk every named route."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pandas as pd
import pytest

from chainsim.des.engine import run_des
from chainsim.library.files import load_library
from chainsim.library.model import Route
from chainsim.library.scenarios import load_scenario, shipped_scenarios
from chainsim.park.build import load_park
from chainsim.park.checks import check_park
from chainsim.study.result import RunResult
from chainsim.study.run import run

ALL = sorted(shipped_scenarios())
CITY = [name for name in ALL if not name.startswith("investor-")]
STAND_BY = {
    "cog_gas_engine",
    "cog_power",
    "coal_boiler",
    "gas_boiler",
    "steam_letdown",
    "steam_turbine",
    "wet_quench",
}
"""Processes that follow what others leave or need; they may stand for a whole year."""
SPARE = {"gas_cleaning", "heat_exchanger"}
"""Processes with a second line for civil gas and heat, which run far below their nameplate."""
LEAST_LOAD = 0.5


@functools.cache
def steady(name: str) -> RunResult:
    """One steady run of a scenario for all tests of this module."""
    return run(name, engine="steady")


def test_the_design_s_scenarios_are_all_there():
    wanted = {
        *("xinzhou-2021", "xinzhou-base"),
        *("layout-dispersed", "layout-yuanping-hub", "layout-two-hubs"),
        *("chain-hydrogen", "chain-methanol-glycol-polyester", "chain-lng-ammonia"),
        *("chain-carbon-materials", "chain-nylon", "chain-biodegradable"),
        *(f"investor-{route}" for route in ("hydrogen", "methanol", "lng", "ammonia-urea")),
        *(f"investor-{route}" for route in ("glycol", "anode", "uhp-electrode")),
        *(f"investor-{route}" for route in ("fine-aromatics", "nylon6", "nylon66", "pbat")),
        *("investor-steel-hydrogen", "investor-dri-steel"),
    }
    assert wanted <= set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_it_is_told_in_both_languages_and_says_what_is_assumed(name: str):
    record = load_scenario(name).record
    assert record.id == name
    assert record.story_zh
    assert record.story_en
    assert record.assumptions
    assert all(unit.assumed for unit in record.units.values())
    assert check_park(load_park(name)) == []


@pytest.mark.parametrize("name", ALL)
def test_its_balances_close(name: str):
    result = steady(name)
    assert result.simulation.residual <= 1e-9
    produced = result.kpi("value.added_cny")
    assert result.kpi("value.added_income_cny") == pytest.approx(produced, rel=1e-9)
    for header, left, through in header_sums(result):
        assert abs(left) <= 1e-9 * through, header


def header_sums(result: RunResult) -> Iterator[tuple[tuple[str, str], float, float]]:
    """(material and site, what is left over, what went through) of every header."""
    joined = {
        (unit.id, port.name)
        for unit in result.park.units.values()
        for port in unit.ports
        if port.options
    }
    flows = result.simulation.flows
    pairs = zip(flows["component"], flows["port"], strict=True)
    inside = pd.Series([pair in joined for pair in pairs], index=flows.index)
    flows = flows[(flows["kind"] != "unit") | inside]
    for header, quantities in flows.groupby(["material", "site"])["quantity"]:
        yield header, float(quantities.sum()), float(quantities.abs().sum())


@pytest.mark.parametrize("name", ALL)
def test_every_unit_of_its_story_runs(name: str):
    """What the file itself adds runs at half of what it could at least; swing plants may stand."""
    result = steady(name)
    own = load_scenario(name).documents[-1].data.get("units", {})
    times = result.simulation.units.groupby("component")[["full_load_h", "available_h"]].sum()
    idle = {}
    for key, unit in result.park.units.items():
        process = unit.process.id if unit.process is not None else ""
        if not own.get(key) or process in STAND_BY | SPARE:
            continue
        load = times.loc[key, "full_load_h"] / times.loc[key, "available_h"]
        if load < LEAST_LOAD:
            idle[key] = round(float(load), 3)
    assert idle == {}


@pytest.mark.parametrize("name", CITY)
def test_the_city_s_limits_and_civil_supply_hold(name: str):
    result = steady(name)
    found = result.policy.set_index(["id", "subject"])
    for clause in ("q01", "q02", "q09"):
        assert found.loc[(clause, "city"), "verdict"] == "pass"
    assert found.loc[("q01", "city"), "value"] == pytest.approx(551.9)
    assert result.simulation.obligations["shortfall"].max() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_the_event_engine_runs_it(name: str):
    found = run_des(load_park(name, ["horizon.years=null", "horizon.hours=240"]), seed=3)
    assert found.residual <= 1e-9
    assert found.units["full_load_h"].sum() > 0.0


# -- routes -----------------------------------------------------------------------------------


def test_every_named_route_runs_in_some_scenario():
    routes = load_library().routes
    missing = [
        key
        for key, route in sorted(routes.items())
        if not any(in_series(steady(name), route) for name in ALL)
    ]
    assert missing == []


def test_the_park_as_built_walks_two_routes_only():
    """Nothing counts as a route that its park does not hold, nor by a purchase alone."""
    routes = load_library().routes
    walked = {key for key, route in routes.items() if in_series(steady("xinzhou-built"), route)}
    assert walked == {"cog_lng_methanation", "cog_methanol"}


def in_series(result: RunResult, route: Route) -> bool:
    """All steps of a route run in the last month, each on what the one before it made."""
    flows = last_month(result)
    carried = {
        (link.material.id, here, there)
        for link in result.park.links.values()
        for here, there in [(_site(link.origin), _site(link.target))]
    }
    arriving = {(material, site) for _, material, site in flows if material == route.source_stream}
    for step in route.steps:
        units = {
            unit.id
            for unit in result.park.units.values()
            if unit.process is not None and unit.process.id == step
        }
        takers = {
            unit
            for (unit, material, site), quantity in flows.items()
            if unit in units and quantity < 0 and (material, site) in arriving
        }
        made = {
            (material, site)
            for (unit, material, site), quantity in flows.items()
            if unit in takers and quantity > 0
        }
        moved = {(m, there) for m, here, there in carried if (m, here) in made}
        arriving = made | moved
    return route.product in {material for material, _ in arriving}


@functools.cache
def _last_month(name: str) -> dict[tuple[str, str, str], float]:
    flows = steady(name).simulation.flows
    flows = flows[(flows["kind"] == "unit") & (flows["period"] == flows["period"].max())]
    keys = ["component", "material", "site"]
    return dict(flows.groupby(keys)["quantity"].sum())


def last_month(result: RunResult) -> dict[tuple[str, str, str], float]:
    """(unit, material, site) -> what left (+) or entered (-) in the last month."""
    return _last_month(result.park.id)


def _site(header: str) -> str:
    return header.rsplit("@", 1)[-1]


# -- the end of 2021 --------------------------------------------------------------------------


def test_the_switch_of_2023_closes_the_old_ovens():
    """249 wan t/a of 4.3 m ovens at the start, none at the end, the counties' totals unchanged."""
    park = load_park("xinzhou-2021")
    ovens = [u for u in park.units.values() if u.process is not None and u.process.oven]
    old = [u for u in ovens if u.process and u.process.oven and u.process.oven.chamber_height_m < 5]
    assert sum(u.capacity_per_a for u in old) == pytest.approx(249e4)
    closing = {u.approval: u.close_h for u in old}
    for unit in (u for u in ovens if u.approval in closing):
        assert unit in old or 0.0 < unit.start_h < closing[unit.approval]
    at_end = [u for u in ovens if u.close_h > park.horizon.hours]
    assert not set(u.id for u in old) & set(u.id for u in at_end)
    assert sum(u.capacity_per_a for u in at_end) == pytest.approx(551.9e4)


def test_civil_gas_and_heat_go_on_through_the_switch():
    """In no month is anything missing, with failures and overhauls."""
    owed = run_des(load_park("xinzhou-2021"), seed=1).obligations
    assert owed["period"].nunique() == 36
    short = owed[owed["shortfall"] > 1e-9 * owed["requested"].clip(lower=1.0)]
    assert short[["period", "component"]].to_numpy().tolist() == []
