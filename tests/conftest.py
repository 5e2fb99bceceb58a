"""Before all tests: kernels are compiled once, and no property fails for the time it takes."""

from __future__ import annotations

import pytest
from hypothesis import settings

from chainsim.balance.cache import kept_code

settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """In the process that starts the workers."""
    workers = config.getoption("numprocesses", None) or 0
    if hasattr(config, "workerinput") or workers < 2 or kept_code():
        return
    from chainsim.des.engine import run_des
    from tests.parks import park_of

    run_des(park_of("materials: {x: {}}\nbuy: {x: {limit: 1}}\nsell: {x: {}}", hours=1.0))
