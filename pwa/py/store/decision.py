"""The synchronous heart of a commit to IndexedDB: compare versions, write or abort.

It is given an open transaction and uses no other JavaScript. Nothing in it may wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from pwa.py.store.contract import Key, Put

    Name = tuple[str, Key]

# Tables of long rows, whose version is looked up in an index by the row's mark: reading a chart
# of 1 MB only for its version would nearly double the time of a commit.
LONG_TABLES = ("charts", "older", "directory")
# Rows of the outbox are sent and marked by the thousand, mostly neighbours: one request for a run
# of them costs a tenth of one for each. So few rows that nobody asked for are read in between.
OUTBOX = "outbox"
RUN_GAP_MAX = 4
RUN_NUMBERS_MAX = 250


class Decision:
    """What becomes of one commit.

    A row whose version the caller expects is written at once, behind the request that asks for
    the version it has: should that be another, the abort takes the write back. A row that is put
    without being expected has to wait until its version was read.
    """

    def __init__(
        self, transaction: Any, tables: Iterable[str], bound: Callable[[int, int], Any]
    ) -> None:
        """`bound` makes a range of keys, first and last."""
        self._transaction = transaction
        self._sources = {table: transaction.objectStore(table) for table in tables}
        self._bound = bound
        self._expected: dict[Name, int] = {}
        self._counts: list[Any] = []
        # Whose versions are to be known, and the requests that read them.
        self._asked: list[Name] = []
        self._reads: list[tuple[Name, Any]] = []
        self._runs: list[Any] = []
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
        for table, key, version in expected:
            self._expected[(table, key)] = version
        self._read(names, expected)
        for at, name in enumerate(names):
            if puts[at].get("same"):
                assert name in self._expected, name
                self._marks.append((name, records[at]))
            elif name in self._expected:
                self._write(name, records[at], self._expected[name])
            else:
                self._waiting.append((name, records[at]))
        self._remove(removes)
        if self._last is not None:
            # Requests are answered in the order they were made: one callback serves them all.
            self._last.onsuccess = self._decide

    def _read(self, names: list[Name], expected: Sequence[tuple[str, Key, int]]) -> None:
        """Asks for every version that is to be known, before anything is written."""
        put_names = set(names)
        asked: list[Name] = []
        for table, key, version in expected:
            if version == 0 and (table, key) in put_names:
                continue  # it is added, which fails by itself when there is one already
            if version > 0 and table in LONG_TABLES:
                self._last = self._sources[table].index("mark").count(_mark(key, version))
                self._counts.append(self._last)
            else:
                asked.append((table, key))
        asked += [name for name in names if name not in self._expected]
        numbers: list[Any] = []
        for name in asked:
            if name[0] == OUTBOX:
                numbers.append(name[1])
            else:
                self._last = self._sources[name[0]].get(name[1])
                self._reads.append((name, self._last))
        for first, last in runs_of(numbers, RUN_GAP_MAX):
            self._last = self._sources[OUTBOX].getAll(self._bound(first, last))
            self._runs.append(self._last)
        self._asked = asked

    def _remove(self, removes: Sequence[Name]) -> None:
        numbers: list[Any] = []
        for table, key in removes:
            if table == OUTBOX:
                numbers.append(key)
            else:
                self._sources[table].delete(key)
        # With no gap there is nothing in between that is to stay.
        for first, last in runs_of(numbers, gap_max=1):
            self._sources[OUTBOX].delete(self._bound(first, last))

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
        rows: dict[Name, Any] = {}
        for name, read in self._reads:
            rows[name] = read.result
        for run in self._runs:
            for record in run.result:
                rows[(OUTBOX, record.key)] = record
        versions: dict[Name, int] = {}
        for name in self._asked:
            versions[name] = getattr(rows.get(name), "version", 0)
            if self._expected.get(name, versions[name]) != versions[name]:
                self.is_stale = True
        if self.is_stale:
            self._transaction.abort()
            return
        for name, record in self._waiting:
            self._write(name, record, versions[name])
        for name, state in self._marks:
            record = rows[name]
            record.state = state
            self._write(name, record, versions[name])


def runs_of(numbers: Sequence[int], gap_max: int) -> list[tuple[int, int]]:
    """First and last of each run of neighbours. They are not sorted: what is out of order only
    makes one run more."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        first, last = runs[-1] if runs else (number, number)
        is_near = last <= number <= last + gap_max
        if runs and is_near and number - first < RUN_NUMBERS_MAX:
            runs[-1] = (first, number)
        else:
            runs.append((number, number))
    return runs


def _mark(key: Key, version: int) -> str:
    return f"{key}@{version}"
