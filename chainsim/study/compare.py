"""Compare scenarios under the same random numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.errors import DataError, Problem, did_you_mean
from chainsim.library.scenarios import parse_scenario
from chainsim.library.study_files import study_of
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.model import Park
from chainsim.study.input_diff import change_table, changes
from chainsim.study.paired import Paired, paired
from chainsim.study.result import RunResult
from chainsim.study.run import Engine, load, run
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.plan import Plan, plan_of
from chainsim.study.sweeps.reading import read_results
from chainsim.study.sweeps.sweep import sweep_plan

CHUNK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Results side by side.

    `table`: one row per KPI: `id`, `unit`, then the value of each scenario (column = scenario id),
    and for every scenario but the base `<id>_diff` and `<id>_relative` against it. `inputs`: per
    scenario, what its file says otherwise than the base's (`input_diff.change_table`).
    """

    results: tuple[RunResult, ...]
    """The base first; with replications, KPIs are means with 5th and 95th percentiles."""
    table: pd.DataFrame
    inputs: Mapping[str, pd.DataFrame]
    paired: Paired | None = None
    """Differences run by run, from two replications on."""


def compare(
    scenarios: Sequence[Park | str | Path],
    *,
    engine: Engine = "des",
    seed: int = 1,
    reps: int = 1,
    years: int | None = None,
    base: str | None = None,
    workers: int = 1,
    out: Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Run every scenario with the same seed and set their KPIs side by side.

    Args:
        scenarios: parks, files or ids.
        engine: as in `run`.
        seed: common to all, so that equal components draw equal numbers.
        reps: replications each, of `des`.
        years: as in `run`.
        base: id of the scenario the others are compared with; the first when left out.
        workers: processes that share the replications.
        out: folder that keeps the runs as a sweep; they are not kept when left out.
        resume: go on with what `out` holds.
        progress: called with (runs done, runs in all).

    Raises:
        UserError: as `run`; no scenario goes by the name `base`; `out` cannot be used.
    """
    parks = [s if isinstance(s, Park) else load(s) for s in scenarios]
    parks = _base_first(parks, base)
    results = [run(p, engine=engine, seed=seed, years=years) for p in parks]
    found = None
    if engine == "des" and reps > 1:
        plan = comparison_plan(parks, seed=seed, reps=reps, years=years)
        spec = EngineSpec("processes", workers) if workers > 1 else EngineSpec("serial")
        with _folder(out) as folder:
            sweep_plan(plan, folder, engine=spec, resume=resume, progress=progress)
            frame = read_results(folder)
        found = _paired(frame, labels(results), reps)
        results = [_summarised(r, found, k, reps) for k, r in enumerate(results)]
    names = labels(results)
    first = parks[0].resolved
    return Comparison(
        results=tuple(results),
        table=comparison_table(results),
        inputs={
            name: change_table(changes(first, park.resolved))
            for name, park in zip(names[1:], parks[1:], strict=True)
        },
        paired=found,
    )


def _base_first(parks: list[Park], base: str | None) -> list[Park]:
    if base is None:
        return parks
    ids = [p.id for p in parks]
    if base not in ids:
        hint = did_you_mean(base, ids)
        raise DataError(Problem(code="CS-F006", path="base", found=base, hint=hint))
    place = ids.index(base)
    return [parks[place], *parks[:place], *parks[place + 1 :]]


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """The folder of the runs; one that goes away where none is named."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="chainsim-compare-") as name:
        yield Path(name)


def comparison_plan(
    parks: Sequence[Park], *, seed: int, reps: int, years: int | None, chunk: int = CHUNK
) -> Plan:
    """The sweep behind a comparison: every park a point, no verdicts."""
    names = " / ".join(p.id for p in parks)
    data = {
        "schema_version": 1,
        "kind": "study",
        "id": "comparison",
        "name_zh": names,
        "name_en": names,
        "scenarios": [p.id for p in parks],
        "seed": seed,
        "reps": reps,
        "chunk": chunk,
        "policy": False,
    }
    if years is not None:
        data["years"] = years
    study = study_of(data, file="comparison")
    return plan_of(study, [parse_scenario(to_yaml(p.resolved)) for p in parks])


def _paired(frame: pd.DataFrame, names: Sequence[str], reps: int) -> Paired:
    units = dict(zip(frame["id"], frame["unit"], strict=True))
    return paired(names, samples_of(frame, len(names), reps), units)


def samples_of(frame: pd.DataFrame, points: int, reps: int) -> dict[str, NDArray[np.float64]]:
    """KPI -> (points, replications); a KPI that a park does not have counts as zero there."""
    found = {}
    for key, group in frame.groupby("id", sort=False):
        values = np.zeros((points, reps))
        values[group["point"], group["replication"]] = group["value"]
        found[str(key)] = values
    return found


def _summarised(result: RunResult, found: Paired, place: int, reps: int) -> RunResult:
    """`result` with means and percentiles over all replications in its KPIs."""
    kpis = result.kpis.copy()
    total = kpis["period"] == "total"
    for index in kpis.index[total]:
        values = found.samples[str(kpis.at[index, "id"])][place]
        kpis.loc[index, "value"] = values.mean()
        kpis.loc[index, "low"], kpis.loc[index, "high"] = np.quantile(values, [0.05, 0.95])
    return replace(result, kpis=kpis, manifest=replace(result.manifest, replications=reps))


def comparison_table(results: Sequence[RunResult]) -> pd.DataFrame:
    """KPIs of several results; one missing in a scenario counts as zero there, null stays null."""
    total = [r.kpis[r.kpis["period"] == "total"].set_index("id") for r in results]
    ids: list[str] = list(dict.fromkeys(k for t in total for k in t.index))
    units = {k: t.loc[k, "unit"] for t in reversed(total) for k in t.index}
    names = labels(results)
    values = [t["value"].reindex(ids, fill_value=0.0) for t in total]
    base = values[0]
    columns: dict[str, object] = {"id": ids, "unit": [units[k] for k in ids]}
    for name, value in zip(names, values, strict=True):
        columns[name] = value.to_numpy()
        if name != names[0]:
            difference = value - base
            columns[f"{name}_diff"] = difference.to_numpy()
            relative = difference / base.abs().where(base != 0.0)
            known = difference.notna()
            columns[f"{name}_relative"] = relative.where(~known, relative.fillna(0.0)).to_numpy()
    return pd.DataFrame(columns)


def labels(results: Sequence[RunResult]) -> list[str]:
    """A name for each result: its park's id, numbered where it comes again."""
    names: list[str] = []
    for result in results:
        name, n = result.park.id, 2
        while name in names:
            name, n = f"{result.park.id}-{n}", n + 1
        names.append(name)
    return names
