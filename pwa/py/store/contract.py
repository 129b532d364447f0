"""What every store keeps to; `memory` and `indexeddb` are the two that do.

A store is a few tables of rows. A row has a key, a version that counts its commits, a text, and
two clear fields to find it by. What the text means is not known here.

- Nothing is visible of a commit that failed; all is on the disk of one that returned.
- A commit names the rows it decided upon with the versions it saw (0: there was none) and fails
  with `Stale` when one differs. Two tabs therefore never overwrite each other.
- The text is secret, unless the put says `"secret": False` (table "meta" only): at rest it is
  encrypted, bound to its table and key. Keys, versions, `patient` and `state` are in the clear
  and so must never say anything about a person.
- A removed row that comes back starts again at version 1: rows that are edited by version are
  never removed.

Failures (`domain.failures`): Stale, StorageFull, StorageFault, Outdated, Locked, Unreadable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NotRequired, Protocol, TypedDict

    Key = str | int

    class Put(TypedDict):
        """A row to be. `patient` and `state` are "" where a row has none.

        `same`: only the state changes. The text given does not count: the row, whose version the
        commit expects, keeps what it has, and nothing is encrypted anew.
        """

        table: str
        key: Key
        text: str
        patient: str
        state: str
        secret: NotRequired[bool]
        same: NotRequired[bool]

    class StoredRow(TypedDict):
        table: str
        key: Key
        version: int
        text: str
        patient: str
        state: str

    # Named, because a store has a method called `list`.
    Rows = list[StoredRow]
    RowsOrNone = list[StoredRow | None]
    Names = list[Any]
    Numbers = list[int]
    Versions = list[tuple[Any, int]]

    class Store(Protocol):
        async def get(self, table: str, key: Key) -> StoredRow | None: ...

        async def get_many(self, table: str, keys: Sequence[Key]) -> RowsOrNone:
            """In the order of the keys; None where there is no row."""
            ...

        async def list(
            self,
            table: str,
            patient: str | None = None,
            state: str | None = None,
            after: Key | None = None,
            limit: int | None = None,
        ) -> Rows:
            """In the order of keys; only the outbox can be asked by patient or state."""
            ...

        async def list_keys(
            self, table: str, limit: int | None = None, state: str | None = None
        ) -> Names:
            """Keys without reading the rows: of charts those that have a state, in its order; of
            the outbox those in one state."""
            ...

        async def list_versions(self, table: str, state: str, limit: int) -> Versions:
            """Key and version of the rows in a state, in the order of keys: none is decrypted."""
            ...

        async def count(self, table: str, state: str | None = None) -> int: ...

        async def counts(self, table: str, states: Sequence[str]) -> Numbers:
            """How many rows are in each of the states, all at one moment."""
            ...

        async def commit(
            self,
            puts: Sequence[Put],
            removes: Sequence[tuple[str, Key]] = (),
            expected: Sequence[tuple[str, Key, int]] = (),
        ) -> None:
            """All or nothing; returns when it is durable. `expected`: (table, key, version)."""
            ...


META = "meta"
CHARTS = "charts"
OLDER = "older"
DIRECTORY = "directory"
OUTBOX = "outbox"
DRAFTS = "drafts"
TABLES = (META, CHARTS, OLDER, DIRECTORY, OUTBOX, DRAFTS)
NUMBERED_TABLES = (DIRECTORY, OUTBOX)

# A number must survive the way to JavaScript and back, where MicroPython keeps 32 bits.
KEY_NUMBER_MAX = 2**31 - 1
KEY_CHARACTERS_MAX = 200
# A chain of 5,000 waiting changes that is carried over whole, with what it replaces.
COMMIT_ROWS_MAX = 40_000
LIST_ROWS_MAX = 100_000


def check_key(table: str, key: Key) -> None:
    assert table in TABLES, table
    if table in NUMBERED_TABLES:
        assert isinstance(key, int), key
        assert 0 <= key <= KEY_NUMBER_MAX, key
    else:
        assert isinstance(key, str), key
        assert 0 < len(key) <= KEY_CHARACTERS_MAX, key


def check_commit(
    puts: Sequence[Put],
    removes: Sequence[tuple[str, Key]],
    expected: Sequence[tuple[str, Key, int]],
) -> None:
    assert len(puts) + len(removes) + len(expected) <= COMMIT_ROWS_MAX, len(puts)
    for put in puts:
        check_key(put["table"], put["key"])
        assert put.get("secret", True) or put["table"] == META, put["table"]
        # Rows of the outbox alone are marked by the thousand, and they never change their patient.
        assert not put.get("same") or put["table"] == OUTBOX, put["table"]
    for table, key in removes:
        check_key(table, key)
    for table, key, version in expected:
        check_key(table, key)
        assert version >= 0, version


def check_list_keys(table: str, limit: int | None, state: str | None) -> None:
    assert table == (CHARTS if state is None else OUTBOX), table
    assert limit is None or limit > 0, limit


def check_counts(table: str, states: Sequence[str]) -> None:
    assert table == OUTBOX, table
    assert len(states) > 0


def check_list(table: str, patient: str | None, state: str | None, limit: int | None) -> None:
    assert table in TABLES, table
    assert table == OUTBOX or (patient is None and state is None), table
    assert limit is None or limit > 0, limit
