"""Processes written `like` another one: merging of the plain data, and who owns a figure.

Also a template, which is a part of a process with an id of its own, may be what a process is like.
Works on plain data before validation. Mappings merge key by key, lists and values replace, `null`
removes; a figure is taken over whole or not at all. Chains are allowed, circles are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainsim.errors import Problem, did_you_mean

SECTIONS = ("templates", "processes")
FIGURE = frozenset({"value", "unit", "low", "high", "source", "grade", "mark", "note"})
Raw = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Id of a process or template -> its section and its plain data as written."""


def merge(
    weak: Mapping[str, Any], strong: Mapping[str, Any], *, whole: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """`strong` laid over `weak`: mappings merge, everything else replaces, None removes.

    Where `strong` has one of the keys `whole`, it brings all of them or none.
    """
    kept = weak if whole.isdisjoint(strong) else {k: v for k, v in weak.items() if k not in whole}
    merged = dict(kept)
    for key, value in strong.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, dict) else {}, value, whole=whole)
        else:
            merged[key] = value
    return merged


def inherited(raw: Raw, key: str, fail: Callable[[Problem], None]) -> dict[str, Any]:
    """The whole data of `key`, its ancestors merged in.

    An ancestor that is missing or leads back to `key` is told to `fail` and left out.
    """
    chain = [key]
    while isinstance(parent := raw[chain[-1]][1].get("like"), str):
        path = f"{raw[chain[-1]][0]}.{chain[-1]}.like"
        if parent in chain:
            fail(Problem(code="CS-L013", path=path, found=parent))
            break
        if parent not in raw:
            hint = did_you_mean(parent, raw)
            fail(Problem(code="CS-L014", path=path, found=parent, hint=hint))
            break
        chain.append(parent)
    data: dict[str, Any] = {}
    for name in reversed(chain):
        data = merge(data, raw[name][1], whole=FIGURE)
    return data


class Origins:
    """Which process each figure was written for."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        """Path of origin of the coefficient at `path`."""
        if path not in self._known:
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: str) -> str:
        """Walk up from the process named in `path`; a circle ends at the first one met twice."""
        section, _, rest = path.partition(".")
        key, _, below = rest.partition(".")
        if section not in SECTIONS or key not in self._raw or not below:
            return path
        keys, met = below.split("."), {key}
        while not _holds(self._raw[key][1], keys):
            parent = self._raw[key][1].get("like")
            if not isinstance(parent, str) or parent not in self._raw:
                return path
            if parent in met:
                return path
            met.add(parent)
            key = parent
        return f"{self._raw[key][0]}.{key}.{below}"


def _holds(data: Any, keys: list[str]) -> bool:
    """True when `data` says something at `keys`, or replaces something on the way there."""
    for step in keys:
        if not isinstance(data, Mapping):
            return True
        if step not in data:
            return False
        data = data[step]
    return True
