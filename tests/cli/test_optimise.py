"""`chainsim optimise` and `run --engine lp`: pages, JSON, folders, mistakes."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from chainsim.cli.entry import invoke
from chainsim.library.scenarios import load_scenario
from tests.unit.study.test_optimise import BASE, FILE

CHAIN = """
schema_version: 1
id: chain
name_zh: 链
name_en: chain
library: false
horizon: {hours: 8760}
materials: {gas: {unit: kNm3}, h2: {name_en: hydrogen, unit: kNm3, price_cny: 1000}, cpl: {price_cny: 9000}}
units:
  source: {recipe: {products: {gas: 10}}, capacity: 1}
  psa: {name_en: PSA, recipe: {feeds: {gas: 2}, products: {h2: 1}}, capacity: 3, trains: 3, capex: 3000000}
  plant: {recipe: {feeds: {h2: 4}, products: {cpl: 1}}, capacity: 2}
vents: {gas: {}}
obligations: {cpl: {rate: 1, hard: true}}
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "ground.yaml").write_text(BASE, "utf-8")
    path = tmp_path / "small.yaml"
    path.write_text(FILE, "utf-8")
    return path


def answer(capsys, *arguments):
    code = invoke([str(a) for a in arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_page_with_everything(capsys, file):
    options = ["--alternatives", 1, "--tolerance", 0.9, "--front", "capex", "--points", 3]
    code, out, _ = answer(
        capsys, "optimise", file, *options, "--reps", 1, "--tune", 2, "--lang", "en"
    )
    assert code == 0
    for part in ("What to build", "Trade-off against investment", "Put to the test", "tuned"):
        assert part in out
    code, out, _ = answer(capsys, "optimise", file, *options)
    assert code == 0
    assert "建什么" in out


def test_folder_opens_as_scenarios(capsys, file, tmp_path):
    out = tmp_path / "out"
    code, _, _ = answer(
        capsys, "optimise", file, "--alternatives", 1, "--tolerance", 0.9, "--out", out
    )
    assert code == 0
    names = {p.name for p in out.iterdir()}
    assert names >= {
        "manifest.json",
        "plants.csv",
        "layouts.csv",
        "best.yaml",
        "alternative-1.yaml",
    }
    plants = pd.read_csv(out / "plants.csv")
    built = plants[plants["layout"] == "best"]["component"].tolist()
    assert set(built) < set(load_scenario(out / "best.yaml").record.units)
    again, _, _ = answer(capsys, "optimise", file, "--alternatives", 0, "--out", out)
    assert again == 0
    assert not (out / "alternative-1.yaml").exists()


def test_json(capsys, file):
    code, out, _ = answer(capsys, "optimise", file, "--objective", "value_added", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["unit"] == "CNY/a"
    assert data["layouts"][0]["name"] == "best"
    assert data["layouts"][0]["gap"] <= 0.01


def test_what_stands_in_the_way_is_told(capsys, file):
    text = FILE.replace("    sizes: [3]\n", "    sizes: [3]\n    required: true\n")
    file.write_text(text.replace("discount: 0.1", "discount: 0.1\nbudget: 7000000"), "utf-8")
    code, out, err = answer(capsys, "optimise", file, "--lang", "en")
    assert code == 5
    assert "budget loosened by" in out
    assert "28.6%" in out
    assert "CS-O011" in err


def test_mistakes(capsys, file):
    assert answer(capsys, "optimise", file, "--limits", "q99")[0] == 4
    assert answer(capsys, "optimise", file, "--objective", "gold")[0] == 4
    assert answer(capsys, "optimise", "no-such-thing")[0] == 4
    file.write_text(FILE.replace("sizes: [3]", "size: [3]"), "utf-8")
    code, _, err = answer(capsys, "validate", file)
    assert code == 4
    assert "small.yaml:" in err


def test_validate_and_schema_know_candidate_files(capsys, file):
    assert answer(capsys, "validate", file)[0] == 0
    assert answer(capsys, "validate", "xinzhou-2026-2030")[0] == 0
    code, out, _ = answer(capsys, "schema", "candidates")
    assert code == 0
    assert "candidates" in json.loads(out)["properties"]


def test_lp_page_in_both_languages(capsys):
    code, out, _ = answer(capsys, "run", "xinzhou-base", "--engine", "lp", "--lang", "en")
    assert code == 0
    for part in ("Best use", "Shadow prices", "one more kNm³ is worth", "dispatch list loses"):
        assert part in out
    code, out, _ = answer(
        capsys, "run", "xinzhou-base", "--engine", "lp", "--limits", "q03", "--at-least",
        "coke=330万t/a", "--json",
    )  # fmt: skip
    data = json.loads(out)
    assert code == 0
    assert any(w["key"] == "q03/city" and w["price"] > 0 for w in data["optimum"]["worths"])


def test_what_is_to_be_less_is_told_as_an_amount(capsys):
    code, out, _ = answer(
        capsys, "run", "xinzhou-base", "--engine", "lp", "--objective", "energy_a", "--lang", "en"
    )
    assert code == 0
    assert "Optimum 5" in out
    assert "sales kept" in out


def test_impossible_park_in_plain_words(capsys, tmp_path):
    path = tmp_path / "chain.yaml"
    path.write_text(CHAIN, "utf-8")
    code, out, err = answer(capsys, "run", path, "--engine", "lp", "--lang", "en")
    assert code == 5
    assert "the park is short of" in out
    assert "1 more train(s) at PSA" in out
    assert "CS-E007" in err
    code, out, _ = answer(capsys, "run", path, "--engine", "lp")
    assert "缺" in out
    code, out, _ = answer(capsys, "run", path, "--engine", "lp", "--json")
    repairs = json.loads(out)["repairs"]["any_one"]
    assert any(r["kind"] == "unit" and r["trains"] == 1 for r in repairs)
    assert all(r["amount"] > 0 and r["unit"] for r in repairs)


def test_wrong_amounts_are_refused(capsys):
    code, _, err = answer(capsys, "run", "xinzhou-base", "--engine", "lp", "--at-most", "carbon")
    assert code == 4
    assert "CS-O004" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "xinzhou-base", "--engine", "lp", "--at-most", "carbon=much"], "at_most.carbon"),
        (["run", "xinzhou-base", "--engine", "lp", "--at-least", "gold=1"], "at_least.gold"),
        (["optimise", "xinzhou-2026-2030", "--front", "gold"], "front"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_named(capsys, words, told):
    code, _, err = answer(capsys, *words)
    assert code == 4
    assert f"  -  {told}  " in err
