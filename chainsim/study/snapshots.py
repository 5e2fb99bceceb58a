"""Saved runs as files: arrays and plain data in one npz file, nothing that runs when it is read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from chainsim.des.saving import Saved
from chainsim.errors import DataError, Problem

_DATA: Final = "data.json"


def write_snapshot(saved: Saved, path: Path) -> None:
    """Write a saved run to `path`."""
    text = np.frombuffer(json.dumps(saved.data, sort_keys=True).encode(), dtype=np.uint8)
    arrays: dict[str, Any] = {**saved.arrays, _DATA: text}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_snapshot(path: Path) -> Saved:
    """The run that was saved to `path`.

    Raises:
        DataError: it is no such file (CS-F010).
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files if name != _DATA}
            return Saved(arrays, json.loads(kept[_DATA].tobytes().decode()))
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as exc:
        raise DataError(Problem(code="CS-F010", file=str(path))) from exc
