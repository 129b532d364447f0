"""MicroPython in a page of a browser profile on the disk: in a passing profile Chromium keeps
IndexedDB in memory, and a strict put would cost nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Playwright

from tests.browsers import Browser
from tests.micropython import Micropython, open_micropython


@contextmanager
def open_on_disk(playwright: Playwright) -> Generator[Micropython]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(playwright, Path(folder), {})
        try:
            with open_micropython(playwright) as passing:
                yield Micropython(browser.context, passing.address)
        finally:
            browser.close()
