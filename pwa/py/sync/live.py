"""Hearing at once that another device has written: the server's stream of sequences.

The stream hastens the exchange and is never needed by it: while it is not there (no network, a
server that has too many already, a proxy that holds it back) the engine's timer does the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pwa.py.sync.engine import Sync

    # (path, heard a sequence, opened, ended for good) -> closes it
    OpenStream = Callable[
        [str, Callable[[int], None], Callable[[], None], Callable[[], None]], Callable[[], None]
    ]

PATH = "/api/live"
# After the server has refused or ended it; a stream that is merely cut the browser opens again.
REOPEN_MS = 60_000
JITTER = 0.5


class Live:
    def __init__(
        self,
        sync: Sync,
        open_stream: OpenStream,
        chance: Callable[[], float],
        set_timer: Callable[[int, Callable[[], None]], Callable[[], None]],
    ) -> None:
        self._sync = sync
        self._open_stream = open_stream
        self._chance = chance
        self._set_timer = set_timer
        self._close: Callable[[], None] | None = None
        self._cancel_timer: Callable[[], None] | None = None
        self._was_open = False

    def start(self) -> None:
        self._cancel_timer = None
        self._close = self._open_stream(PATH, self._sync.hear, self._opened, self._ended)

    def stop(self) -> None:
        if self._close is not None:
            self._close()
        if self._cancel_timer is not None:
            self._cancel_timer()
        self._close = self._cancel_timer = None

    def _opened(self) -> None:
        if self._was_open:
            # The network was away and is back: what waits here need not wait for a timer.
            self._sync.kick()
        self._was_open = True

    def _ended(self) -> None:
        self._close = None
        self._was_open = True
        delay_ms = int(REOPEN_MS * (1 - JITTER * self._chance()))
        self._cancel_timer = self._set_timer(delay_ms, self.start)
