"""Answers remembered by the bounds they belong to.

An answer is a function of the bounds alone, to the last bit, so remembering changes none: states
come back when a unit is mended or a tank runs full again, and in every replication.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainsim.balance.bundle import Bundle, Floats, Floats1, Floats2, Ints, Ints1, Ints2
from chainsim.balance.compiled import part

MEMORY_BYTES = 1 << 26
"""Room for the answers of one park; half of it is filled at most, as answers come."""
_ONE, _OTHER = 0x2545F4914F6CDD1D, 0x369DEA0F31A53F85
_NONE = 0


@dataclass(frozen=True, eq=False)
class Memo(Bundle):
    """An open table of `w` places, a power of two, filled to half at most; c columns."""

    keys: Ints2
    """(w, 2) 128 bits that stand for the bounds; zeros where nothing is."""
    values: Floats2
    """(w, c)"""
    imbalance: Floats1
    """(w,) of each answer."""
    used: Ints1
    """(1,) places taken."""
    key: Ints1
    """(2,) of the bounds looked up last."""


def empty_memo(columns: int) -> Memo:
    """A memo for answers of so many columns."""
    places = 1 << max(int(np.log2(MEMORY_BYTES / (8 * max(columns, 1) + 24))), 4)
    return Memo(
        keys=np.zeros((places, 2), dtype=np.int64),
        values=np.zeros((places, columns)),
        imbalance=np.zeros(places),
        used=np.zeros(1, dtype=np.int64),
        key=np.zeros(2, dtype=np.int64),
    )


@part
def look_up(m: Memo, bits: Ints, values: Floats) -> int:
    """Place of the answer to the bounds `bits`, which then stands in `values`; -1 if unknown."""
    one, other = _ONE, _OTHER
    for i in range(len(bits)):
        one = (one ^ bits[i]) * _OTHER
        one ^= one >> 31
        other = (other + bits[i]) * _ONE
        other ^= other >> 29
    if one == _NONE:
        one = 1
    m.key[0], m.key[1] = one, other
    place = one & (len(m.keys) - 1)
    while m.keys[place, 0] != _NONE:
        if m.keys[place, 0] == one and m.keys[place, 1] == other:
            for c in range(m.values.shape[1]):
                values[c] = m.values[place, c]
            return place
        place = (place + 1) & (len(m.keys) - 1)
    return -1


@part
def remember(m: Memo, values: Floats, imbalance: float) -> None:
    """Keep the answer to the bounds looked up last, while there is room."""
    if 2 * m.used[0] >= len(m.keys):
        return
    place = m.key[0] & (len(m.keys) - 1)
    while m.keys[place, 0] != _NONE:
        place = (place + 1) & (len(m.keys) - 1)
    m.keys[place, 0], m.keys[place, 1] = m.key[0], m.key[1]
    for c in range(m.values.shape[1]):
        m.values[place, c] = values[c]
    m.imbalance[place] = imbalance
    m.used[0] += 1
