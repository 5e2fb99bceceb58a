"""Reading a sweep back: DuckDB over its part files, also while the sweep is running.

A part file is whole as soon as it can be seen, so a reader sees every run that is done and no half
one. Readers hold nothing and wait for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from chainsim.errors import DataError, Problem, did_you_mean
from chainsim.study.sweeps.folder import POINTS, SweepFolder
from chainsim.study.sweeps.parts import damaged, doubled, found_parts, ranges

if TYPE_CHECKING:
    import duckdb

LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def connect(folder: str | Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the views `results` (all rows) and `points` (points and factors).

    Raises:
        DataError: the folder holds no sweep, or no finished part yet (CS-T014), or a file is gone
            or damaged (CS-T020), or a chunk is there twice (CS-T010).
    """
    import duckdb

    sweep = SweepFolder(Path(folder).resolve())
    parts = found_parts(sweep.parts)
    sweep.begun()
    if not parts:
        raise DataError(Problem(code="CS-T014", file=str(sweep.path)))
    if doubled(parts):
        raise DataError(_unreadable(sweep.path))
    base = duckdb.connect(":memory:")
    base.execute("SET enable_progress_bar = false")
    files = ", ".join(_quoted(p.path) for p in parts)
    base.execute(f"CREATE VIEW results AS FROM read_parquet([{files}])")
    table = _points(sweep.path / POINTS)
    base.register("points_table", table)
    base.execute("CREATE VIEW points AS FROM points_table")
    return base


def _points(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)
    except (OSError, ValueError) as exc:
        raise DataError(Problem(code="CS-T020", file=str(path))) from exc


def _asked(folder: str | Path, query: str, values: Sequence[Any] = ()) -> pd.DataFrame:
    """The answer to a query; raises DataError when a part file cannot be read (CS-T010)."""
    import duckdb

    with connect(folder) as base:
        try:
            return base.execute(query, list(values)).df()
        except duckdb.Error as exc:
            raise DataError(_unreadable(Path(folder).resolve())) from exc


def _unreadable(folder: Path) -> list[Problem]:
    bad = damaged(found_parts(SweepFolder(folder).parts))
    numbers = ", ".join(ranges(sorted({p.number for p in bad}))) or "-"
    files = [str(p.path) for p in bad[:20]] or [str(folder)]
    return [Problem(code="CS-T010", file=f, params={"parts": numbers}) for f in files]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def read_results(folder: str | Path, kpis: Sequence[str] = ()) -> pd.DataFrame:
    """KPI rows (`point`, `replication`, `id`, `value`, `unit`) in order of run and KPI.

    Raises:
        DataError: no sweep, or none of its results goes by one of these ids (CS-T007).
    """
    known = _asked(folder, _IDS)["id"].tolist()
    if unknown := [k for k in kpis if k not in known]:
        hint = did_you_mean(unknown[0], known)
        raise DataError(Problem(code="CS-T007", found=unknown[0], hint=hint))
    query = "SELECT point, replication, id, value, unit FROM results WHERE kind = 'kpi'"
    if kpis:
        query += f" AND id IN ({','.join('?' * len(kpis))})"
    return _asked(folder, f"{query} ORDER BY point, replication, id", list(kpis))


_IDS: Final = "SELECT DISTINCT id FROM results WHERE kind = 'kpi' ORDER BY id"


def kpi_quantiles(folder: str | Path, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Per point and KPI: runs, values that exist, mean, standard deviation, quantiles `q<level>`.

    Quantiles interpolate linearly between the sorted values, as numpy's do.
    """
    columns = ", ".join(f'quantile_cont(value, {float(level)}) AS "q{level:g}"' for level in levels)
    query = f"""
        SELECT point, id, any_value(unit) AS unit, count(*) AS runs, count(value) AS n,
               avg(value) AS mean, stddev_samp(value) AS sd, {columns}
        FROM results WHERE kind = 'kpi' GROUP BY point, id ORDER BY point, id
    """  # noqa: S608 - levels are numbers
    return _asked(folder, query)


def verdict_shares(folder: str | Path) -> pd.DataFrame:
    """Per point, clause and subject: runs in which it was judged, and the share that passed."""
    query = """
        SELECT point, id, subject, count(*) FILTER (verdict IN ('pass', 'fail', 'warn')) AS judged,
               count(*) FILTER (verdict = 'pass') AS passed, avg(value) AS mean,
               any_value("limit") AS "limit", any_value(unit) AS unit
        FROM results WHERE kind = 'policy' GROUP BY point, id, subject
        HAVING judged > 0 ORDER BY point, id, subject
    """
    return _asked(folder, query)


def points_table(folder: str | Path) -> pd.DataFrame:
    """The points: `point`, `scenario`, one column a factor."""
    return _asked(folder, "SELECT * FROM points ORDER BY point")
