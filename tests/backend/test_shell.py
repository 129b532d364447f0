"""The app's files: their types, what is not served, and the version of the shell."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from backend import shell
from backend.database import Database
from backend.errors import Failure
from tests.backend.clinics import client_of


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small app in a folder of its own."""
    pwa = tmp_path / "pwa"
    pwa.mkdir()
    (tmp_path / "sw.js").write_text('const SHELL = {"version": "x", "files": []};\nrest();\n')
    (tmp_path / "manifest.json").write_text("{}")
    (pwa / "index.html").write_text("<!doctype html>")
    (pwa / "app.css").write_text("body {}")
    (pwa / "main.py").write_text("# é\n")
    listed = {
        "python": {"/pwa/main.py": "./main.py"},
        "shell": ["/", "/manifest.json", "/pwa/app.css"],
    }
    (pwa / "app.json").write_text(json.dumps(listed))
    for name, path in {
        "ROOT": tmp_path,
        "PWA": pwa,
        "WORKER": tmp_path / "sw.js",
        "MANIFEST": tmp_path / "manifest.json",
        "FILE_LIST": pwa / "app.json",
        "FILES_BY_PATH": {"/": pwa / "index.html", "/manifest.json": tmp_path / "manifest.json"},
        "_hashed": {},
    }.items():
        monkeypatch.setattr(shell, name, path)
    return tmp_path


def shell_of(text: str) -> dict[str, Any]:
    first_line = text.split("\n")[0]
    return json.loads(first_line.removeprefix("const SHELL = ").removesuffix(";"))


def test_the_worker_lists_every_file_with_its_hash(tree: Path) -> None:
    found = shell_of(shell.worker_text())
    assert [path for path, _ in found["files"]] == [
        "/",
        "/manifest.json",
        "/pwa/app.css",
        "/pwa/python.json",
    ]
    digest = base64.b64encode(hashlib.sha256(b"body {}").digest()).decode()
    assert ["/pwa/app.css", f"sha256-{digest}"] in found["files"]
    assert shell.worker_text().endswith("\nrest();\n")


@pytest.mark.parametrize("file", ["pwa/app.css", "pwa/main.py", "pwa/index.html", "sw.js"])
def test_a_changed_file_is_a_new_version(tree: Path, file: str) -> None:
    before = shell_of(shell.worker_text())["version"]
    assert shell_of(shell.worker_text())["version"] == before
    path = tree / file
    path.write_text(path.read_text() + ("more = 1" if file.endswith(".py") else "/* more */"))
    assert shell_of(shell.worker_text())["version"] != before


def test_the_bundle_holds_the_compiled_python_where_it_belongs(tree: Path) -> None:
    codes = json.loads(shell.bundle_bytes())
    assert list(codes) == ["main.mpy"]
    assert base64.b64decode(codes["main.mpy"]).startswith(b"M\x06")


def test_python_that_cannot_be_compiled_makes_no_shell(tree: Path) -> None:
    (tree / "pwa" / "main.py").write_text("def say(:\n")
    with pytest.raises(Failure, match="SyntaxError"):
        shell.bundle_bytes()


def test_what_the_page_fetches_ahead_is_in_the_shell() -> None:
    fetched = re.findall(r'rel="(?:module)?preload".* href="([^"]+)"', shell.INDEX.read_text())
    assert len(fetched) > 0
    assert set(fetched) <= set(shell.shell_paths())


def test_missing_files_are_named(tree: Path) -> None:
    assert shell.missing_files() == []
    (tree / "pwa" / "main.py").unlink()
    assert shell.missing_files() == ["/pwa/main.py"]


async def test_an_incomplete_shell_has_no_worker(tree: Path, database: Database) -> None:
    (tree / "pwa" / "app.css").unlink()
    async with client_of(database) as client:
        assert (await client.get("/sw.js")).status_code == 503


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/manifest.json", "application/manifest+json"),
        ("/pwa/py/domain/merge.py", "text/plain; charset=utf-8"),
        ("/pwa/start.js", "text/javascript; charset=utf-8"),
    ],
)
async def test_files_have_their_type(database: Database, path: str, media_type: str) -> None:
    async with client_of(database) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type


async def test_every_kind_of_file_in_the_app_has_a_type(
    tree: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = shell.ShellFiles(directory=tree / "pwa")
    for suffix, media_type in shell.MEDIA_TYPES.items():
        (tree / "pwa" / f"x{suffix}").write_bytes(b"{}")
        scope = {"type": "http", "method": "GET", "headers": []}
        answer = await files.get_response(f"x{suffix}", scope)
        assert answer.headers["content-type"] == media_type


@pytest.mark.parametrize(
    "path",
    [
        "/server.py",
        "/backend/sync.py",
        "/migrations/0001_foundation.sql",
        "/.git/config",
        "/pwa/../server.py",
        "/pwa/%2e%2e/server.py",
        "/pwa/..%2fserver.py",
        "/pwa//etc/passwd",
        "/pwa/py/domain/__pycache__/merge.cpython-311.pyc",
        "/pwa/py",
        "/pwa/",
    ],
)
async def test_nothing_outside_the_app_is_served(database: Database, path: str) -> None:
    async with client_of(database) as client:
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("part", ["bytes=0-5", "bytes=9-2,abc", "bytes=99999999-", "x"])
async def test_a_file_is_always_sent_whole(database: Database, part: str) -> None:
    async with client_of(database) as client:
        for path in ("/", "/manifest.json", "/pwa/start.js"):
            whole = await client.get(path)
            answer = await client.get(path, headers={"range": part})
            assert (answer.status_code, answer.content) == (200, whole.content), path


async def test_an_unchanged_file_is_not_sent_again(database: Database) -> None:
    async with client_of(database) as client:
        for path in ("/", "/pwa/start.js"):
            tag = (await client.get(path)).headers["etag"]
            answer = await client.get(path, headers={"if-none-match": tag})
            assert answer.status_code == 304
