"""What happened to this device's work, until somebody has read it.

The synchronisation leaves word of it in its own row (`sync/state.note_event`), in the very
transaction in which it happened; here it is read, and taken off the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.transaction import put, retry_when_stale

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.store.contract import Store


class Events:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def is_revoked(self) -> bool:
        """Whether the facility has taken this device out of use."""
        return bool((await self._read())[0].get("revoked"))

    async def list(self) -> list[dict[str, Any]]:
        return (await self._read())[0].get("events", [])

    async def read_all(self) -> None:
        """Somebody has read them."""

        async def attempt() -> None:
            state, version = await self._read()
            if state.get("events"):
                state["events"] = []
                row = put("meta", "sync", json_text.dumps(state))
                await self._store.commit([row], expected=[("meta", "sync", version)])

        await retry_when_stale(attempt)

    async def _read(self) -> tuple[dict[str, Any], int]:
        row = await self._store.get("meta", "sync")
        return ({}, 0) if row is None else (json_text.loads(row["text"]), row["version"])
