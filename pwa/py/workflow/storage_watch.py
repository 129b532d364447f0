"""How full the browser's storage is, looked at now and then: it is to be said in good time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

WARNED_PERCENT = 80
# Asking the browser costs some milliseconds, and nothing fills up from one save to the next.
PAUSE_MS = 60_000


class StorageWatch:
    def __init__(
        self,
        estimate: Callable[[], Awaitable[tuple[float, float]]],
        now_ms: Callable[[], int],
    ) -> None:
        """`estimate` answers (bytes used, bytes allowed), zeros where nobody knows."""
        self._estimate = estimate
        self._now_ms = now_ms
        self._looked_ms = 0
        # In percent; 0 where the browser does not say.
        self.used = 0

    @property
    def is_due(self) -> bool:
        """Whether it is time to look again; also when the clock was set back."""
        return not 0 <= self._now_ms() - self._looked_ms < PAUSE_MS

    @property
    def is_nearly_full(self) -> bool:
        return self.used >= WARNED_PERCENT

    async def look(self) -> None:
        self._looked_ms = self._now_ms()
        used, quota = await self._estimate()
        self.used = int(100 * used / quota) if quota > 0 else 0
