"""A run folder read back is the run that was written."""

from __future__ import annotations

import pandas as pd
import pytest

from chainsim.errors import DataError
from chainsim.study.run import run
from chainsim.study.store import TABLES, write_run
from chainsim.study.stored import is_run_folder, read_run


@pytest.fixture(scope="module")
def result():
    return run("xinzhou-base", engine="des", seed=3, reps=2, log=True)


@pytest.fixture
def folder(result, tmp_path):
    return write_run(result, tmp_path / "run")


def test_every_table_comes_back(result, folder):
    again = read_run(folder)
    for name in TABLES:
        pd.testing.assert_frame_equal(
            getattr(again.simulation, name), getattr(result.simulation, name)
        )
    for name in ("ledger", "kpis", "policy"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(result, name))
    pd.testing.assert_frame_equal(again.simulation.changes, result.simulation.changes)
    assert again.manifest == result.manifest
    assert again.park.horizon == result.park.horizon
    for lang in ("zh", "en"):
        assert [p.text(lang) for p in again.problems] == [p.text(lang) for p in result.problems]
    assert again.problems


def test_years_of_the_run_come_back(tmp_path):
    two = run("xinzhou-base", engine="steady", years=2)
    again = read_run(write_run(two, tmp_path / "two"))
    assert again.park.horizon == two.park.horizon


def test_a_folder_without_a_run(tmp_path):
    assert not is_run_folder(tmp_path)
    with pytest.raises(DataError) as caught:
        read_run(tmp_path)
    assert [p.code for p in caught.value.problems] == ["CS-T014"]


def test_damaged_and_missing_files_are_named(folder):
    (folder / "kpis.csv").write_text("id,value\n", "utf-8")
    (folder / "flows.parquet").unlink()
    with pytest.raises(DataError) as caught:
        read_run(folder)
    assert {p.code for p in caught.value.problems} == {"CS-X005"}
    assert {p.file.rsplit("/", 1)[1] for p in caught.value.problems} == {
        "kpis.csv",
        "flows.parquet",
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sha256": 3, "run_schema": 1}', "\x00"])
def test_a_manifest_that_is_none(folder, text):
    (folder / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(DataError) as caught:
        read_run(folder)
    assert [p.code for p in caught.value.problems] == ["CS-T014"]
