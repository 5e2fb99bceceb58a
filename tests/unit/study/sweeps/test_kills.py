"""Processes killed for real, at any moment: nothing lost, nothing twice, the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainsim.study.sweeps.parts import found_parts
from chainsim.study.sweeps.sweep import repair, sweep
from tests.unit.study.sweeps.toys import ROOT, digests, study_text, toy_study

pytestmark = pytest.mark.slow
BIG = {"reps": 30, "chunk": 1, "more": "policy: false\nfinance: false\n"}
CHUNKS = 60
LIMIT = 60.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, str]:
    """Sums of the files of a sweep that nobody disturbs, in this process."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    sweep(toy_study(**BIG), folder)
    return digests(folder)


@pytest.fixture
def study(tmp_path) -> Path:
    path = tmp_path / "toy.yaml"
    path.write_text(study_text(**BIG), "utf-8")
    return path


def start(study: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    """The command line, in a process group of its own."""
    program = Path(sys.executable).with_name("chainsim")
    command = [str(program), "sweep", str(study), "--out", str(out), *more]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_for(what, seconds: float = LIMIT) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def parts_in(out: Path) -> int:
    return len(found_parts(out / "parts"))


def children(pid: int) -> list[int]:
    """Descendants of a process that live."""
    found = []
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    for child in map(int, text.split()):
        found += [child, *children(child)]
    return found


def workers(pid: int) -> list[int]:
    """Those of them that compute."""
    return [c for c in children(pid) if "spawn_main" in cmdline(c)]


def cmdline(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def resumed(study: Path, out: Path, *more: str) -> dict[str, str]:
    process = start(study, out, "--resume", *more)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, errors
    return digests(out)


@pytest.mark.parametrize(("engine", "at"), [("serial", 10), ("processes", 0), ("processes", 20)])
def test_a_killed_driver(study, tmp_path, whole, engine, at):
    out = tmp_path / "out"
    options = ("--engine", engine, "--workers", "2")
    driver = start(study, out, *options)
    wait_for(lambda: (out / "study.json").exists() and parts_in(out) >= at)
    team = children(driver.pid)
    driver.kill()
    driver.communicate(timeout=LIMIT)
    wait_for(lambda: not any(alive(pid) for pid in team))
    assert at <= parts_in(out) < CHUNKS
    assert not (out / "manifest.json").exists()
    before = digests(out / "parts") if (out / "parts").exists() else {}
    assert resumed(study, out, *options) == whole
    after = digests(out / "parts")
    assert {k: after.get(k) for k in before if not k.startswith(".")} == {
        k: v for k, v in before.items() if not k.startswith(".")
    }


def test_killed_workers_are_replaced_and_their_runs_done_again(study, tmp_path, whole):
    out = tmp_path / "out"
    driver = start(study, out, "--engine", "processes", "--workers", "2")
    for count in (3, 25):
        wait_for(lambda count=count: parts_in(out) >= count)
        os.kill(workers(driver.pid)[0], signal.SIGKILL)
    _, errors = driver.communicate(timeout=LIMIT)
    assert driver.returncode == 0, errors
    assert digests(out) == whole


def test_all_killed_again_and_again(study, tmp_path, whole):
    out = tmp_path / "out"
    for count in (2, 25):
        driver = start(study, out, "--engine", "processes", "--workers", "2", "--resume")
        wait_for(lambda count=count: parts_in(out) >= count)
        os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate(timeout=LIMIT)
    found = repair(out)
    assert found.removed == ()
    assert len(found.missing) == CHUNKS - parts_in(out)
    assert resumed(study, out, "--engine", "serial") == whole


def test_an_interrupt_stops_cleanly(study, tmp_path, whole):
    out = tmp_path / "out"
    driver = start(study, out, "--engine", "processes", "--workers", "2", "--lang", "en")
    wait_for(lambda: parts_in(out) >= 3)
    team = children(driver.pid)
    os.killpg(driver.pid, signal.SIGINT)
    _, errors = driver.communicate(timeout=LIMIT)
    assert driver.returncode == 130
    assert "Traceback" not in errors
    wait_for(lambda: not any(alive(pid) for pid in team))
    assert resumed(study, out) == whole


def test_another_driver_is_kept_out_while_one_runs(study, tmp_path):
    out = tmp_path / "out"
    first = start(study, out, "--engine", "serial")
    wait_for(lambda: parts_in(out) >= 1)
    os.killpg(first.pid, signal.SIGSTOP)
    second = start(study, out, "--engine", "serial", "--resume")
    _, errors = second.communicate(timeout=LIMIT)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=LIMIT)
    assert second.returncode == 4
    assert "CS-T011" in errors
