"""A read file: plain data and the place of every node in it.

`Document` is what `yaml_loader` returns and `validate` takes. It never reads files and knows no
meaning of the data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chainsim.errors import DataError, Problem

KeyPath = tuple[str | int, ...]


@dataclass(slots=True)
class Mark:
    """Where one node stands (lines and columns from 1), and the marks below it."""

    line: int
    column: int
    key_line: int = 0
    key_column: int = 0
    children: dict[str, Mark] | list[Mark] | None = None

    def child(self, step: str | int) -> Mark | None:
        """The mark below `step` (a list takes "0" for 0); None when nothing stands there."""
        if isinstance(self.children, dict):
            return self.children.get(str(step))
        if self.children is None or not str(step).isdecimal():
            return None
        index = int(step)
        return self.children[index] if index < len(self.children) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One read file: plain `data`, a mapping at the top, and the place of each node.

    Attributes:
        file: display name used in messages.
        data: dict, list, str, int, float, bool and None only.
        mark: marks in the shape of `data`.
    """

    file: str
    data: dict[str, Any]
    mark: Mark = field(repr=False, compare=False)

    def position(self, key_path: KeyPath = (), *, key: bool = False) -> tuple[int, int]:
        """Line and column (from 1) of the value at `key_path`, or of its nearest ancestor.

        Args:
            key_path: keys and list indices from the top.
            key: point at the key of that value instead, where it has one.
        """
        mark = self.mark
        for step in key_path:
            below = mark.child(step)
            if below is None:
                return mark.line, mark.column
            mark = below
        if key and mark.key_line:
            return mark.key_line, mark.key_column
        return mark.line, mark.column

    def at(self, key_path: KeyPath) -> Any:
        """The data at `key_path`.

        Raises:
            DataError: nothing stands there (CS-V002).
        """
        value: Any = self.data
        mark = self.mark
        for depth, step in enumerate(key_path):
            below = mark.child(step)
            if below is None:
                raise DataError(
                    Problem(
                        code="CS-V002",
                        file=self.file,
                        line=mark.line,
                        column=mark.column,
                        path=dotted(key_path[: depth + 1]),
                    )
                )
            value = value[int(step)] if isinstance(value, list) else value[step]
            mark = below
        return value


def dotted(key_path: Iterable[str | int]) -> str:
    """`key_path` as shown to people.

    >>> dotted(("units", 0, "capacity"))
    'units.0.capacity'
    """
    return ".".join(str(step) for step in key_path)
