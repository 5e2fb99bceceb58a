"""A result folder alone: the same bytes on the same versions, every drift listed on others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chainsim.errors import DataError
from chainsim.library.study_files import load_study
from chainsim.report.study_pages import reproduce_page
from chainsim.study.file_drift import file_drift
from chainsim.study.reproduce import reproduce
from chainsim.study.run import run
from chainsim.study.sensitivity import sensitivity
from chainsim.study.store import sum_of, write_run
from chainsim.study.sweeps.parts import found_parts, write_part
from chainsim.study.sweeps.sweep import sweep
from tests.unit.study.sweeps.toys import PARK, toy_study


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "out"
    result = run(
        "xinzhou-base", engine="steady", overrides=("units.yp_methanol.capacity=20 万t/a",)
    )
    return write_run(result, folder)


@pytest.mark.parametrize("options", [{"reps": 3, "years": 1, "seed": 5}, {"years": 3}])
def test_a_run_is_reproduced_from_its_folder(tmp_path, options):
    found = reproduce(write_run(run(PARK, engine="des", **options), tmp_path / "out"))
    assert found.same
    assert found.kind == "run"
    assert len(found.drift) == len(found.versions) == len(found.figures) == 0


def test_a_run_with_problems_is_reproduced_too(run_folder):
    """Their places are in the user's file then, in the resolved scenario now."""
    assert len(pd.read_csv(run_folder / "problems.csv")) > 0
    found = reproduce(run_folder)
    assert found.same
    assert len(found.files) == 0


def test_drift_is_listed_figure_by_figure(run_folder, tmp_path):
    """The folder of an older library: its table of figures, digest and results say otherwise."""
    folder = tmp_path / "old"
    shutil.copytree(run_folder, folder)
    figures = pd.read_csv(folder / "figures.csv", encoding="utf-8-sig")
    place = figures.index[figures["path"] == "prices.coke"][0]
    now = float(figures.loc[place, "value"])
    figures.loc[place, "value"] = now * 0.5
    figures = figures[figures["path"] != "prices.methanol"]
    figures.to_csv(folder / "figures.csv", index=False, encoding="utf-8-sig")
    kpis = pd.read_csv(folder / "kpis.csv", encoding="utf-8-sig")
    kpis.loc[kpis["id"] == "value.added_cny", "value"] *= 0.25
    kpis.to_csv(folder / "kpis.csv", index=False, encoding="utf-8-sig")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["library_digest"] = "older"
    for name in ("kpis.csv", "figures.csv"):
        manifest["sha256"][name] = sum_of(folder / name)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = reproduce(folder)
    assert not found.same
    assert "kpis.csv" in found.differing
    told = found.files.set_index("file")
    assert set(told.index) == set(found.differing)
    assert tuple(told.loc["kpis.csv"]) == ("figures", pytest.approx(0.75))
    assert told.loc["figures.csv", "change"] == "content"  # a row more
    assert found.versions.set_index("name").loc["library", "then"] == "older"
    moved = found.figures.set_index("path")
    assert set(moved.index) == {"prices.coke", "prices.methanol"}
    assert moved.loc["prices.coke", "then"] == pytest.approx(now / 2)
    assert moved.loc["prices.coke", "now"] == pytest.approx(now)
    assert found.drift.iloc[0]["id"] == "value.added_cny"
    assert found.drift.iloc[0]["relative"] == pytest.approx(3.0)


def test_sweeps_and_sensitivities_are_reproduced(tmp_path):
    sweep(toy_study(reps=3), tmp_path / "sweep")
    assert reproduce(tmp_path / "sweep").same
    study = load_study("base-prices", ("design.samples=2",))
    sensitivity(study, tmp_path / "morris", method="morris")
    assert reproduce(tmp_path / "morris").same


def test_a_changed_part_shows(tmp_path):
    """Another version of Arrow wrote the same rows otherwise."""
    sweep(toy_study(reps=3), tmp_path)
    part = found_parts(tmp_path / "parts")[0]
    table = pq.read_table(part.path)
    part.path.unlink()
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none")
    written = write_part(tmp_path / "parts", part.number, bytes(sink.getvalue()))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    del manifest["sha256"][f"parts/{part.path.name}"]
    manifest["sha256"][f"parts/{written.name}"] = sum_of(written)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    found = reproduce(tmp_path)
    assert not found.same
    assert set(found.differing) == {f"parts/{part.path.name}", f"parts/{written.name}"}
    assert len(found.drift) == 0  # the rows are the same all the same
    assert found.files.values.tolist() == [[f"parts/{part.path.name}", "bytes", 0.0]]


def test_last_digits_are_told_file_by_file(run_folder, tmp_path):
    """Another machine adds up in another order: the page names the files and how far they are."""
    folder = tmp_path / "other"
    shutil.copytree(run_folder, folder)
    flows = pd.read_parquet(folder / "flows.parquet")
    flows["quantity"] *= 1.0 + 3e-15
    flows.to_parquet(folder / "flows.parquet", index=False)
    levels = pd.read_parquet(folder / "levels.parquet")
    levels.to_parquet(folder / "levels.parquet", index=False, compression="none")
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("flows.parquet", "levels.parquet"):
        manifest["sha256"][name] = sum_of(folder / name)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = reproduce(folder)
    told = found.files.set_index("file")
    assert told["change"].to_dict() == {"flows.parquet": "figures", "levels.parquet": "bytes"}
    assert told.loc["flows.parquet", "relative"] == pytest.approx(3e-15, rel=0.2)
    page = reproduce_page(found, "en")
    assert page.sections[0].title == "Files that differ (2)"
    first = page.sections[0].grid.rows[0].cells
    assert first[:2] == ("flows.parquet", "figures")
    assert first[2].endswith("e-15")


def test_what_came_went_or_cannot_be_set_side_by_side(tmp_path):
    then, now = tmp_path / "then", tmp_path / "now"
    for folder, value in ((then, "1.0\n"), (now, "inf\n")):
        folder.mkdir()
        (folder / "x.csv").write_text("v\n" + value)
        (folder / "words.yaml").write_text(value)
    (then / "old.csv").write_text("")
    (now / "young.csv").write_text("")
    found = file_drift(then, now, "parts", ["x.csv", "words.yaml", "old.csv", "young.csv"])
    assert found.set_index("file")["change"].to_dict() == {
        "old.csv": "gone",
        "words.yaml": "content",
        "x.csv": "content",
        "young.csv": "new",
    }
    assert found["relative"].isna().all()


def test_a_folder_that_is_not_what_was_written_is_refused(tmp_path, run_folder):
    """What is gone or changed is named; nothing is compared with what is left."""
    sweep(toy_study(reps=3), tmp_path / "sweep")
    shutil.copytree(run_folder, tmp_path / "run")
    part = found_parts(tmp_path / "sweep" / "parts")[0]
    part.path.unlink()
    (tmp_path / "run" / "kpis.csv").write_text("id,value\n")
    for name, code, file in (
        ("sweep", "CS-T020", part.path.name),
        ("run", "CS-X005", "kpis.csv"),
    ):
        with pytest.raises(DataError) as error:
            reproduce(tmp_path / name)
        assert [(p.code, Path(p.file).name) for p in error.value.problems] == [(code, file)]


def test_a_sweep_that_is_not_finished_is_told(tmp_path):
    sweep(toy_study(reps=3), tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(DataError) as error:
        reproduce(tmp_path)
    assert [p.code for p in error.value.problems] == ["CS-T021"]


def test_a_folder_of_nothing_is_named(tmp_path):
    with pytest.raises(DataError) as error:
        reproduce(tmp_path)
    assert error.value.problems[0].code == "CS-T014"
