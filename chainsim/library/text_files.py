"""Text files of users: regular, of at most 1 MiB, in UTF-8."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from chainsim.errors import DataError, Problem, did_you_mean

MAX_BYTES: Final = 1 << 20


def read_bytes(path: str | os.PathLike[str], file: str) -> bytes:
    """The bytes of a regular file; a pipe or a device is refused before it can block.

    Raises:
        DataError: nothing is there, or it is a folder, too large or unreadable (CS-F…).
    """
    try:
        state = os.stat(path)
        if stat.S_ISDIR(state.st_mode):
            raise DataError(Problem(code="CS-F002", file=file))
        if not stat.S_ISREG(state.st_mode):
            raise DataError(Problem(code="CS-F003", file=file, found="not a regular file"))
        if state.st_size > MAX_BYTES:
            raise DataError(too_large(file, state.st_size))
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


def too_large(file: str, size: int) -> Problem:
    """What to say of a file, or a text, of so many bytes."""
    return Problem(code="CS-F004", file=file, found=f"{size} B", expected=f"≤ {MAX_BYTES} B")


def decoded(content: bytes, file: str) -> str:
    """`content` as text without its byte order mark.

    Raises:
        DataError: it is not UTF-8; the message names the likely encoding.
    """
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
