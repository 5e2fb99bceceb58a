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
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

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
WAIT_MS = 90_000
# A loaded machine is slow, which is no mistake of the page.
expect.set_options(timeout=30_000)
PATIENCE = 30
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page that runs for this session."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "from chainsim.cli import main; main()"
    shares = tmp_path_factory.mktemp("shares")
    process = subprocess.Popen(
        [sys.executable, "-c", code, "app", "--no-browser", "--port", str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "CHAINSIM_SHARES": str(shares),
            "CHAINSIM_DB": f"sqlite:///{shares / 'rooms.sqlite'}",
        },
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
    address: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def settled(self) -> None:
        """Wait until the script has run and the page has drawn it."""
        self.page.wait_for_timeout(250)
        self.page.locator("[data-test-script-state='notRunning']").wait_for(timeout=WAIT_MS)

    def fits(self, where: str = "") -> None:
        """Fail unless the page comes to be no wider than the screen."""
        main = self.page.get_by_test_id("stMainBlockContainer")
        wide = 1
        for _ in range(PATIENCE):
            wide = int(main.evaluate("x => x.scrollWidth - x.clientWidth"))
            if wide <= 0:
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"{wide} px too wide {where}")

    def figures(self) -> list[str]:
        """Texts of the strip's cards, a line for each part."""
        # Not the inner text: of a strip that is not drawn yet it has no lines.
        return self.page.locator(".strip li").evaluate_all(
            "all => all.map(li => [...li.children].map(part => part.textContent).join('\\n'))"
        )


def _told(visit: Visit, response: Response) -> None:
    # On a page below the root the frontend first asks where the server's root is.
    probe = response.url.endswith(("/_stcore/health", "/_stcore/host-config"))
    if response.status >= 400 and not probe:
        visit.errors.append(f"{response.status} {response.url}")


@pytest.fixture
def visit(server: str, browser: Browser) -> Iterator[object]:
    """Opens a page at a width; checks at the end that nothing went wrong or went outside."""
    visits: list[Visit] = []

    def open_(path: str = "", width: int = 1366, height: int = 900) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True
        )
        page = context.new_page()
        done = Visit(page, server)
        own = (server, server.replace("http", "ws"), "data:", "blob:")
        page.on(
            "request", lambda r: done.outside.append(r.url) if not r.url.startswith(own) else None
        )
        page.on("pageerror", lambda e: done.errors.append(str(e)))
        page.on("response", lambda r: _told(done, r))
        page.on(
            "console",
            lambda m: (
                done.errors.append(m.text)
                if m.type == "error" and "status of 404" not in m.text
                else None
            ),
        )
        page.goto(f"{server}/{path}")
        page.get_by_test_id("stMainBlockContainer").wait_for(timeout=WAIT_MS)
        page.get_by_test_id("stMain").locator("h1, .strip").first.wait_for(timeout=WAIT_MS)
        done.settled()
        visits.append(done)
        return done

    yield open_
    for done in visits:
        assert done.outside == []
        assert done.errors == []
        assert done.page.get_by_test_id("stException").count() == 0
        done.page.context.close()
