"""The clinic under test: the real server with its own PostgreSQL, and tablets that get killed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Playwright, expect

from backend import keeper
from backend.postgres import EmbeddedPostgres
from tests import browsers
from tests.journeys.tablets import START_MS_MAX, SYNC_MS_MAX, Tablet
from tests.live import LiveServer, fetch_rows, run

WORKERS = "2"

# How often somebody asks for an exchange, and how long is waited each time.
SETTLE_ASKS_MAX = 12
SETTLE_MS = 5_000


class Server(LiveServer):
    """`server.py serve` as a clinic runs it: several workers, and the embedded PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        environment = {"REKAM_DATA": str(self.data), "WEB_CONCURRENCY": WORKERS}
        super().__init__(environment, folder / "server.txt")

    def kill_database(self) -> None:
        """SIGKILL to PostgreSQL's first process, found as its keeper finds it."""
        cluster = self.data / "postgres"
        process = keeper.recorded_process(cluster)
        if process is not None and keeper.runs_in(process, cluster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        with EmbeddedPostgres(self.data) as postgres:
            return run(fetch_rows(postgres.url(), statement, arguments))


class FaultyTablet(Tablet):
    """A tablet whose browser may be killed from another thread while Playwright drives it."""

    def __init__(
        self, name: str, playwright: Playwright, folder: Path, url: str, server: Server
    ) -> None:
        self.name = name
        self.profile = folder / name
        self.server = server
        super().__init__(browsers.Browser(playwright, self.profile, {}), url)

    def kill_processes(self) -> None:
        for process in browsers.find_processes(self.profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def is_alive(self) -> bool:
        if not browsers.find_processes(self.profile):
            return False
        try:
            return bool(self.page.title())
        except (Error, IndexError):
            return False

    def come_back(self) -> None:
        """Starts the browser again where it was killed, and unlocks; with or without a server."""
        if not self.is_alive():
            with contextlib.suppress(Error):
                self.browser.kill()
            self.browser.start()
        if not self.page.url.startswith(self.url):
            self.open()
        if self.page.locator("#lock").count() == 0:
            self.enter(self.server.username, self.server.password)

    def what_it_shows(self) -> str:
        """For a report of what went wrong."""
        try:
            return f"{self.name} {self.page.url}\n{self.page.locator('body').inner_text()}"
        except (Error, IndexError) as error:
            return f"{self.name} {error}"

    def settle(self) -> None:
        """Asks for an exchange until the page says that everything is on the server."""
        self.page.goto(self.url + "/#/sync")
        expect(self.page.locator("#send-now")).to_be_visible(timeout=START_MS_MAX)
        for _ in range(SETTLE_ASKS_MAX):
            # After many failures the tablet itself asks once a minute, and PostgreSQL may have
            # been killed a moment ago.
            self.page.locator("#send-now").click()
            with contextlib.suppress(AssertionError):
                expect(self.page.locator(".badge-synced")).to_be_visible(timeout=SETTLE_MS)
                break
        self.wait_until_all_on_server()

    def shows(self, patient: str, name: str, reasons: list[str]) -> None:
        """The chart shows these visits, by their reasons, and no others."""
        self.open_chart(patient)
        expect(self.page.locator(".banner")).to_contain_text(name)
        headings = self.page.locator("li.encounter h3")
        while (count := headings.count()) < len(reasons):
            self.page.locator("#more").click()
            expect(headings).not_to_have_count(count)
        expect(headings).to_have_count(len(reasons))
        shown = [text.strip() for text in headings.all_inner_texts()]
        assert sorted(shown) == sorted(reasons), (self.name, patient)


def later(seconds: float, call: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    return timer


__all__ = ["SYNC_MS_MAX", "FaultyTablet", "Server", "later"]
