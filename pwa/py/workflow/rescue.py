"""What a rescue file holds: all that was written here and is not in the record on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pwa.py.store.contract import Rows, Store

STATES = ("waiting", "refused", "set_aside")


async def gather(store: Store) -> list[str]:
    """A line for each change: how far it has come, a tab, its exact text."""
    rows: Rows = []
    for state in STATES:
        rows += await store.list("outbox", state=state)
    by_number = {row["key"]: row for row in rows}
    lines: list[str] = []
    for number in sorted(by_number):
        row = by_number[number]
        lines.append(row["state"] + "\t" + row["text"].split("\n", 1)[0])
    return lines
