"""The synchronisation engine: when to exchange, and what the page may say about it.

It knows no browser: time, chance, timers and transport are handed in, so the same code runs in
the page, in tests and in simulations. A round is one exchange after another (`exchange.py`)
until nothing is left to send or to fetch. What the status says comes from the outcome of the
last request alone; `navigator.onLine` is only a reason to try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import (
    Failure,
    Locked,
    Offline,
    OtherProtocol,
    Revoked,
    ServerFault,
    SignedOut,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.sync.exchange import Exchange

POLL_MS = 30_000
RETRY_FIRST_MS = 2_000
# A clinician who has the network back should not wait long for it to be noticed.
RETRY_MS_MAX = 60_000
EXCHANGES_A_ROUND_MAX = 10_000
JITTER = 0.5

UNKNOWN = "unknown"
SYNCED = "synced"
SYNCING = "syncing"
WAITING = "waiting"
OFFLINE = "offline"
SIGNED_OUT = "signed_out"
ATTENTION = "attention"
FIRST = "first"
REVOKED = "revoked"
APP_OLD = "app_old"
SERVER_OLD = "server_old"


class Sync:
    """Runs rounds when kicked, after a while by itself, and later and later when they fail."""

    def __init__(
        self,
        exchange: Exchange,
        now_ms: Callable[[], int],
        chance: Callable[[], float],
        spawn: Callable[[Any], None],
        set_timer: Callable[[int, Callable[[], None]], Callable[[], None]],
        on_status: Callable[[dict[str, Any]], None],
    ) -> None:
        """`chance` gives numbers from 0 to 1; `set_timer` answers a function that cancels it."""
        self._exchange = exchange
        self._now_ms = now_ms
        self._chance = chance
        self._spawn = spawn
        self._set_timer = set_timer
        self._on_status = on_status
        self._cancel_timer: Callable[[], None] | None = None
        self._running = False
        self._again = False
        self._heard = 0
        self._stopped = False
        self._failures = 0
        self._refreshes = 0
        self._word = UNKNOWN
        self._detail = ""
        self._last_success_ms: int | None = None
        self.status: dict[str, Any] = self._describe(0, 0)

    def kick(self) -> None:
        """Asks for a round now. While one runs, another follows it."""
        if self._stopped:
            return
        if self._running:
            self._again = True
            # A count that has begun may be of before what was just saved: the next one is said.
            self._refreshes += 1
            return
        self._running = True
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None
        # Said before anything is counted: what was just saved is on this device alone.
        self._begin()
        self._publish(self.status["waiting"], self.status["refused"])
        self._spawn(self._run())

    def hear(self, sequence: int) -> None:
        """The server said its newest sequence. What is above the cursor is asked for at once."""
        self._heard = sequence
        if not self._running and sequence > self._exchange.cursor:
            self.kick()

    def stop(self) -> None:
        """No round begins any more: the store is about to be locked."""
        self._stopped = True
        self._exchange.rest()
        if self._cancel_timer is not None:
            self._cancel_timer()

    async def refresh(self) -> None:
        """Counts anew what waits, for a page that has just saved."""
        self._refreshes += 1
        this = self._refreshes
        waiting, refused = await self._exchange.counts()
        # A later count has begun meanwhile and knows better: it will say what is so.
        if this == self._refreshes:
            self._publish(waiting, refused)

    async def _run(self) -> None:
        try:
            self._again = True
            while self._again and not self._stopped:
                self._again = False
                await self._round()
                # Said while the round ran, and not fetched by it. Said once, it is asked once.
                is_behind = self._heard > self._exchange.cursor
                self._again = self._again or (is_behind and not self._failures)
                self._heard = 0
        finally:
            # Even after a fault of our own: tomorrow's work must still be sent.
            self._running = False
            if not self._stopped:
                self._cancel_timer = self._set_timer(self._delay_ms(), self.kick)

    def _begin(self) -> None:
        self._word = SYNCING if self._exchange.has_snapshot else FIRST

    async def _round(self) -> None:
        self._begin()
        try:
            await self.refresh()
            for _ in range(EXCHANGES_A_ROUND_MAX):
                is_done = await self._exchange.step()
                self._failures = 0
                if is_done:
                    self._word, self._detail = SYNCED, ""
                    self._last_success_ms = self._now_ms()
                    break
                self._begin()
                if self._stopped:
                    break
                await self.refresh()
        except (Offline, ServerFault) as failure:
            self._fail(OFFLINE, failure)
        except SignedOut as failure:
            self._fail(SIGNED_OUT, failure)
        except Locked:
            # Somebody locked the device while an answer was on its way.
            self._stopped = True
        except Revoked as failure:
            # All that was not sent is handed over. There is nothing left to ask for.
            self._fail(REVOKED, failure)
            self._stopped = True
            await self.refresh()
        except OtherProtocol as failure:
            # Work goes on here. It is tried again: either side may have been updated.
            self._fail(APP_OLD if failure.is_app_old else SERVER_OLD, failure)
        except Failure as failure:
            self._fail(ATTENTION, failure)
        except Exception as failure:
            self._fail(ATTENTION, failure)
            await self.refresh()
            raise
        finally:
            self._exchange.rest()
        if not self._stopped:
            await self.refresh()

    def _fail(self, word: str, failure: Exception) -> None:
        self._word = word
        self._detail = type(failure).__name__ + ": " + str(failure)
        self._failures += 1

    def _delay_ms(self) -> int:
        """Half to once the poll interval; after failures the interval that doubles each time."""
        longest = POLL_MS
        if self._failures:
            longest = min(RETRY_FIRST_MS * 2 ** min(self._failures - 1, 16), RETRY_MS_MAX)
        return int(longest * (1 - JITTER * self._chance()))

    def _publish(self, waiting: int, refused: int) -> None:
        self.status = self._describe(waiting, refused)
        self._on_status(self.status)

    def _describe(self, waiting: int, refused: int) -> dict[str, Any]:
        """`word` is "synced" only when the last round succeeded and nothing waits or is refused."""
        word = self._word
        if word == SYNCED and waiting:
            word = WAITING
        if word in (SYNCED, WAITING) and refused:
            word = ATTENTION
        if self._exchange.is_revoked:
            word = REVOKED
        return {
            "word": word,
            "waiting": waiting,
            "refused": refused,
            "sent": self._exchange.sent,
            "last_success_ms": self._last_success_ms,
            "progress": self._exchange.progress,
            "patients": self._exchange.patients,
            "detail": self._detail,
            "events": self._exchange.events,
            "drift_ms": self._exchange.drift_ms,
            "is_done": self._stopped,
        }
