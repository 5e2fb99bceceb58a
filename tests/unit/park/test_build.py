"""From a scenario to a park: every structural problem with its place, units of capacity, curves."""

from __future__ import annotations

import textwrap

import pytest

from chainsim.errors import DataError, StructureError
from chainsim.library.model import Library, Price
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park, curve_factor
from chainsim.park.checks import check_park
from tests.parks import HEAD, park_of


def told(text: str) -> list[str]:
    """`line path code message` of every problem; line 1 is the first of `text`."""
    body = textwrap.dedent(text).strip("\n")
    first = len(HEAD.splitlines()) + 1
    with pytest.raises(StructureError) as caught:
        build_park(parse_scenario(f"{HEAD}\n{body}", file="park.yaml"))
    return [f"{p.line - first} {p.path} {p.code} {p.message()}" for p in caught.value.problems]


ONE = "materials: {x: {}, y: {}}\nbuy: {x: {}}\nsell: {y: {}}\n"
M = "units: {m: {recipe: {feeds: {x: 1}, products: {y: 1}}, capacity: 1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "units: {m: {process: coking, capacity: 1}}",
            ['1 units.m.process CS-S001 the library has no process "coking"'],
        ),
        (
            f"{ONE}{M}, owner: nobody}}}}",
            ['4 units.m.owner CS-S002 "nobody" is not defined'],
        ),
        (
            f"{ONE}{M}}}}}\nmeasures: {{idle: {{from: 2025-01-02}}}}",
            ["5 measures.idle CS-S039 this measure says nothing"],
        ),
        (
            f"{ONE}units: {{m: {{recipe: milling, capacity: 1}}}}",
            ['4 units.m.recipe CS-S002 "milling" is not defined'],
        ),
        (
            f"{ONE}{M}, restart_level: {{tank: 0.5}}}}}}",
            ['4 units.m.restart_level CS-S002 "tank" is not defined'],
        ),
        (
            f"{ONE}buffers: {{x: {{capacity: 1, serves: [n]}}}}",
            ['4 buffers.x.serves CS-S002 "n" is not defined'],
        ),
        ("policies: [none]", ['1 policies CS-S002 "none" is not defined']),
        (
            "economics: {prices: {gold: 1}}",
            ['1 economics.prices.gold CS-S002 "gold" is not defined'],
        ),
        (
            f"{ONE}units: {{m: {{capacity: 1}}}}",
            ["4 units.m CS-S003 a unit needs exactly one of process and recipe"],
        ),
        (
            f"{ONE}{M}, feeds: {{z: [x]}}}}}}",
            ['4 units.m.feeds CS-S004 the process has no port "z"'],
        ),
        (
            "units: {m: {recipe: {feeds: {x: 1}}, capacity: 1}}",
            ['1 units.m.recipe CS-S005 no material "x"'],
        ),
        ("buy: {x: {}}", ['1 buy.x.material CS-S005 no material "x"']),
        (
            "materials: {x: {}}\n"
            "units: {m: {recipe: {feeds: {fuel: {rate: 1, alternatives: [x]}}}, capacity: 1}}",
            [
                '2 units.m.feeds.fuel CS-S006 material "x" has no heating value and cannot serve'
                " this port by heat"
            ],
        ),
        (
            "materials: {x: {}}\nbuffers: {x: {capacity: 10, initial: 11}}",
            ["2 buffers.x.initial CS-S007 the initial level exceeds the capacity"],
        ),
        (
            "materials: {x: {}}\nbuffers: {x: {capacity: 10, initial: 0, initial_share: 0.5}}",
            [
                "2 buffers.x CS-S033 initial, initial_share say the same thing; only one of them"
                " may be given"
            ],
        ),
        (
            f"materials: {{x: {{}}}}\nsell: {{x: {{limit: 1, monthly: {[1] * 12}}}}}",
            ["2 sell.x CS-S033 limit, monthly say the same thing; only one of them may be given"],
        ),
        (
            f"materials: {{x: {{}}}}\nbuy: {{x: {{price: 1, monthly_prices: {[1] * 12}}}}}",
            [
                "2 buy.x CS-S033 price, monthly_prices say the same thing; only one of them may be"
                " given"
            ],
        ),
        (
            "materials: {x: {}}\nobligations: {x: {hard: true}}",
            ["2 obligations.x CS-S008 an obligation needs exactly one of rate and monthly"],
        ),
        (
            "sites: {a: {name_zh: a, name_en: a}, b: {name_zh: b, name_en: b}}\n"
            "materials: {x: {}}\nbuy: {x: {}}",
            ["3 buy.x CS-S009 with several sites, site must be given"],
        ),
        (
            "materials: {x: {}}\nbuy: {x: {limit: -1}}",
            ["2 buy.x.limit CS-S011 the amount must be finite and not negative"],
        ),
        (
            f"{ONE}{M}}}}}\ndispatch: [{{maximise: m, minimise: x}}]",
            ["5 dispatch.0 CS-S012 a dispatch entry needs exactly one of maximise and minimise"],
        ),
        (
            f"{ONE}{M}}}}}\ndispatch: [{{maximise: m}}, {{minimise: m}}]",
            ['5 dispatch.1 CS-S013 "m" stands twice in the dispatch list'],
        ),
        (
            f"{ONE}{M}}}}}\ndispatch: [{{maximise: k}}]",
            ['5 dispatch.0 CS-S014 "k" in the dispatch list is no component of this park'],
        ),
        (
            f"{ONE}{M}, load: 0.4, min_load: 0.5}}}}",
            ["4 units.m.load CS-S015 the load set-point is below the minimum load"],
        ),
        (
            f"{ONE}{M}, start: 2026-01-01, close: 2025-06-01}}}}",
            ["4 units.m.close CS-S016 the closing date is not after the start date"],
        ),
        (
            f"materials: {{x: {{}}, y: {{}}}}\n{M}}}}}\nsell: {{y: {{}}}}",
            ['2 units.m CS-S017 nothing can supply "x@site"'],
        ),
        (
            "materials: {x: {}}\nbuy: {x: {limit: 3 t}}",
            ["2 buy.x.limit CS-U002 the unit has another dimension"],
        ),
        (
            f"{ONE}units: {{m: {{recipe: {{feeds: {{x: 1}}}}, capacity: 3 foo/h}}}}",
            ["4 units.m.capacity CS-U001 unknown unit"],
        ),
        (
            "sites: {a: {name_zh: a, name_en: a}, b: {name_zh: b, name_en: b}}\n"
            "materials: {x: {}}\n"
            "buy: {x: {site: a}}\n"
            "sell: {x: {site: b}}\n"
            "links: {l: {material: x, from: a, to: b, mode: pipe, km: 1, electricity: 1 kWh/t}}",
            ['5 links.l.electricity.material CS-S005 no material "electricity"'],
        ),
    ],
)
def test_every_problem_has_its_place(text, expected):
    assert told(text) == expected


def test_all_problems_are_told_at_once():
    found = told(f"{ONE}{M}, owner: nobody, site: nowhere}}}}\nbuffers: {{z: {{capacity: 1}}}}")
    assert [line.split()[2] for line in found] == ["CS-S002", "CS-S002", "CS-S005"]


def test_a_blocked_product_is_a_warning_only():
    park = park_of(f"materials: {{x: {{}}, y: {{}}}}\nbuy: {{x: {{}}}}\n{M}}}}}")
    (problem,) = check_park(park)
    assert (problem.code, problem.severity, problem.found) == ("CS-S018", "warning", "y@site")
    assert problem.message() == 'nothing can take "y@site": the unit that makes it will be blocked'


@pytest.mark.parametrize(
    ("capacity", "per_hour"),
    [
        ("12", 12.0),
        ("12 t/h", 12.0),
        ("87.6 kt/a", 10.0),
        ("876 万t/a", 1000.0),
        ("240 t/d", 10.0),
        ("2000 kg/h", 2.0),
        ("20000 Nm3/h", 20.0),
        ("8760 TJ/a", 1000.0),
        ("30 MW", 30.0),
        ("438 GWh/a", 50.0),
        ("5 push/h", 5.0),
    ],
)
def test_capacities_of_recipes(capacity, per_hour):
    unit = park_of(f"{ONE}{M}}}}}".replace("capacity: 1", f"capacity: {capacity}")).units["m"]
    assert unit.nameplate_per_h == pytest.approx(per_hour)
    assert unit.capacity_per_a == pytest.approx(per_hour * 8760)
    assert [p.rate for p in unit.ports] == pytest.approx([-per_hour, per_hour])


def test_recipes_by_name_and_ports_off_the_headers():
    park = park_of("""
        materials: {x: {}, y: {}, co2: {}}
        recipes:
          milling: {feeds: {x: 2}, products: {y: 1, co2: {rate: 1, connected: false}}}
        units: {m: {recipe: milling, capacity: 3}}
        buy: {x: {}}
        sell: {y: {}}
    """)
    ports = {p.name: p for p in park.units["m"].ports}
    assert (ports["x"].rate, ports["y"].rate) == (-6.0, 3.0)
    assert (ports["co2"].role, ports["co2"].options) == ("emission", ())
    assert set(park.headers) == {"x@site", "y@site"}


def test_alternatives_by_heat_by_factor_and_in_the_units_own_order():
    park = park_of("""
        materials: {tail: {unit: GJ}, gas: {unit: kNm3, lhv_gj: 20}, oil: {}}
        units:
          heat: {recipe: {feeds: {fuel: {rate: 1, alternatives: [tail, gas]}}}, capacity: 40}
          same: {recipe: {feeds: {fuel: {rate: 1, alternatives: {gas: 2, oil: 4}}}}, capacity: 1}
          turned:
            recipe: {feeds: {fuel: {rate: 1, alternatives: [tail, gas]}}}
            capacity: 1
            feeds: {fuel: [gas, tail]}
        buy: {tail: {}, gas: {}, oil: {}}
    """)

    def served(unit):
        return [(o.material, o.per_need) for o in park.units[unit].ports[0].options]

    assert served("heat") == [("tail", 1.0), ("gas", 0.05)]
    assert served("same") == [("gas", 0.5), ("oil", 0.25)]
    assert served("turned") == [("gas", 0.05), ("tail", 1.0)]
    assert park.units["heat"].ports[0].by_heat


def test_a_price_key_in_another_unit_is_converted():
    made = parse_scenario(
        f"{HEAD}\nmaterials: {{electricity: {{unit: MWh}}}}\n"
        "buy: {electricity: {price: 0.5 CNY/kWh}}\n"
        "sell: {electricity: {price_key: export}}\n"
    )
    from chainsim.library.model import Coefficient

    figure = Coefficient(
        path="prices.export", value=0.339, unit="CNY/kWh", low=0.3, high=0.4, source="e", grade="C"
    )
    price = Price(
        key="export",
        name_zh="e",
        name_en="e",
        value_cny=0.339,
        vat=0.13,
        taxed=True,
        year=2025,
        coefficient=figure,
    )
    park = build_park(made, library=Library(prices={"export": price}))
    assert park.sell["electricity"].price_cny == pytest.approx(300.0)
    assert park.sell["electricity"].price_path == "prices.export"
    assert park.buy["electricity"].price_cny == pytest.approx(500.0)


def test_prices_of_the_scenario_replace_those_of_its_materials():
    park = park_of("""
        materials: {x: {price_cny: 5}, y: {price_cny: 6}}
        buy: {x: {}}
        sell: {y: {price: 9}}
        economics: {prices: {x: 7 CNY/kg}}
    """)
    assert park.buy["x"].price_cny == pytest.approx(7000.0)
    assert (park.sell["y"].price_cny, park.sell["y"].price_path) == (9.0, "sell.y.price")


def test_dates_are_hours_from_the_start():
    park = park_of(f"{ONE}{M}, start: 2025-01-02, close: 2025-02-01}}}}")
    assert (park.units["m"].start_h, park.units["m"].close_h) == (24.0, 744.0)


@pytest.mark.parametrize(
    ("horizon", "hours"),
    [
        ("{}", 8760.0),
        ("{start: 2024-01-01}", 8784.0),
        ("{start: 2024-02-29, years: 1}", 365 * 24.0),
        ("{start: 2025-01-01, years: 2}", 17520.0),
        ("{hours: 5}", 5.0),
    ],
)
def test_horizons(horizon, hours):
    park = build_park(
        parse_scenario(f"{HEAD}\nhorizon: {horizon}\nmaterials: {{x: {{}}}}\nbuy: {{x: {{}}}}")
    )
    assert park.horizon.hours == hours


def test_monthly_obligations_and_periods():
    park = park_of(
        """
        materials: {heat: {unit: GJ}}
        buy: {heat: {}}
        obligations: {heat: {monthly: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 TJ/h]}}
        """,
        hours=24.0 * 32,
    )
    assert park.obligations["heat"].monthly[10:] == (11.0, pytest.approx(12000.0))
    assert park.horizon.periods() == (("2025-01", 0.0, 744.0), ("2025-02", 744.0, 768.0))


def test_load_curves():
    curve = ((1.0, 1.0), (0.5, 1.2))
    assert curve_factor((), 0.3) == 1.0
    assert [curve_factor(curve, x) for x in (0.2, 0.5, 0.75, 1.0)] == pytest.approx(
        [1.2, 1.2, 1.1, 1.0]
    )


def test_an_overhaul_must_end_before_the_next():
    with pytest.raises(StructureError) as caught:
        park_of("""
            materials: {x: {}}
            units:
              u: {recipe: {feeds: {x: 1}}, capacity: 1, overhaul: {interval: 10, duration: 10}}
            buy: {x: {}}
        """)
    problem = caught.value.problems[0]
    assert (problem.code, problem.path) == ("CS-S021", "units.u.overhaul")


def test_a_unit_of_no_capacity_stands_and_keeps_its_ports():
    park = park_of(
        """
        materials: {x: {}, y: {}}
        units: {m: {recipe: {feeds: {x: 2}, products: {y: 3}}, capacity: 0, min_load: 0.5}}
        buy: {x: {}}
        sell: {y: {}}
        """
    )
    unit = park.units["m"]
    assert [(p.name, p.role, p.rate) for p in unit.ports] == [
        ("x", "feed", -2),
        ("y", "product", 3),
    ]
    assert (unit.nameplate_per_h, unit.capacity_per_a, unit.load, unit.least_load) == (0, 0, 0, 0)
    assert check_park(park) == []


@pytest.mark.parametrize("made", [1.0, 1.5])
def test_a_unit_that_lives_on_itself_is_refused(made):
    (problem,) = told(
        f"""
        materials: {{p: {{}}}}
        units: {{m: {{recipe: {{feeds: {{p: 1}}, products: {{p: {made}}}}}, capacity: 1}}}}
        sell: {{p: {{}}}}
        """
    )
    assert problem.startswith("2 units.m CS-S019 the loop of m runs without any source")


def test_a_unit_may_add_to_what_it_takes():
    park_of(
        """
        materials: {p: {}, r: {}}
        units: {m: {recipe: {feeds: {p: 1, r: 0.5}, products: {p: 1.5}}, capacity: 1}}
        buy: {r: {}, p: {}}
        sell: {p: {}}
        """
    )


def test_one_mistake_is_told_once():
    with pytest.raises(DataError) as caught:
        parse_scenario(f"{HEAD}\n{ONE}{M.replace('x: 1', 'x: -1')}}}}}\n")
    assert [(p.code, p.found) for p in caught.value.problems] == [("CS-V004", "-1")]


def test_a_recipe_has_load_curves_read_at_the_set_point():
    curve = "load_curve: [{load: 0.5, factor: 1.2}, {load: 1, factor: 1}]"
    park = park_of(
        f"""
        materials: {{x: {{}}, y: {{}}, z: {{}}}}
        units:
          m:
            recipe: {{feeds: {{x: 1, z: {{rate: 2, {curve}}}}}, products: {{y: 1}}}}
            capacity: 10
            load: 0.75
        buy: {{x: {{}}, z: {{}}}}
        sell: {{y: {{}}}}
        """
    )
    assert [(p.name, p.rate) for p in park.units["m"].ports] == [("x", -10), ("z", -22), ("y", 10)]


@pytest.mark.parametrize("horizon", ["{hours: 1000000000}", "{start: 9999-01-01}", "{years: 61}"])
def test_a_horizon_beyond_the_calendar_is_refused(horizon):
    with pytest.raises(DataError) as caught:
        parse_scenario(HEAD + f"horizon: {horizon}\n{ONE}")
    assert [p.code for p in caught.value.problems] == ["CS-V005"]


def test_a_grid_factor_that_nobody_knows_is_refused_where_it_is_named():
    named = "economics: {grid_factor: grid_mars}"
    assert told(f"{ONE}{M}}}}}\n{named}") == [
        '5 economics.grid_factor CS-S002 "grid_mars" is not defined'
    ]
    assert park_of(f"{ONE}{M}}}}}").economics.grid_factor == "grid_north_china_2023"
