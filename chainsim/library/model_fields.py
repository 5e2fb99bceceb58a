"""Which keys a pydantic record allows at a place: the list behind "did you mean".

Walks annotations, never data types of its own; knows unions, lists, mappings and root models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, RootModel

from chainsim.library.document import KeyPath


def field_names(model: type[BaseModel], data: Any, path: KeyPath) -> list[str]:
    """Keys allowed in the mapping that stands at `path` of `data`, sorted.

    Args:
        model: the record that `data` should be.
        data: plain data; its literal fields (``kind: tank``) choose among the branches of unions.
        path: key path below `data`, without names of union branches.
    """
    places = list(_models(model))
    for step in path:
        data = data[step]
        places = [below for place in places for below in _below(place, step)]
    records = [place for place in places if isinstance(place, type)]
    fitting = [record for record in records if _fits(record, data)] or records
    return sorted({name for record in fitting for name in _keys(record)})


def _models(annotation: Any) -> Iterator[Any]:
    """The records and containers that `annotation` can mean; unions and wrappers opened."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        yield from _models(annotation.model_fields["root"].annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif hasattr(annotation, "__value__"):  # a named type alias
        yield from _models(annotation.__value__)
    elif hasattr(annotation, "__metadata__"):  # Annotated[...]
        yield from _models(annotation.__origin__)
    elif _is_container(get_origin(annotation)):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _models(part)


def _is_container(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping | Sequence | AbstractSet)


def _below(place: Any, step: str | int) -> Iterator[Any]:
    """What `place` holds at `step`."""
    if isinstance(place, type) and issubclass(place, BaseModel):
        for name, field in place.model_fields.items():
            if step in (name, field.alias, field.validation_alias):
                yield from _models(field.annotation)
        return
    parts = get_args(place)
    if issubclass(get_origin(place), Mapping):
        yield from _models(parts[1])
    else:
        for part in parts:
            yield from _models(part)


def _fits(record: type[BaseModel], data: Any) -> bool:
    """False when a literal field of `record` contradicts `data`."""
    if not isinstance(data, dict):
        return True
    literal = {
        field.alias or name: get_args(field.annotation)
        for name, field in record.model_fields.items()
        if get_origin(field.annotation) is Literal
    }
    return all(data[key] in allowed for key, allowed in literal.items() if key in data)


def _keys(record: type[BaseModel]) -> Iterator[str]:
    for name, field in record.model_fields.items():
        yield field.alias or name
