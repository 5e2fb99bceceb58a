"""Run folders: whole or absent, never over somebody else's files, harmless in a spreadsheet."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from chainsim.errors import DataError, MachineError
from chainsim.library.scenarios import load_scenario
from chainsim.study import store
from chainsim.study.store import FILES, check_replaceable, write_csv, write_run
from tests.unit.report.gas_park import gas_result


def test_everything_is_written(tmp_path: Path) -> None:
    folder = write_run(gas_result(), tmp_path / "out" / "run")
    assert {p.name for p in folder.iterdir()} == set(FILES)
    assert [p.name for p in folder.parent.iterdir()] == ["run"]
    flows = pd.read_parquet(folder / "flows.parquet")
    pd.testing.assert_frame_equal(flows, gas_result().flows)


def test_the_manifest_has_the_checksum_of_every_file(tmp_path: Path) -> None:
    folder = write_run(gas_result(), tmp_path / "run")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["key"] == gas_result().manifest.key
    sums = manifest["sha256"]
    assert set(sums) == set(FILES) - {"manifest.json"}
    for name, checksum in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum


def test_the_resolved_scenario_gives_the_same_park(tmp_path: Path) -> None:
    folder = write_run(gas_result(), tmp_path / "run")
    again = load_scenario(folder / "scenario.resolved.yaml")
    assert again.digest == gas_result().park.digest


def test_a_run_is_replaced(tmp_path: Path) -> None:
    write_run(gas_result(("units.psa.capacity=10",)), tmp_path / "run")
    folder = write_run(gas_result(), tmp_path / "run")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["scenario_digest"] == gas_result().park.digest


@pytest.mark.parametrize("name", ["notes.txt", "kpis.csv"])
def test_anything_else_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(DataError) as caught:
        write_run(gas_result(), tmp_path)
    assert caught.value.problems[0].code == "CS-X001"
    assert (tmp_path / name).read_text() == "mine"


def test_a_run_with_a_strange_file_is_left_alone(tmp_path: Path) -> None:
    folder = write_run(gas_result(), tmp_path / "run")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match=r"notes\.txt"):
        check_replaceable(folder)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    with pytest.raises(DataError):
        check_replaceable(tmp_path / "run")


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(frame: pd.DataFrame, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_write_parquet", full)
    with pytest.raises(MachineError) as caught:
        write_run(gas_result(), tmp_path / "run")
    assert caught.value.exit_code == 3
    assert "No space left" in caught.value.text("en")
    assert list(tmp_path.iterdir()) == []


def test_texts_that_look_like_formulas_are_made_harmless(tmp_path: Path) -> None:
    frame = pd.DataFrame({"note": ["=1+1", "@x", "-1", "+2", "plain", "\tx"], "value": [-1.0] * 6})
    write_csv(frame, tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8")
    assert text.startswith("\ufeffnote,value\n'=1+1,-1.0\n'@x,")
    assert "\n'-1,-1.0\n'+2," in text
    assert "\nplain,-1.0" in text


def test_problems_are_written_in_both_languages(tmp_path: Path) -> None:
    result = replace(gas_result(), problems=gas_result().problems)
    folder = write_run(result, tmp_path / "run")
    frame = pd.read_csv(folder / "problems.csv")
    assert frame["code"].iloc[0] == "CS-S018"
    assert frame["message_zh"].iloc[0] != frame["message_en"].iloc[0]
