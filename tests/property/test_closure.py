"""Every process of the library closes exactly, whatever the coefficients inside their ranges."""

from __future__ import annotations

import random

import pytest

from chainsim.library.chemistry import ORGANIC
from chainsim.library.closing import balance, energy_balance
from chainsim.library.files import draft, library_records
from chainsim.library.model import Coefficient, Library

EXACT = 1e-12
SAMPLES = 25

RECORDS = library_records()
TYPICAL = draft(RECORDS).library


def ranges(library: Library) -> dict[str, tuple[float, float]]:
    """(low, high) by path of everything a sample may move."""
    found: dict[str, Coefficient] = {}
    for group in (library.materials, library.processes):
        for item in group.values():  # type: ignore[attr-defined]
            found |= {c.path: c for c in item.coefficients}
    return {path: (c.low, c.high) for path, c in sorted(found.items())}


RANGES = ranges(TYPICAL)


def sampled(seed: int) -> Library:
    """The library at random values; the first seeds take all lows, all highs, random corners."""
    draws = random.Random(seed)
    if seed < 2:
        values = {path: span[seed] for path, span in RANGES.items()}
    elif seed < SAMPLES // 2:
        values = {path: draws.choice(span) for path, span in RANGES.items()}
    else:
        values = {path: draws.uniform(*span) for path, span in RANGES.items()}
    return draft(RECORDS, values).library


def gaps(library: Library) -> list[str]:
    """Process and quantity of every balance that does not close to `EXACT`."""
    found = []
    for key, process in library.processes.items():
        if not process.closing_port:
            continue
        for quantity in ("mass", *ORGANIC):
            into, out = balance(process.ports, quantity)
            size = max(balance(process.ports, "mass"))
            if abs(into - out) > EXACT * size:
                found.append(f"{key} {quantity} {into - out:g} of {size:g}")
        into, out = energy_balance(process.ports)
        if abs(into - out - process.heat_loss_gj) > EXACT * max(into, abs(out), 1.0):
            found.append(f"{key} energy")
    return found


def test_there_is_something_to_sample():
    assert len(TYPICAL.processes) > 5
    assert sum(low < high for low, high in RANGES.values()) > 50


def test_typical_values_close():
    assert gaps(TYPICAL) == []


@pytest.mark.parametrize("seed", range(SAMPLES))
def test_samples_close(seed):
    assert gaps(sampled(seed)) == []
