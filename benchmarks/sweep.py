"""How fast sweeps are, and where they stop growing: `python -m benchmarks.sweep [REPS] [PART…]`.

Parts are `memory`, `engines`, `others`, `reading`; all when none is named. Prints replications a
second at one and two processes with wall and processor time (the figure to keep where other work
is on the machine), the same chunks under Dask and (extra `bench`) joblib and Ray, memory, and
reading many rows and parts.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import numpy as np

from chainsim.library.study_files import StudyFile, parse_study
from chainsim.study.sweeps.engines import EngineSpec, execute
from chainsim.study.sweeps.folder import SweepFolder
from chainsim.study.sweeps.parts import Rows, part_bytes, write_part
from chainsim.study.sweeps.plan import Chunk, Plan, study_plan
from chainsim.study.sweeps.reading import kpi_quantiles
from chainsim.study.sweeps.sweep import sweep_plan
from chainsim.study.sweeps.work import Task, run_chunk

KINDS = {
    "KPIs": "policy: false\n",
    "KPIs and verdicts": "",
    "two KPIs": "policy: false\nkpis: [value.added_cny, output.methanol_t]\n",
}


def study(reps: int, kind: str = "KPIs") -> StudyFile:
    """The base park, one year."""
    return parse_study(
        "schema_version: 1\nkind: study\nid: speed\nname_zh: x\nname_en: x\n"
        f"scenarios: [xinzhou-base]\nyears: 1\nreps: {reps}\nchunk: 10\n{KINDS[kind]}"
    )


def used_s() -> float:
    """Processor time of this process and of those it has waited for."""
    both = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(r.ru_utime + r.ru_stime for r in both)


def resident_mb() -> float:
    """Resident memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def own_mb() -> float:
    """Of that, what is no page of a file: those of packages are shared by all workers."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(x.split()[1]) for x in lines if x.startswith("Anonymous:")) / 1024


def peak_mb(who: int = resource.RUSAGE_SELF) -> float:
    """Highest resident memory so far."""
    return resource.getrusage(who).ru_maxrss / 1024


def engines(reps: int) -> None:
    """Replications a second, start of the workers and Parquet included."""
    for kind in KINDS:
        plan = study_plan(study(reps, kind))
        for name, spec in (
            ("serial", EngineSpec("serial")),
            ("processes 1", EngineSpec("processes", 1)),
            ("processes 2", EngineSpec("processes", 2)),
        ):
            measured(f"{kind}, {name}", plan, spec)
    print(f"highest memory: driver {peak_mb():.0f} MB, ", end="")
    print(f"a worker {peak_mb(resource.RUSAGE_CHILDREN):.0f} MB")


def measured(name: str, plan: Plan, spec: EngineSpec) -> None:
    """One sweep, timed."""
    with tempfile.TemporaryDirectory() as folder:
        began, used = time.perf_counter(), used_s()
        sweep_plan(plan, folder, engine=spec)
        took, used = time.perf_counter() - began, used_s() - used
    told(name, plan.runs, took, used)


def told(name: str, runs: int, took: float, used: float) -> None:
    """One line."""
    each = f"{1e3 * used / runs:6.1f} ms of processor time each"
    print(f"{name:32}{runs / took:8.1f} runs/s{took:8.1f} s{each}", flush=True)


def others(reps: int) -> None:
    """The same chunks by the peers that are installed, at one and two processes.

    Every row begins without workers and ends when the last chunk is there. Ours flush the part
    files to the disk, joblib and Ray only hand them over.
    """
    plan = study_plan(study(reps))
    for count in (1, 2):
        measured(f"KPIs, ours {count}", plan, EngineSpec("processes", count))
        measured(f"KPIs, dask {count}", plan, EngineSpec("dask", count))
        for name, peer in (("joblib", by_joblib), ("ray", by_ray)):
            if importlib.util.find_spec(name) is None:
                print(f"KPIs, {name} {count}: not installed")
                continue
            began, own = time.perf_counter(), time.process_time()
            spent: dict[int, float] = {}
            for process, used in peer(plan, count):
                spent[process] = max(used, spent.get(process, 0.0))
            took = time.perf_counter() - began
            spent[os.getpid()] = time.process_time() - own
            used = sum(spent.values())
            told(f"KPIs, {name} {count}", plan.runs, took, used)


def counted(task: Task, chunk: Chunk) -> tuple[int, float]:
    """Run a chunk somewhere; which process that was, and its processor time so far."""
    assert run_chunk(task, chunk).content
    return os.getpid(), time.process_time()


def by_joblib(plan: Plan, count: int) -> Iterable[tuple[int, float]]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    task = Task(model=plan.model, key=plan.key)
    chunks = map(plan.runs_of, range(plan.chunks))
    # One chunk at a time, as ours. A single job runs in this process: no worker has to start.
    done = Parallel(n_jobs=count, backend="loky", batch_size=1)(
        delayed(counted)(task, chunk) for chunk in chunks
    )
    get_reusable_executor().shutdown(wait=True)
    return cast("list[tuple[int, float]]", done)


def by_ray(plan: Plan, count: int) -> Iterable[tuple[int, float]]:
    """Ray's own processes (scheduler, store) are not in the processor time."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    ray.init(
        num_cpus=count,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        object_store_memory=100_000_000,
    )
    try:
        remote, shared = ray.remote(counted), ray.put(Task(model=plan.model, key=plan.key))
        waiting = [remote.remote(shared, plan.runs_of(k)) for k in range(plan.chunks)]
        return cast("list[tuple[int, float]]", ray.get(waiting))
    finally:
        ray.shutdown()


def memory(plan: Plan) -> None:
    """Memory of one process after 100 runs and after all."""
    task = Task(model=plan.model, key=plan.key)
    chunks = (plan.runs_of(k) for k in range(plan.chunks))
    done = 0
    for result in execute(task, chunks, EngineSpec("serial")):
        if result.error is not None:
            raise result.error(result.problems)
        done += result.runs
        if done in (10, 100, plan.runs):
            print(f"after {done:5} runs {resident_mb():6.0f} MB, {own_mb():.0f} MB of its own")


def _part(key: str, number: int, runs: int, kpis: int) -> bytes:
    rng = np.random.default_rng(number)
    rows = Rows()
    names = [f"kpi.{k}" for k in range(kpis)]
    nothing = [None] * kpis
    for run in range(runs):
        rows.add(
            [0] * kpis,
            [number * runs + run] * kpis,
            ["kpi"] * kpis,
            names,
            [""] * kpis,
            rng.normal(size=kpis).tolist(),
            ["t"] * kpis,
            nothing,
            nothing,
            [""] * kpis,
        )
    return part_bytes(rows, key, number)


def reading(parts: int, runs: int, kpis: int) -> None:
    """Write part files as many workers leave them, and query them all."""
    plan = study_plan(study(parts * runs))
    with tempfile.TemporaryDirectory() as place:
        folder = SweepFolder(Path(place))
        folder.open(plan, resume=False)
        contents = [_part(plan.key, k, runs, kpis) for k in range(parts)]
        began = time.perf_counter()
        for number, content in enumerate(contents):
            write_part(folder.parts, number, content)
        wrote = time.perf_counter() - began
        times = []
        for _ in range(3):
            began = time.perf_counter()
            kpi_quantiles(folder.path)
            times.append(time.perf_counter() - began)
        print(
            f"{parts:6} parts, {parts * runs * kpis:10,} rows: "
            f"write {1e3 * wrote / parts:.2f} ms a part, quantiles {min(times):.2f} s"
        )


def main() -> None:
    """What is asked for."""
    reps = next((int(a) for a in sys.argv[1:] if a.isdigit()), 1000)
    asked = [a for a in sys.argv[1:] if not a.isdigit()]
    if "memory" in asked or not asked:
        memory(study_plan(study(reps)))
    if "engines" in asked or not asked:
        engines(reps)
    if "others" in asked or not asked:
        others(reps)
    if "reading" in asked or not asked:
        reading(100, 100, 100)
        reading(10_000, 5, 100)


if __name__ == "__main__":
    main()
