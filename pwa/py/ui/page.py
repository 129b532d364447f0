"""What every page answers to the frame. A page is built once, shown, and left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element


class Page:
    """The defaults: a page that shows something and has nothing to lose."""

    title = ""

    def __init__(self, app: App) -> None:
        self.app = app
        self.first_focus: Element | None = None

    async def build(self) -> Element:
        raise NotImplementedError

    def is_dirty(self) -> bool:
        """Whether something was typed that is neither saved nor dropped."""
        return False

    async def keep_draft(self) -> None:
        """Writes what was typed as a draft, now."""

    async def discard(self) -> None:
        """Drops what was typed and its draft."""

    async def refresh(self, patients: list[str] | None) -> None:
        """The record of these patients changed under the page; None when any may have."""

    async def status_changed(self) -> None:
        """The state of synchronisation changed."""

    def search(self) -> None:
        """The "/" key."""

    def close(self) -> None:
        """The page is no longer shown: stop its timers."""
