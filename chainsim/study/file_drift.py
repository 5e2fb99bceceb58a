"""What differs in files of a folder that came out otherwise: how far their figures are apart."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from chainsim.study.sweeps.parts import found_parts

COLUMNS: Final = ["file", "change", "relative"]
_READERS: Final = {".csv": lambda path: pd.read_csv(path, encoding="utf-8-sig")} | {
    ".parquet": pd.read_parquet
}


def file_drift(then: Path, now: Path, parts: str, names: Iterable[str]) -> pd.DataFrame:
    """Files that differ, those first whose figures are furthest apart.

    Args:
        then: the older folder.
        now: the newer one.
        parts: folder of a sweep's parts in both; their names change with their content.
        names: files that are not the same in both, as paths from the folder.

    Returns:
        `file`; `change`: `figures`, `bytes` (the same figures, written otherwise), `content` (other
        rows, columns or words), `gone` or `new`; `relative`, the largest difference of a figure as
        a share of the larger of both, NaN where figures cannot be set side by side.
    """
    before, after = ({p.number: p.path for p in found_parts(f / parts)} for f in (then, now))
    renamed = {after[k]: before[k] for k in after.keys() & before.keys()}
    taken = {path.relative_to(then).as_posix() for path in renamed.values()}
    rows = []
    for name in sorted(names):
        new = now / name
        old = renamed.get(new, then / name)
        if name in taken and not new.is_file():
            continue  # told under its name of now
        rows.append((name, *_change(old, new)))
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"relative": float})
    order = frame["relative"].fillna(np.inf).sort_values(ascending=False, kind="stable")
    return frame.loc[order.index].reset_index(drop=True)


def _change(old: Path, new: Path) -> tuple[str, float]:
    if not new.is_file() or not old.is_file():
        return ("new" if new.is_file() else "gone"), np.nan
    read = _READERS.get(new.suffix)
    apart = np.nan if read is None else _apart(read(old), read(new))
    if np.isnan(apart):
        return "content", apart
    return ("figures" if apart else "bytes"), apart


def _apart(old: pd.DataFrame, new: pd.DataFrame) -> float:
    """Largest relative difference of two figures; NaN where more than figures differs."""
    if list(old.columns) != list(new.columns) or len(old) != len(new):
        return np.nan
    most = 0.0
    for column in old.columns:
        one, other = old[column], new[column]
        if one.equals(other):
            continue
        if not all(pd.api.types.is_numeric_dtype(c) for c in (one, other)):
            return np.nan
        a, b = (c.to_numpy(float, na_value=np.nan) for c in (one, other))
        differs = (a != b) & ~(np.isnan(a) & np.isnan(b))
        with np.errstate(invalid="ignore"):  # of infinities
            shares = np.abs(a - b)[differs] / np.maximum(np.abs(a), np.abs(b))[differs]
        if not np.isfinite(shares).all():
            return np.nan
        most = max(most, float(shares.max(initial=0.0)))
    return most
