"""How far the first sync is: a bar, how many patients, and about how long it may still take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dates, dom, words
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from pwa.py.ui.contract import Progress, Status
    from pwa.py.ui.dom import Element

MINUTE_MS = 60_000
# Above this nobody believes a number of minutes.
MINUTES_SAID_MAX = 90


def first_sync(status: Status) -> Element | None:
    """Nothing once the first sync is complete, or before anything is known of it."""
    progress = status["progress"]
    if progress is None:
        return None
    language = words.language()
    done, total = (
        dates.number(progress["done"], language),
        dates.number(progress["total"], language),
    )
    text = say("first.progress", done=done, total=total)
    bar = {"value": str(progress["done"]), "max": str(max(1, progress["total"]))}
    bar["aria-label"] = text
    hint = "first.usable" if status["word"] in ("first", "syncing") else "first.waits"
    return dom.h(
        "div",
        {"class": "first-sync"},
        dom.h("p", None, dom.h("strong", None, text), " ", left_words(progress)),
        dom.h("progress", bar),
        dom.h("p", {"class": "quiet"}, say(hint)),
    )


def left_words(progress: Progress) -> str:
    """An estimate from the pace so far, said as roughly as it is known."""
    left_ms = progress["left_ms"]
    if left_ms is None:
        return ""
    minutes = (left_ms + MINUTE_MS // 2) // MINUTE_MS
    if minutes < 1:
        return say("first.left_short")
    if minutes > MINUTES_SAID_MAX:
        return say("first.left_long")
    return say("first.left", minutes=minutes)
