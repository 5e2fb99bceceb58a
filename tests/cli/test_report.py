"""`chainsim report`, and `policy` of a run folder."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from chainsim.cli.entry import invoke
from chainsim.study.run import run
from chainsim.study.store import write_run


@dataclass
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def call(capsys):
    def called(*arguments: str) -> Answer:
        code = invoke(list(arguments))
        found = capsys.readouterr()
        return Answer(code, found.out, found.err)

    return called


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs") / "base"
    return write_run(run("xinzhou-base", engine="steady"), place)


@pytest.mark.parametrize(("form", "begins"), [("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_report_of_a_run_folder(call, folder, tmp_path, form, begins):
    target = tmp_path / f"report.{form}"
    answer = call("report", str(folder), "--format", form, "--out", str(target), "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["file"] == str(target)
    assert target.read_bytes().startswith(begins)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def test_the_name_must_fit_the_format(call, folder, tmp_path):
    answer = call("report", str(folder), "--format", "pdf", "--out", str(tmp_path / "a.docx"))
    assert answer.code == 4
    assert "CS-X006" in answer.err


def test_a_place_that_cannot_be_written(call, folder, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    answer = call("report", str(folder), "--out", str(tmp_path / "file" / "a.docx"))
    assert answer.code == 3
    assert "CS-X002" in answer.err


def test_policy_of_a_folder_is_that_of_the_run(call, folder):
    stored = call("policy", str(folder), "--json")
    fresh = call("policy", "xinzhou-base", "--json")
    assert stored.code == fresh.code == 0
    assert json.loads(stored.out)["policy"] == json.loads(fresh.out)["policy"]


def test_a_folder_cannot_be_changed_or_be_anything_else(call, folder, tmp_path):
    assert "CS-X007" in call("policy", str(folder), "--set", "units.yp_psa.load=0.5").err
    (tmp_path / "x").mkdir()
    answer = call("report", str(tmp_path / "x"))
    assert answer.code == 4
    assert "CS-" in answer.err
