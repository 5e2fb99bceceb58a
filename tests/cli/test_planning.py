"""The commands of the accounts: what they print, in JSON and files, with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainsim.cli.entry import invoke
from tests.city import FILE

CITY = str(FILE)
MINE = pytest.CaptureFixture[str]


def answer(capsys: MINE, *words: str) -> dict:
    assert invoke([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_policy_shows_one_row_a_clause_and_what_must_be_checked(capsys: MINE, lang: str) -> None:
    assert invoke(["policy", CITY, "--lang", lang]) == 0
    brief = capsys.readouterr().out
    assert {"zh": "（待核）", "en": "(?)"}[lang] in brief
    assert {"zh": "2022—2023 年复盘", "en": "replay of 2022 and 2023"}[lang] in brief
    assert invoke(["policy", CITY, "--all", "--lang", lang]) == 0
    assert len(capsys.readouterr().out.splitlines()) > len(brief.splitlines()) + 20


def test_policy_of_one_department(capsys: MINE) -> None:
    assert invoke(["policy", CITY, "--lead", "发改", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert "煤焦油去向" in out
    assert "焦炭产量" not in out


def test_one_clause_with_its_evidence(capsys: MINE) -> None:
    assert invoke(["policy", CITY, "--clause", "q02", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "Evidence: ledger rows by size" in out
    assert "output.made" in out
    assert "二（六）" in out  # the words of the clause
    assert invoke(["policy", CITY, "--clause", "q99"]) == 4


def test_policy_in_json_has_mode_departments_and_sentences(capsys: MINE) -> None:
    data = answer(capsys, "policy", CITY)
    assert data["mode"] == "replay"
    rows = {(r["id"], r["subject"]): r for r in data["policy"]}
    assert rows["q02", "city"]["lead"].startswith("工信")
    assert "2023" in rows["q02", "city"]["text"]


def test_list_of_clauses(capsys: MINE) -> None:
    data = answer(capsys, "policy", CITY, "--list")
    by_id = {c["id"]: c for c in data["clauses"]}
    assert by_id["q29"]["judged"] == "facts"
    assert by_id["d01"]["modes"] == ["carbon"]
    assert invoke(["policy", CITY, "--list"]) == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_of_the_books(capsys: MINE, lang: str) -> None:
    assert invoke(["accounts", CITY, "--lang", lang]) == 0
    out = capsys.readouterr().out
    for word in {"zh": ("综合能耗计算表", "碳排放核算表", "工业增加值表"),
                 "en": ("Energy consumption", "Carbon inventory", "Value added")}[lang]:  # fmt: skip
        assert word in out


def test_tables_as_files_and_json(capsys: MINE, tmp_path: Path) -> None:
    folder = tmp_path / "books"
    assert (
        invoke(["accounts", CITY, "--table", "energy", "--table", "air", "--out", str(folder)]) == 0
    )
    assert sorted(p.name for p in folder.iterdir()) == ["air.csv", "energy.csv"]
    capsys.readouterr()
    data = answer(capsys, "accounts", CITY, "--table", "energy_flow")
    assert set(data["tables"]) == {"energy_flow"}
    assert {"source", "target", "tce"} <= set(data["tables"]["energy_flow"][0])
    assert invoke(["accounts", CITY, "--table", "enrgy"]) == 4


def test_cut_prints_shares_and_effects(capsys: MINE) -> None:
    assert invoke(["cut", CITY, "--to", "140万t", "--step", "0.01万t", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "Who gives what" in out
    assert "Before and after" in out
    data = answer(
        capsys, "cut", CITY, "--to", "140 万t/a", "--tier", "east=T3", "--tier", "west=T0"
    )
    shares = {s["enterprise"]: s for s in data["shares"]}
    assert shares["east"]["rate"] < shares["west"]["rate"]
    assert shares["east"]["after"] + shares["west"]["after"] == pytest.approx(140.0)
    effects = {e["id"]: e for e in data["effects"]}
    assert effects["output.coke_t"]["after"] == pytest.approx(140e4, rel=1e-6)
    assert effects["energy.coke_kgce_per_t"]["change"] > 0  # part load


def test_an_infeasible_cut_exits_with_5_and_says_what_is_missing(capsys: MINE) -> None:
    assert invoke(["cut", CITY, "--to", "50万t", "--lang", "en"]) == 5
    out, err = capsys.readouterr()
    assert "Infeasible" in out
    assert "CS-A009" in err


@pytest.mark.parametrize("words", [["--tier", "east=T9"], ["--to", "-3万t"], ["--to", "many"]])
def test_wrong_options_of_cut(capsys: MINE, words: list[str]) -> None:
    assert invoke(["cut", CITY, "--to", "140万t", *words]) == 4
    assert f"  {words[0]}  " in capsys.readouterr().err


def test_evaluate(capsys: MINE) -> None:
    assert invoke(["evaluate", CITY, "--lang", "zh"]) == 0
    assert "生存线" in capsys.readouterr().out
    data = answer(capsys, "evaluate", CITY, "--weights", "chain_first")
    assert data["preset"] == "chain_first"
    assert {e["enterprise"] for e in data["enterprises"]} == {"east", "west"}
    assert len(data["indicators"]) == 40
    assert invoke(["evaluate", CITY, "--weights", "nobody"]) == 4


def test_replacement(capsys: MINE, tmp_path: Path) -> None:
    assert invoke(["replacement", CITY, "--lang", "en"]) == 0
    assert "Register of replacement" in capsys.readouterr().out
    assert invoke(["replacement", CITY, "--out", str(tmp_path / "r")]) == 0
    names = sorted(p.stem for p in (tmp_path / "r").iterdir())
    assert names == ["continuity", "jobs", "moves", "register"]


def test_the_folder_of_a_run_is_judged_as_it_was_run(capsys: MINE, tmp_path: Path) -> None:
    folder = str(tmp_path / "run")
    words = ["run", CITY, "--engine", "steady", "--set", "horizon.years=1", "--out", folder]
    ran = answer(capsys, *words)
    judged = answer(capsys, "policy", folder)
    names = ("engine", "key", "years")
    assert [judged["manifest"][n] for n in names] == [ran["manifest"][n] for n in names]
    told = [{k: r[k] for k in ran["policy"][0]} for r in judged["policy"]]
    assert told == ran["policy"]
