"""Cached results: same content, same object; other content, another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chainsim.study import cache
from chainsim.study.run import run
from tests.unit.report.gas_park import FILE


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root of its own with the gas park as its only scenario."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "gas-park.yaml").write_bytes(FILE.read_bytes())
    monkeypatch.setattr("chainsim.library.scenarios.data_root", lambda: tmp_path)
    monkeypatch.setattr(cache, "data_root", lambda: tmp_path)
    monkeypatch.setattr(cache, "FRESH_S", -1.0)
    return tmp_path


def test_shipped(root: Path) -> None:
    assert cache.shipped() == ("gas-park",)
    assert cache.shipped("other", "gas-park") == ("gas-park",)


def test_the_same_content_is_computed_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*arguments: object, **options: object) -> object:
        calls.append(1)
        return run(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "run", counted)
    overrides = ("units.psa.capacity=7",)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cache.steady_result("gas-park", overrides), range(4)))
    assert len(calls) == 1
    assert all(x is found[0] for x in found)


def test_an_edited_file_is_computed_anew(root: Path) -> None:
    before = cache.steady_result("gas-park")
    file = root / "scenarios" / "gas-park.yaml"
    file.write_text(file.read_text("utf-8").replace("capacity: 20", "capacity: 10"), "utf-8")
    after = cache.steady_result("gas-park")
    assert after.kpi("output.hydrogen_nm3") < before.kpi("output.hydrogen_nm3")


def test_the_store_is_bounded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CAPACITY", 2)
    for capacity in (11, 12, 13, 14):
        cache.steady_result("gas-park", (f"units.psa.capacity={capacity}",))
    assert len(cache._results) <= 2
    assert len(cache._parks) <= 2
