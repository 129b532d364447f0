"""The pages that Rekam's start is compared with, served by a process that can be killed.

`plain` is the journey in plain JavaScript, `heavy` the same with as many more bytes of program as
Rekam has Python, and `pyodide` the journey with Pyodide, which npm installs into a folder that
git ignores. Each is a site of its own, with a service worker that holds its whole shell.
"""

from __future__ import annotations

import http.server
import json
import multiprocessing
import shutil
import subprocess
from functools import partial
from pathlib import Path

from backend import shell
from tests.live import find_free_port, is_listening, wait_until

BENCH = Path(__file__).parent
ROOT = BENCH.parent
PYODIDE = "pyodide@314.0.7"
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
START_SECONDS_MAX = 20
STYLES = ("/pwa/vendor/pico/pico.min.css", "/pwa/app.css", "/pwa/pages.css")
COMMON = (
    *STYLES,
    "/pwa/vendor/icons.svg",
    "/pwa/vendor/hash-wasm/argon2.umd.min.js",
    "/pwa/icons/rekam.svg",
    "/pwa/icons/rekam-192.png",
    "/manifest.json",
)
KINDS = ("plain", "heavy", "pyodide")
_FUNCTION = """export function part%d(given, names) {
  const found = names.filter((name) => given[name] !== undefined && given[name] !== "%d");
  if (found.length > %d) return found.map((name) => ({ name, text: String(given[name]) }));
  return { names: found, label: "part %d of a program that was not called", given };
}
"""


def install_pyodide() -> Path:
    folder = BENCH / "node_modules" / "pyodide"
    if not (folder / "pyodide.mjs").exists():
        npm = shutil.which("npm") or str(ROOT / ".venv" / "bin" / "npm")
        quiet = ("--no-save", "--no-package-lock", "--ignore-scripts", "--silent")
        subprocess.run([npm, "install", "--prefix", BENCH, *quiet, PYODIDE], check=True)
    return folder


def build_site(kind: str, folder: Path, lines: list[str]) -> None:
    """All files of one site, at the places where their addresses say."""
    folder.mkdir()
    for path in COMMON:
        _copy(shell.file_of(path), folder / path[1:])
    files = ["/", *COMMON, "/record.js", "/app.js"]
    _copy(BENCH / "pages" / "record.js", folder / "record.js")
    if kind == "pyodide":
        _copy(BENCH / "pages" / "pyodide.js", folder / "app.js")
        _copy(BENCH / "in_page" / "list.py", folder / "list.py")
        files.append("/list.py")
        installed = install_pyodide()
        # The list of packages is asked for at start: this page wants none.
        for name in (*PYODIDE_FILES, "pyodide-lock.json"):
            _copy(installed / name, folder / "pyodide" / name)
            files.append(f"/pyodide/{name}")
    else:
        _copy(BENCH / "pages" / "plain.js", folder / "app.js")
    if kind == "heavy":
        text = (folder / "app.js").read_text("utf-8")
        (folder / "app.js").write_text('import "/weight.js";\n' + text, "utf-8")
        (folder / "weight.js").write_text(_weight(_python_bytes()), "utf-8")
        files.append("/weight.js")
    (folder / "index.html").write_text(_page(), "utf-8")
    (folder / "directory.json").write_text(json.dumps(lines), "utf-8")
    worker = (BENCH / "pages" / "worker.js").read_text("utf-8").partition("\n")[2]
    listed = json.dumps({"version": "1", "files": files})
    (folder / "worker.js").write_text(f"const SHELL = {listed};\n{worker}", "utf-8")


def _page() -> str:
    """Rekam's own static page, with another program in it."""
    kept: list[str] = []
    for line in shell.INDEX.read_text("utf-8").splitlines():
        if "<script" in line:
            if "start.js" in line:
                kept.append('  <script type="module" src="/app.js"></script>')
        elif "py-config" not in line and "preload" not in line:
            kept.append(line)
    return "\n".join(kept)


def _python_bytes() -> int:
    return sum(shell.file_of(path).stat().st_size for path in shell.file_list()["python"])


def _weight(size: int) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) < size:
        at = len(parts)
        parts.append(_FUNCTION % (at, at, at, at))
    return "".join(parts)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = shell.MEDIA_TYPES | {"": "application/octet-stream"}

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not printed."""


def _serve(port: int, folder: Path) -> None:
    handler = partial(_Handler, directory=str(folder))
    http.server.ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()


class Site:
    """One site, served by a child."""

    def __init__(self, folder: Path) -> None:
        port = find_free_port()
        self.url = f"http://localhost:{port}"
        self._port = port
        self._process = multiprocessing.Process(target=_serve, args=(port, folder), daemon=True)
        self._process.start()
        wait_until(lambda: is_listening(port), "the site starts", START_SECONDS_MAX)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        wait_until(lambda: not is_listening(self._port), "the site ends", START_SECONDS_MAX)
