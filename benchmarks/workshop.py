"""Load of a workshop: a room of forty tablets, its board, its facilitator, on the real websocket.

    python -m benchmarks.workshop [--teams 10] [--tablets 4] [--seconds 60] [--think 3]

Every tablet moves a lever and thinks, and hands in at every third time; the board and the
facilitator's page refresh themselves as a browser has them do; the facilitator begins a new round,
each with another shock, three times. Measured:

- *move*: from moving the lever to the figures, and to the end of the script;
- *hand in*: from pressing the button to the words that confirm it, or say that a new round came;
- *board*, *host*, *tablets*: how long a page's own refresh takes;
- *round*: from pressing *Begin the next round* to the facilitator's page.

At the end all that was confirmed must stand in the database: a write that is lost is an error.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.app import HIGH, LEVER, LOW, answering
from benchmarks.visitors import Visitor, head, line, memory_mb, processor_s, server
from chainsim.study.rooms.rooms import Rooms
from chainsim.study.rooms.tables import Database

BASE = "xinzhou-base"
HAND_IN = "room_hand_in"
ROUNDS = 3
HAND_IN_EVERY = 3


class Workshop:
    """What happened in the room."""

    def __init__(self, seconds: float, think: float) -> None:
        self.ends = time.perf_counter() + seconds
        self.seconds, self.think = seconds, think
        self.moves: list[tuple[float, float]] = []
        self.handed: list[float] = []
        self.rounds: list[float] = []

    async def tablet(self, seat: Visitor, luck: random.Random) -> None:
        """Move, think, hand in."""
        count = luck.randrange(HAND_IN_EVERY)
        while True:
            await asyncio.sleep(luck.expovariate(1.0 / self.think))
            if time.perf_counter() > self.ends:
                return
            count += 1
            if count % HAND_IN_EVERY:
                self.moves.append(await seat.move(LEVER, round(luck.uniform(LOW, HIGH), 1)))
            else:
                self.handed.append(await seat.press(HAND_IN, seat.told))

    async def facilitator(self, host: Visitor) -> None:
        """Begin a new round now and then."""
        key = next(k for k in host.widgets if k.startswith("FormSubmitter:room_next"))
        for _ in range(ROUNDS):
            await asyncio.sleep(self.seconds / (ROUNDS + 1))
            self.rounds.append(await host.press(key, host.finished))


async def measure(teams: int, tablets: int, seconds: float, think: float) -> bool:
    """Hold the workshop and print the table; whether nothing was lost."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'rooms.sqlite'}"
        rooms = Rooms(Database(url))
        code, host_token = rooms.open(title="load", base=BASE, pin="2468")
        seats = [rooms.join(code, f"team {i}") for i in range(teams)]
        with server(CHAINSIM_DB=url) as (address, process):
            await answering(address)
            places = [Visitor(address, query=urlencode({"seat": token}))
                      for token in seats for _ in range(tablets)]  # fmt: skip
            host = Visitor(address, "workshop", urlencode({"seat": host_token}))
            board = Visitor(address, "workshop", urlencode({"room": code, "board": 1}))
            everybody = [*places, host, board]
            opened = await asyncio.gather(*(v.open() for v in everybody))
            print(f"{teams} teams of {tablets} tablets, board, host; think {think:g} s, "
                  f"{os.cpu_count()} cores; pages opened at once: "
                  f"{statistics.median(opened):.1f} s, last {max(opened):.1f} s")  # fmt: skip
            found, before = Workshop(seconds, think), processor_s(process)
            await asyncio.gather(
                *(found.tablet(v, random.Random(i)) for i, v in enumerate(places)),
                found.facilitator(host),
            )
            spent = processor_s(process) - before
            _told(found, places, host, board)
            print(f"processor {spent / seconds:.2f} cores, event runs apart; "
                  f"memory {memory_mb(process):.0f} MB with worker processes")  # fmt: skip
            for visitor in everybody:
                await visitor.close()
        stored, confirmed = len(rooms.handed_in(code)), sum(v.toasts for v in places)
        errors = sorted({e for v in everybody for e in v.errors})
        print(f"pressed {len(found.handed)}, confirmed {confirmed}, stored {stored}, "
              f"lost {confirmed - stored}; "
              f"errors on pages: {errors or 'none'}; round {rooms.room(code).round}")  # fmt: skip
        return stored == confirmed and not errors


def _told(found: Workshop, places: list[Visitor], host: Visitor, board: Visitor) -> None:
    head()
    for part, values in zip(("figures", "whole"), zip(*found.moves, strict=True), strict=True):
        line("move", part, values)
    line("hand in", "told", found.handed)
    line("board", "refresh", board.ticks)
    line("host", "refresh", host.ticks)
    line("tablets", "refresh", [x for v in places for x in v.ticks])
    line("round", "page", found.rounds)


def main() -> None:
    """Command line; fails when something that was confirmed is not stored."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teams", type=int, default=10)
    parser.add_argument("--tablets", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--think", type=float, default=3.0)
    given = parser.parse_args()
    if not asyncio.run(measure(given.teams, given.tablets, given.seconds, given.think)):
        sys.exit(1)


if __name__ == "__main__":
    main()
