"""Faults that cost somebody's work once: each was found by a review, and stays found."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pwa.py.domain.failures import StorageFull
from pwa.py.store.memory import MemoryStore
from tests.sync.tablets import VISIT, Tablet, without_refused
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


def restored(server: ServerTwin) -> ServerTwin:
    """The server as it is now, brought back later as a backup."""
    backup = copy.deepcopy(server)
    backup.epoch = "epoch-2"
    return backup


async def test_refused_work_does_not_block_a_device_after_a_restore(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    await tablet.synchronise()
    backup = restored(server)
    server.authors.remove("doctor")
    await tablet.visit(patient)
    assert await tablet.synchronise() == "attention"
    server.authors.add("doctor")
    await tablet.register(name="Budi")
    await tablet.synchronise()
    tablet.link.server = backup
    for _ in range(3):
        word = await tablet.synchronise()
    assert word == "synced"
    later = await tablet.register(name="Kemudian")
    assert await tablet.synchronise() == "synced"
    assert f"Patient/{later}" in backup.rows


async def test_what_was_sent_again_survives_a_restore_too(server: ServerTwin) -> None:
    tablet = await Tablet("one", server, author="stranger").start()
    backup = restored(server)
    patient = await tablet.register()
    await tablet.synchronise()
    for one in (server, backup):
        one.authors.add("stranger")
    await tablet.refusals.send_again(1)
    assert await tablet.synchronise() == "synced"
    tablet.link.server = backup
    for _ in range(3):
        word = await tablet.synchronise()
    assert word == "synced"
    assert f"Patient/{patient}" in backup.rows


async def test_work_that_is_sent_again_is_the_same_on_all_sides(server: ServerTwin) -> None:
    one = await Tablet("one", server).start()
    patient = await one.register()
    await one.synchronise()
    two = await Tablet("two", server, "nurse").start()
    await two.synchronise()
    server.authors.remove("doctor")
    key = "Patient/" + patient
    mine = {"telecom": [{"value": "A"}], "birthDate": "1991-01-01"}
    await one.amend(patient, (await rows_of(one, patient))[key], mine)
    await one.synchronise()
    server.authors.add("doctor")
    two.clock_ms += 10_000
    await two.amend(patient, (await rows_of(two, patient))[key], {"telecom": [{"value": "B"}]})
    await two.synchronise()
    await one.synchronise()
    one.clock_ms += 20_000
    refused = (await one.refusals.list())[0]
    await one.refusals.send_again(refused["number"])
    for tablet in (one, two):
        assert await tablet.synchronise() == "synced"
    assert await rows_of(two, patient) == server.rows
    here = await rows_of(one, patient)
    for name, row in server.rows.items():
        stamps = {refused["timestamp"]}
        assert without_refused(here[name], stamps) == without_refused(row, stamps)


async def test_a_crash_after_the_reply_of_a_restored_server_loses_nothing(
    server: ServerTwin,
) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    await tablet.synchronise()
    backup = restored(server)
    await tablet.visit(patient)
    assert await tablet.synchronise() == "synced"
    tablet.link.server = backup

    for at, step in ((0, "send_again_after"), (1, "_take_reply")):
        again = Tablet("one", backup)
        again.store, again._ids = tablet.store, 100
        await again.start()

        async def crash(*_: Any) -> bool:
            raise SystemExit

        owner: Any = (again.exchange._chain, again.exchange)[at]
        setattr(owner, step, crash)
        with pytest.raises(SystemExit):
            await again.exchange.step()
    last = Tablet("one", backup)
    last.store, last._ids = tablet.store, 200
    await last.start()
    assert await last.synchronise() == "synced"
    assert len((await last.chart(patient))["encounters"]) == 1
    assert sum(key.startswith("Encounter/") for key in backup.rows) == 1


class FullOnceStore(MemoryStore):
    """Refuses the first commit that holds a chart, as a disk that is full for a moment."""

    left = 1

    async def commit(self, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        if self.left and any(put["table"] == "charts" for put in puts):
            self.left -= 1
            raise StorageFull("no room")
        await super().commit(puts, removes, expected)


async def test_a_disk_full_during_the_first_sync_leaves_every_patient_findable(
    server: ServerTwin,
) -> None:
    one = await Tablet("one", server).start()
    for number in range(5):
        await one.register(name=f"Pasien {number}")
    await one.synchronise()
    two = Tablet("two", server)
    two.store = FullOnceStore()
    await two.start()
    assert await two.synchronise() == "attention"
    assert await two.synchronise() == "synced"
    again = Tablet("two", server)
    again.store = two.store
    await again.start()
    assert again.desk.patient_count == 5


class SlowReader(MemoryStore):
    """While one page is committed, another part of the tab finishes reading the directory."""

    record: Any = None
    commits = 0

    async def commit(self, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        stale: Any = None
        if any(put["table"] == "directory" for put in puts):
            self.commits += 1
            stale = await self.list("directory") if self.commits == 2 else None
        await super().commit(puts, removes, expected)
        if stale is not None:
            self.record.directory.load(stale)


async def test_reading_the_directory_across_a_commit_drops_nobody(server: ServerTwin) -> None:
    one = await Tablet("one", server).start()
    for number in range(45):
        await one.register(name=f"Pasien {number}")
    await one.synchronise()
    two = Tablet("two", server)
    store = two.store = SlowReader()
    await two.start()
    store.record = two.record
    assert await two.synchronise() == "synced"
    again = Tablet("two", server)
    again.store = store
    await again.start()
    assert (await store.count("charts"), again.desk.patient_count) == (45, 45)


async def test_a_visit_and_the_end_of_its_draft_are_one_transaction(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    await tablet.desk.save_draft("visit", VISIT)
    answer = await tablet.desk.record_encounter(patient, VISIT, "visit")
    assert answer["issues"] == []
    assert await tablet.desk.load_draft("visit") is None


async def test_an_answer_that_is_not_ours_ends_as_attention_and_is_tried_again(
    server: ServerTwin,
) -> None:
    tablet = await Tablet("one", server).start()
    await tablet.synchronise()

    async def post(path: str, body: str, timeout_ms: int, meanwhile: Any) -> str:
        return "{}"

    tablet.link.post = post  # type: ignore[method-assign]
    with pytest.raises(KeyError):
        await tablet.synchronise()
    assert tablet.sync.status["word"] == "attention"
    assert tablet.timers
