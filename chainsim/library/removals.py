"""Entries written as null: they remove what a base says; without that they are a mistake."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, get_origin

from chainsim.errors import Problem, did_you_mean
from chainsim.library.records import Record


def idle_removals(
    below: Mapping[str, Any], laid: Mapping[str, Any], model: type[Record]
) -> list[Problem]:
    """A problem (CS-V019) for each entry that `laid` removes and `below` does not have.

    Only sections that map ids to records are looked at: a key of a record set to null is left at
    its default.

    Args:
        below: plain data under it.
        laid: plain data laid over it.
        model: the record both have the shape of.
    """
    found = []
    for section in _sections(model) & laid.keys():
        entries, known = laid[section], below.get(section)
        known = known if isinstance(known, dict) else {}
        for key, value in entries.items() if isinstance(entries, dict) else ():
            if value is None and key not in known:
                path = f"{section}.{key}"
                hint = did_you_mean(str(key), map(str, known))
                found.append(Problem(code="CS-V019", path=path, hint=hint))
    return found


@functools.cache
def _sections(model: type[Record]) -> frozenset[str]:
    fields = model.model_fields.items()
    return frozenset(k for k, f in fields if get_origin(f.annotation) is dict)
