"""Routes, limits, graphs and rankings of the library: what the commands print and when they fail."""

from __future__ import annotations

import json
import math

import pytest
from rich.cells import cell_len

from chainsim.cli.entry import invoke
from chainsim.library.scenarios import shipped_scenarios

MINE = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def routes_json() -> dict[str, object]:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert invoke(["routes", "--json", "--share", "0.3"]) == 0
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def test_routes_are_a_ladder_with_the_marginal_use_first(routes_json) -> None:
    by_source: dict[str, list[float]] = {}
    for row in routes_json["routes"]:
        by_source.setdefault(row["source"], []).append(row["netback_after_capital"])
        for key in ("yield", "value", "capex", "energy_kgce", "co2_t"):
            assert math.isfinite(row[key]), (row["processes"], key)
        assert row["unpriced"] == "", row["processes"]
    assert set(by_source) == {"coke_oven_gas", "coal_tar", "crude_benzene"}
    for worth in by_source.values():
        assert worth == sorted(worth)


def test_every_named_route_stands_in_the_ladder(routes_json) -> None:
    from chainsim.library.files import load_library

    shown = {row["route"] for row in routes_json["routes"]} - {""}
    wanted = {
        route.name_zh
        for route in load_library().routes.values()
        if route.source_stream in ("coke_oven_gas", "coal_tar", "crude_benzene")
    }
    assert shown == wanted
    assert len(wanted) > 30


def test_the_doctor_tells_of_the_missing_benzol(routes_json) -> None:
    kinds = {(f["kind"], f["material"]) for f in routes_json["findings"]}
    assert ("short_of_scale", "crude_benzene") in kinds


def test_routes_page_is_narrow_enough_and_names_its_routes(capsys: MINE) -> None:
    assert invoke(["routes", "--from", "benzol"]) == 0
    out = capsys.readouterr().out
    assert "粗苯加氢精制" in out
    assert "结构诊断" in out
    assert max(cell_len(line.rstrip()) for line in out.splitlines()) <= 100
    assert invoke(["routes", "--from", "benzol", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "Structure doctor" in out
    assert "Feed for less than one plant" in out


def test_an_unknown_by_product_is_an_error_with_a_hint(capsys: MINE) -> None:
    assert invoke(["routes", "--from", "coke_oven_gaz"]) == 4
    err = capsys.readouterr().err
    assert "CS-X003" in err
    assert "coke_oven_gas" in err


def test_library_limits(capsys: MINE) -> None:
    assert invoke(["library", "limits", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["limits"]
    methanol = next(r for r in rows if r["process"] == "methanol_cog")
    assert methanol["verdict"] == "pass"
    assert methanol["levels"] == "level1=1280 level2=1400 level3=1500"
    assert {r["verdict"] for r in rows} <= {"pass", "fail", "cannot_judge"}
    assert invoke(["library", "limits"]) == 0
    out = capsys.readouterr().out
    assert "单位产品能耗对标" in out
    lines = [x for x in out.splitlines() if "1,280 / 1,400 / 1,500" in x]
    assert lines
    assert all("1 级" in line for line in lines)
    assert max(cell_len(line.rstrip()) for line in out.splitlines()) <= 100


@pytest.mark.parametrize("form", ["dot", "graphml", "json", "svg"])
def test_library_graph(form: str, capsys: MINE) -> None:
    assert invoke(["library", "graph", "--from", "tar", "--format", form]) == 0
    out = capsys.readouterr().out
    assert "煤焦油蒸馏" in out
    if form == "json":
        assert {n["kind"] for n in json.loads(out)["nodes"]} == {"material", "process"}


def test_library_list_counts_grades(capsys: MINE) -> None:
    assert invoke(["library", "list", "routes", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert set(data["grades"]) == {"A", "B", "C"}
    assert all(r["kind"] == "routes" for r in data["records"])
    assert invoke(["library", "list", "price_sets", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "grade A" in out
    assert "type_2024" in out


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("type_2024", "prices.coke"),
        ("gb21342_2025_stamp", "levels.level2"),
        ("coke_futures", "continuous contract"),
        ("cog_methanol", "methanol_cog"),
        ("coke_battery_top_6", "C"),
    ],
)
def test_library_show_knows_every_kind(key: str, words: str, capsys: MINE) -> None:
    assert invoke(["library", "show", key, "--lang", "en"]) == 0
    assert words in capsys.readouterr().out


def test_marks_are_told_in_the_readers_language(capsys: MINE) -> None:
    assert invoke(["library", "show", "psa_hydrogen"]) == 0
    assert "占位" in capsys.readouterr().out
    assert invoke(["library", "show", "psa_hydrogen", "--lang", "en"]) == 0
    assert "placeholder" in capsys.readouterr().out


def test_trace_says_how_much_rests_on_good_grades(capsys: MINE) -> None:
    assert invoke(["library", "trace", "energy.coke_kgce_per_t", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["trace"]
    (share,) = [r for r in rows if r["level"] == "evidence"]
    assert 0 < share["value"] < 1


def test_series_page_and_data(capsys: MINE) -> None:
    assert invoke(["library", "series", "--first", "2020-11", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "Coking coal futures" in out
    assert "0.92" in out
    assert max(map(len, out.splitlines())) <= 100
    assert invoke(["library", "series", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {r["series"] for r in data["series"]} == {r["series"] for r in data["correlation"]}


def test_series_of_no_month_is_told_with_the_months_there_are(capsys: MINE) -> None:
    assert invoke(["library", "series", "--first", "2090-01", "--lang", "en"]) == 4
    assert "2026-08" in capsys.readouterr().err


def test_every_shipped_scenario_is_listed_with_its_story(capsys: MINE) -> None:
    assert invoke(["scenarios", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in shipped_scenarios())
    assert invoke(["scenarios", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["scenarios"]
    assert [s["id"] for s in listed] == list(shipped_scenarios())
    assert all(s["story_zh"] and s["story_en"] for s in listed)


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        (["show", "psa_hydrogn"], "psa_hydrogen"),
        (["show", "COKE"], "coke"),
        (["show", "甲醇"], "methanol"),
        (["trace", "firr"], "finance.firr"),
        (["trace", "coke_kgce"], "energy.coke_kgce_per_t"),
    ],
)
def test_a_misspelt_id_is_guessed(command: list[str], meant: str, capsys: MINE) -> None:
    assert invoke(["--lang", "en", "library", *command]) == 4
    assert f"hint {meant}" in " ".join(capsys.readouterr().err.split())


def test_routes_of_a_park_without_library_are_its_structure(capsys: pytest.CaptureFixture[str]):
    park = "tests/scenarios/holder.yaml"
    assert invoke(["routes", park, "--lang", "en"]) == 0
    assert "Structure doctor" in capsys.readouterr().out
