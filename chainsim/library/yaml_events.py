"""The restricted YAML dialect: parser events -> data, marks and problems.

YAML 1.2 core scalars; no tags, anchors, aliases, merge keys, further documents or repeated keys;
keys are text. Depth and count are checked while events arrive, so hostile text ends early, and
the tree is built without recursion.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from chainsim.errors import DataError, Problem, shorten
from chainsim.library.document import Document, Mark, dotted

MAX_DEPTH: Final = 20
MAX_NODES: Final = 100_000
MAX_TEXT: Final = 2_000
MAX_KEY: Final = 80
MAX_INTEGER: Final = 2**63 - 1
MAX_PROBLEMS: Final = 100

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Typed by mistake in Chinese input mode, it makes a key and its value one word.
_WIDE_COLON: Final = "\N{FULLWIDTH COLON}"


def build_document(text: str, file: str) -> Document:
    """`text` as a Document named `file`.

    Raises:
        DataError: all problems found up to the first that ends the reading.
    """
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
        builder.check_top()
    except yaml.MarkedYAMLError as exc:
        builder.problems.append(_syntax_problem(exc, text, file))
    except _StopReading:
        pass  # the problem that stopped the reading is already in the list
    if builder.problems:
        raise DataError(builder.problems)
    return Document(file=file, data=builder.root, mark=builder.root_mark)


def plain_scalar(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar by the YAML 1.2 core schema, without 0x and 0o numbers.

    >>> plain_scalar("no"), plain_scalar("12:30"), plain_scalar("1e3")
    ('no', '12:30', 1000.0)
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 25 else math.inf
    if _FLOAT.fullmatch(text):
        return float(text)
    return math.nan if _NOT_FINITE.fullmatch(text) else text


class _StopReading(Exception):  # noqa: N818  a signal inside this module, never seen outside
    """Further reading is useless or unsafe."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list being filled.

    `at_key` is True while a mapping waits for a key; `key` is None while the coming value is to
    be dropped because its key was refused.
    """

    value: Any
    mark: Mark
    at_key: bool
    key: str | None = None
    key_line: int = 0
    key_column: int = 0


class _Builder:
    """Takes events one by one; holds the tree so far and the problems."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self.root: Any = None
        self.root_mark = Mark(1, 1)
        self._file = file
        self._stack: list[_Frame] = []
        self._nodes = 0
        self._documents = 0
        self._shares = 0

    def take(self, event: Any) -> None:
        """Work in one parser event."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            frame = self._stack.pop()
            self._put(frame.value, frame.mark)
        elif isinstance(event, yaml.AliasEvent):
            self._report_sharing(event, f"*{shorten(event.anchor)}")
            self._put(None, _mark(event))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop("CS-Y011", event)

    def check_top(self) -> None:
        """After the last event: the top must be a mapping."""
        if self.problems or isinstance(self.root, dict):
            return
        if self.root is None:
            code, found = "CS-Y009", ""
        elif isinstance(self.root, str) and _WIDE_COLON in self.root:
            code, found = "CS-Y024", shorten(self.root)
        else:
            code, found = "CS-Y010", "[…]" if isinstance(self.root, list) else shorten(self.root)
        line, column = self.root_mark.line, self.root_mark.column
        self.problems.append(
            Problem(code=code, file=self._file, line=line, column=column, found=found)
        )

    def _report(self, code: str, event: Any, *steps: str | int, **more: Any) -> None:
        mark = _mark(event)
        self.problems.append(
            Problem(
                code=code,
                file=self._file,
                line=mark.line,
                column=mark.column,
                path=dotted([*self._steps(), *steps]),
                **more,
            )
        )
        if len(self.problems) >= MAX_PROBLEMS:
            self._stop("CS-Y023", event)

    def _stop(self, code: str, event: Any, **more: Any) -> None:
        mark = _mark(event)
        self.problems.append(
            Problem(code=code, file=self._file, line=mark.line, column=mark.column, **more)
        )
        raise _StopReading

    def _steps(self) -> Iterator[str | int]:
        """Key path of the node that is being read."""
        for frame in self._stack:
            if isinstance(frame.value, list):
                yield len(frame.value)
            elif not frame.at_key and frame.key is not None:
                yield frame.key

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop("CS-Y018", event, expected=f"≤ {MAX_NODES}")
        if event.anchor is not None:
            self._report_sharing(event, f"&{shorten(event.anchor)}")
        if event.tag is not None:
            self._report("CS-Y012", event, found=shorten(event.tag))

    def _report_sharing(self, event: Any, found: str) -> None:
        """Tell of anchors and aliases once: one cause, however often it is written.

        A file full of them is not read to its end.
        """
        if not self._shares:
            self._report("CS-Y013", event, found=found)
        self._shares += 1
        if self._shares > MAX_PROBLEMS:
            raise _StopReading

    def _awaits_key(self) -> bool:
        return bool(self._stack) and self._stack[-1].at_key

    def _open(self, event: Any) -> None:
        self._count(event)
        if len(self._stack) >= MAX_DEPTH:
            self._stop("CS-Y017", event, expected=f"≤ {MAX_DEPTH}")
        mapping = isinstance(event, yaml.MappingStartEvent)
        if self._awaits_key():
            self._report("CS-Y016", event, found="{…}" if mapping else "[…]")
        mark = _mark(event)
        mark.children = {} if mapping else []
        self._stack.append(_Frame({} if mapping else [], mark, at_key=mapping))

    def _scalar(self, event: Any) -> None:
        self._count(event)
        if self._awaits_key():
            self._key(event)
            return
        text: str = event.value
        value = text if event.style else plain_scalar(text)
        if bad := CONTROL.search(text):  # written as an escape, for example "\\0"
            self._report("CS-Y008", event, found=f"U+{ord(bad.group()):04X}")
        elif len(text) > MAX_TEXT:
            self._report("CS-Y019", event, found=str(len(text)), expected=f"≤ {MAX_TEXT}")
        elif isinstance(value, int | float) and not _is_countable(value):
            self._report("CS-Y021", event, found=shorten(text))
        self._put(value, _mark(event))

    def _key(self, event: Any) -> None:
        """Take a scalar as the key of the coming value, or refuse it."""
        frame, text = self._stack[-1], event.value
        if not event.style and text == "<<":
            self._report("CS-Y015", event)
        elif not event.style and not isinstance(plain_scalar(text), str):
            self._report("CS-Y016", event, found=shorten(text) or "null")
        elif bad := CONTROL.search(text):
            self._report("CS-Y008", event, found=f"U+{ord(bad.group()):04X}")
        elif len(text) > MAX_KEY:
            self._report("CS-Y020", event, found=shorten(text), expected=f"≤ {MAX_KEY}")
        elif text in frame.value:
            first = frame.mark.child(text)
            self._report("CS-Y014", event, text, params={"first": first.key_line if first else 0})
        else:
            mark = _mark(event)
            frame.key, frame.key_line, frame.key_column = text, mark.line, mark.column
        frame.at_key = False

    def _put(self, value: Any, mark: Mark) -> None:
        """Hang a finished node where it belongs."""
        if not self._stack:
            self.root, self.root_mark = value, mark
            return
        frame = self._stack[-1]
        below: Any = frame.mark.children
        if isinstance(frame.value, list):
            frame.value.append(value)
            below.append(mark)
        elif frame.at_key:
            frame.at_key = False  # a refused key that was itself a collection or an alias
        else:
            if frame.key is not None:
                mark.key_line, mark.key_column = frame.key_line, frame.key_column
                frame.value[frame.key], below[frame.key] = value, mark
            frame.key, frame.at_key = None, True


def _is_countable(value: int | float) -> bool:
    return math.isfinite(value) and (type(value) is float or abs(value) <= MAX_INTEGER)


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


# What the parser says -> our code; the first fragment that occurs decides.
_SYNTAX: Final = (
    ("mapping values are not allowed", "CS-Y003"),
    ("unexpected end of stream", "CS-Y004"),
    ("unexpected document indicator", "CS-Y004"),
    ("did not find expected ',' or", "CS-Y004"),
    ("did not find expected node content", "CS-Y004"),
    ("did not find expected key", "CS-Y005"),
    ("did not find expected '-' indicator", "CS-Y005"),
    ("block sequence entries are not allowed", "CS-Y005"),
    ("could not find expected ':'", "CS-Y006"),
    ("cannot start any token", "CS-Y007"),
    ("found a tab character", "CS-Y002"),
)


def _syntax_problem(exc: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """One message for what the parser could not read."""
    detail = " ".join(str(part) for part in (exc.context, exc.problem) if part)
    code = next((code for part, code in _SYNTAX if part in detail), "CS-Y001")
    # Where a bracket was opened or a key began tells more than where the parser gave up.
    begins = code in ("CS-Y004", "CS-Y006")
    mark = (exc.context_mark if begins else None) or exc.problem_mark or exc.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    shown = lines[line] if line < len(lines) else ""
    if code == "CS-Y007" and shown[column : column + 1] == "\t":
        code = "CS-Y002"
    elif code in ("CS-Y003", "CS-Y005", "CS-Y006") and _WIDE_COLON in shown:
        code, column = "CS-Y024", shown.index(_WIDE_COLON)
    return Problem(
        code=code,
        file=file,
        line=line + 1,
        column=column + 1,
        found=shorten(shown.strip()),
        params={"detail": detail},
    )
