"""A new version of the app: offered, never forced, whole or not at all.

The shell is served here without its API, so that a file of it can change between two answers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Mount, Route

from backend import shell
from backend.security import SecurityHeaders
from tests.browsers import Browser
from tests.live import wait_until

STYLE = "/pwa/app.css"
START_MS_MAX = 60_000
NEW = "\n/* a new version */\n"


class ShellServer:
    """The app's files, of which the style sheet is a copy that a test may change."""

    def __init__(self, style: Path) -> None:
        self.style = style
        self.served = style
        routes = [
            Route("/", shell.index),
            Route("/sw.js", shell.service_worker),
            Route("/manifest.json", shell.manifest),
            Route("/pwa/python.json", shell.python_bundle),
            Route(STYLE, lambda _: FileResponse(self.served, media_type="text/css")),
            Mount("/pwa", shell.ShellFiles(directory=shell.PWA)),
        ]
        app = Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)])
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started, "the shell is served", 30)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://localhost:{port}/"

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@pytest.fixture
def shell_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShellServer]:
    style = tmp_path / "app.css"
    style.write_text((shell.PWA / "app.css").read_text("utf-8"), "utf-8")
    monkeypatch.setitem(shell.FILES_BY_PATH, STYLE, style)
    server = ShellServer(style)
    yield server
    server.close()


def open_app(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("html[data-ready]")).to_be_attached(timeout=START_MS_MAX)


def caches(page: Page) -> list[str]:
    return page.evaluate("() => caches.keys()")


def style_text(page: Page) -> str:
    return page.evaluate(f"() => fetch('{STYLE}').then((answer) => answer.text())")


def test_a_new_version_is_offered_again_until_it_is_taken(
    shell_server: ShellServer, browser: Browser
) -> None:
    page, bar = browser.page, browser.page.locator("#notice-version")
    open_app(page, shell_server.url)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    first = caches(page)
    open_app(page, shell_server.url)
    expect(bar).to_have_count(0)

    text = shell_server.style.read_text("utf-8")
    shell_server.style.write_text(text + NEW, "utf-8")
    open_app(page, shell_server.url)
    expect(bar).to_be_visible(timeout=START_MS_MAX)
    assert len(caches(page)) == 2
    open_app(page, shell_server.url)
    expect(bar).to_be_visible(timeout=START_MS_MAX)
    assert NEW not in style_text(page)

    with page.expect_navigation():
        bar.get_by_role("button").click()
    expect(page.locator("html[data-ready]")).to_be_attached(timeout=START_MS_MAX)
    expect(bar).to_have_count(0)
    wait_until(lambda: len(caches(page)) == 1, "the old cache is removed", 30)
    assert caches(page) != first
    assert NEW in style_text(page)


def test_a_shell_with_a_file_of_another_version_is_not_taken(
    shell_server: ShellServer, browser: Browser, tmp_path: Path
) -> None:
    page = browser.page
    open_app(page, shell_server.url)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    first = caches(page)
    # The server's list says one thing, and a server behind it still sends another.
    stale = tmp_path / "stale.css"
    stale.write_text("body { color: red; }", "utf-8")
    shell_server.served = stale
    shell_server.style.write_text(shell_server.style.read_text("utf-8") + NEW, "utf-8")
    open_app(page, shell_server.url)
    page.wait_for_timeout(2_000)
    expect(page.locator("#notice-version")).to_have_count(0)
    assert caches(page) == first
    assert "color: red" not in style_text(page)


def test_a_start_that_hangs_says_so_with_a_way_on(
    shell_server: ShellServer, browser: Browser
) -> None:
    page = browser.page
    page.route("**/pwa/python.json", lambda _: None)
    page.goto(shell_server.url, wait_until="commit")
    expect(page.locator("html[data-trouble]")).to_be_attached(timeout=25_000)
    expect(page.locator("#trouble-reload")).to_be_visible()


def test_a_start_that_crashes_says_so_at_once(shell_server: ShellServer, browser: Browser) -> None:
    page = browser.page
    page.route("**/pwa/py/main.py", lambda route: route.fulfill(body="import nothing_of_the_kind"))
    page.goto(shell_server.url)
    expect(page.locator("html[data-trouble]")).to_be_attached(timeout=15_000)
    expect(page.locator("#trouble-detail")).to_contain_text("nothing_of_the_kind")
