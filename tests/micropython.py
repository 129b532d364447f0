"""Runs Python in MicroPython, in a page, in Chromium: as the app does, without the app.

    with open_micropython(playwright) as micropython:
        page = micropython.open_page()
        page.run("async def main(argument): return argument + 1", 41)

All of pwa/py and tests can be imported in the page. What `main` is given and returns is JSON.
Pages of one `Micropython` are tabs of one browser profile. The headers are as strict as ours.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.browsers import launch_options

ROOT = Path(__file__).parent.parent
START_SECONDS_MAX = 60
RUN_MS_MAX = 120_000
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".py": "text/plain; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
}
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
    "style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
)
PLUGINS = ("codemirror", "deprecations-manager", "donkey", "error", "py-editor", "py-game")
CONFIGURATION = {
    "interpreter": "/pwa/vendor/micropython/micropython.mjs",
    "plugins": [f"!{name}" for name in (*PLUGINS, "py-terminal")],
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>MicroPython</title>
<script type="module" src="/start.js"></script>
<script type="mpy" src="/main.py" config="/app.json"></script></head><body></body></html>
"""
START = """import { hooks } from "/pwa/vendor/pyscript/core.js";
hooks.worker.onBeforeRunAsync.clear();
const sources = fetch("/python.json").then((answer) => answer.json());
hooks.main.onReady.add(async ({ interpreter: { FS } }) => {
  for (const [path, text] of Object.entries(await sources)) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")) || ".");
    FS.writeFile(path, text);
  }
});
"""
MAIN = """import gc
import js
from pwa.py.domain import json_text

# As pwa/start.js does.
gc.threshold(16 * 1024 * 1024)

async def run(source, argument):
    scope = {"__name__": "micropython_test"}
    exec(source, scope)
    return json_text.dumps(await scope["main"](json_text.loads(argument)))

js.globalThis.runPython = run
"""
# What JavaScript throws into MicroPython ends the run without an answer: it is seen as an error
# of the window, and told here in the run's place.
BEGIN = """([source, argument, ms]) => {
  globalThis.running = new Promise((resolve, reject) => {
    const end = new AbortController();
    const settle = (how) => (value) => { end.abort(); clearTimeout(timer); how(value); };
    const fail = settle(reject);
    const timer = setTimeout(() => fail(new Error(`no answer after ${ms} ms`)), ms);
    addEventListener("error", (event) => fail(event.error), { signal: end.signal });
    globalThis.runPython(source, argument).then(settle(resolve), fail);
  });
  globalThis.running.catch(() => {}); // told by whoever waits for it
}"""


class PythonFailure(Exception):
    """What the Python in the page raised, with its traceback."""


class PythonPage:
    """A page with MicroPython running in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.printed: list[str] = []
        page.on("console", lambda message: self.printed.append(message.text))
        page.goto(address)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not page.evaluate("'runPython' in globalThis"):
            assert time.monotonic() < deadline, "\n".join(self.printed)
            page.wait_for_timeout(20)

    def run(self, source: str, argument: Any = None, ms_max: int = RUN_MS_MAX) -> Any:
        """What `async def main(argument)` of the source returns."""
        self.begin(source, argument, ms_max)
        return self.finish()

    def begin(self, source: str, argument: Any = None, ms_max: int = RUN_MS_MAX) -> None:
        """Starts a run, and goes on while it runs."""
        self.page.evaluate(BEGIN, [source, json.dumps(argument), ms_max])

    def finish(self) -> Any:
        """What the run that was begun returns."""
        try:
            return json.loads(self.page.evaluate("globalThis.running"))
        except Error as error:
            raise PythonFailure(error.message) from None


class Micropython:
    """One browser profile."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address

    def open_page(self) -> PythonPage:
        return PythonPage(self.context.new_page(), self.address)

    def new_profile(self) -> Micropython:
        browser = self.context.browser
        assert browser is not None, "launched without a profile of its own"
        return Micropython(browser.new_context(), self.address)


@contextmanager
def open_micropython(playwright: Playwright) -> Generator[Micropython]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    browser = playwright.chromium.launch(**launch_options())
    try:
        address = f"http://127.0.0.1:{server.server_port}/"
        yield Micropython(browser.new_context(), address)
    finally:
        browser.close()
        server.shutdown()
        server.server_close()
        thread.join()


class _Files(BaseHTTPRequestHandler):
    """The page, and the repository's /pwa."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        made = {
            "/": (".html", PAGE),
            "/start.js": (".js", START),
            "/main.py": (".py", MAIN),
            "/app.json": (".json", json.dumps(CONFIGURATION)),
        }
        if path in made:
            ending, text = made[path]
            self._answer(200, ending, text.encode())
        elif path == "/python.json":
            self._answer(200, ".json", json.dumps(python_files()).encode())
        else:
            self._answer_file(path)

    def _answer_file(self, path: str) -> None:
        file = (ROOT / path[1:]).resolve()
        if file.is_relative_to(ROOT / "pwa") and file.suffix in MEDIA_TYPES and file.is_file():
            self._answer(200, file.suffix, file.read_bytes())
        else:
            self._answer(404, ".html", b"")

    def _answer(self, status: int, ending: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", MEDIA_TYPES[ending])
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not printed."""


def python_files() -> dict[str, str]:
    """{where MicroPython finds it: its text}, of all that a run may import."""
    files: dict[str, str] = {}
    for folder in ("pwa/py", "tests"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT)
            place = path.name if path.parent.name == "shims" else path.as_posix()
            files[place] = file.read_text(encoding="utf-8")
    return files
