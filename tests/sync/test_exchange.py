"""Sync between tablets and a server, with replies lost, links cut and work refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pwa.py.domain import json_text
from pwa.py.domain.chart import Chart
from pwa.py.domain.outbox import REFUSED, WITHDRAWN
from pwa.py.domain.transaction import put
from pwa.py.sync.state import put_state, read_state
from tests.sync.tablets import Tablet
from tests.sync.twin import ServerTwin


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


async def rows_of(tablet: Tablet, patient: str) -> dict[str, Any]:
    row = await tablet.store.get("charts", patient)
    assert row is not None
    chart = Chart(row["text"])
    return chart.rows(chart.keys())


async def test_a_visit_written_offline_reaches_the_server_exactly_once(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    tablet.link.is_cut = True
    patient = await tablet.register()
    await tablet.visit(patient)
    assert await tablet.synchronise() == "offline"
    assert server.log == []
    tablet.link.is_cut = False
    assert await tablet.synchronise() == "synced"
    assert [change["number"] for _, change in server.log] == [1, 2, 3, 4, 5, 6]
    assert server.rows == await rows_of(tablet, patient)


async def test_a_lost_reply_is_made_up_by_asking_again(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    tablet.link.replies_to_lose = 1
    assert await tablet.synchronise() == "offline"
    assert len(server.log) == 1
    assert await tablet.synchronise() == "synced"
    assert len(server.log) == 1
    view = await tablet.chart(patient)
    assert view["patient"]["state"] == {"word": "server", "sequence": 1}


async def test_every_entry_says_how_far_it_has_come(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    assert (await tablet.chart(patient))["patient"]["state"]["word"] == "saved"
    await tablet.synchronise()
    await tablet.visit(patient)
    view = await tablet.chart(patient)
    assert view["patient"]["state"] == {"word": "server", "sequence": 1}
    assert view["encounters"][0]["state"] == {"word": "saved", "sequence": None}


async def test_a_second_tablet_gets_what_the_first_wrote(server: ServerTwin) -> None:
    one = await Tablet("one", server).start()
    two = await Tablet("two", server, "nurse").start()
    patient = await one.register()
    await one.visit(patient)
    await one.synchronise()
    assert await two.synchronise() == "synced"
    assert await rows_of(two, patient) == server.rows
    await one.visit(patient, reason="Kontrol")
    await one.synchronise()
    await two.synchronise()
    assert [item["reason"] for item in (await two.chart(patient))["encounters"]] == [
        "Kontrol",
        "Demam",
    ]
    assert two.desk.find_patients("siti")[0]["id"] == patient


async def test_a_first_sync_that_is_cut_goes_on_where_it_was(server: ServerTwin) -> None:
    one = await Tablet("one", server).start()
    patients = [await one.register(name=f"Pasien {number}") for number in range(50)]
    await one.synchronise()
    two = await Tablet("two", server).start()
    await two.exchange.step()
    held = await two.store.count("charts")
    assert 0 < held < 50
    late = await one.register(name="Terlambat")
    await one.synchronise()
    again = Tablet("two", server)
    again.store = two.store
    await again.start()
    assert await again.synchronise() == "synced"
    assert await again.store.count("charts") == 51
    assert len(again.desk.find_patients("", 100)) == 51
    assert {*patients, late} == {entry["id"] for entry in again.desk.find_patients("", 100)}


async def test_unsent_work_survives_the_first_sync(server: ServerTwin) -> None:
    one = await Tablet("one", server).start()
    patient = await one.register()
    await one.synchronise()
    two = await Tablet("two", server).start()
    await two.synchronise()
    two.link.is_cut = True
    await two.visit(patient)
    state = await two.store.get("meta", "sync")
    assert state is not None
    await two.store.commit([], removes=[("meta", "sync")])
    two.link.is_cut = False
    assert await two.synchronise() == "synced"
    assert len((await two.chart(patient))["encounters"]) == 1
    assert await rows_of(two, patient) == server.rows


async def test_refused_work_is_kept_listed_and_holds_nothing_up(server: ServerTwin) -> None:
    stranger = await Tablet("one", server, author="stranger").start()
    patient = await stranger.register()
    assert await stranger.synchronise() == "attention"
    listed = await stranger.refusals.list()
    assert [(item["number"], item["name"]) for item in listed] == [(1, "Siti Nurhaliza")]
    assert listed[0]["issues"][0]["code"] == "forbidden"
    assert (await stranger.chart(patient))["patient"]["state"]["word"] == "attention"
    server.authors.add("stranger")
    await stranger.refusals.send_again(1)
    assert await stranger.synchronise() == "synced"
    assert server.rows["Patient/" + patient]["resource"]["gender"] == "female"


async def test_synced_is_never_shown_while_something_waits(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    await tablet.synchronise()
    await tablet.register()
    await tablet.sync.refresh()
    assert tablet.sync.status["word"] == "waiting"
    assert tablet.sync.status["waiting"] == 1


async def test_what_changes_its_state_while_it_is_counted_is_in_one_of_the_counts(
    server: ServerTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet = await Tablet("one", server, author="stranger").start()
    await tablet.register()
    await tablet.synchronise()
    store = tablet.store
    count, counts = store.count, store.counts

    async def move_away(state: str) -> None:
        """In another tab somebody gives the refused entry up, or takes it back."""
        row = await store.get("outbox", 1)
        assert row is not None
        to = WITHDRAWN if state == REFUSED else REFUSED
        await store.commit([put("outbox", 1, row["text"], row["patient"], to)])

    async def count_what_has_moved(table: str, state: str) -> int:
        await move_away(state)
        return await count(table, state)

    async def count_all(table: str, states: list[str]) -> list[int]:
        await move_away(states[0])
        return await counts(table, states)

    monkeypatch.setattr(store, "count", count_what_has_moved)
    monkeypatch.setattr(store, "counts", count_all)
    assert sum(await tablet.exchange.counts()) == 1


async def test_failures_are_tried_again_later_and_later(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    tablet.link.is_cut = True
    for _ in range(12):
        await tablet.synchronise()
    delays = tablet.timers
    assert delays[:4] == [1500, 3000, 6000, 12000]
    assert delays[-1] == 45_000
    tablet.link.is_cut = False
    await tablet.synchronise()
    assert tablet.timers[-1] == 22_500


async def test_concurrent_birth_dates_meet_on_all_sides_as_a_conflict(server: ServerTwin) -> None:
    one = await Tablet("one", server).start()
    patient = await one.register()
    await one.synchronise()
    two = await Tablet("two", server).start()
    await two.synchronise()
    for tablet, date in ((one, "1990-05-18"), (two, "1991-05-17")):
        rows = await rows_of(tablet, patient)
        await tablet.amend(patient, rows["Patient/" + patient], {"birthDate": date})
    for tablet in (one, two, one):
        await tablet.synchronise()
    assert await rows_of(one, patient) == await rows_of(two, patient) == server.rows
    assert (await one.chart(patient))["conflicts"] == 1


async def test_a_server_restored_from_an_older_backup_gets_the_work_back(
    server: ServerTwin,
) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    await tablet.synchronise()
    restored = ServerTwin()
    restored.epoch = "epoch-2"
    tablet.link.server = restored
    assert await tablet.synchronise() == "synced"
    assert restored.rows == await rows_of(tablet, patient)


async def test_what_a_restored_server_refused_of_a_copy_is_listed_by_the_original_too(
    server: ServerTwin,
) -> None:
    tablet = await Tablet("one", server).start()
    await tablet.register()
    assert await tablet.synchronise() == "synced"
    copied = Tablet("one", server)
    copied.store = copy.deepcopy(tablet.store)
    await copied.start()
    restored = ServerTwin()
    restored.epoch = "epoch-2"
    restored.authors = set()
    tablet.link.server = copied.link.server = restored
    # The copy is faster: the author is unknown in the backup, and is made anew afterwards.
    assert await copied.synchronise() == "attention"
    restored.authors = {"doctor"}
    assert await tablet.synchronise() == "attention"
    assert tablet.sync.status["refused"] == 1


async def test_earlier_chains_are_asked_about_though_a_chart_told_first_of_another_life(
    server: ServerTwin,
) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    assert await tablet.synchronise() == "synced"
    state = await read_state(tablet.store)
    state.update({"begins": 1, "chains": [["zero", 0, 1]]})
    await tablet.store.commit([put_state(state)])
    server.epoch = "epoch-2"
    assert await tablet.exchange.panel.keep(patient)
    for _ in range(10):
        await tablet.exchange.step()
        state = await read_state(tablet.store)
        if state["parted"]:
            break
    assert state["parted"] and state["parted"]["why"] == "gap"


async def test_a_later_edit_sorts_after_what_was_seen_whatever_the_clock(
    server: ServerTwin,
) -> None:
    one = await Tablet("one", server).start()
    one.clock_ms += 10**12
    patient = await one.register()
    await one.synchronise()
    two = await Tablet("two", server).start()
    await two.synchronise()
    two_rows = await rows_of(two, patient)
    await two.amend(patient, two_rows["Patient/" + patient], {"telecom": []})
    await two.synchronise()
    await one.synchronise()
    assert (await rows_of(one, patient))["Patient/" + patient]["resource"]["telecom"] == []


async def test_the_text_that_was_hashed_is_the_text_that_is_sent(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    await tablet.register(name="Élise 😀 \\ud83d")
    assert await tablet.synchronise() == "synced"
    name = server.log[0][1]["set"]["name"][0]["text"]
    assert json_text.dumps(name) == json_text.dumps("Élise 😀 \\ud83d")


@pytest.mark.parametrize("is_held", [True, False])
async def test_what_this_version_would_not_take_comes_with_the_whole_chart(
    server: ServerTwin, is_held: bool
) -> None:
    """A newer server may let in what an older app refuses: it is not left out in silence."""
    one = await Tablet("one", server).start()
    two = await Tablet("two", server).start()
    await two.synchronise()
    patient = await one.register()
    if is_held:
        await one.synchronise()
        await two.synchronise()
    await one.visit(patient)
    await one.synchronise()
    for _, change in server.log:
        if change["resource"].startswith("Encounter/"):
            change["previous"] = "of another kind"
    assert await two.synchronise() == "synced"
    assert two.link.gets[-1].startswith("/api/charts")
    assert await rows_of(two, patient) == server.rows
