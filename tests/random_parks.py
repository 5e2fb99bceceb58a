"""Random parks and states, by the thousand: recycles, ties, alternatives, turndowns, followers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from chainsim.balance.diagnosis import find_gain
from chainsim.balance.program import Array, Program, compile_park
from chainsim.errors import UserError
from chainsim.park.model import Park
from tests.parks import park_of

AMOUNTS = (0.25, 0.4, 0.5, 0.8, 1.0, 1.25, 2.0, 3.0)
LIMITS = (0, 4, 9, 15, 30)
Body = dict[str, dict[str, dict[str, object]]]


def random_body(seed: int) -> Body:
    """Sections of a scenario: 3-12 units between 3-7 materials."""
    r = np.random.default_rng(seed)
    materials = list("abcdefg")[: r.integers(3, 8)]

    def some(low: int, high: int) -> list[str]:
        return [str(m) for m in r.permutation(materials)[: r.integers(low, high)]]

    def amount() -> float:
        return float(r.choice(AMOUNTS))

    def market() -> dict[str, object]:
        return {"limit": int(r.choice(LIMITS))} if r.random() < 0.8 else {}

    ranks = int(r.integers(1, 5))
    units: dict[str, dict[str, object]] = {}
    feeds: dict[str, dict[str, object]] = {}
    made = set()
    for i in range(int(r.integers(3, 13))):
        inward = some(1, 3)
        outward = [m for m in some(0, 3) if m not in inward]
        made |= set(outward)
        own: dict[str, object] = {m: amount() for m in inward}
        choice = [m for m in some(2, 4) if m not in inward and m not in outward]
        if r.random() < 0.25 and len(choice) > 1:
            covers = {m: amount() for m in choice}
            own["fuel"] = {"rate": amount(), "alternatives": covers}
        key = f"u{i:02d}"
        feeds[key] = own
        units[key] = {
            "recipe": {"feeds": own, "products": {m: amount() for m in outward}},
            "capacity": int(r.choice([5, 8, 10, 20])),
            "priority": int(r.integers(1, ranks + 1)),
        }
        if r.random() < 0.2:
            units[key]["min_load"] = float(r.choice([0.3, 0.5, 0.7]))
        elif r.random() < 0.2:
            units[key]["follow"] = True
        if r.random() < 0.2:
            units[key]["weight"] = float(r.choice([0.5, 2, 3]))
    needed = {m for own in feeds.values() for m in own} - {"fuel"}
    buffers: dict[str, dict[str, object]] = {}
    for m in some(0, 4):
        buffers[f"s{m}"] = {"material": m, "capacity": 10, "initial": 5}
        if r.random() < 0.7:
            buffers[f"s{m}"] |= {"fill_rate": 2, "draw_rate": 2}
        if r.random() < 0.4:
            buffers[f"s{m}"]["priority"] = int(r.integers(1, 5))
        users = [k for k, own in feeds.items() if m in own]
        if users and r.random() < 0.5:
            buffers[f"s{m}"]["serves"] = users[: int(r.integers(1, len(users) + 1))]
    return {
        "materials": {m: {} for m in materials},
        "units": units,
        "buy": {m: market() for m in sorted(set(some(1, 4)) | (needed - made))},
        "sell": {m: market() for m in some(0, 4)},
        "vents": {m: {} for m in some(0, 4)},
        "obligations": {
            m: {"rate": int(r.choice([1, 3])), "priority": int(r.integers(0, 3))}
            for m in some(0, 2)
        },
        "buffers": buffers,
    }


def text_of(body: Mapping[str, object]) -> str:
    """The sections as scenario text."""
    return "\n".join(f"{section}: {_flow(content)}" for section, content in body.items())


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def random_parks(seeds: range) -> Iterator[tuple[int, Park, Program]]:
    """Parks that can be built and do not feed themselves."""
    for seed in seeds:
        try:
            park = park_of(text_of(random_body(seed)))
        except UserError:
            continue  # a material without source, for example
        program = compile_park(park)
        if not find_gain(program):
            yield seed, park, program


def random_states(
    park: Park, program: Program, seed: int, count: int
) -> Iterator[tuple[Array, Array]]:
    """Upper bounds and floors (n,) of the nominal state and of others: failed, derated, closed."""
    r = np.random.default_rng(seed)
    floors = np.zeros(program.n)
    for unit in park.units.values():
        floors[program.column[f"unit:{unit.id}"]] = unit.min_load
    variable = np.array([not key.startswith("feed:") for key in program.keys])
    for i in range(count):
        draw = np.where(variable, r.random(program.n), 1.0)
        share = r.random(program.n)
        less = (draw >= 0.12) & (draw < 0.2)
        upper = program.upper.copy()
        if i > 0:
            upper[less & np.isfinite(upper)] *= share[less & np.isfinite(upper)]
            upper[draw < 0.12] = 0.0
        yield upper, np.where(upper > 0.0, floors * np.where(less, share, 1.0), 0.0)
