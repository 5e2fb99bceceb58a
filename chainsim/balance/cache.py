"""Where machine code is kept: in the user's cache folder, one subfolder per text of this package.

A changed kernel therefore never meets old machine code, and an installed package may be read-only.
Nothing here imports the compiler. What is compiled is told to whoever asked to be told.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

Tell = Callable[[int, int], None]
"""Called with (functions compiled, functions in all); 0 when the first one begins."""

_listeners: list[Tell] = []


def tell_compilation(to: Tell | None) -> None:
    """Let `to` know from now on what is compiled; None for nobody."""
    _listeners[:] = [] if to is None else [to]


def told(done: int, count: int) -> None:
    """Pass on how far compiling is."""
    for tell in _listeners:
        tell(done, count)


@functools.cache
def cache_folder() -> str:
    """Folder for this version of the kernels; empty when the user has no home."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    try:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    except RuntimeError:
        return ""
    return str(Path(base) / "chainsim" / f"kernels-{digest.hexdigest()[:16]}")


def kept_code() -> bool:
    """True when an earlier run has left machine code for this version."""
    chosen = os.environ.get("NUMBA_CACHE_DIR") or cache_folder()
    return bool(chosen) and next(Path(chosen).rglob("motion.advance*.nbc"), None) is not None
