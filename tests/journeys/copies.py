"""A server that runs from a copy of the tree, so that a test may change a file of the app.

A changed file and a server started again are what an update is to a tablet.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from backend.settings import ROOT
from tests.live import LiveServerWithDatabase

PARTS = ("server.py", "sw.js", "manifest.json", "backend", "migrations", "pwa")
FILES = {"style": "pwa/app.css", "words": "pwa/py/ui/words_id.py"}
LEFT_OUT = shutil.ignore_patterns("__pycache__", "vendor.new")


class CopiedServer(LiveServerWithDatabase):
    """The real server on a copy of the tree; Python's packages stay where they are."""

    def __init__(self, database_url: str, folder: Path) -> None:
        super().__init__(database_url, folder / "server.txt")
        self.root = folder / "tree"
        self.root.mkdir()
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, self.root / part, ignore=LEFT_OUT)
            else:
                shutil.copy2(ROOT / part, self.root / part)

    def update(self, **added: str) -> None:
        """Another version: files have more text, the old server ends, the new one takes over."""
        for name, text in added.items():
            path = self.root / FILES[name]
            path.write_text(path.read_text("utf-8") + text, "utf-8")
        self.kill()
        self.start()
