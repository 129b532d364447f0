"""Chromium for tests, by Playwright's synchronous API: a profile that outlives its browser, and
a browser that can be killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.live import wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KILL_SECONDS_MAX = 10
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The machine's own, or None for the one that Playwright has installed."""
    usual = Path("/usr/bin/chromium")
    if usual.exists():
        return str(usual)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def launch_options() -> dict[str, Any]:
    """For `playwright.chromium.launch` and `launch_persistent_context` alike."""
    arguments = [*ARGUMENTS]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses root.
    return {"executable_path": find_chromium(), "args": arguments, "headless": True}


class Browser:
    """Chromium on one profile. `kill` and `start` again keep the profile, as on a tablet."""

    def __init__(self, playwright: Playwright, profile: Path, options: dict[str, Any]) -> None:
        self._playwright = playwright
        self._profile = profile
        self._options = {**launch_options(), **options}
        self._context: BrowserContext | None = None
        self.start()

    @property
    def context(self) -> BrowserContext:
        assert self._context is not None, "not started"
        return self._context

    @property
    def page(self) -> Page:
        """The first tab."""
        return self.context.pages[0]

    def start(self) -> None:
        assert self._context is None, "already started"
        chromium = self._playwright.chromium
        self._context = chromium.launch_persistent_context(self._profile, **self._options)

    def close(self) -> None:
        """End it as a person does, by closing the window."""
        if self._context is not None:
            context, self._context = self._context, None
            context.close()

    def kill(self) -> None:
        """End it as a dead battery does."""
        assert self._context is not None, "not started"
        context, self._context = self._context, None
        for process in find_processes(self._profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not find_processes(self._profile), "Chromium ends", KILL_SECONDS_MAX)
        with contextlib.suppress(Error):
            context.close()


def find_processes(profile: Path) -> list[int]:
    """The browser of this profile, and its helpers: no other has the folder's name."""
    wanted = f"--user-data-dir={profile}".encode()
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found
