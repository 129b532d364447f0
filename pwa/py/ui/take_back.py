"""A bar that for some seconds offers to take back what was done, before the server is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, notices
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pwa.py.ui.app import App

UNDO_MS = 8_000


class TakeBack:
    """Of one page. It closes what it offered before the next thing is done: the server is told of
    the one, and the other can still be taken back."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._timer: int | None = None

    def offer(self, text: str, take_back: Callable[[], Awaitable[bool]]) -> None:
        """`take_back` answers whether it was in time, and shows what is there again."""
        if self._timer is not None:
            dom.cancel(self._timer)
        self._timer = dom.after(UNDO_MS, self.close)

        async def undo(_: object) -> None:
            notices.drop(notices.UNDO)
            is_back = await take_back()
            notices.toast(say("refused.undone" if is_back else "refused.too_late"))

        notices.bar(notices.UNDO, "check", text, [(say("app.undo"), undo)])

    def close(self) -> None:
        """The time to think better of it is over."""
        if self._timer is not None:
            dom.cancel(self._timer)
            self._timer = None
            notices.drop(notices.UNDO)
            self._app.services.kick()
