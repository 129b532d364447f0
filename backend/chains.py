"""Changes that the server itself writes, for an import or a demonstration, as a device does.

A numbered, hash-chained stream under a device of its own, so that such a change is in nothing
different from one that a tablet sent. Knows nothing of files and decides nothing clinical.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend import devices, exact_json
from pwa.py.domain import clock

if TYPE_CHECKING:
    from asyncpg import Connection


@dataclass(slots=True)
class Chain:
    """Where a device's stream stands; `append` moves it on."""

    device: str
    author: str
    number: int
    hash: str
    last: str

    def see(self, timestamps: Iterable[str]) -> None:
        """What the next change replaces must not sort after it, whatever clock wrote it."""
        for timestamp in timestamps:
            self.last = clock.latest(self.last, timestamp)

    def append(self, draft: dict[str, Any], now_ms: int) -> tuple[bytes, dict[str, Any]]:
        """The draft as the device's next change: its exact text, and the same as a dict."""
        timestamp = clock.tick(self.last, now_ms, self.device)
        change: dict[str, Any] = {
            "device": self.device,
            "number": self.number + 1,
            "previous": self.hash,
            "timestamp": timestamp,
            "author": self.author,
            **draft,
        }
        text = exact_json.encode(change)
        self.last = timestamp
        self.number += 1
        self.hash = hashlib.sha256(text).hexdigest()
        return text, change


def own_device(purpose: str, whose: str) -> str:
    """The id of a device of the server's own. An id is one over all facilities, and a FHIR id of
    at most 64 characters."""
    return f"{purpose}-{hashlib.sha256(whose.encode()).hexdigest()[:16]}"


async def open_chain(
    connection: Connection, facility_id: str, device_id: str, author: str
) -> Chain:
    """Enrolling locks the device's id until the transaction ends, so two imports take turns."""
    known, _ = await devices.enrol(connection, facility_id, author, device_id)
    last: str | None = await connection.fetchval(
        'select "timestamp" from change where facility_id = $1 and sequence = $2',
        facility_id,
        known.head.sequence,
    )
    return Chain(device_id, author, known.head.number, known.head.hash, last or "")
