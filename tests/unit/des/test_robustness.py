"""What would never end, or makes no sense: a named error soon, never a hang."""

from __future__ import annotations

import pytest

from chainsim.cli.entry import invoke
from chainsim.des.engine import run_des
from chainsim.errors import DataError, LimitError, StructureError, UserError
from tests.parks import HEAD, park_of

LINE = """
    materials: {{raw: {{}}, x: {{}}, y: {{}}}}
    units:
      a: {{recipe: {{feeds: {{raw: 1}}, products: {{x: 1}}}}, capacity: 3}}
      b: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 10, {unit}}}
    buffers: {{x: {{capacity: {size}}}}}
    buy: {{raw: {{}}}}
    sell: {{y: {{}}}}
    {more}
"""


def line(*, unit: str = "min_load: 0", size: float = 10, more: str = "", hours: float = 100.0):
    return park_of(LINE.format(unit=unit, size=size, more=more), hours=hours)


def code(error: UserError) -> str:
    return error.problems[0].code


@pytest.mark.parametrize(
    "law",
    [
        "kind: exponential, mean: 1.0e-9",
        "kind: constant, value: 1.0e-9",
        "kind: lognormal, median: 1.0e-9, sigma: 0.1",
    ],
)
@pytest.mark.parametrize("clock", ["calendar", "operating"])
def test_failures_without_end(law: str, clock: str):
    unit = (
        f"failures: [{{uptime: {{{law}}}, repair: {{kind: constant, value: 0}}, clock: {clock}}}]"
    )
    with pytest.raises(LimitError) as caught:
        run_des(line(unit=unit))
    assert code(caught.value) == "CS-E006"
    assert caught.value.problems[0].path in ("units.b", "buffers")


def test_repairs_without_end_keep_no_crew_from_ending():
    unit = (
        "crew: c, failures: [{uptime: {kind: constant, value: 1.0e-12},"
        " repair: {kind: constant, value: 0}}]"
    )
    with pytest.raises(LimitError) as caught:
        run_des(line(unit=unit, more="crews: {c: {size: 1}}"))
    # mended at the same instant, it is allocated again and again there
    assert code(caught.value) in ("CS-E005", "CS-E006")


def test_overhauls_by_hours_run_without_end():
    unit = "overhaul: {interval: 1.0e-9, duration: 1.0e-9, clock: operating}"
    with pytest.raises(LimitError) as caught:
        run_des(line(unit=unit))
    assert code(caught.value) == "CS-E006"


def test_a_holder_of_no_size_is_as_good_as_none():
    found = run_des(line(size=0))
    assert -found.flows[found.flows.kind == "sell"].quantity.sum() == pytest.approx(300.0)


@pytest.mark.parametrize("size", [1e-12, 1e-6, 1e-3])
def test_a_tiny_holder_does_not_hang(size: float):
    unit = "failures: [{uptime: {kind: constant, value: 7}, repair: {kind: constant, value: 1}}]"
    found = run_des(line(size=size, unit=unit))
    assert found.allocations < 200


ROUND = """
    sites: {{a: {{name_zh: a, name_en: a}}, b: {{name_zh: b, name_en: b}}}}
    materials: {{x: {{}}}}
    buffers:
      here: {{material: x, site: a, capacity: 100, initial: 50}}
      there: {{material: x, site: b, capacity: {size}, initial: 0}}
    links:
      go: {{material: x, from: a, to: b, mode: truck, km: 1, shipment: {{{trip}}}}}
      back: {{material: x, from: b, to: a, mode: truck, km: 1, shipment: {{{trip}}}}}
"""


@pytest.mark.parametrize("trip", ["batch: 10", "batch: 10, transit: 1.0e-9, loading: 1.0e-9"])
def test_two_links_that_send_each_other_batches_at_once(trip: str):
    with pytest.raises(LimitError) as caught:
        run_des(park_of(ROUND.format(trip=trip, size=100)))
    assert code(caught.value) == "CS-E008"
    assert caught.value.problems[0].path.startswith("links.")


def test_a_shipment_into_a_holder_of_no_size_is_refused():
    with pytest.raises(StructureError) as caught:
        park_of(ROUND.format(trip="batch: 10", size=0))
    assert code(caught.value) == "CS-S027"


def test_a_queue_that_grows_for_ever_is_stopped():
    park = park_of(
        ROUND.format(trip="batch: 10, every: 0.1, bays: 1, loading: 5", size=100), hours=9000.0
    )
    with pytest.raises(LimitError) as caught:
        run_des(park)
    assert code(caught.value) == "CS-E008"


def test_a_horizon_of_nothing_is_refused():
    with pytest.raises(DataError) as caught:
        line(hours=0.0)
    assert code(caught.value) == "CS-V004"


def test_a_very_short_horizon_is_fine():
    found = run_des(line(hours=1e-9))
    assert found.units.hours.sum() == pytest.approx(2e-9)


@pytest.mark.parametrize("limit", ["events: 20", "wall_s: 1.0e-9"])
def test_limits_of_the_scenario_stop_a_run(limit: str):
    unit = (
        "failures: [{uptime: {kind: exponential, mean: 5}, repair: {kind: exponential, mean: 1}}]"
    )
    with pytest.raises(LimitError) as caught:
        run_des(line(unit=unit, more=f"limits: {{{limit}}}", hours=5000.0))
    assert code(caught.value) == "CS-E012"
    assert caught.value.problems[0].path == f"limits.{limit.split(':')[0]}"


def test_limits_that_are_not_reached_change_nothing():
    unit = (
        "failures: [{uptime: {kind: exponential, mean: 5}, repair: {kind: exponential, mean: 1}}]"
    )
    bare = run_des(line(unit=unit, hours=500.0))
    held = run_des(line(unit=unit, hours=500.0, more="limits: {events: 100000, wall_s: 60}"))
    assert bare.flows.to_csv() == held.flows.to_csv()
    assert bare.events.to_csv() == held.events.to_csv()


def test_a_reached_limit_is_exit_code_6(tmp_path, capsys):
    unit = (
        "failures: [{uptime: {kind: exponential, mean: 5}, repair: {kind: exponential, mean: 1}}]"
    )
    import textwrap

    body = textwrap.dedent(LINE.format(unit=unit, size=10, more="limits: {events: 20}"))
    file = tmp_path / "limited.yaml"
    file.write_text(f"{HEAD}horizon: {{hours: 5000}}\n{body}", "utf-8")
    assert invoke(["run", str(file), "--lang", "en"]) == 6
    assert "CS-E012" in capsys.readouterr().err
