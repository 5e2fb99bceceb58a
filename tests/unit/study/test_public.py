"""The names that users rely on: all there, and studies begin from files."""

from __future__ import annotations

from pathlib import Path

import pytest

import chainsim as cs
from tests.parks import HEAD

LINE = """
horizon: {hours: 10}
materials: {x: {}, y: {}}
units: {m: {recipe: {feeds: {x: 1}, products: {y: 1}}, capacity: 2}}
buy: {x: {}}
sell: {y: {}}
"""


@pytest.mark.parametrize("name", cs.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert callable(getattr(cs, name))


def test_the_studies_are_public() -> None:
    assert {"compare", "explain", "sensitivity", "sweep"} <= set(cs.__all__)


def test_files_are_explained(tmp_path: Path) -> None:
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    before.write_text(HEAD + LINE, "utf-8")
    after.write_text(HEAD + LINE.replace("capacity: 2", "capacity: 3"), "utf-8")
    found = cs.explain(before, str(after), "output.y_t")
    assert found.difference == pytest.approx(10.0)
