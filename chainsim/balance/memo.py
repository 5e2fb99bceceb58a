"""Answers remembered by the bounds they belong to.

An answer is a function of the bounds alone, to the last bit, so remembering changes none: states
come back when a unit is mended or a tank runs full again, and in every replication.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainsim.balance.bundle import Bundle, Floats, Floats1, Floats2, Ints, Ints1, Ints2
from chainsim.balance.compiled import part

MEMORY_BYTES = 1 << 25
"""Room for the answers of one park."""
_ONE, _OTHER = 0x2545F4914F6CDD1D, 0x369DEA0F31A53F85
_NONE = 0


@dataclass(frozen=True, eq=False)
class Memo(Bundle):
    """An open table of `w` places, a power of two, for half as many answers at most; c columns."""

    keys: Ints2
    """(w, 2) 128 bits that stand for the bounds; zeros where nothing is."""
    answer: Ints1
    """(w,) number of the answer that belongs to a key."""
    values: Floats2
    """(w / 2, c) the answers, as they came."""
    imbalance: Floats1
    """(w / 2,) of each answer."""
    used: Ints1
    """(1,) answers kept."""
    key: Ints1
    """(2,) of the bounds looked up last."""


def empty_memo(columns: int) -> Memo:
    """A memo for answers of so many columns."""
    places = 1 << max(int(np.log2(2 * MEMORY_BYTES / (8 * max(columns, 1) + 56))), 4)
    return Memo(
        keys=np.zeros((places, 2), dtype=np.int64),
        answer=np.zeros(places, dtype=np.int64),
        values=np.zeros((places // 2, columns)),
        imbalance=np.zeros(places // 2),
        used=np.zeros(1, dtype=np.int64),
        key=np.zeros(2, dtype=np.int64),
    )


@part
def digest(bits: Ints, begin: Ints) -> tuple[int, int]:
    """128 bits that stand for `bits`, going on from those of `begin` (2,)."""
    one, other = begin[0] ^ _ONE, begin[1] ^ _OTHER
    for i in range(len(bits)):
        one = (one ^ bits[i]) * _OTHER
        one ^= one >> 31
        other = (other + bits[i]) * _ONE
        other ^= other >> 29
    return one, other


@part
def look_up(m: Memo, bits: Ints, begin: Ints, values: Floats) -> int:
    """Number of the answer to the bounds `bits`, which then stands in `values`; -1 if unknown.

    `begin` (2,) stands for all other bounds.
    """
    one, other = digest(bits, begin)
    if one == _NONE:
        one = 1
    m.key[0], m.key[1] = one, other
    place = one & (len(m.keys) - 1)
    while m.keys[place, 0] != _NONE:
        if m.keys[place, 0] == one and m.keys[place, 1] == other:
            found = m.answer[place]
            for c in range(m.values.shape[1]):
                values[c] = m.values[found, c]
            return int(found)
        place = (place + 1) & (len(m.keys) - 1)
    return -1


@part
def remember(m: Memo, values: Floats, imbalance: float) -> None:
    """Keep the answer to the bounds looked up last, while there is room."""
    number = m.used[0]
    if number == len(m.values):
        return
    place = m.key[0] & (len(m.keys) - 1)
    while m.keys[place, 0] != _NONE:
        place = (place + 1) & (len(m.keys) - 1)
    m.keys[place, 0], m.keys[place, 1] = m.key[0], m.key[1]
    m.answer[place] = number
    for c in range(m.values.shape[1]):
        m.values[number, c] = values[c]
    m.imbalance[number] = imbalance
    m.used[0] = number + 1
