"""The folder of a sweep: what was asked for, the part files, and at the end a manifest of sums.

`study.json` is written first and says which sweep the folder belongs to; `manifest.json` comes
last and says that it is whole. Nothing in the folder tells the time, so equal sweeps are equal
byte for byte, interrupted or not.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from chainsim.errors import DataError, MachineError, Problem
from chainsim.study.store import FIGURES, figure_table, sum_of
from chainsim.study.sweeps.parts import (
    HIDDEN,
    Part,
    damaged,
    found_parts,
    ranges,
    strangers,
    sweep_up,
    write_part,
    write_whole,
)
from chainsim.study.sweeps.plan import Plan
from chainsim.study.sweeps.points import values_table

SCHEMA_VERSION: Final = 1
SCHEMA: Final = "sweep_schema"
STUDY: Final = "study.json"
MANIFEST: Final = "manifest.json"
POINTS: Final = "points.csv"
PARTS: Final = "parts"
LOCK: Final = ".lock"
_MOST: Final = 20
"""Files named at most where many are wrong."""
_FILES: Final = frozenset({STUDY, MANIFEST, POINTS, FIGURES, PARTS, LOCK})


@dataclass(frozen=True, slots=True)
class SweepFolder:
    """A folder that belongs to one sweep."""

    path: Path

    @property
    def parts(self) -> Path:
        """Where the part files lie."""
        return self.path / PARTS

    def open(self, plan: Plan, *, resume: bool) -> set[int]:
        """Make the folder ready for `plan`; the numbers of the chunks that are already there.

        Raises:
            DataError: it holds something else (CS-X001), another sweep (CS-T008), results while
                `resume` is off (CS-T009), damaged parts (CS-T010) or strange ones (CS-T022).
            MachineError: it cannot be written (CS-X002).
        """
        self.check_ours()
        head = self.head()
        if head is not None and head["key"] != plan.key:
            raise DataError(self._other(head, plan))
        parts = found_parts(self.parts)
        if parts and not resume:
            raise DataError(Problem(code="CS-T009", file=str(self.path), found=str(len(parts))))
        self._begin(plan)
        sweep_up(self.parts)
        self.check(parts, plan.key)
        return {p.number for p in parts}

    def head(self) -> dict[str, Any] | None:
        """What `study.json` says; None when there is none that can be read."""
        try:
            data = json.loads((self.path / STUDY).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) and data.get(SCHEMA) == SCHEMA_VERSION else None

    def begun(self) -> dict[str, Any]:
        """What `study.json` says.

        Raises:
            DataError: it cannot be read (CS-T020), or there is no sweep here (CS-T014).
        """
        head = self.head()
        if head is not None:
            return head
        if not (self.path / STUDY).exists():
            raise DataError(Problem(code="CS-T014", file=str(self.path)))
        head = self.head()  # a writer may just have begun
        if head is not None:
            return head
        raise DataError(Problem(code="CS-T020", file=str(self.path / STUDY)))

    def check_ours(self) -> None:
        """Raise DataError when the folder holds anything but a sweep.

        Raises:
            DataError: something else is there (CS-X001), or a sweep without a `study.json` that
                can be read (CS-T020).
        """
        if not self.path.exists():
            return
        names = {p.name for p in self.path.iterdir()} if self.path.is_dir() else {self.path.name}
        odd = sorted(n for n in names - _FILES if not n.startswith(HIDDEN))
        begun = {n for n in names if n in _FILES and n != LOCK}
        if self.head() is not None:
            return  # notes of its owner beside the results harm nobody
        if odd:
            raise DataError(Problem(code="CS-X001", file=str(self.path), found=odd[0]))
        if begun:
            raise DataError(Problem(code="CS-T020", file=str(self.path / STUDY)))

    def manifest(self) -> dict[str, Any] | None:
        """What `manifest.json` says; None while the sweep is not finished, or it is damaged."""
        try:
            data = json.loads((self.path / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        whole = isinstance(data, dict) and isinstance(data.get("sha256"), dict)
        return data if whole else None

    def faults(self) -> list[str]:
        """Files that are gone or not as the manifest says, in order; none while there is none."""
        if not (self.path / MANIFEST).exists():
            return []
        manifest = self.manifest()
        if manifest is None:
            return [MANIFEST]
        sums: dict[str, str] = manifest["sha256"]
        return [name for name, told in sums.items() if sum_of(self.path / name) != told]

    def check(self, parts: list[Part], key: str) -> None:
        """Raise DataError when parts are damaged (CS-T010) or others lie among them (CS-T022)."""
        if odd := strangers(self.parts, key):
            raise DataError(Problem(code="CS-T022", file=str(p)) for p in odd[:_MOST])
        if bad := damaged(parts):
            numbers = ", ".join(ranges(sorted({p.number for p in bad})))
            raise DataError(
                [
                    Problem(code="CS-T010", file=str(p.path), params={"parts": numbers})
                    for p in bad[:_MOST]
                ]
            )

    def write(self, number: int, content: bytes) -> None:
        """Add one part; raises MachineError when it cannot be written (CS-X002)."""
        write_part(self.parts, number, content)

    def finish(self, plan: Plan) -> None:
        """Write the manifest of a sweep whose parts are all there.

        Raises:
            DataError: a file is gone all the same (CS-T020).
            MachineError: the manifest cannot be written (CS-X002).
        """
        parts = [f"{PARTS}/{p.path.name}" for p in found_parts(self.parts)]
        sums = {name: sum_of(self.path / name) for name in (STUDY, POINTS, FIGURES, *parts)}
        if gone := [name for name, found in sums.items() if not found]:
            raise DataError(Problem(code="CS-T020", file=str(self.path / k)) for k in gone)
        data = {SCHEMA: SCHEMA_VERSION, "key": plan.key, "runs": plan.runs, "sha256": sums}
        write_whole(self.path / MANIFEST, _json(data))

    def _begin(self, plan: Plan) -> None:
        """The files that come before the parts; `study.json` first, for it makes the folder ours.

        Raises:
            MachineError: they cannot be written (CS-X002).
        """
        write_whole(self.path / STUDY, _json(head_of(plan)))
        for name, table in (
            (POINTS, pd.DataFrame(values_table(plan.points, plan.scenarios))),
            (FIGURES, figure_table()),
        ):
            text = table.to_csv(index=False, lineterminator="\n")
            write_whole(self.path / name, text.encode("utf-8-sig"))
        try:
            self.parts.mkdir(exist_ok=True)
        except OSError as exc:
            raise self._unwritable(exc) from exc

    def _other(self, head: Mapping[str, Any], plan: Plan) -> list[Problem]:
        """What differs between the folder's sweep and `plan`, as far as it can be named."""
        now = head_of(plan)
        then = head.get("fingerprint", {})
        listed = [
            Problem(
                code="CS-T008",
                file=str(self.path),
                path=name,
                found=str(then.get(name, "-")),
                expected=version,
            )
            for name, version in now["fingerprint"].items()
            if then.get(name) != version
        ]
        keys = sorted(set(head.get("study", {})) | set(now["study"]))
        listed += [
            Problem(code="CS-T008", file=str(self.path), path=f"study.{key}")
            for key in keys
            if head.get("study", {}).get(key) != json.loads(json.dumps(now["study"].get(key)))
        ]
        return listed or [Problem(code="CS-T008", file=str(self.path), path="key")]

    def _unwritable(self, exc: OSError) -> MachineError:
        detail = exc.strerror or type(exc).__name__
        return MachineError(Problem(code="CS-X002", file=str(self.path), params={"detail": detail}))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against another driver; a killed one lets go by dying.

        Raises:
            DataError: another driver is at work here (CS-T011).
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as exc:
            raise self._unwritable(exc) from exc
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as exc:
            raise DataError(Problem(code="CS-T011", file=str(self.path))) from exc
        finally:
            os.close(handle)


def head_of(plan: Plan) -> dict[str, Any]:
    """The content of `study.json`."""
    return {
        SCHEMA: SCHEMA_VERSION,
        "key": plan.key,
        "id": plan.id,
        "points": len(plan.points),
        "reps": plan.reps,
        "runs": plan.runs,
        "chunks": plan.chunks,
        "fingerprint": dict(plan.model.fingerprint),
        "scenarios": list(plan.scenarios),
        "study": dict(plan.study),
    }


def _json(data: Mapping[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, indent=1, default=str)
    return f"{text}\n".encode()
