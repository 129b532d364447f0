"""How much a request should carry, and how long it may take, by how long the last ones took.

One rule for all that goes either way: changes up and down, pages of the first sync, charts.
"""

from __future__ import annotations

# A request is to take about as long as somebody waits: larger ones while the link is fast, down
# to a single change or chart when nothing else gets through.
AIM_MS = 2_500
# The way there and back (a satellite's, say) does not count: carrying less makes it no shorter.
DELAY_MS_MAX = 15_000
GROWTH_MAX = 3
SHRINK = 4
TIMEOUT_MS_MIN = 120_000
TIMEOUT_MS_MAX = 24 * 3_600_000
# So much longer than the last request took may the next one take.
TIMEOUT_FACTOR = 4


class Pace:
    def __init__(self, first: int, most: int) -> None:
        """`first` and `most`: how much to begin with, and never more than."""
        self._most = most
        self.size = min(first, most)
        # How much the last request carried, how long it took, and how much of that was the way.
        self._last = (0, 0)
        self._delay_ms = 0
        # A request that hangs for ever must end; one chart over a few bytes a second must not.
        self.timeout_ms = TIMEOUT_MS_MIN

    @property
    def next_most(self) -> int:
        """The most that the next request may carry, should this one be fast."""
        return min(GROWTH_MAX * self.size, self._most)

    def note(self, carried: int, took_ms: int) -> None:
        """`carried`: how much went, or came."""
        # A clock that was set meanwhile says nothing of the pace, and neither does a request that
        # carried less than it might have.
        if took_ms >= 0:
            self.timeout_ms = min(max(TIMEOUT_MS_MIN, TIMEOUT_FACTOR * took_ms), TIMEOUT_MS_MAX)
            self._see_delay(carried, took_ms)
        if took_ms >= 0 and carried >= self.size:
            fitting = carried * AIM_MS // max(1, took_ms - self._delay_ms)
            self.size = max(1, min(fitting, GROWTH_MAX * carried, self._most))

    def _see_delay(self, carried: int, took_ms: int) -> None:
        """Two requests of different size tell the way from the load: a straight line."""
        before, before_ms = self._last
        if before and carried != before:
            delay_ms = took_ms - (took_ms - before_ms) * carried // (carried - before)
            self._delay_ms = max(0, min(delay_ms, DELAY_MS_MAX))
        self._delay_ms = min(self._delay_ms, took_ms)
        self._last = (carried, took_ms)

    def note_failure(self, carried: int = 0) -> None:
        """No answer came: perhaps the link was too slow for so much, or for so short a time.
        `carried`: how much went, where that is known."""
        if self.size == 1:
            self.timeout_ms = min(2 * self.timeout_ms, TIMEOUT_MS_MAX)
        # Asking for less than went the last time, or the next request is the same again.
        self.size = max(1, min(self.size, carried or self.size) // SHRINK)
