"""The synchronous heart of a commit to IndexedDB: compare versions, write or abort.

It is given an open transaction and uses no other JavaScript. Nothing in it may wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from pwa.py.store.contract import Key, Put

    Name = tuple[str, Key]

# Tables of long rows, whose version is looked up in an index by the row's mark: reading a chart
# of 1 MB only for its version would nearly double the time of a commit.
LONG_TABLES = ("charts", "older", "directory")


class Decision:
    """What becomes of one commit.

    A row whose version the caller expects is written at once, behind the request that asks for
    the version it has: should that be another, the abort takes the write back. A row that is put
    without being expected has to wait until its version was read.
    """

    def __init__(self, transaction: Any, tables: Iterable[str]) -> None:
        self._transaction = transaction
        self._sources = {table: transaction.objectStore(table) for table in tables}
        self._expected: dict[Name, int] = {}
        self._counts: list[Any] = []
        self._reads: dict[Name, Any] = {}
        self._waiting: list[tuple[Name, Any]] = []
        self._marks: list[tuple[Name, str]] = []
        self._written: set[Name] = set()
        self._last: Any = None
        self.is_stale = False

    def begin(
        self,
        puts: Sequence[Put],
        records: Sequence[Any],
        removes: Sequence[Name],
        expected: Sequence[tuple[str, Key, int]],
    ) -> None:
        """`records` are the JavaScript objects of the puts, complete but for their versions; a
        state alone, for a row that keeps its text."""
        names = [(put["table"], put["key"]) for put in puts]
        put_names = set(names)
        for table, key, version in expected:
            self._expected[(table, key)] = version
            self._check((table, key), version, put_names)
        for at, name in enumerate(names):
            if puts[at].get("same"):
                assert name in self._expected, name
                self._marks.append((name, records[at]))
            elif name in self._expected:
                self._write(name, records[at], self._expected[name])
            else:
                self._read(name)
                self._waiting.append((name, records[at]))
        for table, key in removes:
            self._sources[table].delete(key)
        if self._last is not None:
            # Requests are answered in the order they were made: one callback serves them all.
            self._last.onsuccess = self._decide

    def _check(self, name: Name, version: int, put_names: set[Name]) -> None:
        table, key = name
        if version == 0 and name in put_names:
            return  # it is added, which fails by itself when there is one already
        if version > 0 and table in LONG_TABLES:
            self._last = self._sources[table].index("mark").count(_mark(key, version))
            self._counts.append(self._last)
        else:
            self._read(name)

    def _read(self, name: Name) -> None:
        if name not in self._reads:
            self._last = self._sources[name[0]].get(name[1])
            self._reads[name] = self._last

    def _write(self, name: Name, record: Any, version: int) -> None:
        table, key = name
        record.version = version + 1
        if table in LONG_TABLES:
            record.mark = _mark(key, version + 1)
        if version == 0 and name not in self._written:
            self._sources[table].add(record)
        else:
            self._sources[table].put(record)
        self._written.add(name)

    def _decide(self, event: Any) -> None:
        for count in self._counts:
            if count.result != 1:
                self.is_stale = True
        versions: dict[Name, int] = {}
        for name, read in self._reads.items():
            versions[name] = getattr(read.result, "version", 0)
            if self._expected.get(name, versions[name]) != versions[name]:
                self.is_stale = True
        if self.is_stale:
            self._transaction.abort()
            return
        for name, record in self._waiting:
            self._write(name, record, versions[name])
        for name, state in self._marks:
            record = self._reads[name].result
            record.state = state
            self._write(name, record, versions[name])


def _mark(key: Key, version: int) -> str:
    return f"{key}@{version}"
