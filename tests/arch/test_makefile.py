"""The two commands of the README: targets, hashes, and one clear line when Python lacks venv."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.arch.law import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


@pytest.mark.parametrize("target", ["run", "test", "app", "lint", "lock"])
def test_target(target: str) -> None:
    assert re.search(rf"^{target}: \$\(STAMP\)$", MAKEFILE, re.MULTILINE)


def test_install_checks_hashes() -> None:
    assert "install --require-hashes -r requirements.lock" in MAKEFILE
    assert "install --no-deps --no-build-isolation -e ." in MAKEFILE


def test_every_locked_package_has_a_hash() -> None:
    pinned = re.findall(r"^\S+==.*$", LOCK, re.MULTILINE)
    assert pinned
    assert all(line.endswith("\\") for line in pinned)


def test_lock_holds_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked = {n.lower(): v for n, v in re.findall(r"^([\w.-]+)==([\w.]+)", LOCK, re.MULTILINE)}
    requirements = [Requirement(entry) for entry in wanted]
    assert {r.name.lower() for r in requirements} - set(locked) == set()
    outside = [r for r in requirements if not r.specifier.contains(locked[r.name.lower()])]
    assert not outside, "run `make lock`"


def make(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", "run", f"PYTHON={python}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
@pytest.mark.parametrize(
    ("refuses", "line"),
    [
        ("ensurepip", "Python lacks venv; on Debian: apt-get install python3-venv"),
        ("version_info", "chainsim needs Python 3.11 or newer"),
    ],
)
def test_unfit_python_is_told_in_one_line(tmp_path: Path, refuses: str, line: str) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *{refuses}*) exit 1;; esac\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    done = make(tmp_path, str(python))
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith(line)
    assert "Error 3" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_second_run_installs_nothing(tmp_path: Path) -> None:
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    command = binaries / "chainsim"
    command.write_text('#!/bin/sh\necho "$@"\n')
    command.chmod(0o755)
    stamp = tmp_path / ".venv" / ".stamp"
    stamp.write_bytes(
        (ROOT / "requirements.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    )
    os.utime(stamp, (0, 0))
    done = make(tmp_path, "/nonexistent/python")
    assert done.stdout == "run scenarios/xinzhou-base.yaml\n"
