"""The chart of accounts of one park: what every line of a run's tables is booked to, by number.

A line is what tells one row of a table from another but for its period: a port of a unit with the
material that flowed, a market, or the hours of a unit. A posting is one account that a line
touches. Names are sorted and grouped once; a run then only adds up numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = pd.api.extensions.ExtensionArray


class Posting(NamedTuple):
    """One account that a line touches; `factor` times the quantity is its amount."""

    account: str
    unit: str
    port: str
    material: str
    site: str
    enterprise: str
    quantity_unit: str
    amount_unit: str
    factor: float


SORTED_BY: Final = ("account", "unit", "port", "material", "site")
"""Order of the ledger within a period."""
TRANSFERS: Final = ("transfer.", "carbon_transfer.")
DEALINGS: Final = (
    (("revenue.", "cost.material", "cost.energy"), "transfer.value"),
    (("vat.",), "transfer.vat"),
)
"""What third parties pay and are paid, and what the same changes hands at."""
ADDED_UP_BY: Final = ("account", "unit", "material", "site", "enterprise")
"""What tells one condensed row from another (`view.Row`)."""


class Chart:
    """Postings of a list of lines.

    Attributes:
        start: (lines,) first posting of each line.
        count: (lines,) how many it has.
        factor: (postings,)
        changes_hands: (postings,) whether it books what one enterprise gives another.
        dealings: of money and of VAT: (postings,) whether it books a sale or purchase, and
            (postings,) whether it books the transfer of the same.
        rank: (postings,) place in the order of the ledger; equal where that makes no difference.
        group: (postings,) number of the condensed row.
        groups: names of the condensed rows, in order.
        texts: columns of text by name, one entry per posting.
    """

    def __init__(self, lines: Sequence[Sequence[Posting]]) -> None:
        postings = [posting for line in lines for posting in line]
        self.count: Ints = np.array([len(line) for line in lines], dtype=np.int64)
        self.start: Ints = np.cumsum(self.count) - self.count
        self.factor: Floats = np.array([p.factor for p in postings])
        self.changes_hands = np.array([p.account.startswith(TRANSFERS) for p in postings], bool)
        self.dealings: tuple[tuple[Bools, Bools], ...] = tuple(
            (
                np.array([p.account.startswith(deals) for p in postings], dtype=bool),
                np.array([p.account == given for p in postings], dtype=bool),
            )
            for deals, given in DEALINGS
        )
        named = _named(tuple(p[:-1] for p in postings))
        self.rank, self.group, self.groups = named.rank, named.group, named.groups
        self.texts: Mapping[str, Texts] = named.texts
        self._of = named.of

    def scaled(self, factors: Mapping[tuple[str, str], float]) -> Floats:
        """`factor` times what is given by (unit, account)."""
        scaled = np.ones(len(self.factor))
        for key, factor in factors.items():
            scaled[self._of.get(key, [])] = factor
        return scaled


@dataclass(frozen=True, slots=True)
class _Named:
    """What the names of postings decide, whatever their factors."""

    rank: Ints
    group: Ints
    groups: tuple[tuple[str, ...], ...]
    texts: Mapping[str, Texts]
    of: Mapping[tuple[str, str], list[int]]


@functools.lru_cache(maxsize=16)
def _named(postings: tuple[tuple[str, ...], ...]) -> _Named:
    """Kept, because parks that differ in sizes and prices only have the same names."""
    rank, _ = _numbered(postings, SORTED_BY)
    group, groups = _numbered(postings, ADDED_UP_BY)
    texts: dict[str, Texts] = {
        name: pd.array([p[i] for p in postings], dtype="str")
        for i, name in enumerate(Posting._fields[:-1])
    }
    of: dict[tuple[str, str], list[int]] = {}
    for i, (account, unit, *_) in enumerate(postings):
        of.setdefault((unit, account), []).append(i)
    return _Named(rank, group, groups, texts, of)


def _numbered(
    postings: Sequence[tuple[str, ...]], names: Iterable[str]
) -> tuple[Ints, tuple[tuple[str, ...], ...]]:
    """Number of each posting's key among the sorted keys, and these."""
    places = [Posting._fields.index(name) for name in names]
    keys = [tuple(str(p[i]) for i in places) for p in postings]
    found = tuple(sorted(set(keys)))
    number = {key: i for i, key in enumerate(found)}
    return np.array([number[key] for key in keys], dtype=np.int64), found


@dataclass(frozen=True, slots=True)
class Coded:
    """Rows of a table by numbers.

    Attributes:
        periods: names of the periods, in order.
        period: (rows,) number of each row's.
        keys: names of what is told apart otherwise.
        key: (rows,) number of each row's.
    """

    periods: tuple[str, ...]
    period: Ints
    keys: tuple[tuple[str, ...], ...]
    key: Ints


def coded(frame: pd.DataFrame, columns: Sequence[str]) -> Coded:
    """Number the periods (in order) and the combinations of `columns` (as they come)."""
    number: Ints = np.zeros(len(frame), dtype=np.int64)
    names: list[Any] = []
    for column in columns:
        codes, unique = pd.factorize(frame[column])
        names.append((codes, unique))
        number = number * max(len(unique), 1) + codes
    _, first, key = np.unique(number, return_index=True, return_inverse=True)
    parts = [unique.take(codes[first]).tolist() for codes, unique in names]
    codes, unique = pd.factorize(frame["period"], sort=True)
    return Coded(
        tuple(unique.tolist()), codes.astype(np.int64), tuple(zip(*parts, strict=True)), key
    )


def add_up(
    number: Ints, amounts: Floats, names: Sequence[tuple[str, ...]]
) -> list[tuple[str | float, ...]]:
    """(*name, sum) of all names that occur, in order."""
    seen = np.bincount(number, minlength=len(names)) > 0
    sums = np.bincount(number, weights=amounts, minlength=len(names))
    found = zip(np.flatnonzero(seen).tolist(), sums[seen].tolist(), strict=True)
    return [(*names[i], amount) for i, amount in found]
