"""Run a result folder again from what it holds, and tell what came out otherwise, and why.

With the same versions every file must come out the same, byte for byte. With others the figures
that differ are listed: of the library, and of the results.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pandas as pd

from chainsim.errors import DataError, Problem
from chainsim.library.scenarios import parse_scenario
from chainsim.library.study_files import study_of
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.build import build_park
from chainsim.study.file_drift import file_drift
from chainsim.study.run import Engine, run
from chainsim.study.sensitivity import METHODS, Method, sensitivity_plan
from chainsim.study.store import (
    CHANGES,
    FIGURES,
    MANIFEST,
    PROBLEMS,
    figure_table,
    sum_of,
    write_run,
)
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.folder import PARTS, STUDY, SweepFolder
from chainsim.study.sweeps.model import fingerprint
from chainsim.study.sweeps.parts import found_parts
from chainsim.study.sweeps.plan import Plan, plan_of
from chainsim.study.sweeps.reading import kpi_quantiles
from chainsim.study.sweeps.sweep import Progress, sweep_plan

_RUN_VERSIONS = "versions"
_LAST_BITS = 1e-14
_MOST = 20
"""Damaged files that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """What a second run of a folder showed."""

    folder: Path
    kind: str
    """`run` or `sweep`."""
    same: bool
    """Every file came out the same."""
    differing: tuple[str, ...] = ()
    """Files that did not."""
    files: pd.DataFrame = field(default_factory=pd.DataFrame)
    """How far each is apart, see `file_drift`; a part of a sweep is told once."""
    versions: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`name`, `then`, `now` of versions that changed."""
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`path`, `unit`, `then`, `now` of figures of the library that changed, came or went."""
    drift: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`point`, `id`, `unit`, `then`, `now`, `relative` of KPIs that changed, the largest first."""


def reproduce(
    out: str | Path, *, engine: EngineSpec | None = None, progress: Progress | None = None
) -> Reproduced:
    """Run a result folder again and compare.

    Args:
        out: folder of `run --out` or of a finished sweep.
        engine: where a sweep runs.
        progress: told after each chunk of a sweep.

    Raises:
        DataError: nothing that can be read is there (CS-T014), a file of it is gone or not what
            was written (CS-T020, CS-X005), or a sweep is not finished (CS-T021).
        UserError: what was run then cannot be run now.
    """
    folder = Path(out).resolve()
    with tempfile.TemporaryDirectory(prefix="chainsim-reproduce-") as fresh:
        again = Path(fresh) / "again"
        if (folder / STUDY).is_file():
            return _sweep(folder, again, engine, progress)
        return _run(folder, again)


def _sweep(
    folder: Path, again: Path, engine: EngineSpec | None, progress: Progress | None
) -> Reproduced:
    sweep = SweepFolder(folder)
    head = sweep.begun()
    if faults := sweep.faults():
        raise DataError(Problem(code="CS-T020", file=str(folder / k)) for k in faults[:_MOST])
    manifest = sweep.manifest()
    if manifest is None:
        done = {"done": len(found_parts(sweep.parts)), "chunks": head["chunks"]}
        raise DataError(Problem(code="CS-T021", file=str(folder), params=done))
    sweep_plan(plan_of_head(head), again, engine=engine, progress=progress)
    return _compared(
        folder,
        again,
        kind="sweep",
        sums=manifest["sha256"],
        then=head["fingerprint"],
        now=fingerprint(),
        drift=_drift(kpi_quantiles(folder), kpi_quantiles(again)),
    )


def plan_of_head(head: Mapping[str, Any]) -> Plan:
    """The plan of a sweep from its `study.json` alone."""
    data = dict(head["study"])
    scenarios = [parse_scenario(to_yaml(s), file=STUDY) for s in data.pop("scenarios")]
    told = data.pop("sensitivity", None)
    whole = {**data, "scenarios": list(head["scenarios"])}
    study = study_of(whole, file=STUDY)
    if told is None:
        return plan_of(study, scenarios)
    method = cast("Method", told["method"])
    assert method in METHODS
    return sensitivity_plan(study, method, told["samples"], scenarios)[0]


def _run(folder: Path, again: Path) -> Reproduced:
    manifest = _manifest(folder)
    text = (folder / "scenario.resolved.yaml").read_text("utf-8")
    park = build_park(parse_scenario(text, file="scenario.resolved.yaml"))
    years = None
    if park.horizon.years != manifest["years"]:
        years = round(float(manifest["years"]))
    result = run(
        park,
        engine=cast("Engine", manifest["engine"]),
        seed=manifest["seed"],
        reps=manifest["replications"],
        years=years,
        log=CHANGES in manifest["sha256"],
    )
    write_run(result, again)
    _keep_places(folder, again)
    then = {"chainsim": manifest["version"], "library": manifest["library_digest"]}
    now = {"chainsim": result.manifest.version, "library": result.manifest.library_digest}
    return _compared(
        folder,
        again,
        kind="run",
        sums={k: v for k, v in manifest["sha256"].items() if k != MANIFEST},
        then=then | manifest[_RUN_VERSIONS],
        now=now | dict(result.manifest.versions),
        drift=_drift(_means(folder), _means(again)),
    )


def _keep_places(folder: Path, again: Path) -> None:
    """Problems that are the same but for their places stand where they stood.

    The first run read the user's files, the second the resolved scenario: lines cannot agree.
    """
    then, now = (
        pd.read_csv(f / PROBLEMS, encoding="utf-8-sig", dtype=str, keep_default_na=False)
        for f in (folder, again)
    )
    places = ["file", "line", "column"]
    if then.drop(columns=places, errors="ignore").equals(now.drop(columns=places)):
        shutil.copyfile(folder / PROBLEMS, again / PROBLEMS)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        sums = data["sha256"].items() if "run_schema" in data else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        sums = None
    if sums is None:
        raise DataError(Problem(code="CS-T014", file=str(folder)))
    faults = [k for k, told in sums if k != MANIFEST and sum_of(folder / k) != told]
    if faults:
        raise DataError(Problem(code="CS-X005", file=str(folder / k)) for k in faults)
    return data


def _means(folder: Path) -> pd.DataFrame:
    frame = pd.read_csv(folder / "kpis.csv", encoding="utf-8-sig")
    frame = frame[frame["period"] == "total"]
    return frame.assign(point=0, mean=frame["value"])[["point", "id", "unit", "mean"]]


def _compared(
    folder: Path,
    again: Path,
    *,
    kind: str,
    sums: Mapping[str, str],
    then: Mapping[str, str],
    now: Mapping[str, str],
    drift: pd.DataFrame,
) -> Reproduced:
    fresh = {
        p.relative_to(again).as_posix(): sum_of(p)
        for p in again.rglob("*")
        if p.is_file() and p.name not in (MANIFEST, ".lock")
    }
    differing = tuple(k for k in sorted({*sums, *fresh}) if sums.get(k) != fresh.get(k))
    changed = [
        {"name": k, "then": then.get(k, ""), "now": now.get(k, "")}
        for k in sorted({*then, *now})
        if then.get(k) != now.get(k)
    ]
    return Reproduced(
        folder=folder,
        kind=kind,
        same=not differing,
        differing=differing,
        files=file_drift(folder, again, PARTS, differing),
        versions=pd.DataFrame(changed, columns=["name", "then", "now"]),
        figures=_figure_drift(folder),
        drift=drift,
    )


def _figure_drift(folder: Path) -> pd.DataFrame:
    columns = ["path", "unit", "then", "now"]
    if not (folder / FIGURES).is_file():
        return pd.DataFrame(columns=columns)
    then = pd.read_csv(folder / FIGURES, encoding="utf-8-sig")
    if then.empty:  # a scenario that uses no library
        return pd.DataFrame(columns=columns)
    both = then.merge(figure_table(), on="path", how="outer", suffixes=("_then", "_now"))
    moved = (both["value_then"] != both["value_now"]) | (both["unit_then"] != both["unit_now"])
    found = both[moved]
    return pd.DataFrame(
        {
            "path": found["path"],
            "unit": found["unit_now"].fillna(found["unit_then"]),
            "then": found["value_then"],
            "now": found["value_now"],
        },
        columns=columns,
    )


def _drift(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """KPIs whose mean changed, came or went."""
    both = then.merge(now, on=["point", "id"], how="outer", suffixes=("_then", "_now"))
    # DuckDB adds up in any order, so means of the same rows differ in their last bit.
    size = both[["mean_then", "mean_now"]].abs().max(axis=1)
    apart = ~((both["mean_then"] - both["mean_now"]).abs() <= _LAST_BITS * size)
    apart &= ~(both["mean_then"].isna() & both["mean_now"].isna())
    found = both[apart]
    relative = (found["mean_now"] / found["mean_then"] - 1.0).astype(float)
    frame = pd.DataFrame(
        {
            "point": found["point"],
            "id": found["id"],
            "unit": found["unit_now"].fillna(found["unit_then"]),
            "then": found["mean_then"],
            "now": found["mean_now"],
            "relative": relative,
        }
    )
    order = frame["relative"].abs().fillna(float("inf")).sort_values(ascending=False, kind="stable")
    return frame.loc[order.index].reset_index(drop=True)
