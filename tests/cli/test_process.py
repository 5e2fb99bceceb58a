"""The command line as a process: exit codes, clean streams, hostile files, speed of `--help`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chainsim.cli.entry import UNEXPECTED
from tests.unit.report.gas_park import FILE

HEAD = "schema_version: 1\nid: x\nname_zh: x\nname_en: x\nlibrary: false\n"
CODE = "from chainsim.cli import main; main()"
"""Alone they take under a second; an alias bomb or a recursion would take minutes."""


def chainsim(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", CODE, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        timeout=120,
        **options,
    )


def test_a_run_leaves_stderr_empty_and_no_escape_codes() -> None:
    done = chainsim("run", str(FILE), "--engine", "steady")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_json_is_all_of_stdout() -> None:
    done = chainsim("run", str(FILE), "--engine", "steady", "--json")
    assert json.loads(done.stdout)["schema_version"] == 1


def test_usage() -> None:
    assert chainsim("nonsense").returncode == 2
    assert chainsim().returncode == 2


HOSTILE = {
    "aliases": HEAD + "materials:\n  a: &a {unit: t}\n  b: *a\n",
    "bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
    "deep": "[" * 20_000,
    "tag": HEAD + "units: !!python/object/apply:os.system ['id']\n",
    "duplicate": HEAD + "sites: {}\nsites: {}\n",
    "huge": "x: " + "a" * 3_000_000,
    "binary": "\x00\x01\x02",
    "not a mapping": "- 1\n- 2\n",
    "empty": "",
    "control characters": HEAD + 'story_zh: "\\e[2Jgone"\nunits: {a: {capacity: 1}}\n',
    "infinite": HEAD + "units: {a: {capacity: .inf, recipe: {}}}\n",
    "base onto itself": HEAD + "base: hostile.yaml\n",
    "climbing": HEAD + "base: ../../../../etc/passwd\n",
    "unit": HEAD + "materials: {a: {}}\nbuy: {a: {limit: 5 parsec}}\n",
}  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_are_answered_at_once(name: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_text(HOSTILE[name], "utf-8")
    done = chainsim("run", str(file))
    assert done.returncode == 4, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert "CS-" in done.stderr


def test_a_file_of_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "gbk.yaml"
    file.write_bytes("name_zh: 忻州".encode("gbk"))
    done = chainsim("validate", str(file))
    assert done.returncode == 4
    assert "UTF-8" in done.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    done = chainsim("run", str(FILE), "--engine", "steady", "--out", str(blocked / "run"))
    assert done.returncode == 3
    assert "CS-X002" in done.stderr


def test_a_reader_that_goes_away() -> None:
    command = [sys.executable, "-c", CODE, "schema"]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()  # before anything is written: the first write finds nobody
    assert writer.stderr.read() == b""
    writer.stderr.close()
    assert writer.wait(timeout=60) == UNEXPECTED


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from chainsim.cli.entry import invoke\n"
        "invoke(['--help'])\n"
        "heavy = {'numpy', 'pandas', 'pydantic', 'highspy', 'networkx', 'numba', 'altair', 'streamlit', 'rich'}\n"
        "sys.exit(len(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0
