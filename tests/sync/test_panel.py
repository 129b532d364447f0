"""What a device holds of its facility: fetched by need, and let go when it is too much."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pwa.py.domain import use
from pwa.py.domain.directory import Directory, joined
from pwa.py.domain.failures import Offline
from pwa.py.sync import first, panel
from pwa.py.sync.state import read_state
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin

DAY_MS = 86_400_000


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


@pytest.fixture
def small_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "PANEL_CHARTS_MAX", 3)


async def held_by(tablet: Tablet) -> list[str]:
    return sorted(await tablet.store.list_keys("charts"))


async def fill(server: ServerTwin, count: int) -> tuple[Tablet, list[str]]:
    tablet = await Tablet("one", server).start()
    patients = [await tablet.register(name=f"Pasien {at}") for at in range(count)]
    assert await tablet.synchronise() == "synced"
    return tablet, patients


async def another(server: ServerTwin) -> Tablet:
    """A second tablet of the facility, after its first sync."""
    tablet = await Tablet("two", server).start()
    assert await tablet.synchronise() == "synced"
    return tablet


async def test_a_first_sync_ends_at_the_cap(server: ServerTwin, small_panel: None) -> None:
    _, patients = await fill(server, 5)
    two = await another(server)
    assert await held_by(two) == patients[:3]
    state = await read_state(two.store)
    assert (state["done"], state["panel"], state["patients"]) == (3, 3, 5)


async def test_a_change_of_somebody_not_held_brings_the_whole_chart(
    server: ServerTwin, small_panel: None
) -> None:
    one, patients = await fill(server, 5)
    two = await another(server)
    await one.visit(patients[4])
    await one.synchronise()
    assert await two.synchronise() == "synced"
    assert patients[4] in await held_by(two)
    mine = {key: row for key, row in server.rows.items() if row["patient"] == patients[4]}
    assert await rows_of(two, patients[4]) == mine
    assert two.link.gets[-1] == f"/api/charts?patients={patients[4]}"


async def test_somebody_registered_elsewhere_needs_no_further_request(server: ServerTwin) -> None:
    one, _ = await fill(server, 1)
    two = await another(server)
    asked = len(two.link.gets)
    new = await one.register(name="Baru")
    await one.visit(new)
    await one.synchronise()
    assert await two.synchronise() == "synced"
    assert len(two.link.gets) == asked
    mine = {key: row for key, row in server.rows.items() if row["patient"] == new}
    assert await rows_of(two, new) == mine


async def test_who_is_wanted_is_still_wanted_after_a_crash(
    server: ServerTwin, small_panel: None
) -> None:
    one, patients = await fill(server, 5)
    two = await another(server)
    await one.visit(patients[4])
    await one.synchronise()
    await two.exchange.step()
    state = await read_state(two.store)
    assert (state["wanted"], state["cursor"]) == ([patients[4]], server.sequence)
    again = Tablet("two", server)
    again.store = two.store
    await again.start()
    assert await again.synchronise() == "synced"
    assert patients[4] in await held_by(again)
    assert (await read_state(again.store))["wanted"] == []


async def test_the_least_lately_used_is_let_go(server: ServerTwin, small_panel: None) -> None:
    one, patients = await fill(server, 5)
    one.clock_ms += 3 * DAY_MS
    await one.desk.note_use(patients[0])
    one.clock_ms += 3 * DAY_MS
    assert await one.synchronise() == "synced"
    held = await held_by(one)
    assert len(held) == 3
    assert patients[0] in held
    gone = [patient for patient in patients if patient not in held]
    assert sorted(one.arrived[-2:]) == sorted(gone)
    assert sorted(entry["id"] for entry in one.desk.find_patients("")) == held
    assert await one.chart(gone[0]) is None
    row = await one.store.get("charts", gone[0])
    assert row is not None
    # Its versions go on counting, so that nobody writes upon the chart that was.
    assert (row["text"], row["state"]) == ("", "")
    assert row["version"] > 1


async def test_nothing_that_is_in_use_or_unsent_is_let_go(
    server: ServerTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet, patients = await fill(server, 6)
    tablet.clock_ms += 5 * DAY_MS
    unsent, drafted, opened, refused, rest, other = patients
    await tablet.visit(refused)
    server.authors.remove("doctor")
    await tablet.synchronise()
    await tablet.visit(unsent)
    await tablet.desk.save_draft(f"doctor/visit/{drafted}", {"reason": "Demam"})
    tablet.clock_ms += 5 * DAY_MS
    await tablet.desk.note_use(opened)
    monkeypatch.setattr(panel, "PANEL_CHARTS_MAX", 3)
    # What waits stays so: this round only lets go.
    await tablet.exchange.panel.let_go()
    held = await held_by(tablet)
    assert {unsent, drafted, opened, refused} <= {*held}
    assert rest not in held
    assert other not in held


async def test_what_is_written_while_charts_are_let_go_stays(
    server: ServerTwin, small_panel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tab writes in the very moment in which nothing seems to be unsent, by a clock that
    was set back, so that the chart does not count as in use."""
    monkeypatch.setattr(panel, "PANEL_CHARTS_MAX", 6)
    tablet, patients = await fill(server, 6)
    monkeypatch.setattr(panel, "PANEL_CHARTS_MAX", 5)
    tablet.clock_ms += 5 * DAY_MS
    is_unfinished = panel.Panel._is_unfinished  # pyright: ignore[reportPrivateUsage]
    written: list[str] = []

    async def write_meanwhile(self: Any, patient: str) -> bool:
        answer = await is_unfinished(self, patient)
        if not written:
            written.append(patient)
            tablet.clock_ms -= 5 * DAY_MS
            await tablet.visit(patient)
            tablet.clock_ms += 5 * DAY_MS
        return answer

    monkeypatch.setattr(panel.Panel, "_is_unfinished", write_meanwhile)
    await tablet.exchange.panel.let_go()
    held = await held_by(tablet)
    assert written[0] in held
    assert len(held) == 5 < len(patients)


async def test_a_tab_that_missed_a_letting_go_neither_lets_go_too_much_nor_shows_the_gone(
    server: ServerTwin, small_panel: None
) -> None:
    one, _ = await fill(server, 6)
    other = Tablet("one", server)
    other.store = one.store
    await other.start()
    one.clock_ms += 5 * DAY_MS
    await one.synchronise()
    assert (len(await held_by(one)), other.desk.patient_count) == (3, 6)
    other.clock_ms = one.clock_ms
    await other.synchronise()
    assert len(await held_by(other)) == 3
    assert other.desk.patient_count == 3


def test_rows_that_were_read_before_a_commit_do_not_undo_it() -> None:
    directory = Directory()
    old = [{"key": 0, "version": 1, "text": "p1\t\tSiti\np2\t\tBudi"}]
    directory.load(old)
    staged: dict[int, list[str]] = {}
    assert directory.unstage("p1", staged) == 0
    directory.committed(0, 2, joined(staged[0]))
    directory.load(old)
    assert (directory.get("p1"), len(directory)) == (None, 1)
    # Fetched again into another segment, it is not lost when the first is heard of again.
    directory.committed(1, 1, "p1\t\tSiti")
    directory.committed(0, 3, "p2\t\tBudi")
    assert directory.get("p1") is not None


async def test_a_patient_whom_a_restored_server_has_back_is_fetched_whole(
    server: ServerTwin,
) -> None:
    """What the tablet had kept of them may hold what is in nobody's record any more."""
    one, [patient] = await fill(server, 1)
    two = await another(server)
    restored = ServerTwin()
    restored.epoch = "epoch-2"
    for tablet in (two, one):
        tablet.link.server = restored
        assert await tablet.synchronise() == "synced"
    asked = len(two.link.gets)
    assert await two.synchronise() == "synced"
    assert two.link.gets[asked:] == [f"/api/charts?patients={patient}"]
    assert await rows_of(two, patient) == restored.rows


async def test_a_chart_that_was_let_go_cannot_be_written_upon(
    server: ServerTwin, small_panel: None
) -> None:
    tablet, patients = await fill(server, 4)
    tablet.clock_ms += 3 * DAY_MS
    await tablet.synchronise()
    held = await held_by(tablet)
    gone = next(one for one in patients if one not in held)
    answer = await tablet.desk.record_encounter(gone, {"reason": "Demam"})
    assert [one["code"] for one in answer["issues"]] == ["not-found"]
    assert await tablet.store.count("outbox", "waiting") == 0


async def test_work_on_a_chart_since_let_go_goes_to_a_restored_server(
    server: ServerTwin, small_panel: None
) -> None:
    tablet, patients = await fill(server, 4)
    tablet.clock_ms += 3 * DAY_MS
    await tablet.synchronise()
    restored = ServerTwin()
    restored.epoch = "epoch-2"
    tablet.link.server = restored
    for _ in range(3):
        word = await tablet.synchronise()
    assert word == "synced"
    assert {f"Patient/{one}" for one in patients} == {*restored.rows}
    for patient in await held_by(tablet):
        mine = {key: row for key, row in restored.rows.items() if row["patient"] == patient}
        assert await rows_of(tablet, patient) == mine


async def test_charts_that_were_long_on_their_way_do_not_land(server: ServerTwin) -> None:
    one, [patient] = await fill(server, 1)
    two = await another(server)
    old = server.charts([patient])
    await one.visit(patient)
    await one.synchronise()
    await two.synchronise()
    await two.exchange.panel._take_charts(old)
    assert await rows_of(two, patient) == server.rows


async def test_a_page_of_another_life_of_the_server_begins_the_first_sync_again(
    server: ServerTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first, "PAGE_PATIENTS_FIRST", 2)
    monkeypatch.setattr(first, "PAGE_PATIENTS_MAX", 2)
    await fill(server, 5)
    two = await Tablet("two", server).start()
    await two.exchange.step()
    server.epoch = "epoch-2"
    await two.exchange.step()
    state = await read_state(two.store)
    assert (state["epoch"], state["snapshot_after"], state["done"]) == ("epoch-2", "", 0)
    assert await two.synchronise() == "synced"
    assert len(await held_by(two)) == 5


async def test_a_first_sync_says_how_far_it_is_after_any_interruption(
    server: ServerTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first, "PAGE_PATIENTS_FIRST", 2)
    monkeypatch.setattr(first, "PAGE_PATIENTS_MAX", 2)
    await fill(server, 7)
    two = await Tablet("two", server).start()
    await two.exchange.step()
    assert len(two.desk.find_patients("")) == 2
    again = Tablet("two", server)
    again.store = two.store
    await again.start()
    again.link.is_cut = True
    with pytest.raises(Offline):
        await again.exchange.step()
    progress: Any = again.exchange.progress
    assert (progress["done"], progress["total"], progress["left_ms"]) == (2, 7, None)
    again.link.is_cut = False
    await again.exchange.step()
    assert await again.synchronise() == "synced"
    assert len(await held_by(again)) == 7
    asked = [path for path in again.link.gets if path.startswith("/api/snapshot")]
    assert len(asked) == 3


async def test_somebody_looked_up_stays_and_is_kept_up_to_date(
    server: ServerTwin, small_panel: None
) -> None:
    one, patients = await fill(server, 5)
    two = await another(server)
    answer = await two.lookup.find("pasien 4")
    chosen = next(entry for entry in answer["found"] if entry["id"] == patients[4])
    assert not two.desk.is_held(chosen["id"])
    assert await two.lookup.keep(chosen["id"])
    assert two.desk.is_held(chosen["id"])
    # One too many now: another one goes.
    assert await two.synchronise() == "synced"
    assert patients[4] in await held_by(two)
    assert len(await held_by(two)) == 3
    await one.visit(patients[4])
    await one.synchronise()
    await two.synchronise()
    assert len((await two.chart(patients[4]))["encounters"]) == 1


async def test_a_look_up_that_tells_of_another_life_of_the_server_leaves_nothing_called_synced(
    server: ServerTwin,
) -> None:
    one, patients = await fill(server, 1)
    restored = deepcopy(server)
    restored.epoch = "epoch-2"
    one.link.server = restored
    assert await one.lookup.keep(patients[0])
    assert one.sync.status["word"] != "synced"
    while one.tasks:
        await one.tasks.pop(0)
    assert one.sync.status["word"] == "synced"


async def test_a_patient_of_nobody_is_not_kept(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    assert not await tablet.lookup.keep("nobody")
    assert await tablet.synchronise() == "synced"
    tablet.link.is_cut = True
    with pytest.raises(Offline):
        await tablet.lookup.find("siti")


async def test_a_look_up_before_the_first_page_misses_nothing(
    server: ServerTwin, small_panel: None
) -> None:
    one, patients = await fill(server, 5)
    two = await Tablet("two", server).start()
    assert await two.lookup.keep(patients[4])
    await one.visit(patients[4])
    await one.synchronise()
    assert await two.synchronise() == "synced"
    mine = {key: row for key, row in server.rows.items() if row["patient"] == patients[4]}
    assert await rows_of(two, patients[4]) == mine


async def test_a_double_on_another_device_is_found_before_it_is_registered(
    server: ServerTwin, small_panel: None
) -> None:
    one, _ = await fill(server, 4)
    await one.register(name="Zainab Putri", nik="3201234567890123")
    await one.synchronise()
    two = await another(server)
    form = {"name": "Zaenab", "birthDate": "", "gender": "female", "nik": "3201234567890123"}
    assert two.desk.similar_patients(form) == []
    assert [entry["name"] for entry in await two.lookup.similar(form)] == ["Zainab Putri"]


def test_uses_sort_as_charts_are_let_go() -> None:
    now_ms = 1_795_398_170_123
    day = use.day_of(now_ms)
    assert [use.NEVER, day, use.opened_on(now_ms)] == sorted(
        [use.opened_on(now_ms), day, use.NEVER]
    )
    assert use.later("", "") == use.NEVER
    assert use.later(use.opened_on(now_ms), day) == use.opened_on(now_ms)
    assert use.is_in_hand(use.opened_on(now_ms - DAY_MS), now_ms)
    assert not use.is_in_hand(use.opened_on(now_ms - 2 * DAY_MS), now_ms)
    assert not use.is_in_hand(day, now_ms)
