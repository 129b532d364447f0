"""The day's count: this device's from its own outbox, the others' from the server, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, clock, day, json_text, outbox
from pwa.py.domain.failures import Stale
from pwa.py.domain.transaction import put

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from pwa.py.store.contract import Store

    class Http(Protocol):
        async def get(self, path: str) -> str: ...


PAGE_CHANGES = 200
_KEY = "day"


class Day:
    def __init__(
        self,
        store: Store,
        http: Http,
        now_ms: Callable[[], int],
        is_sent: Callable[[Any], bool],
    ) -> None:
        """`is_sent` tells of a change's number whether it is on its way to the server now."""
        self._store = store
        self._http = http
        self._now_ms = now_ms
        self._is_sent = is_sent

    async def count(
        self, from_ms: int, to_ms: int, on_progress: Callable[[int], None]
    ) -> dict[str, Any]:
        """What this device holds of a day, and whether its chain is whole as far as it is here."""
        sync = await self._meta("sync")
        device = await self._meta("device")
        chains = [name for name, _, _ in sync.get("chains", [])] + [device["device"]]
        own: dict[str, Any] = {"devices": chains, "number": device["number"], "unsent": 0}
        own.update({"acknowledged": sync.get("acknowledged", 0), "hash": device["hash"]})
        own.update({"counts": {}, "heads": {}, "broken": 0, "first": 0, "last": 0, "sent": 0})
        after: Any = None
        before: tuple[int, str, str] | None = None
        while True:
            rows = await self._store.list("outbox", after=after, limit=PAGE_CHANGES)
            for row in rows:
                before = _take(own, row, before, from_ms, to_ms)
                if row["state"] == outbox.WAITING and self._is_sent(row["key"]):
                    own["sent"] += 1
            if len(rows) < PAGE_CHANGES:
                break
            after = rows[-1]["key"]
            on_progress(after)
        is_all_here = own["first"] <= 1 or own["oldest_ms"] < from_ms
        own["is_whole"] = is_all_here
        return own

    async def compare(self, own: dict[str, Any], from_ms: int, to_ms: int) -> dict[str, Any]:
        """Asks the server now, and keeps what came of it. Raises Offline and its like."""
        path = "/api/day?from=%d&to=%d" % (from_ms, to_ms)
        answer = json_text.loads(await self._http.get(path))
        found = day.compare(own, answer)
        found.update({"at_ms": self._now_ms(), "from_ms": from_ms, "answer": answer})
        try:
            await self._store.commit([put("meta", _KEY, json_text.dumps(found))])
        except Stale:
            # Another tab has just kept its own.
            pass
        return found

    async def last(self) -> dict[str, Any] | None:
        """What the last comparison came to, whichever day it was of."""
        row = await self._store.get("meta", _KEY)
        return None if row is None else json_text.loads(row["text"])

    async def _meta(self, key: str) -> dict[str, Any]:
        row = await self._store.get("meta", key)
        return {} if row is None else json_text.loads(row["text"])


def _take(
    own: dict[str, Any], row: Any, before: tuple[int, str, str] | None, from_ms: int, to_ms: int
) -> tuple[int, str, str]:
    """Counts a row in, and holds it to the one before: (number, device, hash)."""
    text = outbox.text_of(row)
    change = json_text.loads(text)
    digest = changes.text_hash(text)
    before = before or (0, "", "")
    is_next = before[:2] == (row["key"] - 1, change["device"])
    if is_next and change["previous"] != before[2] and not own["broken"]:
        own["broken"] = row["key"]
    if change["device"] == own["devices"][-1]:
        own["heads"][row["key"]] = digest
    own["last"] = row["key"]
    milliseconds = clock.milliseconds_of(change["timestamp"])
    if not own["first"]:
        own["first"] = row["key"]
        own["oldest_ms"] = milliseconds
    column = day.column_of(row)
    if column == day.WAITING or row["state"] == outbox.WITHDRAWN:
        own["unsent"] += 1
    if column and from_ms <= milliseconds < to_ms:
        counts = own["counts"].setdefault(change["author"], day.new_counts())
        counts[column] += 1
    return (row["key"], change["device"], digest)
