"""Overhauls and buffers of a layout tuned by simulation, and the selection behind it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainsim.library.candidate_files import parse_candidates
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.study.layout.search import Search
from chainsim.study.layout.tuning import ERROR, survivors, tune
from chainsim.study.layout.verify import verify

BASE = """
schema_version: 1
id: ground
name_zh: ground
name_en: ground
library: false
horizon: {start: 2026-01-01, years: 1}
materials: {gas: {}, a: {price_cny: 100}}
finance: {escalation: 0, site_integration: 1, operation_years: 1, construction: [1]}
units:
  ovens: {recipe: {products: {gas: 1}}, capacity: 10, priority: 1,
    overhaul: {interval: 8760, duration: 500, first: 1000}}
buffers: {tank: {material: gas, capacity: 1000, initial: 200}}
vents: {gas: {}}
sell: {a: {}}
"""
FILE = """
schema_version: 1
kind: candidates
id: small
name_zh: small
name_en: small
base: BASE
years: [2026, 2026]
discount: 0
candidates:
  maker:
    unit: {recipe: {feeds: {gas: 1}, products: {a: 1}}, capex: 1000, priority: 2,
      overhaul: {interval: 8760, duration: 500, first: 5000}}
    sites: {site: null}
    sizes: [10]
"""


@pytest.fixture
def search(tmp_path):
    path = tmp_path / "ground.yaml"
    path.write_text(BASE, "utf-8")
    return Search(
        parse_candidates(FILE.replace("BASE", "ground.yaml"), file=str(tmp_path / "c.yaml"))
    )


def test_stops_together_and_the_smallest_tank_that_earns(search):
    best = search.best()
    tuned = tune(search, best, most=3, seed=1)
    assert len(tuned.tried) == 9
    chosen = tuned.tried[0]
    assert chosen.chosen
    assert (chosen.variant.plan, chosen.variant.buffers) == ("together", 0.5)
    gains = {(t.variant.plan, t.variant.buffers): t.gain for t in tuned.tried}
    # Apart, 500 h of each are lost, but for the 200 that the tank holds when the ovens stop.
    assert gains["planned", 1.0] == 0.0
    assert gains["together", 1.0] == pytest.approx(100 * (10 * 500 - 200), rel=1e-6)
    assert gains["spread", 1.0] < gains["together", 1.0]


def test_the_tuned_file_is_what_was_simulated(search):
    best = search.best()
    tuned = tune(search, best, most=2, seed=1)
    park = build_park(parse_scenario(tuned.text))
    assert park.buffers["tank"].capacity == 500.0
    assert park.buffers["tank"].initial == pytest.approx(100.0)
    firsts = {u.overhaul.first_h for u in park.units.values()}
    assert firsts == {0.5 * (8760 - 500)}


def test_same_seed_same_choice(search):
    best = search.best()
    assert tune(search, best, most=2, seed=3) == tune(search, best, most=2, seed=3)


def test_what_varies_in_nothing_is_tried_once(tmp_path):
    text = BASE.replace("buffers: {tank: {material: gas, capacity: 1000, initial: 200}}\n", "")
    text = text.replace(",\n    overhaul: {interval: 8760, duration: 500, first: 1000}", "")
    (tmp_path / "ground.yaml").write_text(text, "utf-8")
    file = FILE.replace("BASE", "ground.yaml").replace(
        ",\n      overhaul: {interval: 8760, duration: 500, first: 5000}", ""
    )
    search = Search(parse_candidates(file, file=str(tmp_path / "c.yaml")))
    best = search.best()
    (only,) = tune(search, best, most=2, seed=1).tried
    assert (only.chosen, only.gain, only.reps) == (True, 0.0, 1)
    assert verify(search, [best], reps=1, seed=1)[0].mean == pytest.approx(best.value, rel=1e-6)


def test_selection_by_hand():
    # Two systems, five first replications: eta = (0.1 ** -0.5 - 1) / 2, h2 = 8 eta.
    own, other = [0.0, 2.0, 0.0, 2.0, 0.0], [0.0] * 5
    h2 = 4.0 * ((2 * ERROR) ** -0.5 - 1.0)
    variance = float(np.var(own, ddof=1))
    for room in (0.1, 1.0, 3.0):
        slack = max(0.0, room / 10 * (h2 * variance / room**2 - 5))
        expected = [0, 1] if np.mean(own) <= slack else [0]
        assert survivors([own, other], [0, 1], room) == expected
    assert survivors([own, own], [0, 1], 1.0) == [0, 1]


def test_selection_finds_the_best_as_often_as_it_says():
    rng = np.random.default_rng(5)
    right, runs = 0, 200
    for _ in range(runs):
        common = rng.normal(0.0, 3.0, 400)
        table = [common + rng.normal(m, 1.0, 400) for m in (0.0, 0.0, 0.5, 0.0)]
        alive, n = [0, 1, 2, 3], 5
        while len(alive) > 1 and n < 400:
            alive = survivors([list(row[:n]) for row in table], alive, 0.5)
            n += 1
        right += alive == [2]
    # Its standard error is 1.5 %.
    assert right / runs >= 1.0 - ERROR - 3 * math.sqrt(ERROR * (1 - ERROR) / runs)
