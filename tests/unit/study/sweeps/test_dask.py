"""A real scheduler and real workers over TCP on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chainsim.errors import MachineError
from chainsim.study.sweeps.cluster import _local
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.folder import SweepFolder
from chainsim.study.sweeps.sweep import sweep, sweep_plan
from tests.unit.study.sweeps.test_kills import AT, CHUNKS, LIMIT, ended, parts_in, start, wait_for
from tests.unit.study.sweeps.toys import (
    ROOT,
    Function,
    digests,
    function_plan,
    gated_plan,
    toy_study,
)

pytestmark = pytest.mark.slow


def spawn(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def cluster():
    """Address of a scheduler with two workers, and all of them; the last tests kill some."""
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
    yield address, team, scheduler
    for process in (*team, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.stderr.close()
        process.wait(LIMIT)


def test_a_cluster_of_its_own_writes_the_bytes_of_one_process(tmp_path):
    """The real model: a park, its events and its books."""
    study = toy_study(reps=3, chunk=1)
    sweep(study, tmp_path / "one")
    sweep(study, tmp_path / "two", engine=EngineSpec("dask", 2))
    assert digests(tmp_path / "two") == digests(tmp_path / "one")


def test_other_versions_on_the_workers_are_refused(tmp_path, cluster):
    address, *_ = cluster
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


def test_the_driver_and_then_a_worker_are_killed(tmp_path, cluster):
    address, team, _ = cluster
    out, gate, later = tmp_path / "out", tmp_path / "gate", tmp_path / "later"
    driver = start(out, gate, address)
    wait_for(lambda: parts_in(out) == AT, driver)
    driver.kill()
    ended(driver)
    gate.touch()  # what the workers still hold ends, and goes nowhere
    assert not (out / "manifest.json").exists()
    driver = start(out, later, address, AT + 5)
    wait_for(lambda: parts_in(out) == AT + 5, driver)
    team[0].kill()
    later.touch()
    errors = ended(driver)
    assert driver.returncode == 0, errors
    sweep_plan(gated_plan(Path("none"), CHUNKS), tmp_path / "whole")
    assert digests(out) == digests(tmp_path / "whole")


def test_a_scheduler_that_goes_is_named_and_nothing_is_lost(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr("chainsim.study.sweeps.cluster._TIMEOUT", "1s")
    address, _, scheduler = cluster
    out, gate = tmp_path / "out", tmp_path / "gate"

    def kill(done: int, runs: int) -> None:
        if done:
            scheduler.kill()

    spec = EngineSpec("cluster", 1, address)
    with pytest.raises(MachineError) as error:
        sweep_plan(gated_plan(gate, AT), out, engine=spec, progress=kill)
    assert [(p.code, p.found) for p in error.value.problems] == [("CS-T018", address)]
    gate.touch()
    assert parts_in(out) > 0
    sweep_plan(gated_plan(Path("none"), CHUNKS), out, resume=True)
    sweep_plan(gated_plan(Path("none"), CHUNKS), tmp_path / "whole")
    assert digests(out) == digests(tmp_path / "whole")


def test_two_clusters_on_one_machine_do_not_meet():
    """Each scheduler's metrics have a free port of the loopback; both asked for the same one."""
    with _local(0) as first, _local(0) as second:
        served = [c.scheduler.http_server._sockets.values() for c in (first, second)]
        addresses = [sock.getsockname()[:2] for sockets in served for sock in sockets]
    assert {host for host, _ in addresses} == {"127.0.0.1"}
    assert len({port for _, port in addresses}) == len(addresses) == 2
