"""Imports run downward only, among the layers of docs/architecture.md; no cycles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arch import law


def tree(root: Path, files: dict[str, str]) -> Path:
    """`files` written below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_imports_run_downward() -> None:
    assert law.import_violations(law.ROOT) == []


def test_no_cycles() -> None:
    assert law.cycle(law.ROOT) == []


def test_the_law_sees_the_product() -> None:
    assert "chainsim.errors" in law.modules(law.ROOT)
    assert any(found.target == "chainsim.errors" for found in law.imports(law.ROOT))


@pytest.mark.parametrize(
    ("name", "text", "violation"),
    [
        ("chainsim/library/a.py", "import chainsim.park.b", "imports chainsim.park.b"),
        ("chainsim/library/a.py", "from chainsim import study", "imports chainsim.study"),
        ("chainsim/library/a.py", "from ..park import b", "imports chainsim.park"),
        ("chainsim/errors.py", "import chainsim.units", "imports chainsim.units"),
        ("chainsim/balance/a.py", "from chainsim.accounts import x", "imports chainsim.accounts"),
        ("chainsim/accounts/a.py", "from chainsim.balance import x", "imports chainsim.balance"),
        ("chainsim/park/a.py", "from chainsim.results import X", "imports chainsim.results"),
        ("chainsim/results.py", "from chainsim.park import X", "imports chainsim.park"),
        ("chainsim/results.py", "from chainsim.library import X", "imports chainsim.library"),
        ("chainsim/finance/a.py", "from chainsim.park import X", "imports chainsim.park"),
        ("chainsim/finance/a.py", "import chainsim.library.b", "imports chainsim.library.b"),
        ("chainsim/des/a.py", "def f():\n    import chainsim.study", "imports chainsim.study"),
        (
            "chainsim/des/a.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import chainsim.report",
            "imports chainsim.report",
        ),
        (
            "chainsim/des/a.py",
            "import importlib\nimportlib.import_module('chainsim.report')",
            "imports chainsim.report",
        ),
        ("chainsim/study/a.py", "import chainsim", "imports chainsim"),
        ("chainsim/study/a.py", "import app.main", "imports app.main"),
        ("chainsim/report/a.py", "from chainsim.cli import main", "imports chainsim.cli"),
        ("app/main.py", "from chainsim.balance import x", "imports chainsim.balance"),
        ("app/main.py", "import chainsim", "imports chainsim"),
        ("chainsim/helpers.py", "", "belongs to no layer"),
    ],
)
def test_violations_are_found(tmp_path: Path, name: str, text: str, violation: str) -> None:
    found = law.import_violations(tree(tmp_path, {name: text}))
    assert len(found) == 1
    assert found[0].endswith(violation)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chainsim/library/a.py", "from chainsim.errors import Problem"),
        ("chainsim/library/a.py", "from . import b\nfrom .b import c"),
        ("chainsim/accounts/a.py", "from chainsim.results import X\nimport chainsim.park.y"),
        ("chainsim/__init__.py", "from chainsim.study import run"),
        ("chainsim/__main__.py", "from chainsim.cli import main"),
        ("app/main.py", "from app.state import x\nimport chainsim.study\nimport json"),
    ],
)
def test_downward_imports_pass(tmp_path: Path, name: str, text: str) -> None:
    assert law.import_violations(tree(tmp_path, {name: text})) == []


def test_cycles_are_found(tmp_path: Path) -> None:
    files = {
        "chainsim/park/a.py": "from chainsim.park import b",
        "chainsim/park/b.py": "def f():\n    from .c import x",
        "chainsim/park/c.py": "import chainsim.park.a",
    }
    assert set(law.cycle(tree(tmp_path, files))) == {f"chainsim.park.{x}" for x in "abc"}
