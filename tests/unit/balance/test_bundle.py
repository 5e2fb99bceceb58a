"""Bundles: what machine code sees of them, and copies that share nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import pytest

from chainsim.balance.bundle import Bundle, Flags1, Floats2, Ints1


@dataclass(frozen=True, eq=False)
class Inner(Bundle):
    marks: Ints1
    flags: Flags1


@dataclass(frozen=True, eq=False)
class Outer(Bundle):
    table: Floats2
    inner: Inner


@numba.njit(_nrt=False, error_model="numpy")  # type: ignore[call-overload] # as the kernels are
def work(b: Outer) -> float:
    total = 0.0
    for i in range(b.table.shape[0]):
        for k in range(b.table.shape[1]):
            total += (i + 1) * b.table[i, k]
    b.table[1, 2] = -1.0
    b.inner.marks[0] += 5
    b.inner.flags[1] = True
    return total


def made() -> Outer:
    inner = Inner(marks=np.array([1, 2]), flags=np.zeros(3, dtype=np.bool_))
    return Outer(table=np.arange(6.0).reshape(2, 3), inner=inner)


def test_machine_code_reads_and_writes_the_arrays_themselves():
    bundle = made()
    assert work(bundle) == 3.0 + 2 * 12.0
    assert bundle.table[1, 2] == -1.0
    assert bundle.inner.marks.tolist() == [6, 2]
    assert bundle.inner.flags.tolist() == [False, True, False]


def test_a_copy_shares_nothing():
    bundle = made()
    other = bundle.copied()
    work(other)
    assert bundle.table[1, 2] == 5.0
    assert bundle.inner.marks.tolist() == [1, 2]
    assert list(bundle.arrays()) == ["table", "inner.marks", "inner.flags"]


def test_arrays_lie_in_one_piece():
    with pytest.raises(AssertionError):
        Inner(marks=np.arange(6)[::2], flags=np.zeros(3, dtype=np.bool_))
