"""The steel and hydrogen routes run end to end with the steady engine at rates worked by hand."""

from __future__ import annotations

import textwrap

import pandas as pd
import pytest

from chainsim.accounts.account import account
from chainsim.balance.steady import run_steady
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.results import Simulation

HEAD = """
schema_version: 1
id: route
name_zh: 路线
name_en: Route
horizon: {start: 2025-01-01, hours: 1000}
"""
HOURS = 1000.0
BUY = (
    "coking_coal iron_burden pci_coal lime_flux steel_scrap oxygen nitrogen electricity steam "
    "fresh_water coke"
)
SELL = (
    "blast_furnace_slag blast_furnace_slag_hydrogen blast_furnace_dust converter_slag "
    "converter_dust arc_furnace_slag"
)
FLARE = "blast_furnace_gas blast_furnace_gas_hydrogen converter_gas psa_tail_gas dri_purge_gas"


def markets(kind: str, names: str, value: str = "") -> str:
    return f"{kind}: {{{', '.join(f'{n}: {{{value}}}' for n in names.split())}}}\n"


def ran(units: str, *rest: str) -> tuple[Park, Simulation]:
    """A route without failures and overhauls."""
    park = build_park(parse_scenario(HEAD + textwrap.dedent(units) + "".join(rest)))
    return park, run_steady(park, outages=False)


def rate(flows: pd.DataFrame, kind: str, material: str) -> float:
    """Mean rate per hour of a kind of flow; sales and vents as positive numbers."""
    rows = flows[(flows["kind"] == kind) & (flows["material"] == material)]
    return abs(float(rows["quantity"].sum())) / HOURS


def test_coke_to_crude_steel():
    """71 t/h of coke make 71/0.355 = 200 t/h of hot metal and 200/0.93 = 215.05 t/h of steel, with
    200 x 1.63 = 326 t/h of burden, 29 t/h of coal and 215.05 x 0.15 = 32.26 t/h of scrap. Of 307.3
    kNm3/h of furnace gas the stoves take 360 GJ/h / 3.328 = 108.2; 199.1 are left.
    """
    _, found = ran(
        """
        units:
          furnace: {process: blast_furnace, capacity: 250 t/h, min_load: 0}
          shop: {process: basic_oxygen_furnace, capacity: 250 t/h, min_load: 0}
        """,
        markets("buy", BUY).replace("coke: {}", "coke: {limit: 71 t/h}"),
        markets("sell", SELL + " crude_steel steam_out").replace(
            "steam_out: {}", "steam_out: {material: steam, price: 1}"
        ),
        markets("vents", FLARE, "kind: flare"),
    )
    flows = found.flows
    assert rate(flows, "buy", "coke") == pytest.approx(71)
    assert rate(flows, "sell", "crude_steel") == pytest.approx(215.05, abs=0.01)
    assert rate(flows, "buy", "iron_burden") == pytest.approx(326)
    assert rate(flows, "buy", "pci_coal") == pytest.approx(29)
    assert rate(flows, "buy", "steel_scrap") == pytest.approx(32.26, abs=0.01)
    assert rate(flows, "vent", "blast_furnace_gas") == pytest.approx(199.1, abs=0.2)


def test_steel_carbon_becomes_carbon_dioxide():
    """Per t steel: coke 0.93 x 0.355 x 0.8515 + coal 0.93 x 0.145 x 0.79 + scrap 0.0003 + lime 0.0006
    + air 0.0002 less dust 0.93 x 0.0054 and steel 0.0015 = 0.3822 t C = 1.400 t CO2, where gaseous
    fuels are booked as 99 % burnt; MPP has 1.79-2.43 with coking and sintering.
    """
    park, found = ran(
        """
        units:
          furnace: {process: blast_furnace, capacity: 200 t/h, min_load: 0}
          shop: {process: basic_oxygen_furnace, capacity: 210 t/h, min_load: 0}
        """,
        markets("buy", BUY),
        markets("sell", SELL + " crude_steel steam_out").replace(
            "steam_out: {}", "steam_out: {material: steam, price: 1}"
        ),
        markets("vents", FLARE, "kind: flare"),
    )
    accounts = account(park, found)
    steel = rate(found.flows, "sell", "crude_steel") * HOURS
    assert accounts.kpi("carbon.direct_t") / steel == pytest.approx(1.400, rel=5e-3)


def test_coke_oven_gas_to_hydrogen_to_blast_furnace():
    """434.7 kNm3/h of gas give 434.7/2.005 = 216.8 kNm3/h of hydrogen; at 216.8 Nm3/t they serve
    1,000 t/h of hot metal, for which 90.8 t/h of coal are left to buy instead of 145.
    """
    _, found = ran(
        """
        units:
          psa: {process: psa_hydrogen, capacity: 300000 Nm3/h, min_load: 0}
          furnace: {process: blast_furnace_hydrogen, capacity: 1200 t/h, min_load: 0}
        """,
        markets("buy", BUY + " coke_oven_gas").replace(
            "coke_oven_gas: {}", "coke_oven_gas: {limit: 434.684}"
        ),
        markets("sell", SELL + " hot_metal"),
        markets("vents", FLARE, "kind: flare"),
    )
    assert rate(found.flows, "sell", "hot_metal") == pytest.approx(1000, abs=0.1)
    assert rate(found.flows, "buy", "pci_coal") == pytest.approx(90.8, abs=0.1)
    assert rate(found.flows, "vent", "psa_tail_gas") == pytest.approx(217.9, abs=0.2)


def test_coke_oven_gas_to_hydrogen_to_dri_to_steel():
    """120.3 kNm3/h of gas give 60 kNm3/h of hydrogen and at 600 Nm3/t 100 t/h of iron, which with
    11 t/h of scrap make 100 t/h of steel; 142 t/h of pellets; power 60 x 0.4 = 24 MWh/h for the PSA,
    33 for the shaft and 64 for the arc furnace.
    """
    _, found = ran(
        """
        units:
          psa: {process: psa_hydrogen, capacity: 80000 Nm3/h, min_load: 0}
          shaft: {process: direct_reduction_hydrogen, capacity: 120 t/h, min_load: 0}
          arc: {process: electric_arc_furnace, capacity: 120 t/h, min_load: 0}
        """,
        markets("buy", BUY + " coke_oven_gas iron_pellets uhp_electrode").replace(
            "coke_oven_gas: {}", "coke_oven_gas: {limit: 120.3}"
        ),
        markets("sell", SELL + " crude_steel"),
        markets("vents", FLARE, "kind: flare"),
    )
    flows = found.flows
    assert rate(flows, "sell", "crude_steel") == pytest.approx(100)
    assert rate(flows, "buy", "iron_pellets") == pytest.approx(142)
    assert rate(flows, "buy", "steel_scrap") == pytest.approx(11)
    assert rate(flows, "buy", "electricity") == pytest.approx(24 + 33 + 64)


def test_coal_to_hot_metal_with_ovens_on_furnace_gas():
    """100 t/h of coal give 77.3 x 0.99 = 76.527 t/h of coke and 215.57 t/h of hot metal. Its 331.2
    kNm3/h of gas heat the stoves (388.0 GJ/h, 116.6) and the ovens (255 GJ/h, 76.6); 138.0 are left.
    All coke-oven gas is free but the tube furnace's: 16.57 x 0.904 t/h at 0.4634 kg/Nm3 = 32.33
    kNm3/h less 16.57 x 0.83 GJ / 17.59 = 0.78.
    """
    _, found = ran(
        """
        units:
          ovens:
            process: coke_battery_top_7
            capacity: 90 t/h
            min_load: 0
            feeds: {underfiring: [blast_furnace_gas, coke_oven_gas]}
          quench: {process: cdq, capacity: 90 t/h, min_load: 0}
          clean: {process: gas_cleaning, capacity: 50000 Nm3/h, min_load: 0}
          furnace: {process: blast_furnace, capacity: 300 t/h, min_load: 0}
        """,
        markets("buy", BUY.removesuffix(" coke") + " sulfuric_acid").replace(
            "coking_coal: {}", "coking_coal: {limit: 100 t/h}"
        ),
        markets(
            "sell", SELL + " hot_metal coal_tar crude_benzene ammonium_sulfate sulfur steam_hp"
        ),
        markets("vents", FLARE + " coke_oven_gas", "kind: flare"),
    )
    flows = found.flows
    assert rate(flows, "sell", "hot_metal") == pytest.approx(215.57, abs=0.01)
    assert rate(flows, "vent", "blast_furnace_gas") == pytest.approx(138.0, abs=0.3)
    assert rate(flows, "vent", "coke_oven_gas") == pytest.approx(32.33 - 0.78, abs=0.05)


TRUCKS = """
sites:
  plant: {name_zh: 厂, name_en: plant}
  town: {name_zh: 城, name_en: town}
enterprises: {e: {name_zh: 企, name_en: E}}
units:
  psa: {process: psa_hydrogen, site: plant, capacity: 20000 Nm3/h, min_load: 0}
  fill: {process: hydrogen_compression_20mpa, site: plant, capacity: 2000 Nm3/h, min_load: 0}
  station: {process: hydrogen_refuelling_station, site: town, capacity: 2000 Nm3/h}
  fleet: {process: fuel_cell_truck_fleet, site: town, capacity: 5000, priority: 1}
  old: {process: diesel_truck_fleet, site: town, capacity: 5000, priority: 2}
links:
  trailer:
    {material: hydrogen_20mpa, from: plant, to: town, mode: truck, km: 50, freight: 75 CNY/t/km}
buy:
  coke_oven_gas: {site: plant, limit: 2.28404}
  p1: {material: electricity, site: plant}
  p2: {material: electricity, site: town}
  fresh_water: {site: plant}
  diesel: {site: town}
sell: {tail: {material: psa_tail_gas, site: plant, price: 1}}
obligations: {truck_km: {site: town, rate: 2000}}
"""


def test_coke_oven_gas_to_trucks():
    """1,000 km/h need 90 kg = 1,000.7 Nm3 at the nozzle (0.08994 kg/Nm3), x 1.01 at the station,
    x 1.005 at filling = 1,015.7 Nm3/h plant hydrogen, x 2.005 = 2,036.5 Nm3/h of gas. So 2,284.0
    Nm3/h of gas drive 1,121.5 km/h; diesel lorries do the other 878.5 km/h on 295.2 kg/h.
    """
    park, found = ran(TRUCKS)
    flows = found.flows
    cell = flows[(flows["component"] == "fleet") & (flows["port"] == "truck_km")]
    assert cell["quantity"].sum() / HOURS == pytest.approx(1121.5, abs=0.5)
    assert rate(flows, "buy", "diesel") == pytest.approx(0.2952, abs=3e-4)
    freight = -account(park, found).ledger.query("account == 'cost.freight'")["amount"].sum()
    # 90 kg x 1.01 per 1,000 km are carried: 0.1019 t/h over 50 km at 75 CNY/t/km
    assert freight / HOURS == pytest.approx(0.1019 * 50 * 75, rel=1e-3)


def test_trailer_freight_is_slope_and_trip():
    """35 CNY/t/km and 2,000 CNY/t over 50 km are 75 CNY/t/km: 3.75 CNY per kg, reference data 2.5-5."""
    figures = ran(TRUCKS)[0].library.factors
    slope, trip = figures["hydrogen_trailer_slope"].value, figures["hydrogen_trailer_fixed"].value
    assert slope + trip / 50 == pytest.approx(75)


def test_converter_gas_to_carbon_monoxide():
    """200 t/h of steel recover 200 x 87.9 = 17,580 Nm3/h of gas less 24 GJ/h of ladle heat (3,194 at
    7.513 MJ): 14,386 / 1.91 = 7,532 Nm3/h of CO.
    """
    _, found = ran(
        """
        units:
          shop: {process: basic_oxygen_furnace, capacity: 200 t/h, min_load: 0}
          psa: {process: co_psa_converter_gas, capacity: 20000 Nm3/h, min_load: 0}
        """,
        markets("buy", BUY + " hot_metal"),
        markets("sell", SELL + " crude_steel carbon_monoxide co_psa_tail_gas steam_out").replace(
            "steam_out: {}", "steam_out: {material: steam, price: 1}"
        ),
    )
    assert rate(found.flows, "sell", "crude_steel") == pytest.approx(200)
    assert rate(found.flows, "sell", "carbon_monoxide") == pytest.approx(7.532, abs=0.01)


def test_works_gas_spares_coke_oven_gas():
    """50 t/h of hot metal give 76.83 kNm3/h of gas; stoves take 90 GJ/h, 27.04 kNm3/h at 3.328 MJ.
    The boiler burns the other 49.79 (165.7 GJ/h) before coke-oven gas: 101 t/h of steam with the
    furnace's own tonne want 298.96 GJ/h, so 133.3 GJ/h or 7.576 kNm3/h at 17.59 MJ are bought.
    """
    _, found = ran(
        """
        units:
          boiler: {process: gas_boiler, capacity: 120 t/h}
          furnace: {process: blast_furnace, capacity: 50 t/h, min_load: 0}
        obligations: {steam: {rate: 100}}
        """,
        markets("buy", BUY.replace(" steam ", " ") + " coke_oven_gas"),
        markets("sell", SELL + " hot_metal"),
        markets("vents", FLARE, "kind: flare"),
    )
    flows = found.flows
    assert rate(flows, "obligation", "steam") == pytest.approx(100)
    assert rate(flows, "sell", "hot_metal") == pytest.approx(50)
    assert rate(flows, "vent", "blast_furnace_gas") == pytest.approx(0, abs=1e-9)
    assert rate(flows, "buy", "coke_oven_gas") == pytest.approx(7.576, abs=0.02)


@pytest.mark.parametrize(
    ("process", "fuel", "per_unit"),
    [
        ("coal_boiler", "steam_coal", 3.24 / 23.03),
        ("cog_gas_engine", "coke_oven_gas", 10.29 / 17.59),
        ("cog_combined_cycle", "coke_oven_gas", 8.0 / 17.59),
    ],
)
def test_back_up_plants(process: str, fuel: str, per_unit: float):
    """Fuel per t steam or MWh: 3.24 GJ / 23.03 = 0.1407 t of coal, 10.29 / 17.59 = 0.585 and
    8.0 / 17.59 = 0.455 kNm3 of coke-oven gas (1.71 and 2.20 kWh per Nm3).
    """
    made = "steam" if process == "coal_boiler" else "electricity"
    grid = "electricity: {}, " if made == "steam" else ""
    _, found = ran(
        f"""
        units: {{plant: {{process: {process}, capacity: 10, min_load: 0}}}}
        obligations: {{{made}: {{rate: 10}}}}
        buy: {{{fuel}: {{}}, {grid}fresh_water: {{}}}}
        """
    )
    assert rate(found.flows, "buy", fuel) == pytest.approx(10 * per_unit, rel=1e-3)


def test_nitrogen_from_air():
    """10 kNm3/h of nitrogen take 0.25 MWh/t x 1.2506 kg/Nm3 x 10 = 3.13 MWh/h."""
    _, found = ran(
        """
        units: {n: {process: nitrogen_generation, capacity: 10, min_load: 0}}
        buy: {electricity: {}, fresh_water: {}}
        sell: {nitrogen: {}}
        """
    )
    assert rate(found.flows, "sell", "nitrogen") == pytest.approx(10)
    assert rate(found.flows, "buy", "electricity") == pytest.approx(3.13, abs=0.01)
