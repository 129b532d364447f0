"""What only the browser's `fetch` can show: requests that are begun, and awaited later or never."""

from __future__ import annotations

import socket
import time
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Playwright

from tests.journeys.proxy import CHUNK_BYTES, Relay
from tests.micropython import Micropython, PythonPage, open_micropython

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


PIECE, PIECES, PAUSE_SECONDS = b"x" * 10, 8, 0.4
TIMEOUT_MS = 1_500
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Dribble(Relay):
    """Passes on all but /api/slow, which it answers piece by piece, and /api/stuck, which it
    begins to answer."""

    def pass_on(self, client: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET /api/"):
            is_stuck = request.startswith(b"GET /api/stuck")
            client.sendall(HEAD % (PIECES * len(PIECE)))
            for _ in range(1 if is_stuck else PIECES):
                client.sendall(PIECE)
                time.sleep(PAUSE_SECONDS)
            if is_stuck:
                client.recv(1)  # until the other side gives up
            return
        with self.connect() as server:
            server.sendall(request)
            while chunk := server.recv(CHUNK_BYTES):
                client.sendall(chunk)


def test_what_arrives_piece_by_piece_may_take_long_and_silence_may_not(
    playwright: Playwright,
) -> None:
    with open_micropython(playwright) as micropython:
        link = Dribble(urlsplit(micropython.address).port or 0)
        page = Micropython(micropython.context, link.url + "/").open_page()
        source = """
async def main(timeout_ms):
    whole = await Fetch().begin("/api/slow", timeout_ms).text()
    try:
        await Fetch().begin("/api/stuck", timeout_ms).text()
    except Offline as failure:
        return [len(whole), str(failure)]
"""
        length, why = page.run(START + source, TIMEOUT_MS)
        link.close()
    assert PIECES * PAUSE_SECONDS * 1_000 > 2 * TIMEOUT_MS
    assert length == PIECES * len(PIECE)
    assert "nothing came for 1 s" in why
