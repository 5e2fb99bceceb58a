"""A run folder read back as a result: the tables as written, the park from its scenario."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from chainsim.errors import DataError, Problem
from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Horizon, Park
from chainsim.results import KPI_COLUMNS, POLICY_COLUMNS, TEXT, Manifest, Simulation, frame
from chainsim.study.result import RunResult
from chainsim.study.store import CHANGES, FILES, MANIFEST, RISKY, RUN, TABLES, sum_of

_SCENARIO: Final = "scenario.resolved.yaml"


def is_run_folder(path: str | Path) -> bool:
    """True for a folder that `run --out` wrote, whole or damaged."""
    return (Path(path) / MANIFEST).is_file() and (Path(path) / _SCENARIO).is_file()


def read_run(folder: str | Path) -> RunResult:
    """The result in a folder of `run --out`.

    What the lp engine told besides flows is not kept, nor is what limited a unit.

    Raises:
        DataError: no run is there (CS-T014), or a file is damaged or gone (CS-X005).
        UserError: the scenario cannot be built with the library of today.
    """
    place = Path(folder).resolve()
    told = _manifest(place)
    park = _park(place, float(told["years"]))
    manifest = Manifest(**{name: told[name] for name in Manifest.__dataclass_fields__})
    tables: dict[str, Any] = {name: pd.read_parquet(place / f"{name}.parquet") for name in TABLES}
    changes = pd.read_parquet(place / CHANGES) if (place / CHANGES).is_file() else None
    simulation = Simulation(
        engine=manifest.engine,
        hours=park.horizon.hours,
        seed=manifest.seed,
        replication=0,
        changes=changes,
        residual=manifest.residual,
        allocations=manifest.allocations,
        **tables,
    )
    return RunResult(
        park=park,
        simulation=simulation,
        ledger=pd.read_parquet(place / "ledger.parquet"),
        kpis=_read_csv(place / "kpis.csv", KPI_COLUMNS),
        policy=_read_csv(place / "policy.csv", POLICY_COLUMNS),
        problems=_problems(place / "problems.csv"),
        manifest=manifest,
    )


def _manifest(folder: Path) -> Mapping[str, Any]:
    """What the manifest says, every file held to its checksum."""
    try:
        told: Mapping[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        sums = told["sha256"]
        assert RUN.schema in told
        wanted = set(FILES) - {MANIFEST} | (set(sums) & {CHANGES})
    except (OSError, ValueError, KeyError, TypeError, AssertionError):
        raise DataError(Problem(code="CS-T014", file=str(folder))) from None
    damaged = [
        Problem(code="CS-X005", file=str(folder / name))
        for name in sorted(wanted)
        if name not in sums or sum_of(folder / name) != sums[name]
    ]
    if damaged:
        raise DataError(damaged)
    return told


def _park(folder: Path, years: float) -> Park:
    text = (folder / _SCENARIO).read_text("utf-8")
    park = build_park(parse_scenario(text, file=_SCENARIO))
    if park.horizon.years == years:
        return park
    return replace(park, horizon=Horizon.of_years(park.horizon.start, round(years)))


def _read_csv(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """A table as `store.write_csv` wrote it, texts without the mark against formulas."""
    raw = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    data = {
        name: [_plain(v) if kind == TEXT else float(v or "nan") for v in raw[name]]
        for name, kind in columns.items()
    }
    return frame(data, columns)


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(RISKY) else text


def _problems(path: Path) -> tuple[Problem, ...]:
    raw = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    texts = ("code", "severity", "file", "path", "found", "expected", "hint")
    found = []
    for row in raw.to_dict("records"):
        told: dict[str, Any] = {name: _plain(row[name]) for name in texts}
        params = json.loads(_plain(row["params"]))
        line, column = int(row["line"]), int(row["column"])
        found.append(Problem(line=line, column=column, params=params, **told))
    return tuple(found)
