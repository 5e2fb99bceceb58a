"""Every process of the library closes exactly, whatever the coefficients inside their ranges."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from chainsim.library.chemistry import ORGANIC
from chainsim.library.closing import balance, counts, energy_balance
from chainsim.library.files import closing_order, constants_of, draft, library_records
from chainsim.library.materials import MaterialResolver
from chainsim.library.model import Coefficient, Library, Process
from chainsim.library.processes import ProcessResolver
from chainsim.library.sampled import Values

EXACT = 1e-12
WHOLE = 12
"""Samples of the whole library at once."""
SINGLE = 10_000
"""Samples of one process with everything that goes into it, the processes taking turns."""
SHARDS = 8

RECORDS = library_records()
CONSTANTS = constants_of(RECORDS.constants)
ORDER = closing_order(RECORDS)
TYPICAL = draft(RECORDS).library


def spans(figures: Iterator[Coefficient]) -> dict[str, tuple[float, float]]:
    return {c.path: (c.low, c.high) for c in sorted(figures, key=lambda c: c.path)}


def of_library(library: Library) -> Iterator[Coefficient]:
    for group in (library.materials, library.processes):
        for item in group.values():  # type: ignore[attr-defined]
            yield from item.coefficients


RANGES = spans(of_library(TYPICAL))


def makers(key: str) -> set[str]:
    """The process and all whose closing streams it takes in."""
    found, waiting = set(), [key]
    while waiting:
        key = waiting.pop()
        found.add(key)
        for name, port in RECORDS.processes[key][1].ports.items():
            made = RECORDS.materials[port.material or name].closing_of
            if made and made not in found:
                waiting.append(made)
    return found


def of_process(key: str) -> Iterator[Coefficient]:
    for name in makers(key):
        process = TYPICAL.processes[name]
        yield from process.coefficients
        for port in process.ports:
            for material in (port.material.id, *port.alternatives):
                known = TYPICAL.materials.get(material)
                yield from known.coefficients if known else ()


def draw(seed: int, ranges: dict[str, tuple[float, float]]) -> dict[str, float]:
    """All lows, all highs, random corners, or points inside the ranges."""
    draws = random.Random(seed)
    kind = draws.randrange(10)
    if kind < 2:
        return {path: span[kind] for path, span in ranges.items()}
    if kind < 5:
        return {path: draws.choice(span) for path, span in ranges.items()}
    return {path: draws.uniform(*span) for path, span in ranges.items()}


def gaps(process: Process) -> list[str]:
    """Quantities whose balance does not close to `EXACT`."""
    found = []
    size = sum(abs(p.amount * p.material.mass_t) for p in process.ports if counts(p))
    for quantity in ("mass", *ORGANIC, "other"):
        into, out = balance(process.ports, quantity)
        if abs(into - out) > EXACT * size:
            found.append(f"{process.id} {quantity} {into - out:g} of {size:g}")
    into, out = energy_balance(process.ports)
    if abs(into - out - process.heat_loss_gj) > EXACT * max(abs(into), abs(out), 1.0):
        found.append(f"{process.id} energy")
    return found


def test_there_is_something_to_sample():
    assert len(TYPICAL.processes) > 5
    assert sum(low < high for low, high in RANGES.values()) > 50


def test_every_process_declares_what_closes_it():
    assert [k for k, p in TYPICAL.processes.items() if not p.closing_port] == []


def test_typical_values_close():
    assert [g for p in TYPICAL.processes.values() for g in gaps(p)] == []


@pytest.mark.parametrize("seed", range(WHOLE))
def test_samples_of_the_whole_library_close(seed):
    library = draft(RECORDS, draw(seed, RANGES)).library
    assert len(library.processes) == len(TYPICAL.processes)
    assert [g for p in library.processes.values() for g in gaps(p)] == []


def sampled(key: str, values: dict[str, float]) -> Process | None:
    given = Values(values, RECORDS.origin)
    told: list[object] = []
    materials = MaterialResolver(RECORDS.materials, CONSTANTS, given, told.append)
    processes = ProcessResolver(RECORDS, materials, CONSTANTS, given, told.append)
    needed = makers(key)
    for name in ORDER:
        if name in needed:
            processes.resolve(name)
    return processes.done.get(key)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_ten_thousand_samples_close(shard):
    keys = sorted(TYPICAL.processes)
    ranges = {key: spans(of_process(key)) for key in keys}
    count = 0
    for index in range(shard, SINGLE, SHARDS):
        key = keys[index // SHARDS % len(keys)]
        process = sampled(key, draw(index, ranges[key]))
        assert process is not None, key
        assert gaps(process) == []
        count += 1
    assert count == SINGLE // SHARDS
