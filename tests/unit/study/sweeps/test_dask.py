"""A real scheduler and real workers over TCP on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest

from chainsim.errors import MachineError
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.folder import SweepFolder
from chainsim.study.sweeps.sweep import sweep, sweep_plan
from tests.unit.study.sweeps.test_kills import BIG, LIMIT, children, parts_in, start, wait_for
from tests.unit.study.sweeps.toys import (
    ROOT,
    Function,
    digests,
    function_plan,
    study_text,
    toy_study,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("whole") / "out"
    sweep(toy_study(**BIG), folder)
    return digests(folder)


def spawn(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.fixture
def cluster():
    """Address of a scheduler with two workers, and the workers."""
    host = ("--host", "127.0.0.1", "--no-dashboard")
    scheduler = spawn("dask_scheduler", *host, "--port", "0")
    address = ""
    for line in scheduler.stderr:
        if found := re.search(r"tcp://127\.0\.0\.1:\d+", line):
            address = found[0]
            break
    assert address
    plain = (*host, "--nthreads", "1", "--no-nanny")
    team = [spawn("dask_worker", address, *plain) for _ in range(2)]
    yield address, team
    for process in (*team, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.stderr.close()
        process.wait(LIMIT)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_cluster_of_its_own_writes_the_same_bytes(tmp_path, whole, workers):
    study = tmp_path / "toy.yaml"
    study.write_text(study_text(**BIG), "utf-8")
    driver = start(study, tmp_path / "out", "--engine", "dask", "--workers", str(workers))
    _, errors = driver.communicate(timeout=2 * LIMIT)
    assert driver.returncode == 0, errors
    assert digests(tmp_path / "out") == whole


def test_a_worker_and_then_the_driver_are_killed(tmp_path, whole, cluster):
    address, team = cluster
    out, study = tmp_path / "out", tmp_path / "toy.yaml"
    study.write_text(study_text(**BIG), "utf-8")
    driver = start(study, out, "--engine", address)
    wait_for(lambda: parts_in(out) >= 3)
    team[0].kill()
    wait_for(lambda: parts_in(out) >= 20)
    driver.kill()
    driver.communicate(timeout=LIMIT)
    assert not (out / "manifest.json").exists()
    driver = start(study, out, "--engine", address, "--resume")
    _, errors = driver.communicate(timeout=LIMIT)
    assert driver.returncode == 0, errors
    assert digests(out) == whole
    assert children(driver.pid) == []


def test_other_versions_on_the_workers_are_refused(tmp_path, cluster):
    address, _ = cluster
    plan = function_plan(Function("sum", versions=(("numpy", "0.1"),)), 4)
    with pytest.raises(MachineError) as error:
        sweep_plan(plan, tmp_path, engine=EngineSpec("cluster", 2, address))
    assert {(p.code, p.path) for p in error.value.problems} == {("CS-T013", "numpy")}
    assert SweepFolder(tmp_path).manifest() is None


def test_a_cluster_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("chainsim.study.sweeps.cluster._TIMEOUT", "1s")
    with pytest.raises(MachineError) as error:
        sweep(toy_study(), tmp_path, engine=EngineSpec("cluster", 1, "tcp://127.0.0.1:9"))
    assert {p.code for p in error.value.problems} == {"CS-T018"}
