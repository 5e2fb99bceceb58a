"""Queues at the bays: the figures are those of the run's own table."""

from __future__ import annotations

import pytest

from chainsim.report.bays import queue_chart, queue_frame
from chainsim.report.page import run_page
from chainsim.report.trips import trip_grid, trip_table
from chainsim.study.run import run
from tests.parks import park_of

ROAD = """
    sites: {a: {name_zh: 甲, name_en: A}, b: {name_zh: 乙, name_en: B}}
    materials: {x: {}}
    buffers:
      here: {material: x, site: a, capacity: 100000, initial_share: 1}
      there: {material: x, site: b, capacity: 100000}
    links:
      road:
        {material: x, from: a, to: b, mode: truck, km: 1, name_zh: 公路, name_en: road,
         shipment: {batch: 2, bays: 1, waiting_room: 1, loading: 1, every: {kind: exponential,
           mean: 1}}}
"""


def test_queue_and_waits_are_those_of_the_run() -> None:
    result = run(park_of(ROAD, hours=2000.0), engine="des")
    own = result.simulation.shipments
    frame = queue_frame(result, "en")
    assert list(frame["name"].unique()) == ["road"]
    assert frame["queue"].tolist() == pytest.approx(own["queue_mean"].tolist(), abs=1e-3)
    assert frame["wait_h"].iloc[0] == pytest.approx(own["waited_h"][0] / own["trips"][0], abs=1e-2)
    grid = trip_grid(result, "zh")
    assert grid is not None
    (row,) = grid.rows
    assert row.cells[0] == "公路"
    assert row.cells[1] == f"{int(own['trips'].sum()):,}"
    assert row.tone == "warn"
    assert own["turned_away"].sum() > 0
    (told,) = trip_table(result).to_dict("records")
    assert told["wait_h"] == pytest.approx(own["waited_h"].sum() / own["trips"].sum())
    assert told["turned_away"] == own["turned_away"].sum()
    chart = queue_chart(result, "en")
    assert chart is not None
    assert chart.to_dict()["encoding"]["y"]["field"] == "queue"


@pytest.mark.parametrize(("lang", "title"), [("zh", "分批运输"), ("en", "Shipments")])
def test_the_page_of_a_run_tells_waits_and_who_was_turned_away(lang, title) -> None:
    result = run(park_of(ROAD, hours=2000.0), engine="des")
    (section,) = (s for s in run_page(result, lang).sections if s.title == title)
    assert section.grid == trip_grid(result, lang)


def test_a_park_without_shipments_has_no_bays() -> None:
    result = run("investor-lng", engine="steady")
    assert trip_grid(result, "zh") is None
    assert queue_chart(result, "zh") is None
    assert len(trip_table(result)) == 0
    assert "分批运输" not in {s.title for s in run_page(result, "zh").sections}


def test_engines_without_trips_tell_none() -> None:
    result = run(park_of(ROAD, hours=2000.0), engine="steady")
    assert len(result.simulation.shipments) > 0
    assert trip_grid(result, "en") is None
