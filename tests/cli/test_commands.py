"""Every command in this process: what it prints, in which language, with which exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chainsim.cli import entry
from chainsim.cli.entry import invoke
from tests.unit.report.gas_park import FILE

PARK = str(FILE)
MINE = pytest.CaptureFixture[str]


def test_run_prints_the_page_in_chinese(capsys: MINE) -> None:
    assert invoke(["run", PARK, "--engine", "steady"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("煤气小园区\n")
    assert "焦炉煤气平衡" in out
    assert "\x1b" not in out
    assert err == ""


def test_run_in_english_wherever_the_option_stands(capsys: MINE) -> None:
    assert invoke(["--lang", "en", "run", PARK, "--engine", "steady"]) == 0
    first = capsys.readouterr().out
    assert invoke(["run", PARK, "--lang=en", "--engine=steady"]) == 0
    second = capsys.readouterr().out
    assert first.startswith("Small gas park\n")
    assert first.split("This run")[0] == second.split("This run")[0]


def test_nothing_is_wider_than_a_hundred_columns(capsys: MINE) -> None:
    from rich.cells import cell_len

    for lang in ("zh", "en"):
        invoke(["run", PARK, "--engine", "steady", "--lang", lang])
        lines = capsys.readouterr().out.splitlines()
        assert max(cell_len(line.rstrip()) for line in lines) <= 100


def test_run_as_json_has_the_promised_shape(capsys: MINE) -> None:
    assert invoke(["run", PARK, "--engine", "steady", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    told = {"kpis", "policy", "shipments", "problems", "manifest"}
    assert set(data) == {"schema_version"} | told
    assert data["schema_version"] == 1
    assert {"id", "value", "unit", "period", "low", "high"} <= set(data["kpis"][0])
    assert data["manifest"]["engine"] == "steady"


def test_set_changes_the_scenario(capsys: MINE) -> None:
    values = []
    for extra in ([], ["--set", "units.psa.capacity=10"]):
        assert invoke(["run", PARK, "--engine", "steady", "--json", *extra]) == 0
        kpis = json.loads(capsys.readouterr().out)["kpis"]
        values.append(next(k["value"] for k in kpis if k["id"] == "output.hydrogen_nm3"))
    assert values[1] < values[0]


def test_run_writes_its_folder(tmp_path: Path, capsys: MINE) -> None:
    assert invoke(["run", PARK, "--engine", "steady", "--out", str(tmp_path / "o")]) == 0
    assert (tmp_path / "o" / "manifest.json").is_file()
    assert "o" in capsys.readouterr().err


def test_a_foreign_folder_is_refused_before_anything_runs(tmp_path: Path, capsys: MINE) -> None:
    (tmp_path / "mine.txt").write_text("x")
    assert invoke(["run", PARK, "--out", str(tmp_path)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert "CS-X001" in err


def test_replications_give_bands(capsys: MINE) -> None:
    arguments = ["run", PARK, "--engine", "des", "--reps", "2", "--seed", "3", "--json"]
    assert invoke(arguments) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["manifest"]["replications"] == 2
    assert data["manifest"]["seed"] == 3


def test_compare(capsys: MINE) -> None:
    arguments = ["compare", PARK, PARK, "--engine", "steady"]
    assert invoke([*arguments, "--lang", "en"]) == 0
    assert "do not change" in capsys.readouterr().out
    assert invoke([*arguments, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert len(data["scenarios"]) == 2
    assert data["comparison"][0]["effect"] == 0.0


def test_compare_needs_two(capsys: MINE) -> None:
    assert invoke(["compare", PARK]) == 2
    assert "两个" in capsys.readouterr().err


def test_policy(capsys: MINE) -> None:
    assert invoke(["policy", PARK, "--lang", "en"]) == 0
    assert "no policy" in capsys.readouterr().out


def test_validate_tells_every_problem_of_every_file(tmp_path: Path, capsys: MINE) -> None:
    text = FILE.read_text("utf-8")
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    (tmp_path / "b.yaml").write_text(text.replace("capacity: 20", "capacity: -20"), "utf-8")
    (tmp_path / "c.yaml").write_text(text.replace("recipe:", "recipee:"), "utf-8")
    assert invoke(["validate", str(tmp_path), "--json"]) == 4
    out, err = capsys.readouterr()
    problems = json.loads(out)["problems"]
    assert {Path(p["file"]).name for p in problems} == {"b.yaml", "c.yaml"}
    assert sum("recipee" in p["path"] for p in problems) == 3
    assert all(p["line"] > 0 for p in problems)
    assert "a.yaml" in err


def test_validate_resolved_can_be_read_again(tmp_path: Path, capsys: MINE) -> None:
    assert invoke(["validate", PARK, "--resolved"]) == 0
    (tmp_path / "again.yaml").write_text(capsys.readouterr().out, "utf-8")
    assert invoke(["validate", str(tmp_path / "again.yaml")]) == 0


@pytest.mark.parametrize(
    ("form", "start"),
    [("dot", "digraph"), ("graphml", "<graphml"), ("json", "{"), ("svg", "<svg")],
)
def test_graph(form: str, start: str, capsys: MINE) -> None:
    assert invoke(["graph", PARK, "--format", form]) == 0
    assert capsys.readouterr().out.startswith(start)


def test_schema_is_json(capsys: MINE) -> None:
    assert invoke(["schema"]) == 0
    assert "units" in json.loads(capsys.readouterr().out)["properties"]


def test_version(capsys: MINE) -> None:
    assert invoke(["version"]) == 0
    assert capsys.readouterr().out.strip()
    assert invoke(["version", "--json"]) == 0
    assert "numpy" in json.loads(capsys.readouterr().out)["versions"]


@pytest.mark.parametrize("json_", [[], ["--json"]])
def test_library_check_closes(json_: list[str], capsys: MINE) -> None:
    assert invoke(["library", "check", *json_]) == 0
    out = capsys.readouterr().out
    if json_:
        rows = json.loads(out)["closure"]
        assert {"process", "quantity", "into", "out", "gap", "share", "worst"} <= set(rows[0])
    else:
        assert "psa_hydrogen" in out


def test_library_list(capsys: MINE) -> None:
    assert invoke(["library", "list", "materials", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)["records"]
    assert {"coke", "hydrogen"} <= {r["id"] for r in records}
    assert invoke(["library", "list", "--lang", "en"]) == 0
    assert "Sources" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["coke", "psa_hydrogen", "gbt_2589_factors"])
def test_library_show(key: str, capsys: MINE) -> None:
    assert invoke(["library", "show", key]) == 0
    assert capsys.readouterr().out.startswith(key)


def test_library_show_suggests(capsys: MINE) -> None:
    assert invoke(["library", "show", "psa_hydrogn"]) == 4
    assert "psa_hydrogen" in capsys.readouterr().err


def test_trace(capsys: MINE) -> None:
    arguments = ["library", "trace", "value.revenue_cny", "--scenario", PARK]
    assert invoke(arguments) == 0
    assert "revenue.sale" in capsys.readouterr().out
    assert invoke([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trace"][0]["level"] == "kpi"


def test_trace_of_an_unknown_kpi(capsys: MINE) -> None:
    assert invoke(["library", "trace", "value.revenu_cny", "--scenario", PARK]) == 4
    assert "value.revenue_cny" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", PARK, "--no-such-option"],
        ["run", PARK, "--engine", "milp"],
        ["run", PARK, "--reps", "0"],
        ["no-such-command"],
        ["--lang", "fr", "version"],
        ["version", "--lang"],
    ],
)
def test_usage_errors(arguments: list[str], capsys: MINE) -> None:
    assert invoke(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert 1 <= len(err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["run", PARK, "--log"], "--log"), (["compare", PARK], "SCENARIO...")],
)
def test_a_wrong_use_names_the_argument(arguments: list[str], named: str, capsys: MINE) -> None:
    assert invoke(arguments) == 2
    assert f" {named} " in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_is_in_the_readers_language(lang: str, capsys: MINE) -> None:
    for command in ([], ["run"], ["library"], ["library", "trace"], ["app"]):
        assert invoke([*command, "--help", "--lang", lang]) == 0
        out = capsys.readouterr().out
        assert any("\u4e00" <= c <= "\u9fff" for c in out) == (lang == "zh")


def test_problems_are_told_in_the_readers_language(capsys: MINE) -> None:
    assert invoke(["run", "xinzhou-bas", "--lang", "en"]) == 4
    err = capsys.readouterr().err
    assert "xinzhou-base" in err
    assert invoke(["run", "xinzhou-bas", "--json"]) == 4
    out, err = capsys.readouterr()
    assert json.loads(out)["problems"][0]["hint"]
    assert any("\u4e00" <= c <= "\u9fff" for c in err)


def raising(error: BaseException) -> object:
    def build(output: object) -> object:
        raise error

    return build


def test_an_unexpected_error_is_one_line(capsys: MINE, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "build", raising(RuntimeError("boom\nagain")))
    assert invoke(["version"]) == 1
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "RuntimeError: boom again" in err


def test_debug_shows_the_traceback(capsys: MINE, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "build", raising(RuntimeError("boom")))
    monkeypatch.setenv("CHAINSIM_DEBUG", "1")
    assert invoke(["version"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_interruption(capsys: MINE, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "build", raising(KeyboardInterrupt()))
    assert invoke(["version"]) == 130
    assert capsys.readouterr().err


def test_the_page_is_missing(capsys: MINE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chainsim.cli.web.data_root", lambda: tmp_path)
    assert invoke(["app"]) == 3
    assert "CS-X004" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "zh"),
    [
        (["run", PARK, "--reps", "0"], "至少为 1"),
        (["run", PARK, "--years", "61"], "至多为 60"),
        (["run", PARK, "--seed", "z"], "应为整数"),
        (["run", PARK, "--engine", "fast"], "可选 des, steady, lp"),
        (["run", PARK, "--out", PARK], "是文件，不是文件夹"),
        (["frobnicate"], "没有命令“frobnicate”"),
        (["compar"], "没有命令“compar”，是否要 compare"),
        (["run", PARK, "more"], "多余的参数 more"),
    ],
)
def test_what_the_parser_refuses_is_told_in_chinese(
    arguments: list[str], zh: str, capsys: MINE
) -> None:
    assert invoke([*arguments, "--lang", "zh"]) == 2
    told = capsys.readouterr().err
    assert zh in told
    assert not re.search("[a-z]{4,} [a-z]{2,} [a-z]{2,}", told)  # no English sentence
