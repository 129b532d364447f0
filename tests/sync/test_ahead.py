"""What is read ahead is what would have been read in its turn, or is void."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import changes, outbox
from pwa.py.domain.failures import StorageFault
from pwa.py.domain.transaction import put
from pwa.py.store.memory import MemoryStore
from pwa.py.sync.ahead import Ahead
from pwa.py.sync.outbox import list_unsent, texts_of
from tests.sync.tablets import Tablet
from tests.sync.twin import ServerTwin

CHARACTERS_MAX = 1_000_000


class CountingStore(MemoryStore):
    """Says how many rows were read whole."""

    rows_read = 0
    is_faulty = False

    async def list(self, *arguments: Any, **named: Any) -> Any:
        if self.is_faulty:
            raise StorageFault("gone")
        rows = await super().list(*arguments, **named)
        self.rows_read += len(rows)
        return rows

    async def list_versions(self, table: str, state: str, limit: int) -> Any:
        rows = await MemoryStore.list(self, table, state=state, limit=limit)
        return [(row["key"], row["version"]) for row in rows]


@pytest.fixture
async def store() -> CountingStore:
    """Twelve changes wait."""
    store = CountingStore()
    drafts = [
        {"patient": "p", "resource": f"Condition/c{at}", "base": {}, "set": {"a": at}}
        for at in range(12)
    ]
    sealed, _ = changes.seal(drafts, changes.new_device_state("d"), "doctor", 1_795_000_000_000)
    await store.commit([row(change["number"], text) for change, text in sealed])
    return store


def row(number: int, text: str, state: str = outbox.WAITING) -> Any:
    return put("outbox", number, text, "p", state)


async def mark(store: MemoryStore, numbers: Any, state: str, note: Any = None) -> None:
    for number in numbers:
        held = await store.get("outbox", number)
        assert held is not None
        text = outbox.noted(outbox.text_of(held), note)
        await store.commit([row(number, text, state)])


async def begin(store: MemoryStore, size: int = 4, most: int = 12) -> tuple[Ahead, Any]:
    """The first batch is on its way, and what comes after it was read."""
    ahead = Ahead(store)
    batch, texts = await ahead.next_batch(size, CHARACTERS_MAX)
    assert texts == texts_of(batch)
    await ahead.read(batch, most)
    return ahead, [one["key"] for one in batch]


async def check(ahead: Ahead, store: MemoryStore, size: int, wanted: list[int]) -> None:
    """The next batch is those numbers, and as it would be read now."""
    batch, texts = await ahead.next_batch(size, CHARACTERS_MAX)
    assert batch == (await list_unsent(store, size))[: len(batch)]
    assert [one["key"] for one in batch] == wanted
    assert texts == texts_of(batch)


async def test_what_was_read_ahead_is_not_read_again(store: CountingStore) -> None:
    ahead, sent = await begin(store)
    await mark(store, sent, outbox.DONE)
    before = store.rows_read
    batch, texts = await ahead.next_batch(6, CHARACTERS_MAX)
    assert [one["key"] for one in batch] == [5, 6, 7, 8, 9, 10]
    assert texts == texts_of(batch)
    assert store.rows_read == before
    # Good once: it is not kept for another turn.
    await check(ahead, store, 3, [5, 6, 7])


async def test_a_batch_that_got_no_answer_goes_again(store: CountingStore) -> None:
    ahead, _ = await begin(store)
    await check(ahead, store, 4, [1, 2, 3, 4])


async def test_what_was_said_again_meanwhile_goes_as_given_up(store: CountingStore) -> None:
    ahead, sent = await begin(store)
    await mark(store, sent, outbox.DONE)
    # It waits as before, under the same number.
    await mark(store, [6], outbox.WAITING, {"by": 13})
    await check(ahead, store, 4, [5, 6, 7, 8])


async def test_what_was_withdrawn_meanwhile_goes_as_withdrawn(store: CountingStore) -> None:
    ahead, sent = await begin(store)
    await mark(store, sent, outbox.DONE)
    await mark(store, [6], outbox.WITHDRAWN, {"reason": "wrong patient", "was": "waiting"})
    await check(ahead, store, 4, [5, 6, 7, 8])


async def test_what_was_withdrawn_while_it_was_sent_is_told_next(store: CountingStore) -> None:
    ahead, sent = await begin(store)
    await mark(store, sent, outbox.DONE)
    await mark(store, [2], outbox.WITHDRAWN, {"reason": "wrong patient", "was": "waiting"})
    await check(ahead, store, 4, [2, 5, 6, 7])


async def test_what_another_tab_has_sent_meanwhile_is_not_sent_again(store: CountingStore) -> None:
    ahead, sent = await begin(store)
    await mark(store, [*sent, 5, 6], outbox.DONE)
    await check(ahead, store, 4, [7, 8, 9, 10])


async def test_what_was_saved_meanwhile_goes_after_what_was_read(store: CountingStore) -> None:
    ahead, sent = await begin(store, most=8)
    await mark(store, sent, outbox.DONE)
    await store.commit([row(13, "{}")])
    await check(ahead, store, 12, [5, 6, 7, 8, 9, 10, 11, 12])


async def test_no_more_is_sent_than_fits(store: CountingStore) -> None:
    ahead, sent = await begin(store)
    await mark(store, sent, outbox.DONE)
    batch, texts = await ahead.next_batch(6, 600)
    assert 0 < len(batch) < 4
    assert texts == texts_of(batch)


async def test_a_fault_of_the_store_meanwhile_harms_nothing(store: CountingStore) -> None:
    ahead = Ahead(store)
    batch, _ = await ahead.next_batch(4, CHARACTERS_MAX)
    store.is_faulty = True
    await ahead.read(batch, 12)
    store.is_faulty = False
    await mark(store, [1, 2, 3, 4], outbox.DONE)
    await check(ahead, store, 4, [5, 6, 7, 8])


async def test_a_long_outbox_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole exchange: each change is read once to be sent, and once by the server."""
    monkeypatch.setattr("pwa.py.sync.exchange.CHANGES_FIRST", 5)
    server = ServerTwin()
    tablet = Tablet("one", server)
    tablet.store = CountingStore()
    await tablet.start()
    await tablet.synchronise()
    for at in range(60):
        await tablet.register(name=f"Pasien {at}")
    tablet.store.rows_read = 0
    assert await tablet.synchronise() == "synced"
    assert [change["number"] for _, change in server.log] == list(range(1, 61))
    assert tablet.store.rows_read <= 60
