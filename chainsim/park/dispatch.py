"""The dispatch list: declared goals first, then everything else by priority and kind.

Default order: obligations and units by priority (smaller first; equal numbers share by leximin);
then followers (made small); the declared order of alternative feeds; purchases, then withdrawals
(made small); sales, then buffer filling (made large); vents, then transport (made small); last the
counts of output under measures, which the units decide. Every column stands in the list exactly
once, which makes the allocation unique. Shipments from a purchase to a sale are made large right
after the units of their priority. A buffer with a priority is drawn for what stands above it only;
one that serves some consumers, for nothing below the last of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from chainsim.errors import Problem, did_you_mean
from chainsim.library.scenario_records import GoalRecord
from chainsim.park.model import Buffer, Goal, Park

UNIT_PRIORITY = 100.0
"""Place of a unit that names none."""
_AFTER = 0.5
"""Added to the place of a kind: right after it."""

# Kinds that follow the units, in this order; "min"/"max" is the sense of their goals.
_LATER: tuple[tuple[str, str], ...] = (
    ("follow", "min"),
    ("feed", "max"),
    ("buy", "min"),
    ("draw", "min"),
    ("sell", "max"),
    ("fill", "max"),
    ("vent", "min"),
    ("link", "min"),
    ("cap", "min"),
    ("trade", "max"),  # never later: it has the priority of a unit
)


def column_keys(park: Park) -> dict[str, str]:
    """Every column of the park's program -> the id people call it by."""
    keys = {f"unit:{k}": k for k in park.units}
    for unit in park.units.values():
        for port in unit.ports:
            if port.alternative:
                for option in port.options:
                    name = f"{unit.id}.{port.name}.{option.material}"
                    keys[f"feed:{name}"] = name
    for kind in ("buy", "sell"):
        keys |= {f"{kind}:{k}": k for k in getattr(park, kind)}
    keys |= {f"obligation:{k}": k for k in park.obligations}
    for buffer in park.buffers:
        keys |= {f"fill:{buffer}": buffer, f"draw:{buffer}": buffer}
    keys |= {f"vent:{k}": k for k in park.vents}
    keys |= {f"link:{k}": k for k in park.links}
    return keys


def build_goals(
    park: Park, declared: Sequence[GoalRecord], fail: Callable[[Problem], None]
) -> tuple[Goal, ...]:
    """The complete dispatch list of a park."""
    keys = column_keys(park)
    head: list[Goal] = []
    for index, record in enumerate(declared):
        goal = _declared(record, f"dispatch.{index}", keys, fail)
        if goal is not None:
            head.append(goal)
    used: dict[str, int] = {}
    for index, goal in enumerate(head):
        for target in goal.targets:
            if target in used:
                fail(Problem(code="CS-S013", path=f"dispatch.{index}", found=keys[target]))
            used[target] = index
    return (*head, *_by_priority(park, set(used)))


def _declared(
    record: GoalRecord, path: str, keys: Mapping[str, str], fail: Callable[[Problem], None]
) -> Goal | None:
    if (record.maximise is None) == (record.minimise is None):
        fail(Problem(code="CS-S012", path=path))
        return None
    sense = "max" if record.maximise is not None else "min"
    given = record.maximise if sense == "max" else record.minimise
    if isinstance(given, str):
        given = [given]
    weights = dict(given) if isinstance(given, dict) else dict.fromkeys(given or (), 1.0)
    targets: list[str] = []
    for name in weights if isinstance(given, dict) else given or ():
        key = _column(name, sense, keys)
        if key is None:
            fail(
                Problem(
                    code="CS-S014",
                    path=path,
                    found=name,
                    hint=did_you_mean(name, set(keys.values())),
                )
            )
            return None
        targets.append(key)
    return Goal(sense=sense, targets=tuple(targets), weights=tuple(weights.values()), declared=True)


def _column(name: str, sense: str, keys: Mapping[str, str]) -> str | None:
    if name in keys:
        return name
    found = [key for key, spoken in keys.items() if spoken == name]
    kinds = {key.split(":", 1)[0]: key for key in found}
    preferred = ("unit", "fill", "sell") if sense == "max" else ("unit", "draw", "buy")
    for kind in preferred:
        if kind in kinds:
            return kinds[kind]
    return found[0] if len(found) == 1 else None


def _by_priority(park: Park, used: set[str]) -> Iterable[Goal]:
    ranked: dict[tuple[float, float], list[tuple[str, float]]] = {}
    later: dict[tuple[float, float], list[tuple[str, float]]] = {}
    order = {kind: index for index, (kind, _) in enumerate(_LATER)}

    def put(key: str, priority: float | None, kind: str, weight: float = 1.0) -> None:
        if key in used:
            return
        if priority is not None:
            ranked.setdefault((priority, order.get(kind, -1)), []).append((key, weight))
        else:
            later.setdefault((order[kind], 0.0), []).append((key, weight))

    for unit in park.units.values():
        if unit.follow:
            put(f"unit:{unit.id}", unit.priority, "follow", unit.weight)
        else:
            priority = UNIT_PRIORITY if unit.priority is None else unit.priority
            put(f"unit:{unit.id}", priority, "unit", unit.weight)
        for port in unit.ports:
            if port.alternative:
                for rank, option in enumerate(port.options):
                    key = f"feed:{unit.id}.{port.name}.{option.material}"
                    if key not in used:
                        later.setdefault((order["feed"], float(rank)), []).append((key, 1.0))
    for obligation in park.obligations.values():
        put(f"obligation:{obligation.id}", obligation.priority, "obligation")
    for kind in ("buy", "sell"):
        for market in getattr(park, kind).values():
            put(f"{kind}:{market.id}", market.priority, kind)
    for buffer in park.buffers.values():
        key, (place, kind) = f"draw:{buffer.id}", _draw_place(park, buffer, used)
        if key in used or kind == "draw":
            put(key, place, "draw")
        elif place is not None:
            ranked.setdefault((place, order[kind] + _AFTER), []).append((key, 1.0))
        else:
            later.setdefault((order[kind] + _AFTER, 0.0), []).append((key, 1.0))
        put(f"fill:{buffer.id}", buffer.priority, "fill")
    for vent in park.vents.values():
        put(f"vent:{vent.id}", vent.priority, "vent")
    for link in park.links.values():
        if link.shipment is not None and link.shipment.bought and link.shipment.sold:
            # Nobody asks for what is bought to be sold; its vehicles come all the same.
            priority = UNIT_PRIORITY if link.priority is None else link.priority
            put(f"link:{link.id}", priority, "trade")
        else:
            put(f"link:{link.id}", link.priority, "link")

    for measure in park.measures:
        for material in measure.outputs:
            put(f"cap:{measure.id}.{material}", None, "cap")

    for (_, place), members in sorted(ranked.items()):
        yield _goal(_sense(place, "max"), members)
    for (place, _), members in sorted(later.items()):
        yield _goal(_sense(place), members)


def _sense(place: float, otherwise: str = "min") -> str:
    """Sense of a goal by its place among kinds; withdrawing stands between two of them."""
    if place < 0:
        return otherwise
    return _LATER[int(place)][1] if place == int(place) else "min"


def _draw_place(park: Park, buffer: Buffer, used: set[str]) -> tuple[float | None, str]:
    """Where withdrawing is limited: (priority, kind that it comes after; `draw` for its own place).

    At the buffer's own priority, else right after all it serves. Consumers below that place then
    gain nothing from the buffer, not even what the served ones leave them of the other supply.
    """
    if buffer.priority is not None or not buffer.serves:
        return buffer.priority, "draw"
    kinds = [kind for kind, _ in _LATER]
    last: tuple[float, int] = (-math.inf, -1)
    for name in buffer.serves:
        kind, priority = _served(park, name)
        if f"{kind}:{name}" not in used and (kind != "follow" or f"unit:{name}" not in used):
            place = kinds.index(kind) if kind in kinds else -1
            last = max(last, (math.inf if priority is None else priority, place))
    kind = kinds[max(last[1], kinds.index("draw"))]
    return (None if last[0] == math.inf else last[0]), kind


def _served(park: Park, name: str) -> tuple[str, float | None]:
    """(kind, priority) of what a buffer serves."""
    if name in park.obligations:
        return "obligation", park.obligations[name].priority
    if name in park.units:
        unit = park.units[name]
        if unit.follow:
            return "follow", unit.priority
        return "unit", UNIT_PRIORITY if unit.priority is None else unit.priority
    if name in park.sell:
        return "sell", park.sell[name].priority
    if name in park.vents:
        return "vent", park.vents[name].priority
    return "link", park.links[name].priority


def _goal(sense: str, members: list[tuple[str, float]]) -> Goal:
    ordered = sorted(members)
    return Goal(
        sense=sense,
        targets=tuple(key for key, _ in ordered),
        weights=tuple(weight for _, weight in ordered),
    )
