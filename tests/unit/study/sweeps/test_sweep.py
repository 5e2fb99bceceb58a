"""The store: same bytes whatever happens, every damage named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from chainsim.errors import DataError, InfeasibleError, MachineError
from chainsim.library.study_files import parse_study
from chainsim.study.reproduce import reproduce
from chainsim.study.sweeps.engines import EngineSpec, engine_spec
from chainsim.study.sweeps.folder import SweepFolder
from chainsim.study.sweeps.parts import damaged, found_parts, ranges
from chainsim.study.sweeps.plan import study_plan
from chainsim.study.sweeps.reading import read_results
from chainsim.study.sweeps.summary import summary
from chainsim.study.sweeps.sweep import repair, sweep, sweep_plan
from tests.unit.study.sweeps.toys import Function, digests, function_plan, study_text, toy_study


def codes(error: pytest.ExceptionInfo) -> set[str]:
    return {p.code for p in error.value.problems}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A sweep run in one go."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    sweep(toy_study(), folder)
    return folder


def test_every_run_is_there_once(whole):
    frames = [pq.read_table(p.path).to_pandas() for p in found_parts(whole / "parts")]
    assert len(frames) == 6
    runs = [
        tuple(r) for f in frames for r in f[["point", "replication"]].drop_duplicates().to_numpy()
    ]
    assert runs == [(p, r) for p in range(2) for r in range(6)]
    manifest = json.loads((whole / "manifest.json").read_text())
    assert set(manifest["sha256"]) == set(digests(whole)) - {"manifest.json", ".lock"}


def test_the_first_replications_of_a_batch_are_those_of_a_smaller_one(whole, tmp_path):
    sweep(toy_study(reps=2, chunk=2), tmp_path)
    few = pq.read_table(found_parts(tmp_path / "parts")[0].path).to_pandas()
    many = pq.read_table(found_parts(whole / "parts")[0].path).to_pandas()
    assert few.equals(many)


@pytest.mark.parametrize("lost", [[0], [1, 4], [0, 1, 2, 3, 4, 5]])
def test_what_is_lost_is_run_again_to_the_same_bytes(whole, tmp_path, lost):
    study = toy_study()
    sweep(study, tmp_path)
    for part in found_parts(tmp_path / "parts"):
        if part.number in lost:
            part.path.unlink()
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "parts" / ".pending-part-000009-0000000000000000.parquet").write_bytes(b"half")
    done = sweep(study, tmp_path, resume=True)
    assert done.kept == 6 - len(lost)
    assert digests(tmp_path) == digests(whole)


def test_results_are_not_run_over(whole):
    with pytest.raises(DataError) as error:
        sweep(toy_study(), whole)
    assert codes(error) == {"CS-T009"}


@pytest.mark.parametrize("change", [{"reps": 7}, {"chunk": 3}, {"more": "seed: 2\n"}])
def test_another_study_is_refused_and_the_difference_named(whole, change):
    before = digests(whole)
    with pytest.raises(DataError) as error:
        sweep(toy_study(**change), whole, resume=True)
    assert codes(error) == {"CS-T008"}
    assert any(p.path.startswith("study.") for p in error.value.problems)
    assert digests(whole) == before


def test_another_version_is_refused(whole, tmp_path):
    plan = study_plan(toy_study())
    sweep_plan(plan, tmp_path)
    head = json.loads((tmp_path / "study.json").read_text())
    head["key"], head["fingerprint"]["numpy"] = "0", "0.1"
    (tmp_path / "study.json").write_text(json.dumps(head))
    with pytest.raises(DataError) as error:
        sweep_plan(plan, tmp_path, resume=True)
    assert [(p.path, p.found) for p in error.value.problems] == [("numpy", "0.1")]


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(DataError) as error:
        sweep(toy_study(), tmp_path)
    assert codes(error) == {"CS-X001"}
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("at", [10, -20, 200])
def test_a_damaged_part_is_named_and_repaired(whole, tmp_path, at):
    study = toy_study()
    sweep(study, tmp_path)
    victim = found_parts(tmp_path / "parts")[3]
    content = bytearray(victim.path.read_bytes())
    content[at] ^= 1
    victim.path.write_bytes(content)
    with pytest.raises(DataError) as error:
        sweep(study, tmp_path, resume=True)
    assert codes(error) == {"CS-T010"}
    assert victim.path.name in error.value.problems[0].file
    found = repair(tmp_path)
    assert (found.removed, found.missing) == ((3,), (3,))
    sweep(study, tmp_path, resume=True)
    assert digests(tmp_path) == digests(whole)


def test_a_part_cut_short_is_damaged(whole, tmp_path):
    study = toy_study()
    sweep(study, tmp_path)
    victim = found_parts(tmp_path / "parts")[0]
    victim.path.write_bytes(victim.path.read_bytes()[:100])
    assert damaged(found_parts(tmp_path / "parts")) == [victim]


def test_repair_needs_a_sweep(tmp_path):
    with pytest.raises(DataError) as error:
        repair(tmp_path)
    assert codes(error) == {"CS-T014"}


@pytest.mark.parametrize(
    ("name", "anew"),
    [("manifest.json", ["manifest.json"]), ("points.csv", ["points.csv"]), ("figures.csv", [])],
)
def test_another_file_that_is_damaged_is_told_and_written_anew(whole, tmp_path, name, anew):
    study = toy_study()
    sweep(study, tmp_path)
    path = tmp_path / name
    if anew:
        path.write_bytes(path.read_bytes()[:20])
    found = repair(tmp_path)
    assert (list(found.anew), found.missing) == (anew, ())
    sweep(study, tmp_path, resume=True)
    assert digests(tmp_path) == digests(whole)


def test_a_sweep_whose_study_cannot_be_read_is_told_so(tmp_path):
    sweep(toy_study(reps=2), tmp_path)
    head = tmp_path / "study.json"
    head.write_bytes(head.read_bytes()[:100])
    for act in (repair, summary, reproduce, lambda out: sweep(toy_study(reps=2), out, resume=True)):
        with pytest.raises(DataError) as error:
            act(tmp_path)
        assert [(p.code, p.file) for p in error.value.problems] == [("CS-T020", str(head))]


def test_a_summary_needs_the_points(tmp_path):
    sweep(toy_study(reps=2), tmp_path)
    (tmp_path / "points.csv").unlink()
    with pytest.raises(DataError) as error:
        summary(tmp_path)
    assert codes(error) == {"CS-T020"}


def test_two_drivers_do_not_share_a_folder(tmp_path):
    with SweepFolder(tmp_path).locked(), pytest.raises(DataError) as error:
        sweep(toy_study(), tmp_path)
    assert codes(error) == {"CS-T011"}


def test_a_failed_run_stops_the_sweep_and_names_the_point(tmp_path):
    plan = function_plan(Function("sum", fail_at=33), 50)
    with pytest.raises(InfeasibleError) as error:
        sweep_plan(plan, tmp_path)
    assert codes(error) == {"CS-T001", "CS-E004"}
    assert "x = 33.0" in error.value.text()
    assert [p.number for p in found_parts(tmp_path / "parts")] == [0, 1, 2]
    assert not (tmp_path / "manifest.json").exists()


def test_a_study_with_a_wrong_park_runs_nothing(tmp_path):
    wrong = toy_study(more="  odd: {set: units.m3.capacity, values: [1, 2]}\n")
    with pytest.raises(DataError) as error:
        sweep(wrong, tmp_path / "out")
    assert codes(error) == {"CS-V013"}
    assert not (tmp_path / "out").exists()


def test_replications_that_would_all_be_alike_are_refused():
    with pytest.raises(DataError) as error:
        study_plan(toy_study(more="engine: steady\n"))
    assert codes(error) == {"CS-T015"}


FULL = """
import resource, sys
from chainsim.study.sweeps.sweep import sweep
from chainsim.errors import MachineError
from tests.unit.study.sweeps.toys import toy_study
study = toy_study()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    sweep(study, sys.argv[1])
except MachineError as error:
    print([p.code for p in error.problems])
"""


def test_a_disk_that_is_full_is_a_named_error_and_can_be_resumed(whole, tmp_path):
    """The limit of file sizes stands for the full disk: writing fails half-way, for real."""
    out = tmp_path / "out"
    sizes = [p.path.stat().st_size for p in found_parts(whole / "parts")]
    for limit in (300, min(sizes) - 1):
        command = [sys.executable, "-c", FULL, str(out), str(limit)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "['CS-X002']"
    assert not list(out.rglob(".pending-*"))
    sweep(toy_study(), out, resume=True)
    assert digests(out) == digests(whole)


HASHED = """
import sys
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.sweep import sweep
from tests.unit.study.sweeps.toys import toy_study
if __name__ == "__main__":
    sweep(toy_study(), sys.argv[1], engine=EngineSpec(sys.argv[2], int(sys.argv[3])))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workers", "environment"),
    [
        (1, {"PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "LANG": "tr_TR.UTF-8"}),
        (4, {"PYTHONHASHSEED": "3", "LC_ALL": "C", "TZ": "Asia/Shanghai"}),
    ],
)
def test_any_number_of_processes_writes_the_same_bytes(whole, tmp_path, workers, environment):
    """Two are tried where workers are killed, and with Dask."""
    import os

    script = tmp_path / "go.py"
    script.write_text(HASHED)
    subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out"), "processes", str(workers)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environment},
        check=True,
    )
    assert digests(tmp_path / "out") == digests(whole)


def test_engines_by_name():
    assert engine_spec("serial", 4) == EngineSpec("serial", 1)
    assert engine_spec("tcp://10.0.0.1:8786", None).address == "tcp://10.0.0.1:8786"
    with pytest.raises(MachineError) as error:
        engine_spec("spark", None)
    assert codes(error) == {"CS-T016"}


def test_ranges():
    assert list(ranges([])) == []
    assert list(ranges([5, 1, 2, 9, 10])) == ["1-2", "5", "9-10"]


def test_a_study_file_says_all_its_mistakes_at_once():
    with pytest.raises(DataError) as error:
        parse_study(study_text() + "engine: turbo\nrepz: 3\n")
    assert codes(error) == {"CS-V001", "CS-V007"}


def test_a_part_of_another_study_is_not_taken_for_ours(whole, tmp_path):
    """Its bytes are whole, its number fits; its rows are another study's."""
    sweep(toy_study(), tmp_path / "ours")
    other = parse_study(study_text(more="seed: 2\n"))
    sweep(other, tmp_path / "other")
    ours, theirs = (found_parts(tmp_path / k / "parts")[2].path for k in ("ours", "other"))
    ours.unlink()
    stranger = ours.with_name(theirs.name)
    shutil.copy(theirs, stranger)
    with pytest.raises(DataError) as error:
        sweep(toy_study(), tmp_path / "ours", resume=True)
    assert codes(error) == {"CS-T022"}
    assert error.value.problems[0].file == str(stranger)
    found = repair(tmp_path / "ours")
    assert (found.removed, found.missing, found.strange) == ((), (2,), (stranger.name,))
    stranger.unlink()
    sweep(toy_study(), tmp_path / "ours", resume=True)
    assert digests(tmp_path / "ours") == digests(whole)


def test_a_chunk_that_is_there_twice_is_not_counted_twice(whole, tmp_path):
    sweep(toy_study(), tmp_path)
    part = found_parts(tmp_path / "parts")[1].path
    shutil.copy(part, part.with_name(f"{part.name[:12]}{'0' * 16}.parquet"))
    with pytest.raises(DataError) as error:
        read_results(tmp_path)
    assert codes(error) == {"CS-T010"}
    assert repair(tmp_path).missing == ()
    assert digests(tmp_path) == digests(whole)


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_only_has_the_name_of_a_part_is_named(whole, tmp_path, kind):
    sweep(toy_study(), tmp_path)
    part = found_parts(tmp_path / "parts")[1].path
    part.unlink()
    part.mkdir() if kind == "folder" else part.symlink_to(tmp_path / "nowhere")
    assert len(read_results(tmp_path)["point"].unique()) == 2  # what is there can be read
    assert repair(tmp_path).strange == (part.name,)
    with pytest.raises(DataError) as error:
        sweep(toy_study(), tmp_path, resume=True)
    assert codes(error) == {"CS-T022"}


def test_notes_beside_the_results_and_hidden_files_harm_nobody(tmp_path):
    sweep(toy_study(), tmp_path)
    found_parts(tmp_path / "parts")[1].path.unlink()
    (tmp_path / "notes.txt").write_text("mine")
    for folder in (tmp_path, tmp_path / "parts"):
        (folder / ".DS_Store").write_text("")
    assert sweep(toy_study(), tmp_path, resume=True).kept == 5
    assert (tmp_path / "notes.txt").read_text() == "mine"
