"""What a batch does to the collector, each time in a process of its own: it holds for all of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAILS_IN_A_BATCH = """
import gc
from chainsim.study.heap import left_alone, settle

def fails():
    with left_alone():
        print(gc.get_freeze_count() > 0)
        raise ZeroDivisionError

{before}
try:
    fails()
except ZeroDivisionError:
    print(gc.get_freeze_count() > 0)
"""


@pytest.mark.parametrize(("before", "out_of_sight"), [("", False), ("settle()", True)])
def test_a_batch_leaves_the_heap_as_it_found_it(before: str, out_of_sight: bool):
    script = FAILS_IN_A_BATCH.format(before=before)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["True", str(out_of_sight)]


def test_a_starting_process_searches_rarely_but_not_in_a_batch():
    script = """
import gc
from chainsim.study.heap import hurry, left_alone

usual = gc.get_threshold()
hurry()
starting = gc.get_threshold()
with left_alone():
    print(gc.get_threshold() == usual)
print(gc.get_threshold() == starting, starting > usual)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["True"] * 3


def test_a_batch_that_was_on_its_way_does_not_undo_what_settled_meanwhile():
    script = """
import gc
from chainsim.study.heap import left_alone, settle

with left_alone():
    settle()
    settled = gc.get_threshold()
print(gc.get_freeze_count() > 0, gc.get_threshold() == settled)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["True", "True"]
