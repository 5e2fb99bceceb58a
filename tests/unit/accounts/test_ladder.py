"""The ladder of uses, the doctor's findings and the limits of processes, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from chainsim.accounts.doctor import examine_library, examine_park
from chainsim.accounts.formulas import annuity_share, kgce_of_heat
from chainsim.accounts.ladder import Valuer, ladder
from chainsim.accounts.unit_limits import (
    coke_plant_energy_kgce,
    judge,
    judge_library,
    unit_electricity_kwh,
    unit_energy_kgce,
)
from chainsim.library.files import load_library
from chainsim.library.model import Capex
from chainsim.park.routes import find_chains
from chainsim.study.run import run
from tests.unit.park.test_routes import GAS, LIBRARY, STILL, TAR, VALUES, port, process, stuff

COG = replace(GAS, id="coke_oven_gas", elements={"C": 0.2}, tce_kgce=600.0)
POWER = stuff("electricity", phase="energy", unit="MWh", mass_t=0.0, energy_gj=3.6, tce_kgce=122.9)


@pytest.fixture
def valuer():
    still = replace(
        STILL,
        ports=(*STILL.ports, port(POWER, "utility_in", -0.05)),
        capex=Capex(reference_cny=8e8, reference_capacity_per_h=10.0, exponent=0.6, year=2024),
        fixed_opex_per_a=0.05,
        variable_opex_cny=20.0,
        persons_per_unit_per_h=2.0,
    )
    library = replace(
        LIBRARY,
        materials={**LIBRARY.materials, "coke_oven_gas": COG, "electricity": POWER},
        processes={**LIBRARY.processes, "still": still},
        factors={
            k: f
            for k, f in load_library().factors.items()
            if k
            in (
                "hurdle_organic_chemicals",
                "depreciation_life",
                "grid_north_china_2023",
                "wage_cny_per_person_a",
            )
        },
    )
    return Valuer(library, {**VALUES, "coke_oven_gas": 600.0, "electricity": 500.0})


def test_a_rung_by_hand(valuer):
    """Per t of tar: pitch 0.5 x 4,000, oil 0.4 x 3,000, power 0.05 x 500; 10,000 yuan per t/a."""
    chain = next(c for c in find_chains(valuer.library, "tar", VALUES) if len(c.steps) == 1)
    rung = valuer.rung(chain)
    capex = 8e8 / 10.0 / 8000.0
    wage = valuer.library.factors["wage_cny_per_person_a"].value
    assert rung.value_cny == pytest.approx(2000 + 1200)
    assert rung.inputs_cny == pytest.approx(25)
    assert rung.capex_cny == pytest.approx(capex)
    assert rung.running_cny == pytest.approx(20 + 0.05 * capex + 2.0 / 8000.0 * wage)
    assert rung.capital_cny == pytest.approx(capex * annuity_share(0.11, 15.0))
    assert rung.netback_cny == pytest.approx(3200 - 25 - rung.running_cny)
    assert rung.energy_kgce == pytest.approx(0.05 * 122.9)
    assert rung.co2_t == pytest.approx(0.05 * 0.6361)
    assert rung.unpriced == ()


def test_a_stream_on_the_way_is_not_paid_for(valuer):
    """Still and coker: needle coke 0.25, oil 0.4, hydrogen 0.1 x 0.25; the pitch passes through."""
    chain = next(
        c
        for c in find_chains(valuer.library, "tar", VALUES)
        if [s.process.id for s in c.steps] == ["still", "coker"]
    )
    rung = valuer.rung(chain)
    assert rung.value_cny == pytest.approx(0.25 * 8000 + 0.4 * 3000)
    assert rung.inputs_cny == pytest.approx(0.025 * 10000 + 25)


def test_fuel_is_worth_its_heat_and_leaves_as_carbon_dioxide(valuer):
    """2 MWh a kNm3 of 20 GJ; its 0.2 t of carbon leave, the grid is spared 2 MWh."""
    library = replace(
        valuer.library,
        processes={
            "turbine": process(
                "turbine",
                port(POWER, "utility_out", 1.0),
                port(
                    LIBRARY.materials["heat"],
                    "utility_in",
                    -10.0,
                    alternatives=("coke_oven_gas",),
                    by_heat=True,
                    burn=True,
                ),
                boundary="utility",
            )
        },
    )
    prices = {"electricity": 500.0, "coke_oven_gas": 600.0}
    (rung,) = ladder(
        Valuer(library, prices), find_chains(library, "coke_oven_gas", {"electricity": 500.0})
    )
    assert rung.value_cny == pytest.approx(1000)
    assert rung.inputs_cny == 0
    assert rung.co2_t == pytest.approx(0.2 * 44.009 / 12.011 - 2 * 0.6361, rel=1e-3)
    assert rung.energy_kgce == pytest.approx(kgce_of_heat(20.0) - 2 * 122.9)


def test_the_marginal_use_comes_first(valuer):
    rungs = ladder(valuer, find_chains(valuer.library, "tar", VALUES))
    worth = [r.netback_after_capital_cny for r in rungs]
    assert worth == sorted(worth)
    assert len(worth) == 4


def test_the_library_has_no_dead_ends_and_no_feed_without_source():
    assert examine_library(load_library()) == []


def test_dead_ends_and_missing_sources_are_found():
    """Oil has no price and the mixer is gone: nobody takes it; tar is neither made nor sold."""
    processes = {k: p for k, p in LIBRARY.processes.items() if k in ("still", "coker")}
    found = {(f.kind, f.material) for f in examine_library(replace(LIBRARY, processes=processes))}
    assert {("dead_end", "oil"), ("no_source", "tar"), ("dead_end", "needle")} <= found


@pytest.fixture(scope="module")
def base():
    return run("xinzhou-base", engine="steady")


def test_the_citys_benzol_does_not_fill_one_plant(base):
    """3.94 Mt of coke leave about 52 kt of benzol; a refining plant of economic size takes 100 kt."""
    found = examine_park(base.park, base.simulation)
    short = [f for f in found if f.material == "crude_benzene" and f.kind == "short_of_scale"]
    assert len(short) == 1
    assert short[0].needed == pytest.approx(100_000, rel=1e-6)
    assert 45_000 < short[0].amount < 60_000
    assert any(f.kind == "starved" and f.material == "crude_benzene" for f in found)


def test_main_products_are_no_orphans(base):
    found = examine_park(base.park, base.simulation)
    assert {f.material for f in found if f.kind == "orphan"}.isdisjoint({"coke", "methanol"})


def test_unit_energy_by_hand():
    """Per t of pitch: 2 t of tar at 1,000 kgce in, 0.8 t oil at 1,200 out, 0.1 MWh of power."""
    still = process(
        "still",
        port(replace(TAR, tce_kgce=1000.0), "feed", -2.0),
        port(stuff("pitch"), "product", 1.0),
        port(stuff("oil", tce_kgce=1200.0), "byproduct", 0.8),
        port(POWER, "utility_in", -0.1),
    )
    still = replace(still, reference="pitch")
    assert unit_energy_kgce(still, "gross") == pytest.approx(2000 - 960 + 12.29)
    assert unit_energy_kgce(still, "process") == pytest.approx(12.29)
    assert unit_electricity_kwh(still) == pytest.approx(100)


def test_every_limit_is_judged_or_says_why_not():
    library = load_library()
    verdicts = list(judge_library(library))
    assert {v.limit.scope for v in verdicts if v.value is None} <= {"unstated", "concentration"}
    for verdict in verdicts:
        if verdict.level:
            assert verdict.value <= verdict.levels[verdict.level]
    methanol = judge(
        library, library.processes["methanol_cog"], library.limits["gb29436_2023_methanol_cog"]
    )
    assert methanol.level == "level1"


def test_coke_is_judged_as_a_whole_plant_with_corrected_limits():
    """26 % volatiles: 3.2 above the stamp limits of 115 and 140, moisture at its base."""
    library = load_library()
    battery = library.processes["coke_battery_stamp_5_5"]
    verdict = judge(library, battery, library.limits["gb21342_2025_stamp"])
    assert verdict.levels == pytest.approx({"level1": 118.2, "level2": 118.2, "level3": 143.2})
    assert verdict.value == pytest.approx(coke_plant_energy_kgce(library, battery))
    assert math.isclose(verdict.value, 136, abs_tol=4)
    assert verdict.level == "level3"
