"""The app's own files: the page, the service worker with the shell's version, and /pwa.

Only files of a known kind are served, and of Python only what lies under /pwa. The version of the
shell is a hash over every file of it, so that any changed file makes a new version.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from backend import bytecode
from backend.errors import Failure
from backend.settings import ROOT

PWA = ROOT / "pwa"
INDEX = PWA / "index.html"
WORKER = ROOT / "sw.js"
MANIFEST = ROOT / "manifest.json"
FILE_LIST = PWA / "app.json"
BUNDLE = "/pwa/python.json"
# Files of the shell whose address is not their place in the repository.
FILES_BY_PATH = {"/": INDEX, "/manifest.json": MANIFEST}
VERSION_CHARACTERS = 16

# Written out, because the table of the machine differs from machine to machine, and a browser
# refuses a module or WebAssembly of a wrong type.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".mpy": "application/octet-stream",
    ".png": "image/png",
    ".py": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".tar": "application/x-tar",
    ".toml": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}


class WholeFiles:
    """Answers every request in full, as HTTP allows: a part of a file is of no use to the app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [pair for pair in scope["headers"] if pair[0] != b"range"]
            scope = dict(scope) | {"headers": kept}
        await self.app(scope, receive, send)


class ShellFiles(StaticFiles):
    """The folder /pwa, each file with the type of its ending; other endings are not there."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        media_type = MEDIA_TYPES.get(os.path.splitext(path)[1])
        if media_type is None or "\x00" in path:
            raise HTTPException(404, "there is no such file")
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["content-type"] = media_type
        return response


async def index(request: Request) -> Response:
    """GET /"""
    return await ShellFiles(directory=PWA).get_response("index.html", request.scope)


async def manifest(request: Request) -> Response:
    """GET /manifest.json"""
    return FileResponse(MANIFEST, media_type="application/manifest+json")


async def service_worker(request: Request) -> Response:
    """GET /sw.js: its first line says which files make up the shell, and their version."""
    try:
        text = await asyncio.to_thread(worker_text)
    except FileNotFoundError as error:
        # No worker is better than one whose shell has a hole; the old one goes on.
        raise Failure("unavailable", f"the shell is incomplete: {error.filename}") from error
    return Response(text, media_type="text/javascript")


def worker_text() -> str:
    source = WORKER.read_text("utf-8")
    first_line, _, rest = source.partition("\n")
    assert first_line.startswith("const SHELL = "), "sw.js begins with the shell's version"
    files = [[path, integrity(path)] for path in shell_paths()]
    fingerprint = hashlib.sha256(json.dumps([rest, files]).encode()).hexdigest()
    shell: dict[str, Any] = {"version": fingerprint[:VERSION_CHARACTERS], "files": files}
    return f"const SHELL = {json.dumps(shell)};\n{rest}"


async def python_bundle(request: Request) -> Response:
    """GET /pwa/python.json: all Python in one, {where MicroPython finds it: bytecode as base64}.

    Fetching file by file took a third of a warm start, compiling in the page another sixth.
    """
    try:
        body = await asyncio.to_thread(bundle_bytes)
    except FileNotFoundError as error:
        raise Failure("unavailable", f"the shell is incomplete: {error.filename}") from error
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, media_type="application/json", headers={"ETag": etag})


def bundle_bytes() -> bytes:
    listed: dict[str, str] = file_list()["python"]
    files = [(file_of(path), place) for path, place in sorted(listed.items())]
    places = [str(Path(place).with_suffix(".mpy")) for _, place in files]
    codes = [base64.b64encode(code).decode() for code in bytecode.compile_all(files)]
    return json.dumps(dict(zip(places, codes, strict=True))).encode()


def file_list() -> dict[str, Any]:
    return json.loads(FILE_LIST.read_text("utf-8"))


def shell_paths() -> list[str]:
    """Addresses of the shell's files, from the one list that the page loads from as well."""
    listed = file_list()
    return sorted({BUNDLE, *listed["shell"], *listed.get("files", {})})


def missing_files() -> list[str]:
    """What the list names and is not there (as before the set-up command has run)."""
    if not FILE_LIST.is_file():
        return [str(FILE_LIST.relative_to(ROOT))]
    paths = {*shell_paths(), *file_list()["python"]} - {BUNDLE}
    return sorted(path for path in paths if not file_of(path).is_file())


def file_of(path: str) -> Path:
    return FILES_BY_PATH.get(path) or ROOT / path.removeprefix("/")


# What a file had when it was last hashed: (time of change, size), and the hash.
_hashed: dict[str, tuple[tuple[int, int], str]] = {}


def integrity(path: str) -> str:
    """The content's hash as browsers write it; computed again only when the file has changed."""
    if path == BUNDLE:
        return hash_text(bundle_bytes())
    file = file_of(path)
    state = file.stat()
    mark = (state.st_mtime_ns, state.st_size)
    held = _hashed.get(path)
    if held is None or held[0] != mark:
        held = _hashed[path] = (mark, hash_text(file.read_bytes()))
    return held[1]


def hash_text(content: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()
