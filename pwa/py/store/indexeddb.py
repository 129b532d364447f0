"""The door to IndexedDB: the store of the browser, each row encrypted by the device key.

A transaction closes at the first foreign `await`. So a commit encrypts first, then reads the
versions, decides and writes from JavaScript's callbacks, and only then awaits the end.

An exception that JavaScript throws into a call from MicroPython cannot be caught and stops the
journey: every call here must be one that cannot throw (keys are checked, a closed connection is
never used); what fails later, as an event, is turned into one of `domain.failures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import js
from jsffi import to_js

from pwa.py.domain import json_text
from pwa.py.domain.failures import (
    Locked,
    Outdated,
    Stale,
    StorageFault,
    StorageFull,
    Unreadable,
)
from pwa.py.store import contract, crypto
from pwa.py.store.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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

    # JavaScript objects as the database keeps them; the class below has a method `list`.
    Records = list[Any]

DATABASE = "rekam"

_KEY = {"keyPath": "key"}
_list = list


# --- the schema: forward only; a released step is never edited ----------------------------------


def _step_1(database: Any, transaction: Any) -> None:
    database.createObjectStore("meta", to_js(_KEY))
    for table in ("charts", "directory"):
        database.createObjectStore(table, to_js(_KEY)).createIndex("mark", "mark")
    outbox = database.createObjectStore("outbox", to_js(_KEY))
    outbox.createIndex("patient", to_js(["patient", "key"]))


def _step_2(database: Any, transaction: Any) -> None:
    """Forms half filled in, and the outbox by state, so that a long one is not read whole."""
    database.createObjectStore("drafts", to_js(_KEY))
    transaction.objectStore("outbox").createIndex("state", to_js(["state", "key"]))


def _step_3(database: Any, transaction: Any) -> None:
    """The older part of a long chart."""
    database.createObjectStore("older", to_js(_KEY)).createIndex("mark", "mark")


def _step_4(database: Any, transaction: Any) -> None:
    """Charts by the day of their last use, so that the least lately used are found unread."""
    transaction.objectStore("charts").createIndex("state", to_js(["state", "key"]))


STEPS = [_step_1, _step_2, _step_3, _step_4]


async def open_store(
    on_outdated: Callable[[], None], on_blocked: Callable[[], None]
) -> IndexedStore:
    """The store of this browser, upgraded to the newest step; locked.

    `on_blocked`: another tab, frozen, keeps an older version open; opening goes on once it is
    closed. `on_outdated`: another tab brings a newer version; this store is closed for good.
    """
    request = js.indexedDB.open(DATABASE, len(STEPS))

    def upgrade(event: Any) -> None:
        for step in STEPS[event.oldVersion :]:
            step(request.result, request.transaction)

    def block(event: Any) -> None:
        on_blocked()

    opened: list[IndexedStore] = []
    done = js.Promise.withResolvers()

    def succeed(event: Any) -> None:
        # At once, or an upgrade by another tab could be told before anybody listens.
        opened.append(IndexedStore(request.result, on_outdated))
        done.resolve()

    request.onupgradeneeded = upgrade
    request.onblocked = block
    request.onsuccess = succeed
    request.onerror = done.resolve
    await done.promise
    if opened:
        return opened[0]
    if request.error.name == "VersionError":
        raise Outdated(request.error.message)
    raise StorageFault(f"{request.error.name}: {request.error.message}")


class IndexedStore:
    """`contract.Store` over IndexedDB. Secret rows need `open_with` first."""

    def __init__(self, database: Any, on_outdated: Callable[[], None]) -> None:
        self._database = database
        self._key: Any = None
        self._on_outdated = on_outdated
        database.onversionchange = self._make_way
        database.onclose = self._forget_connection

    @property
    def is_open(self) -> bool:
        return self._key is not None

    def open_with(self, device_key: Any) -> None:
        self._key = device_key

    def lock(self) -> None:
        self._key = None

    def close(self) -> None:
        self.lock()
        if self._database is not None:
            self._database.close()
            self._database = None

    async def get(self, table: str, key: Key) -> StoredRow | None:
        return (await self.get_many(table, [key]))[0]

    async def get_many(self, table: str, keys: Sequence[Key]) -> RowsOrNone:
        for key in keys:
            contract.check_key(table, key)
        if not keys:
            return []
        transaction = self._begin([table], "readonly")
        source = transaction.objectStore(table)
        requests = [source.get(key) for key in keys]
        _check_end(await _end(transaction))
        records = [request.result for request in requests]
        rows = await self._rows(table, [one for one in records if not _is_missing(one)])
        found = iter(rows)
        return [None if _is_missing(one) else next(found) for one in records]

    async def list(
        self,
        table: str,
        patient: str | None = None,
        state: str | None = None,
        after: Key | None = None,
        limit: int | None = None,
    ) -> Rows:
        contract.check_list(table, patient, state, limit)
        transaction = self._begin([table], "readonly")
        source = transaction.objectStore(table)
        if patient is not None:
            # One patient's part of the outbox is short: the state is sieved out of it here.
            request = source.index("patient").getAll(_range_within(patient, after))
        elif state is not None:
            request = _get_all(source.index("state"), _range_within(state, after), limit)
        else:
            keys = None if after is None else js.IDBKeyRange.lowerBound(after, True)
            request = _get_all(source, keys, limit)
        _check_end(await _end(transaction))
        records = _list(request.result)
        if patient is not None and state is not None:
            records = [record for record in records if record.state == state]
        if limit is not None:
            records = records[:limit]
        assert len(records) <= contract.LIST_ROWS_MAX, len(records)
        return await self._rows(table, records)

    async def list_keys(
        self, table: str, limit: int | None = None, state: str | None = None
    ) -> Names:
        contract.check_list_keys(table, limit, state)
        transaction = self._begin([table], "readonly")
        # A list sorts after every text: this leaves out the rows whose state is "".
        keys = js.IDBKeyRange.lowerBound(to_js(["", []]), True)
        if state is not None:
            keys = _range_within(state, None)
        source = transaction.objectStore(table).index("state")
        request = source.getAllKeys(keys) if limit is None else source.getAllKeys(keys, limit)
        _check_end(await _end(transaction))
        return _list(request.result)

    async def list_versions(self, table: str, state: str, limit: int) -> Versions:
        contract.check_list(table, None, state, limit)
        transaction = self._begin([table], "readonly")
        source = transaction.objectStore(table).index("state")
        request = source.getAll(_range_within(state, None), limit)
        _check_end(await _end(transaction))
        return [(record.key, record.version) for record in request.result]

    async def count(self, table: str, state: str | None = None) -> int:
        contract.check_list(table, None, state, None)
        if state is not None:
            return (await self.counts(table, [state]))[0]
        transaction = self._begin([table], "readonly")
        request = transaction.objectStore(table).count()
        _check_end(await _end(transaction))
        return request.result

    async def counts(self, table: str, states: Sequence[str]) -> Numbers:
        contract.check_counts(table, states)
        transaction = self._begin([table], "readonly")
        source = transaction.objectStore(table).index("state")
        requests = [source.count(_range_within(state, None)) for state in states]
        _check_end(await _end(transaction))
        return [request.result for request in requests]

    async def commit(
        self,
        puts: Sequence[Put],
        removes: Sequence[tuple[str, Key]] = (),
        expected: Sequence[tuple[str, Key, int]] = (),
    ) -> None:
        contract.check_commit(puts, removes, expected)
        records = await self._records(puts)
        tables = {put["table"] for put in puts} | {table for table, _ in removes}
        tables = tables | {table for table, _, _ in expected}
        if not tables:
            return
        transaction = self._begin(_list(tables), "readwrite")
        decision = Decision(transaction, tables, js.IDBKeyRange.bound)
        decision.begin(puts, records, removes, expected)
        reason = await _end(transaction)
        if decision.is_stale or reason == "ConstraintError":
            raise Stale("another tab was faster")
        _check_end(reason)

    async def seal(self, label: str, text: str) -> tuple[str, Any]:
        """A text that leaves the store, encrypted by the device key: IV, and the cipher's bytes."""
        ivs, ciphers = await crypto.encrypt(self._device_key(), [label], [text])
        return crypto.hex_of(ivs), ciphers[0]

    async def persist(self) -> bool:
        """Asks the browser never to evict this store; its answer."""
        if not hasattr(js.navigator, "storage") or not hasattr(js.navigator.storage, "persist"):
            return False
        return await js.navigator.storage.persist()

    async def estimate(self) -> tuple[float, float]:
        """(bytes used, bytes allowed); (0.0, 0.0) where the browser does not tell."""
        if not hasattr(js.navigator, "storage") or not hasattr(js.navigator.storage, "estimate"):
            return 0.0, 0.0
        # As text: numbers beyond 32 bits are cut off on the way into MicroPython.
        answer = json_text.loads(js.JSON.stringify(await js.navigator.storage.estimate()))
        return float(answer.get("usage", 0)), float(answer.get("quota", 0))

    def _begin(self, tables: Sequence[str], mode: str) -> Any:
        if self._database is None:
            raise StorageFault("the connection to the database is closed")
        return self._database.transaction(to_js(tables), mode, to_js({"durability": "strict"}))

    def _make_way(self, event: Any) -> None:
        """Another tab brings a newer schema; it waits until this one lets go."""
        self.close()
        self._on_outdated()

    def _forget_connection(self, event: Any) -> None:
        """The browser closed it, as when the user clears the site's data."""
        self._database = None

    def _device_key(self) -> Any:
        if self._key is None:
            raise Locked("a secret row, and no device key")
        return self._key

    async def _records(self, puts: Sequence[Put]) -> Records:
        """The puts as JavaScript objects, encrypted; their versions are set when known."""
        secrets = [put for put in puts if put.get("secret", True) and not put.get("same")]
        ivs: Any = None
        ciphers: Any = []
        if secrets:
            labels = [_label(put["table"], put["key"]) for put in secrets]
            texts = [put["text"] for put in secrets]
            ivs, ciphers = await crypto.encrypt(self._device_key(), labels, texts)
        records: Records = []
        at = 0
        for put in puts:
            if put.get("same"):
                records.append(put["state"])
                continue
            # Set one by one: converting a dict costs four times as much.
            record = js.Object.new()
            record.key, record.patient, record.state = put["key"], put["patient"], put["state"]
            if put.get("secret", True):
                record.iv, record.cipher = crypto.iv_of(ivs, at), ciphers[at]
                at += 1
            else:
                record.text = put["text"]
            records.append(record)
        return records

    async def _rows(self, table: str, records: Records) -> Rows:
        """What was read, decrypted all at once."""
        secrets = [record for record in records if hasattr(record, "cipher")]
        texts: Any = []
        if secrets:
            labels = [_label(table, record.key) for record in secrets]
            ivs = [record.iv for record in secrets]
            ciphers = [record.cipher for record in secrets]
            texts = await crypto.decrypt(self._device_key(), labels, ivs, ciphers)
        rows: Rows = []
        at = 0
        for record in records:
            if hasattr(record, "cipher"):
                text = texts[at]
                at += 1
            else:
                text = record.text
            if text is None:
                raise Unreadable(table, record.key)
            rows.append(
                {
                    "table": table,
                    "key": record.key,
                    "version": record.version,
                    "text": text,
                    "patient": record.patient,
                    "state": record.state,
                }
            )
        return rows


async def _end(transaction: Any) -> str:
    """Waits until the transaction is over, on the disk if it wrote: "", or why it was aborted."""
    done = js.Promise.withResolvers()
    transaction.oncomplete = done.resolve
    transaction.onabort = done.resolve
    event = await done.promise
    if event.type == "complete":
        return ""
    return "abort" if transaction.error is None else transaction.error.name


def _check_end(reason: str) -> None:
    if reason == "QuotaExceededError":
        raise StorageFull(reason)
    if reason:
        raise StorageFault(reason)


def _label(table: str, key: Key) -> str:
    """What a cipher is bound to, so that no row can stand in for another."""
    return f"{table}/{key}"


def _is_missing(result: Any) -> bool:
    return result is js.undefined


def _range_within(value: str, after: Key | None) -> Any:
    """The part of an index on (field, key) where the field has a value."""
    first = to_js([value] if after is None else [value, after])
    return js.IDBKeyRange.bound(first, to_js([value, []]), after is not None, False)


def _get_all(source: Any, keys: Any, limit: int | None) -> Any:
    return source.getAll(keys) if limit is None else source.getAll(keys, limit)
