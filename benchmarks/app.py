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
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parents[1]
LEVER = "lever_xinzhou-base_methanol_zh"
STRIP = "chainsim_strip"
DONE = "script_finished"
LOW, HIGH = 8.0, 36.0
PLACES = (10.0, 12.0, 14.0, 20.0, 24.0, 30.0)
OPEN_S = 120.0
WARM_S = 12.0
"""Time that a server takes to start its workers and compute the presets."""
Moves = Iterator[float]


@dataclass
class Visitor:
    """One open page."""

    url: str
    socket: websockets.ClientConnection | None = None
    lever: str = ""
    page: str = ""
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    figures: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> float:
        """Connect and wait for the whole page; returns seconds."""
        begun = time.perf_counter()
        self.socket = await websockets.connect(
            self.url, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
        )
        self._reader = asyncio.create_task(self._read())
        await self._send(BackMsg())
        await asyncio.wait_for(self.finished.wait(), OPEN_S)
        return time.perf_counter() - begun

    async def move(self, value: float) -> tuple[float, float]:
        """Move the lever; returns seconds to the figures and to the end."""
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self.lever
        state.double_array_value.data.append(value)
        self._silence()
        self.figures.clear()
        self.finished.clear()
        begun = time.perf_counter()
        await self._send(message)
        await asyncio.wait_for(self.figures.wait(), OPEN_S)
        seen = time.perf_counter() - begun
        await asyncio.wait_for(self.finished.wait(), OPEN_S)
        return seen, time.perf_counter() - begun

    async def close(self) -> None:
        """Leave."""
        self._silence()
        self._reader.cancel()
        if self.socket is not None:
            await self.socket.close()

    async def _send(self, message: BackMsg) -> None:
        assert self.socket is not None
        message.rerun_script.page_name = "scheme"
        message.rerun_script.page_script_hash = self.page
        await self.socket.send(message.SerializeToString())

    async def _read(self) -> None:
        assert self.socket is not None
        async for data in self.socket:
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._element(message)
            elif kind == "navigation":
                self.page = message.navigation.page_script_hash
            elif kind == "auto_rerun":
                name, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
                if name in self.timers:
                    self.timers[name].cancel()
                self.timers[name] = asyncio.create_task(self._tick(name, interval))
            elif message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY and kind == DONE:
                self.finished.set()

    def _element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "slider" and LEVER in element.slider.id:
            self.lever = element.slider.id
        elif element.bidi_component.component_name == STRIP:
            self.figures.set()

    def _silence(self) -> None:
        for timer in self.timers.values():
            timer.cancel()
        self.timers.clear()

    async def _tick(self, name: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            message = BackMsg()
            message.rerun_script.fragment_id = name
            message.rerun_script.is_auto_rerun = True
            await self._send(message)


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """The page on a free port; yields its websocket and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "from chainsim.cli import main; main()"
    command = [sys.executable, "-c", code, "app", "--no-browser", "--port", str(port)]
    with tempfile.TemporaryDirectory() as shares:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "CHAINSIM_SHARES": shares},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield f"ws://127.0.0.1:{port}/_stcore/stream", process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


async def answering(url: str) -> None:
    """Wait until the server takes a visitor, whose visit warms it."""
    for _ in range(120):
        with suppress(OSError):
            visitor = Visitor(url)
            await visitor.open()
            await visitor.move(PLACES[0])
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
            found.append(await visitor.move(next(moves)))

    await asyncio.gather(*(one(v, random.Random(i)) for i, v in enumerate(visitors)))
    return found


async def burst(visitors: list[Visitor], moves: Moves, process: int) -> list[tuple[float, float]]:
    """All visitors move at once; tells what the figures of all of them take of the processors."""
    before = processor_s(process)
    tasks = [asyncio.create_task(v.move(next(moves))) for v in visitors]
    await asyncio.sleep(0)  # all have begun, none has its figures
    await asyncio.gather(*(v.figures.wait() for v in visitors))
    spent = (processor_s(process) - before) / len(visitors)
    print(f"{'burst':<10}processor time a move until all have figures: {spent * 1e3:.0f} ms")
    return list(await asyncio.gather(*tasks))


def memory_mb(group: int) -> float:
    """Resident memory of a process group."""
    total = 0
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            if folder.name.isdigit() and os.getpgid(int(folder.name)) == group:
                lines = (folder / "status").read_text().splitlines()
                total += int(next(x for x in lines if x.startswith("VmRSS")).split()[1])
    return total / 1024


def processor_s(group: int) -> float:
    """Processor time of a process group so far, that of patient processes (event runs) left out."""
    total = 0
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            if folder.name.isdigit() and os.getpgid(int(folder.name)) == group:
                parts = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                total += 0 if int(parts[16]) > 0 else int(parts[11]) + int(parts[12])
    return total / os.sysconf("SC_CLK_TCK")


def told(name: str, found: list[tuple[float, float]]) -> None:
    """Two lines of the table."""
    for part, values in zip(("figures", "whole"), zip(*found, strict=True), strict=True):
        cut = statistics.quantiles(values, n=100)
        print(f"{name:<10}{part:<9}{len(values):>6}{cut[49] * 1e3:>9.0f}{cut[94] * 1e3:>9.0f}"
              f"{max(values) * 1e3:>9.0f}", flush=True)  # fmt: skip


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
        print(f"{'load':<10}{'to':<9}{'moves':>6}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
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
