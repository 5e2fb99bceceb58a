"""Scenario files -> one validated record: base files, this file, its overrides, the caller's.

Precedence, weakest first: the base scenario (and its own base), the file's body, the file's
`overrides` in order, overrides given by the caller (`--set`). Mappings merge key by key, lists and
values replace, `null` removes.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainsim.errors import DataError, Problem, UserError, did_you_mean, shorten
from chainsim.library.document import Document, KeyPath, Mark
from chainsim.library.files import data_root
from chainsim.library.finance_records import TermsRecord
from chainsim.library.inheritance import merge
from chainsim.library.price_files import with_price_files
from chainsim.library.records import Record
from chainsim.library.removals import idle_removals
from chainsim.library.scenario_records import ScenarioRecord
from chainsim.library.validate import validate
from chainsim.library.yaml_loader import load_yaml, parse_yaml

_MAX_BASES = 8
_OF_A_RUN = "scenario.resolved.yaml"
"""What was run, in the folder of a run."""
_CALLER = "--set"
"""Place of what the caller overrides."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A resolved scenario: the record, its plain data, and where each value was written."""

    record: ScenarioRecord
    data: dict[str, Any]
    documents: tuple[Document, ...]
    """Weakest first; the file that was asked for stands last."""
    overrides: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the resolved data, independent of key order and of the names of files."""
        return hashlib.sha256(canonical(self.data).encode()).hexdigest()

    def place(self, problem: Problem) -> Problem:
        """`problem` with the file, line and column of its key path."""
        return _placed(problem, self.documents, self.overrides)


def _placed(problem: Problem, documents: Sequence[Document], overrides: Sequence[str]) -> Problem:
    """`problem` at its key path, in the strongest of the files that have most of that path.

    What the caller's override wrote is placed there.
    """
    for text in overrides:
        path = text.partition("=")[0].strip()
        if problem.path == path or problem.path.startswith(f"{path}."):
            return replace(problem, file=_CALLER, line=0, column=0)
    keys: KeyPath = tuple(problem.path.split(".")) if problem.path else ()
    document, depth = documents[-1], -1
    for candidate in reversed(documents):
        found = _depth(candidate, keys)
        if found > depth:
            document, depth = candidate, found
    if document is documents[-1] and problem.line:
        return problem
    return _within(document, problem)


def _within(document: Document, problem: Problem) -> Problem:
    line, column = document.position(tuple(problem.path.split(".")))
    return replace(problem, file=document.file, line=line, column=column)


def canonical(data: object) -> str:
    """JSON text of plain data with sorted keys: equal content gives equal text."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _depth(document: Document, keys: KeyPath) -> int:
    mark, depth = document.mark, 0
    for key in keys:
        step = int(key) if isinstance(key, str) and key.isdigit() else key
        below = mark.child(step)
        if below is None:
            break
        mark, depth = below, depth + 1
    return depth


def shipped_scenarios() -> dict[str, Path]:
    """Id -> file of every scenario that comes with chainsim."""
    return {p.stem: p for p in sorted((data_root() / "scenarios").glob("*.yaml"))}


def scenario_path(name: str | Path) -> Path:
    """The file meant by a path, by the folder of a run, or by the id of a shipped scenario."""
    path = Path(name)
    resolved = path / _OF_A_RUN
    if resolved.is_file():
        return resolved
    return path if path.suffix or path.is_file() else _shipped(str(name))


def _shipped(name: str, beside: Iterable[str] = ()) -> Path:
    """The file of a shipped scenario; a hint may also name a file `beside` the one that asks."""
    shipped = shipped_scenarios()
    if name in shipped:
        return shipped[name]
    names = list(beside)
    file = f"{name}.yaml"
    hint = file if file in names else did_you_mean(name, [*names, *shipped])
    raise DataError(Problem(code="CS-F006", found=shorten(name), hint=hint))


def load_scenario(name: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read, merge and validate a scenario.

    Args:
        name: path of a file, or id of a shipped scenario.
        overrides: `key.path=value` strings, applied last, in order.

    Raises:
        DataError: every problem of the stage that failed, with places.
    """
    path = scenario_path(name)
    return _assembled(_chain(path), overrides)


def parse_scenario(
    text: str | bytes, *, file: str = "scenario.yaml", overrides: Sequence[str] = ()
) -> Scenario:
    """The same for text in memory; its `base` may only name shipped scenarios."""
    document = parse_yaml(text, file=file)
    return _assembled([*_base_of(document, None, ()), document], overrides)


def scenario_of(data: Mapping[str, Any], *, file: str = "scenario.yaml") -> Scenario:
    """The same for plain data without a base, such as an editor holds; places are key paths only.

    Raises:
        DataError: every record that is wrong.
    """
    return _assembled([Document(file=file, data=dict(data), mark=Mark(0, 0))], ())


def _chain(path: Path, seen: tuple[Path, ...] = ()) -> list[Document]:
    document = _read(path)
    below = _base_of(document, path, (*seen, path.resolve()))
    return [*below, with_price_files(document, path.parent)]


def _read(path: Path) -> Document:
    """A file as it is now, parsed once per state; nobody writes into a document."""
    try:
        state = path.stat()
    except OSError:
        return load_yaml(path)
    return _parsed(path, (state.st_ino, state.st_mtime_ns, state.st_size))


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, state: tuple[int, int, int]) -> Document:
    return load_yaml(path)


def _base_of(document: Document, path: Path | None, seen: tuple[Path, ...]) -> list[Document]:
    """The files below `document`, weakest first; without a `path` only shipped ones."""
    base = document.data.get("base")
    if base is None:
        return []
    line, column = document.position(("base",))
    problem = Problem(
        code="CS-F007",
        file=document.file,
        line=line,
        column=column,
        path="base",
        found=shorten(base),
    )
    if not isinstance(base, str):
        raise DataError(replace(problem, code="CS-V003", expected="text"))
    folder = None if path is None else path.parent
    if folder is not None and _leaves(folder, base):
        raise DataError(replace(problem, code="CS-F011"))
    try:
        target = _beside(folder, base) or _shipped(Path(base).stem, _files(folder))
    except UserError as exc:
        raise DataError(
            [replace(problem, code=p.code, found=p.found, hint=p.hint) for p in exc.problems]
        ) from exc
    if target.resolve() in seen or len(seen) >= _MAX_BASES:
        raise DataError(problem)
    return _chain(target, seen)


def _leaves(folder: Path, base: str) -> bool:
    """True when `base` points out of the folder of the file that names it."""
    return not (folder / base).resolve().is_relative_to(folder.resolve())


def _beside(folder: Path | None, base: str) -> Path | None:
    """The file that `base` names in `folder`."""
    near = None if folder is None else folder / base
    return near if near is not None and near.suffix and near.is_file() else None


def _files(folder: Path | None) -> list[str]:
    """Names of the scenario files in `folder`."""
    return [] if folder is None else sorted(p.name for p in folder.glob("*.yaml"))


def _assembled(documents: list[Document], overrides: Sequence[str]) -> Scenario:
    data: dict[str, Any] = {}
    problems: list[Problem] = []
    for document in documents:
        body = {k: v for k, v in document.data.items() if k not in ("base", "overrides")}
        problems += [_within(document, p) for p in idle_removals(data, body, ScenarioRecord)]
        data = merge(data, body)
        own = document.data.get("overrides", [])
        if not isinstance(own, list):
            line, column = document.position(("overrides",))
            problems.append(
                Problem(
                    code="CS-V003",
                    file=document.file,
                    line=line,
                    column=column,
                    path="overrides",
                    expected="[key.path=value, …]",
                )
            )
            continue
        for index, text in enumerate(own):
            line, column = document.position(("overrides", index))
            data = overridden(
                data, str(text), problems, file=document.file, line=line, column=column
            )
    for text in overrides:
        data = overridden(data, text, problems, file=_CALLER)
    if problems:
        raise DataError(problems)
    last = documents[-1]
    merged = Document(file=last.file, data=data, mark=last.mark)
    try:
        record = validate(ScenarioRecord, merged)
    except UserError as exc:
        raise DataError([_placed(p, documents, overrides) for p in exc.problems]) from exc
    return Scenario(record, data, tuple(documents), tuple(overrides))


def overridden(
    data: dict[str, Any],
    text: str,
    problems: list[Problem],
    *,
    file: str,
    line: int = 0,
    column: int = 0,
    model: type[Record] = ScenarioRecord,
) -> dict[str, Any]:
    """`data` with one `key.path=value` applied; what is wrong with it goes to `problems`."""
    path, equals, value = text.partition("=")
    keys = [k.strip() for k in path.split(".")]
    if not equals or not all(keys):
        problems.append(
            Problem(code="CS-V012", file=file, line=line, column=column, found=shorten(text))
        )
        return data
    try:
        parsed = parse_yaml(f"value: {value.strip()}", file=file).data["value"]
    except UserError as exc:
        problems.extend(
            replace(p, file=file, path=path, line=line, column=column) for p in exc.problems
        )
        return data
    nested: Any = parsed
    for key in reversed(keys):
        nested = {key: nested}
    problems += [
        replace(p, file=file, line=line, column=column) for p in idle_removals(data, nested, model)
    ]
    known = _missing_parent(data, keys, model)
    if known is not None:
        problems.append(
            Problem(
                code="CS-V013",
                file=file,
                line=line,
                column=column,
                path=path.strip(),
                hint=did_you_mean(known[0], known[1]),
            )
        )
        return data
    return merge(data, nested)


_ALL_OPTIONAL = (
    "economics",
    "horizon",
    "finance",
    "measured",
    "facts",
    "assessment",
    "uncertainty",
    *TermsRecord.model_fields,
)
"""Sections in which everything may be left out, at any depth."""


def _missing_parent(
    data: dict[str, Any], keys: Sequence[str], model: type[Record]
) -> tuple[str, Iterable[str]] | None:
    """The first key of an override's path (but the last) that does not exist, with its siblings."""
    node: Any = data
    if keys[0] not in model.model_fields:
        return keys[0], model.model_fields
    for index, key in enumerate(keys[:-1]):
        if not isinstance(node, dict):
            return key, ()
        if key not in node:
            optional = index == 0 or keys[0] in _ALL_OPTIONAL
            return None if optional else (key, list(node))
        node = node[key]
    return None
