"""Data of a document -> a pydantic record, or every mistake with its place.

Translates pydantic's errors into Problems (CS-V…). Names of union branches, which pydantic mixes
into its locations, are taken out by `union_errors`. A validator may raise `PydanticCustomError`
or `ValueError` (its message is shown), or a `UserError` (its problems are given a place).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from chainsim.errors import (
    DataError,
    Problem,
    UserError,
    did_you_mean,
    message_catalogue,
    shorten,
)
from chainsim.ids import ID_PATTERN
from chainsim.library.document import Document, KeyPath, dotted
from chainsim.library.model_fields import field_names
from chainsim.library.union_errors import key_path, relevant

Record = TypeVar("Record", bound=BaseModel)

_SHOWN_FIELDS: Final = 200  # characters of the list of allowed keys


def validate(
    model: type[Record],
    document: Document,
    at: KeyPath = (),
    *,
    context: Mapping[str, Any] | None = None,
) -> Record:
    """The part of `document` at `at` as an instance of `model`.

    Args:
        model: the pydantic record.
        document: a read file.
        at: key path of the part; the whole file by default.
        context: handed to pydantic's validators.

    Raises:
        DataError: nothing stands at `at`, or the data do not fit; it holds every problem.
    """
    data = document.at(at)
    try:
        return model.model_validate(data, context=dict(context) if context else None)
    except ValidationError as exc:
        errors = relevant(exc.errors(include_url=False), data)
        cause: Exception = exc
    except UserError as exc:
        raise DataError(_placed_by_value(exc.problems, document, at)) from exc
    found = [
        problem
        for error in errors
        for problem in _Finding(document, model, at, data, error).problems()
    ]
    raise DataError(_merged(found)) from cause


def found_text(value: object) -> str:
    """`value` as it would stand in the file, shortened for a message."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Mapping():
            return "{…}"
        case list() | tuple() | set():
            return "[…]"
        case _:
            return shorten(value)


# What pydantic expected -> how it is written in a file; the words' Chinese is in the catalogue.
_TYPES: Final = {
    "float": "number",
    "int": "integer",
    "decimal": "number",
    "string": "text",
    "bool": "true | false",
    "list": "[…]",
    "tuple": "[…]",
    "set": "[…]",
    "frozen_set": "[…]",
    "dict": "{key: value}",
    "mapping": "{key: value}",
    "model": "{key: value}",
    "model_attributes": "{key: value}",
    "dataclass": "{key: value}",
    "date": "YYYY-MM-DD",
    "datetime": "YYYY-MM-DD",
    "date_from_datetime": "YYYY-MM-DD",
    "time": "HH:MM",
    "none_required": "null",
}
_BOUNDS: Final = {
    "greater_than": ("CS-V004", ">", "gt"),
    "greater_than_equal": ("CS-V004", "≥", "ge"),
    "less_than": ("CS-V005", "<", "lt"),
    "less_than_equal": ("CS-V005", "≤", "le"),
    "too_short": ("CS-V006", "≥", "min_length"),
    "too_long": ("CS-V006", "≤", "max_length"),
    "string_too_short": ("CS-V006", "≥", "min_length"),
    "string_too_long": ("CS-V006", "≤", "max_length"),
}


@dataclass(frozen=True, slots=True)
class _Finding:
    """One pydantic error against the document it came from."""

    document: Document
    model: type[BaseModel]
    at: KeyPath
    data: Any
    error: ErrorDetails

    @property
    def kind(self) -> str:
        return self.error["type"]

    @property
    def context(self) -> dict[str, Any]:
        return self.error.get("ctx", {})

    def problems(self) -> Iterable[Problem]:
        """The error in our words; usually one problem."""
        cause = self.context.get("error")
        if isinstance(cause, UserError):
            return [self._adopted(problem) for problem in cause.problems]
        return [self._problem()]

    def _problem(self) -> Problem:
        kind, given = self.kind, self.error["input"]
        if kind in ("extra_forbidden", "unexpected_keyword_argument"):
            return self._unknown_key()
        if kind in ("missing", "missing_argument"):
            return self._at("CS-V002", self._path())
        if kind == "union_tag_not_found":
            return self._at("CS-V002", (*self._path(), _bare(self.context["discriminator"])))
        if kind in ("literal_error", "enum", "union_tag_invalid"):
            return self._not_a_choice()
        if kind in _BOUNDS:
            code, sign, key = _BOUNDS[kind]
            found = found_text(given)
            if code == "CS-V006":
                found = str(self.context.get("actual_length", len(given)))
            bound = self.context[key]
            shown = f"{bound:.12g}" if isinstance(bound, float) else str(bound)
            return self._at(code, self._path(), found=found, expected=f"{sign} {shown}")
        if kind == "string_pattern_mismatch":
            pattern = str(self.context["pattern"])
            if pattern == ID_PATTERN:
                return self._at("CS-V009", self._path(), found=found_text(given))
            return self._at("CS-V008", self._path(), found=found_text(given), expected=pattern)
        if kind == "finite_number":
            return self._at("CS-Y021", self._path(), found=found_text(given))
        if (expected := _expected_type(kind)) is not None:
            return self._at("CS-V003", self._path(), found=found_text(given), expected=expected)
        return self._by_message(given)

    def _by_message(self, given: object) -> Problem:
        """An error known by its own words: ours, a validator's, or a rare one of pydantic."""
        found = "" if isinstance(given, dict | list | BaseModel) else found_text(given)
        if self.kind in message_catalogue():
            return self._at(self.kind, self._path(), found=found, params=self.context)
        cause = self.context.get("error")
        detail = str(cause) if cause is not None else self.error["msg"]
        ours = self.kind in ("value_error", "assertion_error") or not _is_pydantic_type(self.kind)
        code = "CS-V010" if ours else "CS-V011"
        return self._at(code, self._path(), found=found, params={"detail": detail})

    def _unknown_key(self) -> Problem:
        path = self._path()
        names = field_names(self.model, self.data, path[len(self.at) : -1])
        return self._at(
            "CS-V001",
            path,
            key=True,
            expected=shorten(", ".join(names), _SHOWN_FIELDS),
            hint=did_you_mean(str(path[-1]), names),
        )

    def _not_a_choice(self) -> Problem:
        path, given = self._path(), self.error["input"]
        if self.kind == "union_tag_invalid":
            path = (*path, _bare(self.context["discriminator"]))
            given, listed = self.context["tag"], self.context["expected_tags"]
        else:
            listed = self.context["expected"]
        choices = _choices(str(listed))
        return self._at(
            "CS-V007",
            path,
            found=found_text(given),
            expected=" | ".join(choices),
            hint=did_you_mean(str(given), choices),
        )

    def _adopted(self, problem: Problem) -> Problem:
        """A problem raised inside a validator, given the place of the value it was about."""
        path = self._path()
        line, column = self.document.position(path)
        inner = problem.path
        return replace(
            problem,
            file=problem.file or self.document.file,
            line=problem.line or line,
            column=problem.column or column,
            path=f"{dotted(path)}.{inner}" if inner and path else inner or dotted(path),
        )

    def _at(self, code: str, path: KeyPath, *, key: bool = False, **more: Any) -> Problem:
        about_key = key or self.error["loc"][-1:] == ("[key]",)
        line, column = self.document.position(path, key=about_key)
        return Problem(
            code=code, file=self.document.file, line=line, column=column, path=dotted(path), **more
        )

    def _path(self) -> KeyPath:
        return (*self.at, *key_path(self.data, self.error))


def _expected_type(kind: str) -> str | None:
    """How a value of the type in pydantic's error `kind` is written; None for other errors."""
    if kind == "int_from_float":
        return _TYPES["int"]
    for ending in ("_parsing", "_type", "_attributes_type"):
        stem = kind.removesuffix(ending)
        if stem != kind and stem in _TYPES:
            return _TYPES[stem]
    for stem in ("date", "datetime", "time"):
        if kind.startswith(f"{stem}_"):
            return _TYPES[stem]
    return _TYPES.get(kind)


def _is_pydantic_type(kind: str) -> bool:
    """False for the types of errors that our own validators make up."""
    return kind in get_args(ErrorType)


def _choices(listed: str) -> list[str]:
    """Pydantic's "'a', 'b' or 'c'" as a list.

    >>> _choices("'a', 'b' or 'c'")
    ['a', 'b', 'c']
    """
    return [_bare(part) for part in listed.replace(" or ", ", ").split(", ")]


def _bare(text: object) -> str:
    return str(text).strip("'")


def _merged(problems: Iterable[Problem]) -> list[Problem]:
    """Without repeats; wrong types of one value, one for each branch of a union, become one."""
    kept: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        wrong_type = problem.code == "CS-V003"
        key = (problem.path, problem.code, "" if wrong_type else problem.message())
        if key not in kept:
            kept[key] = problem
        elif wrong_type and problem.expected not in kept[key].expected.split(" | "):
            expected = f"{kept[key].expected} | {problem.expected}"
            kept[key] = replace(kept[key], expected=expected)
    return list(kept.values())


def _placed_by_value(
    problems: Iterable[Problem], document: Document, at: KeyPath
) -> Iterator[Problem]:
    """Problems raised past pydantic: placed at the first value that reads as they tell."""
    for problem in problems:
        path = at
        if not problem.line and problem.found:
            path = next(_matching(document.at(at), at, problem.found.__eq__), at)
        line, column = document.position(path)
        yield replace(
            problem,
            file=problem.file or document.file,
            line=problem.line or line,
            column=problem.column or column,
            path=problem.path or dotted(path),
        )


def _matching(data: Any, path: KeyPath, wanted: Callable[[str], bool]) -> Iterator[KeyPath]:
    """Key paths of the scalars in `data` whose shown text is `wanted`, in file order."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _matching(value, (*path, key), wanted)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _matching(value, (*path, index), wanted)
    elif wanted(found_text(data)):
        yield path
