"""The device's own changes on their way: which are sent next, and what an answer makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text
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

# A request is to take about as long as somebody waits: larger ones while the link is fast, down
# to a single change when nothing else gets through.
CHANGES_FIRST = 200
PACE_AIM_MS = 2_500
PACE_GROWTH_MAX = 3
PACE_SHRINK = 4

_SHORT_LINK = '"previous":"^"'
_KEY_MARK = '"resource":"'
_STATES = {"rejected": REFUSED, "set-aside": SET_ASIDE}


TIMEOUT_MS_MIN = 120_000
TIMEOUT_MS_MAX = 24 * 3_600_000
# So much longer than the last request took may the next one take.
TIMEOUT_FACTOR = 4


class Pace:
    """How many changes a request should carry, by how long the last ones took."""

    def __init__(self) -> None:
        self.changes_max = CHANGES_FIRST
        # A request that hangs for ever must end; one change over a few bytes a second must not.
        self.timeout_ms = TIMEOUT_MS_MIN

    def note(self, sent: int, took_ms: int) -> None:
        """`sent`: how many changes went, or came."""
        # A clock that was set meanwhile says nothing of the pace, and neither does a request that
        # carried less than it might have.
        if took_ms >= 0:
            self.timeout_ms = min(max(TIMEOUT_MS_MIN, TIMEOUT_FACTOR * took_ms), TIMEOUT_MS_MAX)
        if took_ms >= 0 and sent >= self.changes_max:
            fitting = sent * PACE_AIM_MS // max(1, took_ms)
            self.changes_max = max(1, min(fitting, PACE_GROWTH_MAX * sent))

    def note_failure(self) -> None:
        """No answer came: perhaps the link was too slow for so much, or for so short a time."""
        if self.changes_max == 1:
            self.timeout_ms = min(2 * self.timeout_ms, TIMEOUT_MS_MAX)
        self.changes_max = max(1, self.changes_max // PACE_SHRINK)


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


async def is_empty(store: Store) -> bool:
    """Whether nothing waits."""
    return await store.list_keys("outbox", 1, WAITING) == []


def body_of(envelope: dict[str, Any], batch: Rows) -> str:
    """The request: the changes go as the very texts that were hashed, never written anew. Only a
    link to the change before it is left out, which the server puts back (docs/sync.md)."""
    texts: list[str] = []
    before = ""
    for row in batch:
        text = text_of(row)
        texts.append(_shortened(text, before) if before else text)
        before = text
    return json_text.dumps(envelope)[:-1] + ',"changes":[' + ",".join(texts) + "]}"


def _shortened(text: str, before: str) -> str:
    link = '"previous":"' + changes.text_hash(before) + '"'
    at = text.find(link)
    if at < 0 or text.find(link, at + 1) >= 0 or _SHORT_LINK in text:
        return text
    return text[:at] + _SHORT_LINK + text[at + len(link) :]


def resource_of(text: str) -> str:
    """The resource that a change is of. Its text says so once, and is parsed only when some value
    in it looks the same: parsing costs ten times as much."""
    at = text.find(_KEY_MARK)
    if at < 0 or text.find(_KEY_MARK, at + 1) >= 0:
        return json_text.loads(text)["resource"]
    start = at + len(_KEY_MARK)
    return text[start : text.find('"', start)]


async def settle(
    store: Store,
    charts: ChartBatch,
    batch: list[Any],
    outcomes: list[Any],
    seen: list[Any] | None = None,
) -> dict[str, dict[str, int]]:
    """Marks each sent change with its outcome; {patient: {resource: sequence}} of the kept.

    `seen` are the rows as they were read to be sent, good for a first attempt: whoever was faster
    has made their versions stale. Without them they are read.
    """
    stored: Any = seen
    if stored is None:
        stored = await store.get_many("outbox", [row["key"] for row in batch])
    # Another tab may have sent the same changes and heard first: then it is settled.
    rows = {row["key"]: row for row in stored if row is not None and row["state"] == WAITING}
    sequences: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        row = rows.get(outcome["number"])
        if row is None:
            continue
        text, state = row["text"], _STATES.get(outcome["outcome"], DONE)
        charts.expect("outbox", row["key"], row["version"])
        if state == DONE:
            key = resource_of(text)
            sequences.setdefault(row["patient"], {})[key] = outcome["sequence"]
            mark = put("outbox", row["key"], "", row["patient"], state)
            mark["same"] = True
            charts.puts.append(mark)
        else:
            text = text + "\n" + json_text.dumps(outcome["issues"])
            charts.puts.append(put("outbox", row["key"], text, row["patient"], state))
    return sequences
