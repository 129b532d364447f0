"""The fixtures that all tests share. Browser tests are synchronous; the others may be async.

A module has either tests with a browser or async tests: Playwright keeps a loop running.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Playwright, sync_playwright

from backend.database import Database, connect
from tests.browsers import Browser
from tests.live import DatabaseServer, LiveServerWithDatabase

# How long anything takes says nothing here: the machine may be busy with other work.
settings.register_profile("rekam", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rekam")


@pytest.fixture(scope="session")
def database_server() -> Generator[DatabaseServer]:
    """One PostgreSQL for the whole run."""
    server = DatabaseServer(os.environ.get("TEST_DATABASE_URL") or None)
    yield server
    server.stop()


@pytest.fixture
def database_url(database_server: DatabaseServer) -> Generator[str]:
    """The address of a fresh, migrated database."""
    url = database_server.create_database()
    yield url
    database_server.drop_database(url)


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    """A fresh, migrated database, connected."""
    connected = await connect(database_url)
    yield connected
    await connected.disconnect()


@pytest.fixture
def live_server(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Generator[LiveServerWithDatabase]:
    """The real server as a child process, started, on a database of its own."""
    server = LiveServerWithDatabase(database_url, tmp_path / "server.txt")
    server.start()
    yield server
    server.kill()
    if request.node.stash.get(FAILED, False):
        print(f"----- the server printed -----\n{server.output}")


@pytest.fixture(scope="module")
def playwright() -> Generator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def open_browser(playwright: Playwright, tmp_path: Path) -> Generator[Callable[..., Browser]]:
    """`open_browser("tablet", **options)`: a Chromium with a profile of that name.

    The options are those of Playwright's launch_persistent_context.
    """
    opened: list[Browser] = []

    def open_one(name: str = "browser", **options: Any) -> Browser:
        browser = Browser(playwright, tmp_path / name, options)
        opened.append(browser)
        return browser

    yield open_one
    for browser in opened:
        browser.close()


@pytest.fixture
def browser(open_browser: Callable[..., Browser]) -> Browser:
    return open_browser()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    del call
    if report.failed:
        item.stash[FAILED] = True
    return report
