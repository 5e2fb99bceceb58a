"""The shipped scenarios: what they promise, and the two engines on them."""

from __future__ import annotations

import pytest

from chainsim.balance.steady import run_steady
from chainsim.des.engine import run_des
from chainsim.library.scenarios import load_scenario
from chainsim.park.build import build_park, load_park
from chainsim.study.run import run

LAYOUTS = ("xinzhou-base", "layout-dispersed", "layout-yuanping-hub")


@pytest.mark.parametrize("name", LAYOUTS)
def test_without_outages_and_buffers_both_engines_agree(name: str):
    buffers = load_scenario(name).record.buffers
    park = build_park(load_scenario(name, [f"buffers.{b}=null" for b in buffers]))
    keys = ["period", "kind", "component", "port", "material"]
    steady = run_steady(park, outages=False).flows.set_index(keys).quantity
    events = run_des(park, outages=False).flows.set_index(keys).quantity
    left, right = steady.align(events, fill_value=0.0)
    assert float((left - right).abs().max()) <= 1e-9 * float(left.abs().max())
    assert len(steady) > 1000


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_city_s_capacity_and_output_are_kept(name: str):
    park = load_park(name)
    batteries = [u for u in park.units.values() if u.process and u.process.oven]
    assert sum(u.capacity_per_a for u in batteries) == pytest.approx(551.9e4)
    assert {park.sites[u.site].county for u in batteries} == {"忻府区", "原平市", "岢岚县"}
    assert all(u.assumed for u in batteries)
    result = run(park, engine="steady")
    assert 390e4 < result.kpi("output.coke_t") <= 399.6e4
    verdicts = result.policy[result.policy["level"] == "city"].set_index("id")["verdict"]
    assert verdicts["q01"] == "pass"
    assert verdicts["q02"] == "pass"


def test_the_three_routes_run_whole():
    result = run("xinzhou-base", engine="steady")
    for product in ("hydrogen", "methanol", "lng", "anode_graphite", "nylon6"):
        assert result.kpi(f"output.{product}_t") > 1000.0


def test_every_header_of_the_base_closes_over_a_month_with_outages():
    found = run_des(load_park("xinzhou-base", ["horizon.hours=720"]), seed=5)
    flows = found.flows
    at_headers = flows[flows.kind != "unit"].groupby(["material", "site"]).quantity.sum()
    park = load_park("xinzhou-base")
    joined = {(u.id, p.name) for u in park.units.values() for p in u.ports if p.options}
    rows = flows[(flows.kind == "unit")]
    rows = rows[[k in joined for k in zip(rows.component, rows.port, strict=True)]]
    units = rows.groupby(["material", "site"]).quantity
    total, through = units.sum(), units.apply(lambda q: float(q.abs().sum()))
    assert len(total) > 80
    for key in total.index:
        assert abs(total[key] + at_headers.get(key, 0.0)) <= 1e-9 * through[key]
