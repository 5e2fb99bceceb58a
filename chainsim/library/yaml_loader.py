"""Reading YAML files safely: size, encoding and characters first, then the restricted dialect.

Only regular UTF-8 files of at most 1 MiB are read (a byte order mark and Windows line ends are
fine). What the dialect is stands in `yaml_events`; what the data mean is `validate`'s matter.
"""

from __future__ import annotations

import os
import re

from chainsim.errors import DataError, Problem
from chainsim.library.document import Document, KeyPath, Mark, dotted
from chainsim.library.text_files import MAX_BYTES, decoded, read_bytes, too_large
from chainsim.library.yaml_events import CONTROL, build_document

__all__ = ["Document", "KeyPath", "Mark", "dotted", "load_yaml", "parse_yaml"]

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
    return parse_yaml(read_bytes(path, name), file=name)


def parse_yaml(text: str | bytes, *, file: str = "") -> Document:
    """Parse YAML that is already in memory.

    Args:
        text: the content, at most 1 MiB (bytes) or as many characters.
        file: display name for messages.

    Raises:
        DataError: as for `load_yaml`.
    """
    if len(text) > MAX_BYTES:
        raise DataError(too_large(file, len(text)))
    content = decoded(text, file) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    if bad := CONTROL.search(content):
        line, column = _place(content, bad.start())
        found = f"U+{ord(bad.group()):04X}"
        raise DataError(Problem(code="CS-Y008", file=file, line=line, column=column, found=found))
    if directive := _DIRECTIVE.search(content):
        line, column = _place(content, directive.end() - 1)
        raise DataError(Problem(code="CS-Y022", file=file, line=line, column=column))
    return build_document(content, file)


def _place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at `index`."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
