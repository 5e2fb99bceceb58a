"""Visitors of the web page on its real websocket, and a server for them: for the load benchmarks.

A visitor does what a browser does: it takes over what the server draws, obeys the page's own timers
and sends back what a widget was set to.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parents[1]
STRIP = "chainsim_strip"
DONE = "script_finished"
WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY
PART = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
OPEN_S = 120.0


@dataclass
class Visitor:
    """One open page."""

    url: str
    page_name: str = "scheme"
    query: str = ""
    page: str = ""
    socket: websockets.ClientConnection | None = None
    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Key -> id of the widget and of the fragment it stands in."""
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    figures: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    part: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    toasts: int = 0
    ticks: list[float] = field(default_factory=list)
    """Seconds that the page's own timers took to be answered."""
    errors: list[str] = field(default_factory=list)

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

    async def move(self, key: str, value: float) -> tuple[float, float]:
        """Move a slider; returns seconds to the figures and to the end."""
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self.widgets[key][0]
        state.double_array_value.data.append(value)
        self.silence()
        self.figures.clear()
        self.finished.clear()
        begun = time.perf_counter()
        await self._send(message)
        await asyncio.wait_for(self.figures.wait(), OPEN_S)
        seen = time.perf_counter() - begun
        await asyncio.wait_for(self.finished.wait(), OPEN_S)
        return seen, time.perf_counter() - begun

    async def press(self, key: str, answer: asyncio.Event) -> float:
        """Press a button and wait for `answer`; returns seconds."""
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, message.rerun_script.fragment_id = self.widgets[key]
        state.trigger_value = True
        answer.clear()
        begun = time.perf_counter()
        await self._send(message)
        await asyncio.wait_for(answer.wait(), OPEN_S)
        return time.perf_counter() - begun

    async def close(self) -> None:
        """Leave."""
        self.silence()
        self._reader.cancel()
        if self.socket is not None:
            await self.socket.close()

    def silence(self) -> None:
        """Stop the page's timers, as a browser does when it asks for the whole page."""
        for timer in self.timers.values():
            timer.cancel()
        self.timers.clear()

    async def _send(self, message: BackMsg) -> None:
        assert self.socket is not None
        message.rerun_script.page_name = self.page_name
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.query_string = self.query
        host = self.url.removeprefix("ws://").partition("/")[0]
        message.rerun_script.context_info.url = f"http://{host}/{self.page_name}"
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
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "auto_rerun":
                name, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
                if name in self.timers:
                    self.timers[name].cancel()
                self.timers[name] = asyncio.create_task(self._tick(name, interval))
            elif kind == DONE and message.script_finished == WHOLE:
                self.finished.set()
            elif kind == DONE and message.script_finished == PART:
                self.part.set()

    def _element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind in ("slider", "button"):
            name = getattr(element, kind).id
            key = name.split("-", 2)[-1]
            self.widgets[key] = (name, message.delta.fragment_id)
        elif kind in ("toast", "alert"):
            self.toasts += kind == "toast"
            self.told.set()
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif element.bidi_component.component_name == STRIP:
            self.figures.set()

    async def _tick(self, name: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            message = BackMsg()
            message.rerun_script.fragment_id = name
            message.rerun_script.is_auto_rerun = True
            self.part.clear()
            begun = time.perf_counter()
            await self._send(message)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.part.wait(), OPEN_S)
                self.ticks.append(time.perf_counter() - begun)


@contextmanager
def server(**environment: str) -> Iterator[tuple[str, int]]:
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
            env={**os.environ, "CHAINSIM_SHARES": shares, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield f"ws://127.0.0.1:{port}/_stcore/stream", process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


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


def line(load: str, part: str, values: Sequence[float]) -> None:
    """A line of the table, in ms."""
    if len(values) < 2:
        print(f"{load:<10}{part:<12}{len(values):>6}", flush=True)
        return
    cut = statistics.quantiles(values, n=100)
    print(f"{load:<10}{part:<12}{len(values):>6}{cut[49] * 1e3:>9.0f}{cut[94] * 1e3:>9.0f}"
          f"{max(values) * 1e3:>9.0f}", flush=True)  # fmt: skip


def head() -> None:
    """The head of the table."""
    print(f"{'load':<10}{'to':<12}{'times':>6}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
