"""Reading YAML files safely: size, encoding and characters first, then the restricted dialect.

Only regular UTF-8 files of at most 1 MiB are read (a byte order mark and Windows line ends are
fine). What the dialect is stands in `yaml_events`; what the data mean is `validate`'s matter.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from chainsim.errors import DataError, Problem, did_you_mean
from chainsim.library.document import Document, KeyPath, Mark, dotted
from chainsim.library.yaml_events import CONTROL, build_document

__all__ = ["Document", "KeyPath", "Mark", "dotted", "load_yaml", "parse_yaml"]

MAX_BYTES: Final = 1 << 20
# Directives are useless here, and the parser needs quadratic time for many of them.
_DIRECTIVE = re.compile("(?:^|[\r\n\x85\u2028\u2029])%")


def load_yaml(path: str | os.PathLike[str], *, file: str | None = None) -> Document:
    """Read one YAML file.

    Args:
        path: a regular file of at most 1 MiB in UTF-8.
        file: display name for messages; the path as given by default.

    Raises:
        DataError: the file cannot be read (CS-F…) or is not the restricted YAML (CS-Y…); it
            holds every problem found.
    """
    name = file or os.fspath(path)
    return parse_yaml(_read(path, name), file=name)


def parse_yaml(text: str | bytes, *, file: str = "") -> Document:
    """Parse YAML that is already in memory.

    Args:
        text: the content, at most 1 MiB (bytes) or as many characters.
        file: display name for messages.

    Raises:
        DataError: as for `load_yaml`.
    """
    if len(text) > MAX_BYTES:
        raise DataError(_too_large(file, len(text)))
    content = _decoded(text, file) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    if bad := CONTROL.search(content):
        line, column = _place(content, bad.start())
        found = f"U+{ord(bad.group()):04X}"
        raise DataError(Problem(code="CS-Y008", file=file, line=line, column=column, found=found))
    if directive := _DIRECTIVE.search(content):
        line, column = _place(content, directive.end() - 1)
        raise DataError(Problem(code="CS-Y022", file=file, line=line, column=column))
    return build_document(content, file)


def _read(path: str | os.PathLike[str], file: str) -> bytes:
    """The bytes of a regular file; a pipe or a device is refused before it can block."""
    try:
        state = os.stat(path)
        if stat.S_ISDIR(state.st_mode):
            raise DataError(Problem(code="CS-F002", file=file))
        if not stat.S_ISREG(state.st_mode):
            raise DataError(Problem(code="CS-F003", file=file, found="not a regular file"))
        if state.st_size > MAX_BYTES:
            raise DataError(_too_large(file, state.st_size))
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as exc:
        raise DataError(Problem(code="CS-F001", file=file, hint=_similar(path))) from exc
    except OSError as exc:
        found = exc.strerror or type(exc).__name__
        raise DataError(Problem(code="CS-F003", file=file, found=found)) from exc


def _similar(path: str | os.PathLike[str]) -> str:
    """The existing file most like `path` in its folder; empty when there is none."""
    wanted = Path(path)
    try:
        names = [entry.name for entry in wanted.parent.iterdir()]
    except (OSError, ValueError):
        return ""
    close = did_you_mean(wanted.name, names)
    return str(wanted.parent / close) if close else ""


def _too_large(file: str, size: int) -> Problem:
    return Problem(code="CS-F004", file=file, found=f"{size} B", expected=f"≤ {MAX_BYTES} B")


def _decoded(content: bytes, file: str) -> str:
    """`content` as text; the message on another encoding names the likely one."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(Problem(code="CS-F005", file=file, found="UTF-16", expected="UTF-8"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        found = _likely_encoding(content) or f"0x{content[exc.start]:02X}"
        raise DataError(
            Problem(code="CS-F005", file=file, line=line, found=found, expected="UTF-8")
        ) from exc


def _likely_encoding(content: bytes) -> str:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "GBK / GB18030"


def _place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at `index`."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
