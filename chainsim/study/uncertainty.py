"""One scenario run many times, everything its `uncertainty` names drawn anew each time.

The runs are those of a sweep with one point, so they are stored, resumed and reproduced like any
other. A scenario without the section has all figures with a range drawn, and prices on paths.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from chainsim.errors import DataError
from chainsim.library.files import load_library
from chainsim.library.scenarios import Scenario, load_scenario
from chainsim.library.study_files import study_of
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.plan import Plan, checked_plan, unknown_kpis
from chainsim.study.sweeps.summary import Summary, summary
from chainsim.study.sweeps.sweep import Progress, sweep_plan

EVERYTHING: Final[dict[str, Any]] = {"coefficients": {}, "prices": {}}
"""What is drawn where a scenario does not say."""
_CHUNK: Final = 8


def uncertainty(
    scenario: str | Path | Scenario,
    *,
    reps: int = 100,
    seed: int = 1,
    years: int | None = None,
    kpis: Sequence[str] = (),
    watched: Sequence[str] = (),
    overrides: Sequence[str] = (),
    out: str | Path | None = None,
    engine: EngineSpec | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Run a scenario `reps` times and sum up: quantiles, probabilities of clauses and of a loss.

    Args:
        scenario: a scenario, its file, or the id of a shipped one.
        reps: replications.
        seed: of the draws.
        years: calendar years instead of the scenario's horizon.
        kpis: KPIs to keep; all when empty.
        watched: KPIs that will be asked of the summary; unknown ones are told before anything runs.
        overrides: `key.path=value` strings.
        out: folder that keeps the runs as a sweep; they are not kept when left out.
        engine: where it runs; this process when left out.
        resume: go on with what `out` holds.
        progress: called with (runs done, runs in all).

    Raises:
        UserError: as `sweep`.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, overrides)
    plan = uncertainty_plan(scenario, reps=reps, seed=seed, years=years, kpis=kpis)
    check_kpis(scenario, watched)
    with _folder(out) as folder:
        sweep_plan(plan, folder, engine=engine, resume=resume, progress=progress)
        return summary(folder)


def uncertainty_plan(
    scenario: Scenario, *, reps: int, seed: int, years: int | None, kpis: Sequence[str]
) -> Plan:
    """The sweep behind it: one point, what the scenario says is drawn, or everything."""
    record = scenario.record
    data: dict[str, Any] = {
        "schema_version": 1,
        "kind": "study",
        "id": "uncertainty",
        "name_zh": record.name_zh,
        "name_en": record.name_en,
        "scenarios": [record.id],
        "reps": reps,
        "seed": seed,
        "chunk": _CHUNK,
        "kpis": list(kpis),
    }
    if years is not None:
        data["years"] = years
    if record.uncertainty is None:
        data["uncertainty"] = EVERYTHING
    return checked_plan(study_of(data, file="uncertainty"), [scenario])


def check_kpis(scenario: Scenario, kpis: Sequence[str]) -> None:
    """Raise DataError for KPIs that the scenario cannot have (CS-T007)."""
    materials = {*load_library().materials, *scenario.record.materials}
    if wrong := list(unknown_kpis(kpis, materials)):
        raise DataError(wrong)


@contextmanager
def _folder(out: str | Path | None) -> Iterator[Path]:
    """The folder of the runs; one that goes away where none is named."""
    if out is not None:
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="chainsim-uncertainty-") as name:
        yield Path(name)
