"""What a rescue file holds: all that was written here and is not in the record on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.outbox import REFUSED, SET_ASIDE, WAITING, WITHDRAWN, reason_of, text_of

if TYPE_CHECKING:
    from pwa.py.store.contract import Rows, Store

# What was withdrawn goes along: its number belongs to the chain that the others continue.
STATES = (WAITING, WITHDRAWN, REFUSED, SET_ASIDE)


async def gather(store: Store) -> list[str]:
    """A line for each change, tabs between: how far it has come, its exact text, and the reason
    (as JSON) where it was given up."""
    rows: Rows = []
    for state in STATES:
        rows += await store.list("outbox", state=state)
    by_number = {row["key"]: row for row in rows}
    lines: list[str] = []
    for number in sorted(by_number):
        row = by_number[number]
        line, reason = row["state"] + "\t" + text_of(row), reason_of(row)
        lines.append(line + "\t" + json_text.dumps(reason) if reason else line)
    return lines
