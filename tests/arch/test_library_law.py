"""Third-party packages stay in their layer; data folders hold no code; few layers write files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.arch import law
from tests.arch.test_import_law import tree


def test_packages_stay_in_their_layer() -> None:
    assert law.package_violations(law.ROOT) == []


def test_only_some_layers_write_files() -> None:
    assert law.write_violations(law.ROOT) == []


def test_data_folders_hold_no_code() -> None:
    assert law.code_in_data(law.ROOT) == []


def test_every_dependency_has_a_layer() -> None:
    project = tomllib.loads((law.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {entry.split(">")[0].split("=")[0].strip() for entry in project["dependencies"]}
    renamed = {"pyyaml": "yaml", "salib": "SALib", "vl-convert-python": "vl_convert"}
    renamed |= {"python-docx": "docx"}
    assert {renamed.get(name, name) for name in names} <= set(law.PACKAGES)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chainsim/park/a.py", "import yaml"),
        ("chainsim/errors.py", "from pydantic_core import PydanticCustomError"),
        ("chainsim/des/a.py", "import highspy"),
        ("chainsim/study/a.py", "def f():\n    import numba"),
        ("chainsim/study/a.py", "import simpy.core"),
        ("chainsim/library/a.py", "import networkx as nx"),
        ("app/main.py", "import altair"),
        ("chainsim/report/a.py", "import streamlit"),
        ("chainsim/report/a.py", "import pyarrow.parquet"),
        ("chainsim/library/a.py", "import pint"),
        ("chainsim/report/a.py", "import unheard_of"),
    ],
)
def test_strays_are_found(tmp_path: Path, name: str, text: str) -> None:
    assert len(law.package_violations(tree(tmp_path, {name: text}))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "path.write_text('x')",
        "open(path, 'w')",
        "path.open('ab')",
        "open(path, mode='r+')",
        "frame.to_parquet(path)",
    ],
)
def test_writing_is_found(tmp_path: Path, text: str) -> None:
    assert len(law.write_violations(tree(tmp_path, {"chainsim/park/a.py": text}))) == 1
    assert law.write_violations(tree(tmp_path / "b", {"chainsim/study/a.py": text})) == []


def test_reading_is_not_writing(tmp_path: Path) -> None:
    text = "open(path)\nopen(path, 'rb')\npath.open('r', encoding='utf-8')\npath.read_text()"
    assert law.write_violations(tree(tmp_path, {"chainsim/park/a.py": text})) == []


def test_code_among_data_is_found(tmp_path: Path) -> None:
    assert law.code_in_data(tree(tmp_path, {"graphs/x/a.py": ""})) == ["graphs/x/a.py"]
