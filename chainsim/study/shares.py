"""Shared views: small JSON documents kept under the hash of their content, for `?s=<id>` links.

The same view always has the same id. A file is written beside its place and moved there, so it is
whole or absent; ids are checked before they become part of a path.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from chainsim.errors import MachineError, Problem
from chainsim.library.scenarios import canonical

LENGTH: Final = 10
MOST_BYTES: Final = 200_000
MOST_FILES: Final = 5_000
_ID: Final = re.compile(rf"[0-9a-f]{{{LENGTH}}}")


def share_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where views are kept: CHAINSIM_SHARES, else below the user's state folder."""
    given = environ.get("CHAINSIM_SHARES")
    if given:
        return Path(given)
    state = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "chainsim" / "shares"


def save_view(view: Mapping[str, Any]) -> str:
    """Keep a view of plain data; returns its id.

    Raises:
        MachineError: the folder cannot be written (CS-X002).
    """
    text = canonical(view)
    key = hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
    keep_text(f"{key}.json", text)
    return key


def keep_text(name: str, text: str) -> None:
    """Write a file of the folder, whole or not at all; the oldest make room for it.

    Raises:
        MachineError: the folder cannot be written (CS-X002).
    """
    folder = share_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            file.write(text)
        os.replace(file.name, folder / name)
        _make_room(folder)
    except OSError as exc:
        detail = exc.strerror or type(exc).__name__
        problem = Problem(code="CS-X002", file=str(folder), params={"detail": detail})
        raise MachineError(problem) from exc


def _make_room(folder: Path) -> None:
    """Delete the oldest files beyond `MOST_FILES`, so that nobody fills the disk."""
    files = [p for p in folder.iterdir() if p.suffix in (".json", ".yaml")]
    if len(files) > MOST_FILES:
        files.sort(key=lambda p: p.stat().st_mtime_ns)
        for path in files[: len(files) - MOST_FILES]:
            path.unlink(missing_ok=True)


def load_view(key: str) -> dict[str, Any] | None:
    """The view of an id; None where there is none, or it is no view of ours."""
    if not _ID.fullmatch(key):
        return None
    path = share_folder() / f"{key}.json"
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
