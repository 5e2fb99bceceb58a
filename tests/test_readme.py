"""The commands and the Python lines of the README do what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from chainsim.library.scenarios import shipped_scenarios

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [
    shlex.split(line.split("  #")[0].split(" > ")[0])
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith(".venv/bin/chainsim")
]
# The plain run is what `make run` does; my-park.yaml is the reader's own file.
SHORT = [c for c in COMMANDS if c[1:] != ["run", "xinzhou-base"] and "my-park.yaml" not in c]


def test_the_tour_is_there():
    assert len(SHORT) >= 6


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the tour calls runs/."""
    return f"{tmp_path_factory.mktemp('runs')}/"


@pytest.mark.parametrize("command", SHORT, ids=lambda c: " ".join(c[1:])[:40])
def test_command(command: list[str], runs: str):
    arguments = [re.sub("^runs/", runs, a) for a in command[1:]]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("chainsim")), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    written = [Path(a) for a in arguments if a.startswith(runs) and Path(a).suffix]
    assert len(done.stdout) > 200 or (written and all(p.stat().st_size for p in written))


def test_python_lines():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    done = subprocess.run([sys.executable, "-c", code.group(1)], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_linked_files_exist():
    for target in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_number_of_scenarios_is_right():
    assert f"自带 {len(shipped_scenarios())} 个情景" in README
