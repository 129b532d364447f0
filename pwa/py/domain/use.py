"""When a chart was last used on a device, as its clear column says: "2026-11-23".

A chart that somebody opened here has an "o" behind the day; one that only the synchronisation
has touched has none. The texts sort as the charts are to be let go: the least lately used first.
"""

from __future__ import annotations

from pwa.py.domain import dates

NEVER = "0000-00-00"
OPENED = "o"
DAY_CHARACTERS = 10


def day_of(now_ms: int) -> str:
    return dates.from_milliseconds(now_ms)[:DAY_CHARACTERS]


def opened_on(now_ms: int) -> str:
    return day_of(now_ms) + OPENED


def later(held: str, use: str) -> str:
    """The later of two uses; a chart that is held always has one."""
    return max(held, use) or NEVER


def is_in_hand(use: str, now_ms: int) -> bool:
    """Whether somebody opened the chart here today or yesterday, and may look at it still."""
    return use.endswith(OPENED) and use >= day_of(now_ms - dates.DAY_MS)
