"""A server of the page and a real browser; skipped where there is no chromium, except in CI."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.arch.law import ROOT

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_S = 60.0
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a page that runs for this session."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "from chainsim.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "app", "--no-browser", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _await(f"{address}/_stcore/health")
        yield address
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def _await(url: str) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the machine has it."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("no chromium here")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@dataclass
class Visit:
    """An open page and what happened while it was."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def visit(server: str, browser: Browser) -> Iterator[object]:
    """Opens the page at a width and with a query; checks at the end that nothing went wrong."""
    visits = []

    def open_(query: str = "", width: int = 1366, height: int = 900) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        page = context.new_page()
        done = Visit(page)
        own = (server, server.replace("http", "ws"), "data:", "blob:")
        page.on(
            "request", lambda r: done.outside.append(r.url) if not r.url.startswith(own) else None
        )
        page.on("pageerror", lambda e: done.errors.append(str(e)))
        page.on("console", lambda m: done.errors.append(m.text) if m.type == "error" else None)
        page.goto(f"{server}/{query}")
        page.get_by_test_id("stMetricValue").first.wait_for(timeout=90_000)
        page.locator("[data-test-script-state='notRunning']").wait_for(timeout=90_000)
        page.get_by_test_id("stVegaLiteChart").last.locator("canvas,svg").first.wait_for()
        visits.append(done)
        return done

    yield open_
    for done in visits:
        assert done.outside == []
        assert done.errors == []
        done.page.context.close()
