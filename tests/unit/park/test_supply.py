"""A unit's standing list of fuels is cut down to what its site has."""

from __future__ import annotations

import pytest

from chainsim.errors import StructureError
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park

BOILER = """
schema_version: 1
id: boiler_house
name_zh: 锅炉房
name_en: Boiler house
story_zh: 一台锅炉。
story_en: One boiler.
units:
  boiler: {process: gas_boiler, capacity: 20 t/h%s}
buy:
  electricity: {}
  water: {material: fresh_water}
%s
sell: {steam: {}}
"""


def boiler(unit: str = "", rest: str = "") -> Park:
    """A gas boiler; what it may burn comes from `unit` and what its site has from `rest`."""
    return build_park(parse_scenario(BOILER % (unit, rest), file="boiler.yaml"))


def fuels(park: Park) -> list[str]:
    """What the boiler's fuel port may burn, first choice in front."""
    (port,) = (p for p in park.units["boiler"].ports if p.burn)
    return [option.material for option in port.options]


BOUGHT = "  gas: {material: coke_oven_gas}\n  tail: {material: psa_tail_gas}"


def test_only_fuels_that_the_site_has_are_kept_in_the_librarys_order() -> None:
    park = boiler(rest=BOUGHT)
    assert fuels(park) == ["psa_tail_gas", "coke_oven_gas"]
    assert "methanol_purge_gas@site" not in park.headers
    assert "psa_tail_gas@site" in park.headers


def test_a_stock_counts_only_when_there_is_something_in_it() -> None:
    tank = "buffers: {tank: {material: psa_tail_gas, capacity: 10, initial_share: %s}}"
    gas = "  gas: {material: coke_oven_gas}\n"
    assert fuels(boiler(rest=gas + tank % "0.5")) == ["psa_tail_gas", "coke_oven_gas"]
    assert fuels(boiler(rest=gas + tank % "0")) == ["coke_oven_gas"]


def test_an_order_of_the_scenario_is_kept_as_it_stands() -> None:
    park = boiler(", feeds: {fuel: [lng_tail_gas, coke_oven_gas]}", BOUGHT)
    assert fuels(park) == ["lng_tail_gas", "coke_oven_gas"]


def test_a_fuel_named_in_the_dispatch_list_is_kept() -> None:
    rest = BOUGHT + "\ndispatch: [{minimise: boiler.fuel.lng_tail_gas}]"
    assert fuels(boiler(rest=rest)) == ["psa_tail_gas", "lng_tail_gas", "coke_oven_gas"]


def test_a_unit_without_any_fuel_is_told() -> None:
    with pytest.raises(StructureError) as caught:
        boiler()
    assert [(p.code, p.path) for p in caught.value.problems] == [("CS-S017", "units.boiler")]
