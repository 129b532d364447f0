"""The store in memory: the twin of `indexeddb` for tests and simulations. No I/O.

What was committed lives in `Disk`, which outlives the store opened on it, as a browser's disk
outlives a tab; several stores on one disk are several tabs. A copy of a disk is a backup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Stale
from pwa.py.store import contract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pwa.py.store.contract import (
        Key,
        Names,
        Numbers,
        Put,
        Rows,
        RowsOrNone,
        StoredRow,
        Versions,
    )


class Disk:
    """The committed rows of one device."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[Key, StoredRow]] = {}
        for table in contract.TABLES:
            self._tables[table] = {}

    def rows(self, table: str) -> dict[Key, StoredRow]:
        return self._tables[table]

    def copy(self) -> Disk:
        twin = Disk()
        for table in contract.TABLES:
            # Rows are replaced by a commit and never altered, so they can be shared.
            twin.rows(table).update(self.rows(table))
        return twin


class MemoryStore:
    """`contract.Store` over a disk."""

    def __init__(self, disk: Disk | None = None) -> None:
        self._disk = Disk() if disk is None else disk

    async def get(self, table: str, key: Key) -> StoredRow | None:
        contract.check_key(table, key)
        row = self._disk.rows(table).get(key)
        return None if row is None else row.copy()

    async def get_many(self, table: str, keys: Sequence[Key]) -> RowsOrNone:
        rows: RowsOrNone = []
        for key in keys:
            rows.append(await self.get(table, key))
        return rows

    async def list(
        self,
        table: str,
        patient: str | None = None,
        state: str | None = None,
        after: Key | None = None,
        limit: int | None = None,
    ) -> Rows:
        contract.check_list(table, patient, state, limit)
        rows = self._disk.rows(table)
        keys = [key for key in rows if after is None or key > after]  # type: ignore[operator]
        if patient is not None:
            keys = [key for key in keys if rows[key]["patient"] == patient]
        if state is not None:
            keys = [key for key in keys if rows[key]["state"] == state]
        keys = sorted(keys)  # type: ignore[type-var]
        assert limit is not None or len(keys) <= contract.LIST_ROWS_MAX, len(keys)
        return [rows[key].copy() for key in (keys if limit is None else keys[:limit])]

    async def list_keys(
        self, table: str, limit: int | None = None, state: str | None = None
    ) -> Names:
        contract.check_list_keys(table, limit, state)
        rows = self._disk.rows(table).values()
        found: list[Any] = [(row["state"], row["key"]) for row in rows if row["state"]]
        keys = [key for held, key in sorted(found) if state is None or held == state]
        return keys if limit is None else keys[:limit]

    async def list_versions(self, table: str, state: str, limit: int) -> Versions:
        rows = await self.list(table, state=state, limit=limit)
        return [(row["key"], row["version"]) for row in rows]

    async def count(self, table: str, state: str | None = None) -> int:
        contract.check_list(table, None, state, None)
        rows = self._disk.rows(table)
        if state is None:
            return len(rows)
        return len([row for row in rows.values() if row["state"] == state])

    async def counts(self, table: str, states: Sequence[str]) -> Numbers:
        contract.check_counts(table, states)
        held = [row["state"] for row in self._disk.rows(table).values()]
        return [held.count(state) for state in states]

    async def commit(
        self,
        puts: Sequence[Put],
        removes: Sequence[tuple[str, Key]] = (),
        expected: Sequence[tuple[str, Key, int]] = (),
    ) -> None:
        contract.check_commit(puts, removes, expected)
        for table, key, version in expected:
            if self._version(table, key) != version:
                raise Stale(f"{table}/{key}")
        # Versions first: a row that is put twice in one commit still counts it once.
        versions = [self._version(put["table"], put["key"]) for put in puts]
        for put, version in zip(puts, versions):  # noqa: B905 - MicroPython's zip takes no keyword
            self._disk.rows(put["table"])[put["key"]] = {
                "table": put["table"],
                "key": put["key"],
                "version": version + 1,
                "text": self._text(put),
                "patient": put["patient"],
                "state": put["state"],
            }
        for table, key in removes:
            self._disk.rows(table).pop(key, None)

    def _text(self, put: Put) -> str:
        if not put.get("same"):
            return put["text"]
        return self._disk.rows(put["table"])[put["key"]]["text"]

    def _version(self, table: str, key: Key) -> int:
        row = self._disk.rows(table).get(key)
        return 0 if row is None else row["version"]
