"""All arrays of a run behind one: handing fifty of them over costs more than many an allocation.

A handle holds, for each array in a fixed order, its address and shape. Whoever makes a handle must
keep the arrays alive and in place while it is used; here that is `Plant` and the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np
from numba import carray, types  # type: ignore[attr-defined] # the stubs leave carray out
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from chainsim.balance.compiled import counting, counting_part
from chainsim.balance.hauls import Hauls
from chainsim.balance.memo import Memo
from chainsim.balance.motion import advance, count_change
from chainsim.balance.search import Nodes
from chainsim.balance.state import State
from chainsim.balance.tableau import Floats, Ints, Tableau

_WORDS = 4


def handle_of(state: State, tableau: Tableau, nodes: Nodes, memo: Memo) -> Ints:
    """Addresses and shapes of all arrays of a run."""
    rows: list[tuple[int, ...]] = []
    arrays: Iterable[NDArray[Any]] = (*state[:-1], *state.haul, *tableau, *nodes, *memo)
    for array in arrays:
        assert array.flags.c_contiguous
        shape = (*array.shape, 1, 1)[:3]
        rows.append((array.ctypes.data, *shape))
    return np.array(rows, dtype=np.int64).ravel()


@intrinsic
def _intrinsic(typing_context: Any, address: Any) -> Any:
    """An address as a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


_pointer: Callable[[Any], Any] = cast("Any", _intrinsic)


@counting_part
def _floats1(h: Ints, k: int) -> Floats:
    return carray(_pointer(h[_WORDS * k]), (h[_WORDS * k + 1],), np.float64)


@counting_part
def _floats2(h: Ints, k: int) -> Floats:
    w = _WORDS * k
    return carray(_pointer(h[w]), (h[w + 1], h[w + 2]), np.float64)


@counting_part
def _floats3(h: Ints, k: int) -> Floats:
    w = _WORDS * k
    return carray(_pointer(h[w]), (h[w + 1], h[w + 2], h[w + 3]), np.float64)


@counting_part
def _ints1(h: Ints, k: int) -> Ints:
    return carray(_pointer(h[_WORDS * k]), (h[_WORDS * k + 1],), np.int64)


@counting_part
def _ints2(h: Ints, k: int) -> Ints:
    w = _WORDS * k
    return carray(_pointer(h[w]), (h[w + 1], h[w + 2]), np.int64)


@counting_part
def _small2(h: Ints, k: int) -> NDArray[np.int32]:
    w = _WORDS * k
    return carray(_pointer(h[w]), (h[w + 1], h[w + 2]), np.int32)


@counting_part
def _flags1(h: Ints, k: int) -> NDArray[np.bool_]:
    return carray(_pointer(h[_WORDS * k]), (h[_WORDS * k + 1],), np.bool_)


@counting_part
def _flags2(h: Ints, k: int) -> NDArray[np.bool_]:
    w = _WORDS * k
    return carray(_pointer(h[w]), (h[w + 1], h[w + 2]), np.bool_)


@counting_part
def _flags3(h: Ints, k: int) -> NDArray[np.bool_]:
    w = _WORDS * k
    return carray(_pointer(h[w]), (h[w + 1], h[w + 2], h[w + 3]), np.bool_)


@counting_part
def _state_at(h: Ints) -> State:
    return State(
        _floats1(h, 0),  # clock
        _ints1(h, 1),  # tally
        _floats2(h, 2),  # unit
        _ints2(h, 3),  # unit_mark
        _floats2(h, 4),  # buffer
        _ints2(h, 5),  # buffer_mark
        _floats2(h, 6),  # owed
        _ints1(h, 7),  # owed_column
        _floats1(h, 8),  # wait_level
        _ints2(h, 9),  # wait_mark
        _ints2(h, 10),  # touch_mark
        _floats2(h, 11),  # column
        _ints1(h, 12),  # upper_bits
        _flags3(h, 13),  # states
        _flags1(h, 14),  # changed
        _floats2(h, 15),  # log
        _floats1(h, 16),  # ends
        _floats2(h, 17),  # flow
        _floats3(h, 18),  # by_unit
        _floats3(h, 19),  # by_owed
        _floats3(h, 20),  # by_buffer
        _floats1(h, 21),  # watch
        _ints2(h, 22),  # watch_mark
        _floats2(h, 23),  # points
        Hauls(
            _floats2(h, 24),  # figure
            _ints2(h, 25),  # mark
            _floats2(h, 26),  # when
            _floats2(h, 27),  # since
            _ints2(h, 28),  # phase
            _ints2(h, 29),  # number
            _floats2(h, 30),  # asked
            _floats2(h, 31),  # closed
            _floats2(h, 32),  # draws
            _ints2(h, 33),  # used
            _floats3(h, 34),  # by_haul
        ),
    )


@counting_part
def _tableau_at(h: Ints) -> Tableau:
    return Tableau(
        _floats2(h, 35),  # table
        _flags2(h, 36),  # listed
        _small2(h, 37),  # in_row
        _small2(h, 38),  # in_column
        _floats2(h, 39),  # row
        _floats2(h, 40),  # var
        _ints2(h, 41),  # mark
        _ints2(h, 42),  # rowmark
        _ints2(h, 43),  # colmark
        _floats1(h, 44),  # work
        _ints1(h, 45),  # size
        _small2(h, 46),  # log_place
        _floats1(h, 47),  # log_value
        _ints1(h, 48),  # ranks
        _floats1(h, 49),  # sense
        _ints2(h, 50),  # stage
        _ints1(h, 51),  # starts
        _ints1(h, 52),  # equation
        _floats1(h, 53),  # value
        _ints1(h, 54),  # crash
        _ints1(h, 55),  # chain
        _floats1(h, 56),  # sums
        _floats1(h, 57),  # figure
    )


@counting_part
def _nodes_at(h: Ints) -> Nodes:
    return Nodes(
        _floats3(h, 58),  # bounds
        _floats2(h, 59),  # hoped
        _floats2(h, 60),  # filed
        _floats2(h, 61),  # vector
        _ints2(h, 62),  # mark
        _floats1(h, 63),  # answer
        _ints1(h, 64),  # members
    )


@counting_part
def _memo_at(h: Ints) -> Memo:
    return Memo(
        _ints2(h, 65),  # keys
        _floats2(h, 66),  # values
        _floats1(h, 67),  # imbalance
        _ints1(h, 68),  # used
        _ints1(h, 69),  # key
    )


@counting
def advance_by(h: Ints, hour: float, until: float) -> int:
    """`motion.advance` by a handle."""
    return advance(_state_at(h), _tableau_at(h), _nodes_at(h), _memo_at(h), hour, until)


@counting
def count_change_by(h: Ints, now: float) -> int:
    """`motion.count_change` by a handle."""
    return count_change(_state_at(h), now)
