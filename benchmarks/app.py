"""Load of the web page: visitors on its real websocket who move a lever and think.

    python -m benchmarks.app [--visitors 40] [--seconds 30] [--think 3]

Every visitor opens the scheme page, then moves a lever and thinks (exponential, mean `--think`).
Measured from sending the move to the strip of figures on the wire, and to the end of the script:

- *repeats*: all visitors choose among six places, as a workshop does;
- *fresh*: every move is a scheme nobody asked for before;
- *burst*: all visitors move at once, to fresh schemes.

The page's own timers (progress of event runs) are obeyed as a browser obeys them, so the event runs
start in the background and take their share of the machine. The harness runs on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import suppress

from benchmarks.visitors import Visitor, head, line, memory_mb, processor_s, server

LEVER = "lever_xinzhou-base_methanol_zh"
LOW, HIGH = 8.0, 36.0
PLACES = (10.0, 12.0, 14.0, 20.0, 24.0, 30.0)
WARM_S = 12.0
"""Time that a server takes to start its workers and compute the presets."""
Moves = Iterator[float]


async def answering(url: str) -> None:
    """Wait until the server takes a visitor, whose visit warms it."""
    for _ in range(120):
        with suppress(OSError):
            visitor = Visitor(url)
            await visitor.open()
            await visitor.move(LEVER, PLACES[0])
            await visitor.close()
            await asyncio.sleep(WARM_S)
            return
        await asyncio.sleep(0.5)
    raise TimeoutError(url)


async def crowd(visitors: list[Visitor], moves: Moves, seconds: float, think: float
                ) -> list[tuple[float, float]]:  # fmt: skip
    """All visitors move and think for some seconds."""
    found: list[tuple[float, float]] = []
    ends = time.perf_counter() + seconds

    async def one(visitor: Visitor, luck: random.Random) -> None:
        while True:
            await asyncio.sleep(luck.expovariate(1.0 / think))
            if time.perf_counter() > ends:
                return
            found.append(await visitor.move(LEVER, next(moves)))

    await asyncio.gather(*(one(v, random.Random(i)) for i, v in enumerate(visitors)))
    return found


async def burst(visitors: list[Visitor], moves: Moves, process: int) -> list[tuple[float, float]]:
    """All visitors move at once; tells what the figures of all of them take of the processors."""
    before = processor_s(process)
    tasks = [asyncio.create_task(v.move(LEVER, next(moves))) for v in visitors]
    await asyncio.sleep(0)  # all have begun, none has its figures
    await asyncio.gather(*(v.figures.wait() for v in visitors))
    spent = (processor_s(process) - before) / len(visitors)
    print(f"{'burst':<10}processor time a move until all have figures: {spent * 1e3:.0f} ms")
    return list(await asyncio.gather(*tasks))


def told(name: str, found: list[tuple[float, float]]) -> None:
    """Two lines of the table."""
    for part, values in zip(("figures", "whole"), zip(*found, strict=True), strict=True):
        line(name, part, values)


async def measure(count: int, seconds: float, think: float) -> None:
    """Run all the loads and print the table."""
    luck = random.Random(7)
    fresh = (round(LOW + (HIGH - LOW) * x, 4) for x in iter(luck.random, None))
    repeats = (PLACES[i % len(PLACES)] for i in itertools.count())
    with server() as (url, process):
        await answering(url)
        visitors = [Visitor(url) for _ in range(count)]
        opened = await asyncio.gather(*(v.open() for v in visitors))
        print(f"{count} visitors, think {think:g} s, {os.cpu_count()} cores; pages opened at once: "
              f"{statistics.median(opened):.1f} s, last {max(opened):.1f} s")  # fmt: skip
        head()
        for name, moves in (("repeats", repeats), ("fresh", fresh), ("burst", None)):
            before = processor_s(process)
            if moves is None:
                found = await burst(visitors, fresh, process)
            else:
                found = await crowd(visitors, moves, seconds, think)
            told(name, found)
            spent = (processor_s(process) - before) / len(found)
            print(f"{name:<10}processor time a move, event runs apart: {spent * 1e3:.0f} ms")
        print(f"memory {memory_mb(process):.0f} MB with worker processes")
        for visitor in visitors:
            await visitor.close()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--think", type=float, default=3.0)
    given = parser.parse_args()
    asyncio.run(measure(given.visitors, given.seconds, given.think))


if __name__ == "__main__":
    main()
