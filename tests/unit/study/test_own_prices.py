"""A price that a scenario writes itself is moved by a study's draws, unless the scenario holds it."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

import chainsim as cs
from chainsim.cli.entry import invoke
from chainsim.library.files import load_library
from chainsim.library.study_files import parse_study
from chainsim.library.yaml_writer import to_yaml
from chainsim.study.levers import Scheme, levers, overrides
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.summary import summary

HOURS = 100.0
OUTPUT = 10.0 * HOURS
MAKER = """\
schema_version: 1
id: maker
name_zh: 甲醇
name_en: methanol
horizon: {hours: 100}
materials: {raw: {}, blend: {}}
enterprises: {a: {}, b: {}}
units:
  make: {recipe: {feeds: {raw: 1}, products: {methanol: 1}}, capacity: 10, owner: a}
"""
SOLD = "buy: {raw: {price: 100}}\nsell: {methanol: {%s}}\n"
RANGE = "prices: {paths: false, ranges: {methanol: {low: 0.8, high: 1.2, distribution: uniform}}}"
SPREAD = 0.4 / math.sqrt(12.0)
"""Standard deviation of a uniform ratio between 0.8 and 1.2."""


def study_of(body: str, drawn: str, folder, *, reps: int = 40, more: str = ""):
    path = folder / "maker.yaml"
    path.write_text(MAKER + body, "utf-8")
    text = f"""\
schema_version: 1
kind: study
id: own-prices
name_zh: 自定价格
name_en: own prices
scenarios: [maker.yaml]
engine: steady
outages: false
policy: false
reps: {reps}
kpis: [value.revenue_cny, value.added_cny]
uncertainty: {{{drawn}}}
{more}"""
    return parse_study(text, folder=folder)


def revenue(study, out, engine=None) -> np.ndarray:
    swept = cs.sweep(study, out, engine=engine)
    frame = pd.read_parquet(swept.folder / "parts")
    frame = frame[frame["id"] == "value.revenue_cny"].sort_values(["point", "replication"])
    return frame["value"].to_numpy()


def test_the_revenue_of_an_own_price_has_the_spread_of_its_range(tmp_path):
    """Revenue = output x own price x ratio; the ratio is uniform, its deviation known."""
    found = revenue(study_of(SOLD % "price: 3000", RANGE, tmp_path, reps=150), tmp_path / "out")
    ratio = found / (OUTPUT * 3000.0)
    assert 0.8 <= ratio.min() < 0.85
    assert 1.15 < ratio.max() <= 1.2
    assert ratio.mean() == pytest.approx(1.0, abs=4.0 * SPREAD / math.sqrt(len(ratio)))
    assert ratio.std() == pytest.approx(SPREAD, rel=4.0 * math.sqrt(0.8 / (4.0 * len(ratio))))


@pytest.mark.parametrize(
    "body",
    [
        SOLD % "" + "economics: {prices: {methanol: 3390}}\n",  # with VAT of 13 %
        SOLD % "" + "economics: {price_series: {methanol: {months: {2025-01: 3390}}}}\n",
        SOLD % f"monthly_prices: [{', '.join(['3000'] * 12)}]",
        SOLD % "price: 1, steps: [{from: 2025-01-01, price: 3000}]",
        "buy: {raw: {price: 100}}\nobligations: {methanol: {rate: 10, price: 3000}}\n",
    ],
)
def test_every_way_to_write_a_price_swings_alike(body, tmp_path):
    one = revenue(study_of(SOLD % "price: 3000", RANGE, tmp_path, reps=4), tmp_path / "one")
    other = revenue(study_of(body, RANGE, tmp_path, reps=4), tmp_path / "other")
    assert other == pytest.approx(one, rel=1e-12)
    assert np.ptp(one) > 0.0


@pytest.mark.parametrize("name", ["methanol", "sell.methanol"])
def test_what_is_held_stays_and_is_told(name, tmp_path):
    body = SOLD % "price: 3000" + f"economics: {{fixed_prices: [{name}]}}\n"
    study = study_of(body, RANGE, tmp_path, reps=4)
    assert revenue(study, tmp_path / "out") == pytest.approx([OUTPUT * 3000.0] * 4, rel=1e-12)
    assert summary(tmp_path / "out").held == {"maker": (name,)}


def test_one_deal_is_held_while_another_swings(tmp_path):
    body = (
        "buy: {raw: {}}\n"
        "sell: {spot: {material: methanol}, contract: {material: methanol, limit: 4, price: 2000,"
        " priority: 1}}\neconomics: {fixed_prices: [sell.contract], prices: {methanol: 3390}}\n"
    )
    found = revenue(study_of(body, RANGE, tmp_path), tmp_path / "out")
    spot = (found - 4.0 * HOURS * 2000.0) / (6.0 * HOURS * 3000.0)
    assert 0.8 <= spot.min() < 0.9 < 1.1 < spot.max() <= 1.2


def test_the_library_range_moves_an_own_price_by_its_ratio(tmp_path):
    figure = load_library().prices["methanol"].coefficient
    drawn = "coefficients: {only: [prices], distribution: uniform}"
    found = revenue(study_of(SOLD % "price: 3000", drawn, tmp_path, reps=60), tmp_path / "out")
    ratio = found / (OUTPUT * 3000.0)
    low, high = figure.low / figure.value, figure.high / figure.value
    assert low <= ratio.min() < low + 0.1 * (high - low)
    assert high - 0.1 * (high - low) < ratio.max() <= high


def test_a_path_moves_an_own_price_as_it_moves_that_of_the_library(tmp_path):
    """With one path, own price over library price is the same in every run; months keep shape."""
    at_library = revenue(study_of(SOLD % "", "prices: {}", tmp_path), tmp_path / "library")
    net = load_library().prices["methanol"].net_cny
    ratio = at_library / (OUTPUT * net)
    assert ratio.std() > 0.05
    own = SOLD % "" + "economics: {prices: {methanol: 3390}}\n"
    found = revenue(study_of(own, "prices: {}", tmp_path), tmp_path / "own")
    assert found / (OUTPUT * 3000.0) == pytest.approx(ratio, rel=1e-12)


def test_a_factor_on_a_price_moves_own_prices_and_paths_swing_around_it(tmp_path):
    typical = load_library().prices["methanol"].coefficient.value
    factors = f"factors: {{p: {{figure: prices.methanol, values: [{typical}, {1.5 * typical}]}}}}\n"
    study = study_of(SOLD % "price: 3000", "prices: {}", tmp_path, reps=5, more=factors)
    found = revenue(study, tmp_path / "out").reshape(2, 5)
    assert found[1] == pytest.approx(1.5 * found[0], rel=1e-12)
    assert found[0].std() > 0.0


def test_the_price_lever_of_the_page_is_moved_too(tmp_path):
    """The page writes levers as `economics.prices.x`; a planner's price is no longer certain."""
    lever = next(x for x in levers("xinzhou-base") if x.kind == "price" and x.parts == ("coke",))
    (text,) = overrides(Scheme(base="xinzhou-base").with_value(lever, 120.0))
    text = (
        "schema_version: 1\nkind: study\nid: lever\nname_zh: 杆\nname_en: lever\n"
        "scenarios: [xinzhou-base]\nengine: steady\npolicy: false\nreps: 3\n"
        "kpis: [value.revenue_cny]\nuncertainty: {prices: {}}\nfactors:\n"
        f"  own: {{set: economics.prices.coke, values: [{text.partition('=')[2]}]}}\n"
    )
    found = revenue(parse_study(text), tmp_path / "out")
    assert np.ptp(found) > 1e-3 * found.mean()


def test_transfer_prices_follow_unless_held(tmp_path):
    """What enterprise a is paid by b for a stream inside the park."""
    body = (
        "  use: {recipe: {feeds: {methanol: 1}, products: {blend: 1}}, capacity: 10, owner: b}\n"
        "buy: {raw: {}}\nsell: {blend: {price: 9000}}\n"
        "economics: {transfer_prices: {methanol: 500}%s}\n"
    )

    def of(held: str) -> set[float]:
        park = cs.load_park(written(tmp_path, body % held))
        drawn = moved(park, {"methanol": 1.5})
        return {drawn.economics.transfer_prices["methanol"]}

    assert of("") == {750.0}
    assert of(", fixed_prices: [transfer_prices.methanol]") == {500.0}
    assert of(", fixed_prices: [methanol]") == {500.0}


def written(folder, body: str):
    path = folder / "park.yaml"
    path.write_text(MAKER + body, "utf-8")
    return path


def moved(park, ratios):
    from chainsim.study.uncertain.draws import park_at

    return park_at(park.written, {}, ratios)


@pytest.mark.parametrize(
    "body",
    [
        SOLD % "price: 3000",
        SOLD % "price: 3000" + "economics: {fixed_prices: [sell.methanol]}\n",
        SOLD % "" + "economics: {prices: {methanol: 3390}}\n",
        SOLD % "",
    ],
)
def test_value_at_constant_prices_does_not_move_with_prices(body, tmp_path):
    from chainsim.accounts.account import account
    from chainsim.balance.steady import run_steady

    park = cs.load_park(written(tmp_path, body))
    found = []
    for at in (park, moved(park, {"methanol": 1.4})):
        kpis = account(at, run_steady(at)).kpis.set_index("id")["value"]
        found.append(kpis["value.added_constant_cny"])
    assert found[1] == pytest.approx(found[0], rel=1e-12)
    assert found[0] > 0.0


def test_the_same_bytes_from_a_pool(tmp_path):
    study = study_of(SOLD % "price: 3000", "coefficients: {}, prices: {}", tmp_path, reps=20)
    cs.sweep(study, tmp_path / "serial")
    cs.sweep(study, tmp_path / "pool", engine=EngineSpec("processes", 2))
    first, second = (
        {p.name: p.read_bytes() for p in (tmp_path / k / "parts").iterdir()}
        for k in ("serial", "pool")
    )
    assert first == second


def test_the_commands_tell_what_was_held(tmp_path, capsys):
    """Once through the command line: own price moved or held, and named."""
    for held, name in (("", "moved"), ("economics: {fixed_prices: [methanol]}\n", "held")):
        study = study_of(SOLD % "price: 3000" + held, RANGE, tmp_path, reps=3)
        path = tmp_path / f"{name}.yaml"
        path.write_text(to_yaml(study.data), "utf-8")
        out = ["--out", str(tmp_path / name), "--engine", "serial"]
        assert invoke(["sweep", str(path), *out, "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        (row,) = (r for r in data["kpis"] if r["id"] == "value.revenue_cny")
        assert (row["q0.95"] > row["q0.05"]) == (name == "moved")
        assert data["fixed_prices"] == {"maker": ["methanol"] if held else []}
        assert invoke(["summary", str(tmp_path / name), "--lang", "en"]) == 0
        assert ("Prices held fixed: Methanol (methanol)" in capsys.readouterr().out) == bool(held)


def test_figures_price_sets_and_drawn_prices_go_together(tmp_path):
    """What a run books is what the park built from its figures and its ratios books."""
    from chainsim.accounts.account import account
    from chainsim.balance.steady import run_steady
    from chainsim.library.uncertainty_records import UncertaintyRecord
    from chainsim.study.uncertain.draws import Draws, park_at

    body = (
        "buy: {raw: {price: 100}, electricity: {}}\nsell: {methanol: {}}\n"
        "economics: {price_set: type_2021, fixed_prices: [electricity]}\n"
    )
    factor = load_library().factors["truck_freight_cny_per_t_km"].coefficient
    factors = (
        f"factors:\n  f: {{figure: {factor.path}, values: [{factor.low}]}}\n"
        "  p: {figure: prices.methanol, values: [2600]}\n"
    )
    study = study_of(body, "prices: {}", tmp_path, reps=3, more=factors)
    found = revenue(study, tmp_path / "out")
    (scenario,) = study.scenarios()
    record = UncertaintyRecord.model_validate({"prices": {}})
    draws = Draws(cs.load_park(tmp_path / "maker.yaml"), record, 1)
    for k, value in enumerate(found):
        values = {factor.path: factor.low, "prices.methanol": 2600.0}
        park = park_at(scenario, values, draws.prices(k))
        kpis = account(park, run_steady(park)).kpis.set_index("id")["value"]
        assert value == pytest.approx(kpis["value.revenue_cny"], rel=1e-12)
