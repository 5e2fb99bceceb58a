"""Conversions: the table that stands ready is what pint gives, and suffices for a run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chainsim import units
from chainsim.errors import UnitError
from tests.units.table import TABLE, text

PAIRS = {(unit, target) for target, row in units.conversions().items() for unit in row}


def test_the_table_is_what_pint_gives() -> None:
    assert text(PAIRS) == TABLE.read_text("utf-8")


def test_what_is_not_in_the_table_is_worked_out() -> None:
    assert ("kWh/d", "MW") not in PAIRS
    assert units.factor("kWh/d", "MW") == pytest.approx(1e-3 / 24.0, rel=1e-15)
    assert units.same_dimension("kWh/d", "MW")


@pytest.mark.parametrize(
    ("unit", "target"), [("GJ/MWh", "t/MWh"), ("kWh/d", "CNY")]
)  # in the table and beside it
def test_another_dimension_is_refused(unit: str, target: str) -> None:
    assert not units.same_dimension(unit, target)
    with pytest.raises(UnitError) as caught:
        units.factor(unit, target)
    assert [p.code for p in caught.value.problems] == ["CS-U002"]


def test_a_run_does_without_pint() -> None:
    code = (
        "import sys, chainsim; chainsim.run('xinzhou-base', engine='steady');"
        "print('pint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
