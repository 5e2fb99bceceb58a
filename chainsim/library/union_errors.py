"""Which steps of a pydantic error location are keys, and which errors of a union matter.

Pydantic tries each branch of a union and reports the failures of all, with the branch's name as a
step of the location. People want the key path, and the mistakes of the branch they meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from pydantic_core import ErrorDetails

from chainsim.library.document import KeyPath

_BOUNDS: Final = (
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "finite_number",
)


def key_path(data: Any, error: ErrorDetails) -> KeyPath:
    """The location of `error` below `data` without names of branches and validators."""
    steps = error["loc"]
    return tuple(steps[index] for index in _kept(data, error))


def relevant(errors: Iterable[ErrorDetails], data: Any) -> list[ErrorDetails]:
    """`errors` without those of union branches that the writer did not mean.

    A branch is not meant when the value is of another type (and some branch takes the type), or
    when a literal field such as ``kind`` contradicts it (and some branch agrees).
    """
    listed = list(errors)
    for level in range(max((len(_branches(data, error)) for error in listed), default=0)):
        unions: dict[KeyPath, dict[str | int, list[ErrorDetails]]] = {}
        for error in listed:
            branches = _branches(data, error)
            if level < len(branches):
                parent, name = error["loc"][: branches[level]], error["loc"][branches[level]]
                unions.setdefault(parent, defaultdict(list))[name].append(error)
        refused = [
            id(error)
            for parent, branches_of in unions.items()
            for error in _not_meant(branches_of.values(), len(parent) + 1)
        ]
        listed = [error for error in listed if id(error) not in refused]
    return listed


def _not_meant(branches: Iterable[list[ErrorDetails]], depth: int) -> Iterable[ErrorDetails]:
    """Errors of all branches but those that fit best; `depth` is the length of their location."""
    ranked = [(_misfit(errors, depth), errors) for errors in branches]
    best = min(rank for rank, _ in ranked)
    return [error for rank, errors in ranked if rank > best for error in errors]


def _misfit(errors: list[ErrorDetails], depth: int) -> int:
    """0 for a branch that may be meant, 1 where a literal contradicts, 2 for another type.

    A value out of bounds is of the type that is bounded.
    """
    if all(len(error["loc"]) == depth for error in errors):
        return 0 if any(error["type"] in _BOUNDS for error in errors) else 2
    direct = (error for error in errors if len(error["loc"]) == depth + 1)
    return int(any(error["type"] == "literal_error" for error in direct))


def _branches(data: Any, error: ErrorDetails) -> list[int]:
    """Indices of the steps that name a branch."""
    kept = set(_kept(data, error))
    return [index for index in range(len(error["loc"])) if index not in kept]


def _kept(data: Any, error: ErrorDetails) -> tuple[int, ...]:
    """Indices of the steps that are keys of the data; a missing key counts as one."""
    steps = error["loc"]
    if error["type"] in ("missing", "missing_argument"):
        return (*_walked(data, steps[:-1], 0), len(steps) - 1)
    return _walked(data, steps, 0)


def _walked(data: Any, steps: KeyPath, index: int) -> tuple[int, ...]:
    if index == len(steps):
        return ()
    step = steps[index]
    if isinstance(data, dict):
        exists = step in data
    else:
        exists = isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data)
    if not exists:
        return _walked(data, steps, index + 1)
    inside = (index, *_walked(data[step], steps, index + 1))
    if len(inside) == len(steps) - index or isinstance(step, int):
        return inside
    # A branch may bear the name of a key beside it: the reading that explains more steps wins.
    return max(inside, _walked(data, steps, index + 1), key=len)
