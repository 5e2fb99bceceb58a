"""The dispatch list of a draft as rows of texts, and back: place, sense, what shares the place.

Places are only for sorting: a row typed with place 1.5 comes between the first and the second. A
weight follows its name after a star (`a*2, b`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from chainsim.park.model import Goal
from chainsim.study.drafts import draft_park

MAXIMISE: Final = "maximise"
MINIMISE: Final = "minimise"
SENSES: Final = (MAXIMISE, MINIMISE)
_FIRST_KINDS: Final = ("unit", "obligation")
_COMMA: Final = re.compile(r"[,\uff0c\u3001;\uff1b]")


def goal_rows(goals: Sequence[Any]) -> list[dict[str, str]]:
    """Rows with `id` (the place, from 1), `sense` and `targets`."""
    return [{"id": str(i), **_texts(goal)} for i, goal in enumerate(goals, 1)]


def goals_of(rows: Iterable[Mapping[str, str]], before: Sequence[Any]) -> list[Any]:
    """The list that rows of texts make; a row that says what stood in `before` is kept as it was.

    Rows without a place come last.
    """
    known: dict[tuple[str, str], Any] = {}
    for goal in before:
        texts = _texts(goal)
        known.setdefault((texts["sense"], texts["targets"]), goal)
    ordered = sorted(rows, key=lambda row: _place(row["id"]))
    return [known.get((r["sense"], r["targets"])) or _goal(r) for r in ordered]


def present_order(data: Mapping[str, Any]) -> list[Any]:
    """The park's dispatch list down to its last unit or obligation, as `dispatch` says it.

    Put into the scenario it changes nothing: what follows is ranked after it as before.

    Raises:
        UserError: the draft is no park.
    """
    goals = draft_park(data).goals
    ranked = [i for i, goal in enumerate(goals) if _first_kind(goal)]
    return [_said(goal) for goal in goals[: max(ranked, default=-1) + 1]]


def short(key: str) -> str:
    """A column key as people write it: units go without their kind."""
    return key.removeprefix("unit:")


def _first_kind(goal: Goal) -> bool:
    return any(target.split(":", 1)[0] in _FIRST_KINDS for target in goal.targets)


def _said(goal: Goal) -> dict[str, Any]:
    names: Any = [short(target) for target in goal.targets]
    if any(weight != 1.0 for weight in goal.weights):
        names = dict(zip(names, goal.weights, strict=True))
    elif len(names) == 1:
        names = names[0]
    return {MAXIMISE if goal.sense == "max" else MINIMISE: names}


def _texts(goal: Any) -> dict[str, str]:
    record = goal if isinstance(goal, Mapping) else {}
    sense = next((s for s in SENSES if record.get(s) is not None), "")
    given = record.get(sense)
    if isinstance(given, Mapping):
        targets = ", ".join(k if w == 1 else f"{k}*{w:g}" for k, w in given.items())
    elif isinstance(given, list):
        targets = ", ".join(map(str, given))
    else:
        targets = "" if given is None else str(given)
    return {"sense": sense, "targets": targets}


def _goal(row: Mapping[str, str]) -> dict[str, Any]:
    parts = [x.strip() for x in _COMMA.split(row["targets"]) if x.strip()]
    targets: Any = parts[0] if len(parts) == 1 else parts
    if any("*" in x for x in parts):
        pairs = (x.partition("*") for x in parts)
        targets = {name.strip(): _weight(weight) if star else 1 for name, star, weight in pairs}
    return {row["sense"]: targets} if row["sense"] and parts else {}


def _weight(text: str) -> float | str:
    """A number, or what was typed instead of one, for the scenario's check."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _place(text: str) -> float:
    place = _weight(text)
    return place if isinstance(place, float) else math.inf
