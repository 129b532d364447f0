"""How the app starts: early typing is kept, a failed start says so, and all of it is served.

A start is held half way by not answering for one of its files; without a service worker every
start asks for every file.
"""

from __future__ import annotations

import base64
import http.client
import json
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from backend import bytecode
from backend.settings import ROOT
from tests.browsers import Browser
from tests.journeys.tablets import START_MS_MAX, Tablet
from tests.live import DatabaseServer, LiveServerWithDatabase

LISTED: dict[str, Any] = json.loads((ROOT / "pwa" / "app.json").read_text("utf-8"))
BUNDLE = "**/pwa/python.json"
CORE = "**/pwa/vendor/pyscript/core.js"
WASM = "**/pwa/vendor/micropython/micropython.wasm"
WATCHDOG_MS = 20_000
POLL_MS = 50
POLLS_MAX = 400
USERNAME = "bidan.ayu"

Fault = Callable[[Route], None]


class Held:
    """A file of which the browser has no answer until a test gives one."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        self._answer: Fault | None = None
        page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        if self._answer is not None:
            self._answer(route)
        else:
            self._routes.append(route)

    def answer(self, fault: Fault) -> None:
        """What is held, and whatever is asked for later: a preload that failed is asked for anew
        by the script that needs it, if it comes after the failure."""
        self._answer = fault
        for route in self._routes:
            fault(route)

    def let_later_ones_pass(self) -> None:
        """What is held stays so: taking the route away would let it go on."""
        self._answer = lambda route: route.continue_()

    def take(self) -> Route:
        """The request, once it has come."""
        for _ in range(POLLS_MAX):
            if self._routes:
                return self._routes[0]
            self._page.wait_for_timeout(POLL_MS)
        raise AssertionError("the file was not asked for")


@pytest.fixture(scope="module")
def live_server(
    database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServerWithDatabase]:
    """One for the whole file: nothing here is written to it."""
    url = database_server.create_database()
    server = LiveServerWithDatabase(url, tmp_path_factory.mktemp("start") / "server.txt")
    server.start()
    yield server
    server.kill()
    database_server.drop_database(url)


@pytest.fixture
def tablet(open_browser: Callable[..., Browser], live_server: LiveServerWithDatabase) -> Tablet:
    return Tablet(open_browser("tablet", service_workers="block"), live_server.url)


def go(tablet: Tablet) -> None:
    """Asks for the page, and does not wait for what belongs to it."""
    tablet.page.goto(tablet.url, wait_until="commit")


def with_python(path: str, added: str) -> Fault:
    """The bundle of all Python, with something added to one file."""

    def answer(route: Route) -> None:
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder) / "changed.py"
            changed.write_text((ROOT / path).read_text("utf-8") + added, "utf-8")
            code = bytecode.compile_file(changed, path)
        with_bytecode(path, code)(route)

    return answer


def with_bytecode(path: str, code: bytes) -> Fault:
    def answer(route: Route) -> None:
        codes = route.fetch().json()
        place = path.replace(".py", ".mpy")
        assert place in codes
        codes[place] = base64.b64encode(code).decode()
        route.fulfill(json=codes)

    return answer


def expect_trouble(page: Page, milliseconds: int) -> None:
    """The message can be seen and its button pressed; nothing that was typed is gone."""
    trouble = page.locator("#trouble")
    expect(trouble).to_have_css("opacity", "1", timeout=milliseconds)
    expect(trouble).to_contain_text("Rekam belum berhasil dibuka")
    expect(trouble).to_contain_text("tidak hilang")
    expect(page.locator("#unlock-form")).to_be_visible()
    expect(page.locator("#username")).to_have_value(USERNAME)


def expect_way_on(tablet: Tablet, held: Held) -> None:
    """With the fault gone, the button of the message is all it takes."""
    held.let_later_ones_pass()
    with tablet.page.expect_navigation():
        tablet.page.locator("#trouble-reload").click()
    tablet.wait_until_ready()
    expect(tablet.page.locator("#trouble")).to_be_hidden()


CRASHES: dict[str, tuple[str, Fault, str]] = {
    "the Python of a page was compiled for another interpreter": (
        BUNDLE,
        with_bytecode("pwa/py/ui/words.py", b"M\x05\x00\x1f"),
        "incompatible .mpy file",
    ),
    "a module raises while it is imported": (
        BUNDLE,
        with_python("pwa/py/ui/app.py", '\nraise ValueError("rusak")\n'),
        "ValueError: rusak",
    ),
    "the first coroutine raises": (
        BUNDLE,
        with_python(
            "pwa/py/store/indexeddb.py",
            '\nasync def open_store(*_):\n    raise ValueError("rusak")\n',
        ),
        "ValueError: rusak",
    ),
    "all Python ends half way": (
        BUNDLE,
        lambda route: route.fulfill(body='{"pwa/py/main.mpy": "TQYf'),
        "JSON",
    ),
    "the server has no Python": (BUNDLE, lambda route: route.fulfill(status=503), "503"),
    "PyScript is missing": (CORE, lambda route: route.fulfill(status=404), ""),
    "PyScript is broken": (CORE, lambda route: route.fulfill(body="export {"), ""),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_start_that_crashes_says_so_and_offers_to_reload(tablet: Tablet, name: str) -> None:
    pattern, fault, detail = CRASHES[name]
    held = Held(tablet.page, pattern)
    go(tablet)
    held.take()
    tablet.page.locator("#username").fill(USERNAME)
    held.answer(fault)
    expect_trouble(tablet.page, WATCHDOG_MS // 2)
    expect(tablet.page.locator("#trouble-detail")).to_contain_text(detail)
    expect_way_on(tablet, held)


def test_a_start_that_never_ends_says_so_after_twenty_seconds(tablet: Tablet) -> None:
    held = Held(tablet.page, WASM)
    go(tablet)
    held.take()
    tablet.page.locator("#username").fill(USERNAME)
    expect(tablet.page.locator("#trouble")).to_have_css("opacity", "0")
    expect_trouble(tablet.page, WATCHDOG_MS * 2)
    expect_way_on(tablet, held)


def test_without_the_script_that_watches_the_message_still_comes(tablet: Tablet) -> None:
    """The style sheet alone shows it: the page's script did not arrive, or its thread hangs."""
    held = Held(tablet.page, "**/pwa/start.js")
    go(tablet)
    tablet.page.locator("#username").fill(USERNAME)
    held.take().fulfill(status=404)
    expect_trouble(tablet.page, WATCHDOG_MS * 2)
    expect_way_on(tablet, held)


def test_what_is_typed_before_python_is_there_is_kept_and_typing_goes_on(
    tablet: Tablet, live_server: LiveServerWithDatabase
) -> None:
    page, password = tablet.page, live_server.password
    held = Held(page, WASM)
    go(tablet)
    route = held.take()
    page.locator("#username").fill(live_server.username)
    page.locator("#password").press_sequentially(password[:5])
    assert page.locator("html[data-ready]").count() == 0
    route.continue_()
    # Whoever types does not look at the screen: the second half comes while Python starts.
    page.keyboard.type(password[5:], delay=60)
    tablet.wait_until_ready()
    expect(page.locator("#username")).to_have_value(live_server.username)
    expect(page.locator("#password")).to_have_value(password)
    page.keyboard.press("Enter")
    expect(page.locator("#lock")).to_be_visible(timeout=START_MS_MAX)
    assert tablet.errors == []


def test_a_form_sent_before_python_is_there_is_carried_out_by_it(
    tablet: Tablet, live_server: LiveServerWithDatabase
) -> None:
    page = tablet.page
    held = Held(page, WASM)
    go(tablet)
    route = held.take()
    tablet.unlock(live_server.username, live_server.password)
    page.wait_for_timeout(POLL_MS)
    assert page.url == tablet.url + "/", "nothing typed stands in an address"
    expect(page.locator("#password")).to_have_value(live_server.password)
    route.continue_()
    expect(page.locator("#lock")).to_be_visible(timeout=START_MS_MAX)
    assert tablet.errors == []


def test_the_app_can_be_installed(live_server: LiveServerWithDatabase, browser: Browser) -> None:
    tablet = Tablet(browser, live_server.url)
    tablet.open()
    tablet.wait_for_worker()
    session = browser.context.new_cdp_session(tablet.page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    for icon in json.loads(manifest["data"])["icons"]:
        status, headers, body = ask(live_server, icon["src"])
        assert (status, headers["content-type"]) == (200, icon["type"]), icon
        if icon["sizes"] != "any":
            assert "{}x{}".format(*struct.unpack(">II", body[16:24])) == icon["sizes"], icon


# --- what the server gives out ---------------------------------------------------------------

TYPES = {
    "/": "text/html; charset=utf-8",
    "/manifest.json": "application/manifest+json",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "mjs": "text/javascript; charset=utf-8",
    "png": "image/png",
    "py": "text/plain; charset=utf-8",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
}
PRIVATE = (
    "/server.py",
    "/sw.py",
    "/backend/sync.py",
    "/backend/",
    "/migrations/0001_foundation.sql",
    "/tests/conftest.py",
    "/.git/HEAD",
    "/.venv/pyvenv.cfg",
    "/pyproject.toml",
    "/pwa/",
    "/pwa/py/",
    "/pwa/../server.py",
    "/pwa/%2e%2e/server.py",
    "/pwa/..%2fserver.py",
    "/pwa/%2e%2e%2f.git/HEAD",
    "/pwa/..%5cserver.py",
    "/pwa/py/../../../server.py",
    "//server.py",
    "/pwa//etc/passwd",
    "/pwa/vendor/%00.js",
)


def ask(server: LiveServerWithDatabase, path: str) -> tuple[int, dict[str, str], bytes]:
    """GET with the path as it stands: clients of more comfort would tidy it up."""
    connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read()
    finally:
        connection.close()


def test_every_file_of_the_list_is_served_with_its_type(
    live_server: LiveServerWithDatabase,
) -> None:
    paths = [*LISTED["shell"], *LISTED["python"], "/sw.js"]
    assert len(paths) > len(LISTED["shell"]) > 0
    for path in paths:
        status, headers, body = ask(live_server, path)
        wanted = TYPES.get(path) or TYPES[path.rpartition(".")[2]]
        assert (status, headers.get("content-type")) == (200, wanted), path
        assert body or path.endswith("__.py"), path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] == "no-cache", path


@pytest.mark.parametrize("path", ["/", "/sw.js"])
def test_the_page_and_its_worker_have_the_security_headers(
    live_server: LiveServerWithDatabase, path: str
) -> None:
    _, headers, _ = ask(live_server, path)
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=(self)" in headers["permissions-policy"]


def test_nothing_but_the_app_is_served(live_server: LiveServerWithDatabase) -> None:
    answers = {path: ask(live_server, path)[0] for path in PRIVATE}
    assert answers == dict.fromkeys(PRIVATE, 404)
