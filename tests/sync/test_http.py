"""What only the browser's `fetch` can show: requests that are begun, and awaited later or never."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Playwright

from tests.micropython import PythonPage, open_micropython

START = """
import js
from pwa.py.domain.failures import Offline
from pwa.py.sync.http import Fetch

async def pause(ms):
    await js.Promise.new(lambda resolve, *_: js.setTimeout(resolve, ms))
"""


@pytest.fixture(scope="module")
def python_page(playwright: Playwright) -> Generator[PythonPage]:
    with open_micropython(playwright) as micropython:
        yield micropython.open_page()


def test_a_request_is_under_way_before_anybody_waits_for_it(python_page: PythonPage) -> None:
    asked: list[str] = []
    python_page.page.route(
        "**/api/begun",
        lambda route: (asked.append(route.request.url), route.fulfill(json={"of": "Rekam"})),
    )
    source = """
async def main(_):
    begun = Fetch().begin("/api/begun")
    entries = []
    while not entries:
        await pause(20)
        entries = [one.name for one in js.performance.getEntriesByType("resource")]
        entries = [name for name in entries if name.endswith("/api/begun")]
    return await begun.text()
"""
    assert "Rekam" in python_page.run(START + source)
    assert len(asked) == 1


def test_what_nobody_waits_for_is_aborted_and_fails_in_silence(python_page: PythonPage) -> None:
    page, told, failed = python_page.page, list[str](), list[str]()
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text))
    page.on("requestfailed", lambda request: failed.append(str(request.failure)))
    # Never answered; cut; and one whose failure somebody does want to know.
    page.route("**/api/held", lambda route: None)
    page.route("**/api/cut", lambda route: route.abort("connectionreset"))
    source = """
async def main(_):
    held, cut = Fetch().begin("/api/held"), Fetch().begin("/api/cut")
    await pause(200)
    held.let_go()
    cut.let_go()
    try:
        await Fetch().begin("/api/cut").text()
    except Offline:
        await pause(200)
        return "offline"
"""
    assert python_page.run(START + source) == "offline"
    assert "net::ERR_ABORTED" in failed
    assert failed.count("net::ERR_CONNECTION_RESET") == 2
    assert [text for text in told if "ERR_CONNECTION_RESET" not in text] == []
