"""Processes killed for real, in the middle of their work: nothing lost, nothing twice, same bytes.

The model waits for a file before it goes on, so every kill finds the sweep where it is wanted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainsim.errors import DataError
from chainsim.study.sweeps.parts import damaged, found_parts
from chainsim.study.sweeps.sweep import repair, sweep_plan
from tests.unit.study.sweeps.toys import ROOT, digests, gated_plan, study_text

pytestmark = pytest.mark.slow
CHUNKS = 24
AT = 10
LIMIT = 300.0
"""Seconds after which something hangs."""
DRIVER = """
import sys
from pathlib import Path
from chainsim.study.sweeps.engines import engine_spec
from chainsim.study.sweeps.sweep import sweep_plan
from tests.unit.study.sweeps.toys import gated_plan
if __name__ == "__main__":
    out, gate, at, engine = sys.argv[1:]
    sweep_plan(gated_plan(Path(gate), int(at)), out, engine=engine_spec(engine, 2), resume=True)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, str]:
    """Sums of the files of a sweep that nobody disturbs, in this process."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    sweep_plan(gated_plan(Path("none"), CHUNKS), folder)
    return digests(folder)


@pytest.fixture
def gate(tmp_path) -> Path:
    return tmp_path / "gate"


def start(out: Path, gate: Path, engine: str, at: int = AT) -> subprocess.Popen[str]:
    """A driver in a process group of its own."""
    script = out.parent / "driver.py"
    script.write_text(DRIVER)
    return run(sys.executable, script, out, gate, at, engine)


def run(*command: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job may inherit none
    )


def wait_for(what, driver: subprocess.Popen[str]) -> None:
    end = time.monotonic() + LIMIT
    while not what():
        assert driver.poll() is None, driver.stderr.read()
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> str:
    """What it said last."""
    _, errors = process.communicate(timeout=LIMIT)
    return errors


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


def all_gone(pids: list[int]) -> bool:
    end = time.monotonic() + LIMIT
    while any(alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(alive(pid) for pid in pids)


def resumed(out: Path) -> dict[str, str]:
    """The folder finished in this process."""
    sweep_plan(gated_plan(Path("none"), CHUNKS), out, resume=True)
    return digests(out)


@pytest.mark.parametrize(("engine", "at"), [("serial", 0), ("processes", AT)])
def test_a_killed_driver(tmp_path, whole, gate, engine, at):
    out = tmp_path / "out"
    driver = start(out, gate, engine, at)
    wait_for(lambda: (out / "study.json").exists() and parts_in(out) == at, driver)
    team = children(driver.pid)
    driver.kill()
    ended(driver)
    assert all_gone(team)
    assert parts_in(out) == at
    assert not (out / "manifest.json").exists()
    before = digests(out / "parts") if at else {}
    assert resumed(out) == whole
    assert before.items() <= digests(out / "parts").items()


def test_a_killed_worker_is_replaced_and_its_run_done_again(tmp_path, whole, gate):
    out = tmp_path / "out"
    driver = start(out, gate, "processes")
    wait_for(lambda: parts_in(out) == AT, driver)
    os.kill(workers(driver.pid)[0], signal.SIGKILL)
    gate.touch()
    errors = ended(driver)
    assert driver.returncode == 0, errors
    assert digests(out) == whole


def test_all_killed_at_once(tmp_path, whole, gate):
    out = tmp_path / "out"
    driver = start(out, gate, "processes")
    wait_for(lambda: parts_in(out) == AT, driver)
    os.killpg(driver.pid, signal.SIGKILL)
    ended(driver)
    found = repair(out)
    assert found.removed == ()
    assert found.missing == tuple(range(AT, CHUNKS))
    assert resumed(out) == whole


@pytest.mark.parametrize(
    ("engine", "send", "number"),
    [
        ("processes", os.killpg, signal.SIGINT),  # Ctrl-C reaches all of them
        ("processes", os.kill, signal.SIGTERM),  # a batch system ends the driver alone
        ("dask", os.killpg, signal.SIGINT),
    ],
)
def test_an_interrupt_stops_cleanly(tmp_path, engine, send, number):
    """At the command line, in a study too long to end by itself meanwhile."""
    out, study = tmp_path / "out", tmp_path / "toy.yaml"
    study.write_text(study_text(reps=100_000, chunk=1, more="policy: false\n"), "utf-8")
    program = Path(sys.executable).with_name("chainsim")
    options = ("--out", out, "--engine", engine, "--workers", 2, "--lang", "en")
    driver = run(program, "sweep", study, *options)
    wait_for(lambda: parts_in(out) >= 3, driver)
    team = children(driver.pid)
    send(driver.pid, number)
    errors = ended(driver)
    assert driver.returncode == 130
    assert "Traceback" not in errors
    assert "--resume to go on" in errors
    assert all_gone(team)
    assert damaged(found_parts(out / "parts")) == []
    assert not (out / "manifest.json").exists()


def test_another_driver_is_kept_out_while_one_runs(tmp_path, gate):
    out = tmp_path / "out"
    first = start(out, gate, "serial", 1)
    wait_for(lambda: parts_in(out) == 1, first)
    with pytest.raises(DataError) as error:
        resumed(out)
    os.killpg(first.pid, signal.SIGKILL)
    ended(first)
    assert {p.code for p in error.value.problems} == {"CS-T011"}
