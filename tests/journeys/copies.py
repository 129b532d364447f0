"""A server that runs from a copy of the tree, so that a test may change a file of the app.

A changed file and a server started again are what an update is to a tablet.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from backend.settings import ROOT
from tests.live import LiveServerWithDatabase

PARTS = ("server.py", "sw.js", "manifest.json", "backend", "migrations", "pwa")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "vendor.new")


def copy_tree(target: Path) -> Path:
    """What the server needs to run; Python's packages stay where they are."""
    target.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, target / part)
    return target


class CopiedServer(LiveServerWithDatabase):
    """The real server on its own copy: `append` and `delete` are another version of the app."""

    def __init__(self, database_url: str, folder: Path) -> None:
        super().__init__(database_url, folder / "server.txt")
        self.root = copy_tree(folder / "tree")

    def append(self, file: str, text: str) -> None:
        path = self.root / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        content = path.read_text("utf-8")
        assert old in content, f"{file} does not hold {old!r}"
        path.write_text(content.replace(old, new), "utf-8")

    def restart(self) -> None:
        """As an update does it: the old version ends, the new one takes its port."""
        self.kill()
        self.start()
