"""PouchDB and RxDB, installed by npm into a folder that git ignores."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.live import find_free_port, is_listening, wait_until

BENCH = Path(__file__).parent
ROOT = BENCH.parent
MODULES = BENCH / "node_modules"
PAGES = BENCH / "pages"
RXDB = "rxdb"
POUCHDB = "pouchdb"
START_SECONDS_MAX = 60


def install() -> None:
    """What bench/package-lock.json names; LevelDB's binding comes ready made."""
    if (MODULES / "rxdb").exists():
        return
    npm = shutil.which("npm") or str(ROOT / ".venv" / "bin" / "npm")
    quiet = ("--no-audit", "--no-fund", "--silent")
    subprocess.run([npm, "ci", "--prefix", BENCH, "--ignore-scripts", *quiet], check=True)


def build_rxdb(folder: Path) -> None:
    """The page's script with all it imports, as one module."""
    install()
    command = [MODULES / ".bin" / "esbuild", PAGES / "rxdb.js", "--bundle", "--format=esm"]
    quiet = ["--minify", "--log-level=warning", f"--outfile={folder / 'rxdb.js'}"]
    subprocess.run([*command, *quiet], check=True)


@contextmanager
def serve_pouchdb(work: Path) -> Generator[str]:
    install()
    port = find_free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
        process = subprocess.Popen(
            ["node", PAGES / "pouchdb_server.cjs", str(port), str(work), data],
            cwd=BENCH,
        )
        try:
            wait_until(lambda: is_listening(port), "PouchDB's server starts", START_SECONDS_MAX)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait()


def read_bytes(url: str) -> tuple[int, int]:
    with urllib.request.urlopen(url + "/bench/bytes") as answer:
        counted = json.load(answer)
    return counted["up"], counted["down"]
