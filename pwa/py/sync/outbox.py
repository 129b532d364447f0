"""The device's own changes on their way: which are sent next, and what an answer makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.sync.state import put

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.store.contract import Rows, Store
    from pwa.py.sync.charts import ChartBatch

WAITING = "waiting"
DONE = "done"
REFUSED = "refused"
# The server keeps it, and it is in nobody's record: this device's chain was not the server's.
SET_ASIDE = "set_aside"

_STATES = {"rejected": REFUSED, "set-aside": SET_ASIDE}


async def next_batch(store: Store, changes_max: int, characters_max: int) -> Rows:
    """The oldest waiting changes, as many as one request may carry."""
    rows = await store.list("outbox", state=WAITING, limit=changes_max)
    characters = 0
    for at, row in enumerate(rows):
        characters += len(row["text"])
        if at > 0 and characters > characters_max:
            return rows[:at]
    return rows


def text_of(row: Any) -> str:
    """The exact text of the change; behind it a row may hold why it was not accepted."""
    return row["text"].split("\n", 1)[0]


async def settle(
    store: Store, charts: ChartBatch, batch: list[Any], outcomes: list[Any]
) -> dict[str, dict[str, int]]:
    """Marks each sent change with its outcome; {patient: {resource: sequence}} of the kept."""
    stored = await store.get_many("outbox", [row["key"] for row in batch])
    # Another tab may have sent the same changes and heard first: then it is settled.
    rows = {row["key"]: row for row in stored if row is not None and row["state"] == WAITING}
    sequences: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        row = rows.get(outcome["number"])
        if row is None:
            continue
        text, state = row["text"], _STATES.get(outcome["outcome"], DONE)
        if state == DONE:
            key = json_text.loads(text)["resource"]
            sequences.setdefault(row["patient"], {})[key] = outcome["sequence"]
        else:
            text = text + "\n" + json_text.dumps(outcome["issues"])
        charts.expect("outbox", row["key"], row["version"])
        charts.puts.append(put("outbox", row["key"], text, row["patient"], state))
    return sequences
