"""`chainsim appraise`: page, JSON, folder, mistakes."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from chainsim.cli.entry import invoke
from chainsim.report.finance_tables import ALL_TABLES


def answer(capsys, *arguments):
    code = invoke(["appraise", *arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_a_project_file_alone(capsys):
    code, out, _ = answer(capsys, "course-example", "--lang", "en")
    assert code == 0
    assert "17.99" in out
    assert "863.7" in out
    assert "flows at the end of the year, year 1 discounted once" in out


def test_chinese_is_the_default(capsys):
    code, out, _ = answer(capsys, "methanol-from-gas")
    assert code == 0
    assert "项目投资财务内部收益率（税后）" in out
    assert "建设期借款当年按半年计息" in out


def test_json(capsys):
    code, out, _ = answer(capsys, "methanol-from-gas", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["indicators"]["firr_after_tax"]["value"] == pytest.approx(0.0767, abs=5e-4)
    assert data["indicators"]["payback_dynamic_after_tax_y"]["value"] is None
    assert data["indicators"]["payback_dynamic_after_tax_y"]["reason"] == "never"
    assert {row["row"] for row in data["statements"]["balance"]} >= {"assets", "debt_ratio"}
    assert next(s["factor"] for s in data["sensitivity"]) == "price"
    assert any(term["source"] == "pboc_lpr_2025" for term in data["terms"])


def test_the_planned_plants_of_a_scenario_and_chosen_ones(capsys):
    code, out, _ = answer(capsys, "xinzhou-base", "--json")
    whole = json.loads(out)
    assert code == 0
    assert "yp_nylon6" in whole["units"]
    assert "xf_yp_tar" in whole["links"]
    code, out, _ = answer(
        capsys, "xinzhou-base", "--units", "yp_psa", "--set", "finance.hurdle_rate=0.08", "--json"
    )
    one = json.loads(out)
    assert one["units"] == ["yp_psa"]
    assert one["hurdle"] == 0.08
    assert {i["component"] for i in one["investment"]} == {"yp_psa"}
    assert {line["basis"] for line in one["lines"]} >= {"sale", "purchase", "ledger"}


def test_the_whole_park_page(capsys):
    code, out, _ = answer(capsys, "xinzhou-base", "--park", "--lang", "en")
    assert code == 0
    assert "Xinzhou base: the whole park" in out
    assert "Investment of the plants" in out


def test_statements_as_csv(capsys, tmp_path):
    folder = tmp_path / "out"
    code, _, err = answer(capsys, "methanol-from-gas", "--out", str(folder), "--json")
    assert code == 0
    assert str(folder) in err
    assert {p.name for p in folder.iterdir()} == {
        "manifest.json",
        *(f"{k}.csv" for k in ALL_TABLES),
    }
    balance = pd.read_csv(folder / "balance.csv", encoding="utf-8-sig").set_index("项目")
    years = [str(y) for y in range(1, 18)]
    gap = balance.loc["资产", years] - balance.loc["负债及所有者权益", years]
    assert gap.astype(float).abs().max() < 1e-3
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["project"] == "methanol-from-gas"
    assert set(manifest["sha256"]) == {f"{k}.csv" for k in ALL_TABLES}
    # written again over itself, but not over something else
    assert answer(capsys, "methanol-from-gas", "--out", str(folder), "--json")[0] == 0
    (folder / "notes.txt").write_text("mine", "utf-8")
    code, _, err = answer(capsys, "methanol-from-gas", "--out", str(folder), "--json")
    assert code == 4
    assert "CS-X001" in err


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("xinzhou-base", "--units", "yp_pas"), 4, "CS-N015"),
        (("xinzhou-base", "--units", "yp_psa", "--park"), 2, "--park"),
        (("xinzhou-bose",), 4, "CS-F006"),
        (("course-example", "--set", "hurdel_rate=1"), 4, "CS-V013"),
        (("course-example", "--set", "loan.years=20"), 4, "CS-N005"),
        (("xinzhou-base", "--units", "yp_naphthalene"), 4, "CS-N001"),
    ],
)
def test_mistakes(capsys, arguments, code, word):
    found, _, err = answer(capsys, *arguments)
    assert found == code
    assert word in err


def test_validate_and_schema_know_project_files(capsys, tmp_path):
    good = tmp_path / "good.yaml"
    code = invoke(["schema", "project"])
    schema = json.loads(capsys.readouterr().out)
    assert code == 0
    assert "investment" in schema["required"]
    good.write_text("kind: project\n", "utf-8")
    assert invoke(["validate", str(good)]) == 4
    assert "CS-V002" in capsys.readouterr().err
    assert invoke(["validate", "scenarios/projects"]) == 0


def test_renewals_and_price_paths_are_printed(capsys):
    options = (
        "--set",
        "renewals={catalyst: {share: 0.02, every: 4, name_en: Catalyst}}",
        "--set",
        "price_paths={products: [1, 1.05]}",
    )
    code, out, _ = answer(capsys, "methanol-from-gas", "--lang", "en", *options)
    assert code == 0
    assert "Price index: products  1: 1.000, 2: 1.050" in out
    assert "Catalyst  1: 0, 4: " in out
    assert "renewals are assets" in out
    data = json.loads(answer(capsys, "methanol-from-gas", "--json", *options)[1])
    assert [item["key"] for item in data["renewals"]] == ["catalyst"]
    assert data["price_paths"]["products"][:3] == [1.0, 1.05, 1.05]
