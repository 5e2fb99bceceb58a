"""`chainsim sweep`, `summary`, `repair`, `sensitivity`, `reproduce`, `explain`, `bottlenecks`."""

from __future__ import annotations

import json

import pytest

from chainsim.cli.entry import invoke
from chainsim.library.study_files import load_study, shipped_studies
from chainsim.study.sweeps.parts import found_parts
from chainsim.study.sweeps.plan import study_plan
from tests.unit.study.sweeps.toys import PARK, study_text


def answer(capsys, *arguments):
    code = invoke([str(a) for a in arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "toy.yaml"
    path.write_text(study_text(), "utf-8")
    return path


def test_a_study_from_sweep_to_repair(capsys, study, tmp_path):
    out = tmp_path / "out"
    code, page, log = answer(capsys, "sweep", study, "--out", out, "--engine", "serial")
    assert code == 0
    assert "小试" in page
    assert "12" in log
    code, page, log = answer(capsys, "sweep", study, "--out", out, "--engine", "serial")
    assert code == 4
    assert "CS-T009" in log
    assert "--resume" in log
    victim = found_parts(out / "parts")[2].path
    victim.write_bytes(victim.read_bytes()[:-8])
    code, _, log = answer(capsys, "summary", out, "--lang", "en")
    assert code == 4
    assert victim.name in log
    code, page, _ = answer(capsys, "repair", out, "--json")
    assert code == 0
    assert json.loads(page)["missing"] == [2]
    code, page, _ = answer(capsys, "repair", out, "--lang", "en")
    assert "1 of 6 chunks" in page
    code, _, _ = answer(capsys, "sweep", study, "--out", out, "--engine", "serial", "--resume")
    assert code == 0
    code, page, _ = answer(capsys, "summary", out, "--json", "--kpi", "output.good_t")
    data = json.loads(page)
    assert (data["done"], data["runs"]) == (12, 12)
    assert data["convergence"][-1]["n"] == 6
    code, page, _ = answer(capsys, "reproduce", out, "--engine", "serial", "--json")
    assert code == 0
    assert json.loads(page)["same"] is True


def test_sensitivity(capsys, tmp_path):
    arguments = ("base-prices", "--method", "morris", "--samples", 2, "--engine", "serial")
    code, page, _ = answer(
        capsys, "sensitivity", *arguments, "--out", tmp_path, "--lang", "en", "--spider"
    )
    assert code == 0
    assert "coking_coal" in page
    assert "along the range" in page
    code, page, _ = answer(
        capsys, "sensitivity", *arguments, "--out", tmp_path, "--resume", "--json"
    )
    data = json.loads(page)
    assert data["runs"] == 12
    assert {row["kpi"] for row in data["spider"]} == {"value.added_cny", "value.revenue_cny"}
    assert {row["factor"] for row in data["indices"]} >= {"coke", "lng"}


def test_explain_and_bottlenecks(capsys, tmp_path):
    larger = tmp_path / "larger.yaml"
    larger.write_text(
        PARK.read_text("utf-8").replace("    capacity: 1\n", "    capacity: 2\n", 1), "utf-8"
    )
    options = ("--kpi", "output.good_t", "--json")
    code, page, _ = answer(capsys, "explain", PARK, larger, *options)
    assert code == 0
    data = json.loads(page)
    assert sum(r["part"] for r in data["parts"]) == pytest.approx(data["after"] - data["before"])
    code, page, _ = answer(capsys, "explain", PARK, larger, "--kpi", "output.good_t")
    assert code == 0
    code, page, _ = answer(capsys, "bottlenecks", PARK, *options)
    assert code == 0
    assert {row["unit"] for row in json.loads(page)["bottlenecks"]} == {"m1", "m2"}
    code, page, _ = answer(capsys, "bottlenecks", PARK, "--kpi", "output.good_t", "--lang", "en")
    assert "m1" in page


def test_compare_with_replications_and_a_chosen_base(capsys):
    arguments = ("compare", PARK, PARK, "--reps", 3, "--years", 1, "--workers", 1)
    code, page, _ = answer(capsys, *arguments, "--json")
    assert code == 0
    assert all(r["difference"] in (0.0, None) for r in json.loads(page)["differences"])
    code, page, _ = answer(capsys, *arguments, "--lang", "en")
    assert code == 0
    assert "run by run" in page
    assert "No difference" in page


def test_a_comparison_keeps_its_runs_and_tells_why(capsys, tmp_path):
    """Fewer runs kept than asked for are run; those that are there are not run again."""
    larger, out = tmp_path / "larger.yaml", tmp_path / "out"
    text = PARK.read_text("utf-8").replace("capacity: 10", "capacity: 40")
    larger.write_text(text.replace("id: two-machines", "id: larger"), "utf-8")
    arguments = ["compare", PARK, larger, "--reps", 8, "--years", 1, "--workers", 1, "--out", out]
    arguments += ["--kpi", "output.good_t"]
    code, page, _ = answer(capsys, *arguments, "--why", "--lang", "en")
    assert code == 0
    assert "B is better than A on good output." in page
    assert "Where the difference comes from".lower() in page.lower()
    parts = found_parts(out / "parts")
    assert len(parts) == 4
    (out / "manifest.json").unlink()
    parts[2].path.unlink()
    kept = [p.path.stat().st_mtime_ns for k, p in enumerate(parts) if k != 2]
    code, again, _ = answer(capsys, *arguments, "--resume", "--json")
    assert code == 0
    found = found_parts(out / "parts")
    assert [p.path.name for p in found] == [p.path.name for p in parts]
    assert [p.path.stat().st_mtime_ns for k, p in enumerate(found) if k != 2] == kept
    assert json.loads(again)["differences"][0]["n"] == 8
    code, _, log = answer(capsys, *arguments)
    assert code == 4
    assert "CS-T009" in log
    code, page, _ = answer(capsys, "summary", out, "--lang", "en")
    assert code == 0
    assert "two-machines / larger" in page


@pytest.mark.parametrize("name", sorted(shipped_studies()))
def test_shipped_studies_fit_their_scenarios(name):
    study = load_study(name)
    assert study.record.id == name
    assert study_plan(study).runs > 1


def test_validate_and_schema_know_study_files(capsys, study):
    assert answer(capsys, "validate", study)[0] == 0
    study.write_text(study.read_text("utf-8").replace("buffers.part", "buffers.pert"), "utf-8")
    code, _, log = answer(capsys, "validate", study)
    assert code == 4
    assert "buffers.pert" in log
    code, page, _ = answer(capsys, "schema", "study")
    assert "scenarios" in json.loads(page)["required"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("sweep", "base-price", "--out", "x"), "CS-F006"),
        (("sweep", "base-prices", "--out", "x", "--engine", "spark"), "CS-T016"),
        (("summary", "."), "CS-T014"),
        (("repair", "."), "CS-T014"),
        (("reproduce", "."), "CS-T014"),
        (("explain", "xinzhou-base", "xinzhou-bass"), "CS-F006"),
    ],
)
def test_mistakes_are_named(capsys, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    found, _, log = answer(capsys, *arguments)
    assert found in (3, 4)
    assert code in log
    assert "Traceback" not in log
