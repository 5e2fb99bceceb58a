"""Run a plan into a folder: what is there already is kept, what is missing is run and added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chainsim.library.study_files import StudyFile, load_study
from chainsim.study.sweeps.engines import EngineSpec, execute
from chainsim.study.sweeps.folder import MANIFEST, PARTS, SweepFolder
from chainsim.study.sweeps.parts import damaged, found_parts, strangers, sweep_up
from chainsim.study.sweeps.plan import Plan, study_plan
from chainsim.study.sweeps.work import Task

Progress = Callable[[int, int], None]
"""Called with (runs done, runs in all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A finished sweep."""

    folder: Path
    plan: Plan
    kept: int
    """Chunks that were there already."""


def sweep(
    study: str | Path | StudyFile,
    out: str | Path,
    *,
    engine: EngineSpec | None = None,
    resume: bool = False,
    overrides: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> Swept:
    """Run a study into a folder.

    Args:
        study: a study file, its path, or the id of a shipped one.
        out: folder; new, empty, or of the same study when `resume` is set.
        engine: where it runs; this process when left out.
        resume: go on with what the folder holds.
        overrides: `key.path=value` strings for the study file.
        progress: told after each chunk.

    Raises:
        UserError: a wrong study, a run that fails, a folder that does not fit or cannot be written.
    """
    if not isinstance(study, StudyFile):
        study = load_study(study, overrides)
    return sweep_plan(study_plan(study), out, engine=engine, resume=resume, progress=progress)


def sweep_plan(
    plan: Plan,
    out: str | Path,
    *,
    engine: EngineSpec | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Swept:
    """The same for a plan that is made already; any failed run stops the sweep."""
    folder = SweepFolder(Path(out).resolve())
    folder.check_ours()
    with folder.locked():
        there = folder.open(plan, resume=resume)
        _fill(plan, folder, there, engine or EngineSpec("serial"), progress)
        folder.finish(plan)
    return Swept(folder=folder.path, plan=plan, kept=len(there))


def _fill(
    plan: Plan, folder: SweepFolder, there: set[int], engine: EngineSpec, progress: Progress | None
) -> None:
    done = sum(len(plan.runs_of(n).runs) for n in there)
    if progress is not None:
        progress(done, plan.runs)
    missing = (plan.runs_of(n) for n in range(plan.chunks) if n not in there)
    for result in execute(Task(model=plan.model, key=plan.key), missing, engine):
        if result.error is not None:
            raise result.error(result.problems)
        folder.write(result.number, result.content)
        done += result.runs
        if progress is not None:
            progress(done, plan.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What `repair` found and did."""

    folder: Path
    chunks: int
    removed: tuple[int, ...]
    """Chunks whose part files were damaged and are now gone."""
    missing: tuple[int, ...]
    """Chunks to be run again, the removed ones among them."""
    strange: tuple[str, ...]
    """Files that do not belong here; they are left alone."""
    anew: tuple[str, ...]
    """Other files that are gone or damaged; `resume` writes them anew."""


def repair(out: str | Path) -> Repaired:
    """Remove damaged part files and half-written ones, and tell what has to run again.

    Raises:
        DataError: the folder holds no sweep (CS-T014), or none whose `study.json` can be read
            (CS-T020), or a driver is at work in it (CS-T011).
    """
    folder = SweepFolder(Path(out).resolve())
    head = folder.begun()
    with folder.locked():
        sweep_up(folder.path)
        sweep_up(folder.parts)
        anew = tuple(name for name in folder.faults() if not name.startswith(f"{PARTS}/"))
        bad = damaged(found_parts(folder.parts))
        for part in bad:
            part.path.unlink()
        strange = strangers(folder.parts, head["key"])
        there = {p.number for p in found_parts(folder.parts) if p.path not in strange}
        missing = tuple(n for n in range(head["chunks"]) if n not in there)
        if missing or anew:
            (folder.path / MANIFEST).unlink(missing_ok=True)
        return Repaired(
            folder=folder.path,
            chunks=head["chunks"],
            removed=tuple(sorted({p.number for p in bad})),
            missing=missing,
            strange=tuple(p.name for p in strange),
            anew=anew,
        )
