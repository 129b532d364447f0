"""What users of such systems complain of, and that it does not happen here: synchronisation.

The numbers are those of docs/pains.md, which says where each complaint was read.
"""

from __future__ import annotations

import copy
import gzip
from typing import Any

import pytest

from pwa.py.domain.failures import Offline
from pwa.py.sync import panel
from tests.sync.begun import Begins
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin

DAY_BYTES_MAX = 60_000
FIRST_REQUESTS_MAX = 12
DAY_MS = 86_400_000


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


async def fill(server: ServerTwin, count: int) -> tuple[Tablet, list[str]]:
    """A facility with so many patients, and the tablet that wrote them."""
    tablet = await Tablet("one", server).start()
    patients = [await tablet.register(name=f"Pasien {number}") for number in range(count)]
    for patient in patients[::4]:
        await tablet.visit(patient)
    await tablet.synchronise()
    return tablet, patients


async def test_pain_01_a_first_sync_is_usable_at_once_and_needs_few_requests(
    server: ServerTwin,
) -> None:
    await fill(server, 400)
    two = await Tablet("two", server).start()
    await two.exchange.step()
    assert 0 < two.desk.patient_count < 400
    assert two.desk.find_patients("pasien") != []
    assert await two.synchronise() == "synced"
    assert two.desk.patient_count == 400
    assert len(two.link.gets) <= FIRST_REQUESTS_MAX


async def test_pain_02_a_device_holds_a_panel_and_not_the_whole_database(
    server: ServerTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "PANEL_CHARTS_MAX", 20)
    one, patients = await fill(server, 60)
    two = await Tablet("two", server).start()
    assert await two.synchronise() == "synced"
    assert two.desk.patient_count == 20
    [away, *_] = [patient for patient in patients if two.record.directory.get(patient) is None]
    assert await two.chart(away) is None
    await one.visit(away)
    for tablet in (one, two):
        await tablet.synchronise()
    assert await two.chart(away) is not None


async def test_pain_04_what_is_not_on_the_server_is_never_let_go(
    server: ServerTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, patients = await fill(server, 12)
    tablet = await Tablet("two", server, author="stranger").start()
    await tablet.synchronise()
    await tablet.visit(patients[1])
    assert await tablet.synchronise() == "attention"
    monkeypatch.setattr(panel, "PANEL_CHARTS_MAX", 2)
    tablet.clock_ms += 400 * DAY_MS
    for _ in range(6):
        await tablet.synchronise()
    assert tablet.desk.patient_count < 12
    chart = await tablet.chart(patients[1])
    assert chart is not None
    assert chart["encounters"][0]["state"]["word"] == "attention"


async def test_pain_03_synced_is_never_shown_when_it_is_not(server: ServerTwin) -> None:
    tablet = await Tablet("one", server, author="stranger").start()
    await tablet.register()
    tablet.link.is_cut = True
    words = [await tablet.synchronise()]
    tablet.link.is_cut, tablet.link.replies_to_lose = False, 1
    words.append(await tablet.synchronise())
    words.append(await tablet.synchronise())  # It arrives, and is refused.
    assert words == ["offline", "offline", "attention"]
    assert "synced" not in {status["word"] for status in tablet.statuses}


async def test_pain_06_an_edit_that_the_server_refuses_is_never_silent(server: ServerTwin) -> None:
    one = await Tablet("one", server).start()
    patient = await one.register()
    await one.synchronise()
    server.rows.clear()  # The patient was moved away, as far as this facility is concerned.
    await one.visit(patient)
    assert await one.synchronise() == "attention"
    refused = await one.refusals.list()
    assert {item["patient"] for item in refused} == {patient}
    assert all(item["issues"] for item in refused)
    view = await one.chart(patient)
    assert view["encounters"][0]["state"]["word"] == "attention"


async def test_pain_10_the_next_room_sees_a_patient_who_was_just_registered(
    server: ServerTwin,
) -> None:
    one, two = await Tablet("one", server).start(), await Tablet("two", server, "nurse").start()
    for tablet in (one, two):
        await tablet.synchronise()
    patient = await one.register()
    await one.synchronise()
    await two.synchronise()
    assert [entry["id"] for entry in two.desk.find_patients("siti")] == [patient]


class CuttingLink(Begins):
    """Answers so many requests, and then the link is gone."""

    def __init__(self, link: Any, answers: int) -> None:
        self.link, self.answers = link, answers

    def __getattr__(self, name: str) -> Any:
        return getattr(self.link, name)

    def _spend(self) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise Offline("cut")

    async def get(self, path: str, timeout_ms: int = 0) -> Any:
        self._spend()
        return await self.link.get(path)

    async def post(self, path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> Any:
        self._spend()
        return await self.link.post(path, body, timeout_ms, meanwhile)


async def test_pain_11_a_first_sync_on_a_bad_link_never_starts_over(server: ServerTwin) -> None:
    await fill(server, 60)
    held: list[int] = []
    store = (await Tablet("two", server).start()).store
    for _ in range(30):
        tablet = Tablet("two", server)  # The app is started anew each time.
        tablet.store = store
        tablet.link = CuttingLink(tablet.link, 1)  # type: ignore[assignment]
        await tablet.start()
        word = await tablet.synchronise()
        held.append(tablet.desk.patient_count)
        if word == "synced":
            break
    assert held == sorted(held)
    assert held[0] > 0
    assert held[-1] == 60


async def test_pain_13_one_bad_record_blocks_nothing(server: ServerTwin) -> None:
    tablet = await Tablet("one", server, author="stranger").start()
    await tablet.register(name="Ditolak")
    tablet.record.author = "doctor"
    good = [await tablet.register(name=f"Pasien {number}") for number in range(5)]
    assert await tablet.synchronise() == "attention"
    assert sorted(server.rows) == sorted(f"Patient/{patient}" for patient in good)
    assert len(await tablet.refusals.list()) == 1
    await tablet.visit(good[0])
    await tablet.synchronise()
    assert any(key.startswith("Encounter/") for key in server.rows)


async def test_pain_15_a_day_of_work_is_a_few_kilobytes_and_one_request(
    server: ServerTwin,
) -> None:
    tablet = await Tablet("one", server).start()
    await tablet.synchronise()
    tablet.link.is_cut = True
    patients = [await tablet.register(name=f"Pasien {number}") for number in range(25)]
    for patient in patients:
        await tablet.visit(patient)
    tablet.link.is_cut = False
    sent: list[bytes] = []
    post = tablet.link.post

    async def weigh(path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        sent.append(gzip.compress(body.encode()))
        return await post(path, body, timeout_ms)

    tablet.link.post = weigh  # type: ignore[method-assign]
    assert await tablet.synchronise() == "synced"
    assert sum(map(len, sent)) < DAY_BYTES_MAX
    assert len(sent) <= 3


async def test_pain_17_sync_starts_again_by_itself_after_a_failure(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    await tablet.register()
    tablet.link.is_cut = True
    for _ in range(12):
        assert await tablet.synchronise() == "offline"
    # However long it was away, it asks again within a minute; and at once when told so.
    assert tablet.timers[-1] <= 60_000
    tablet.link.is_cut = False
    assert await tablet.synchronise() == "synced"


async def test_pain_23_a_restored_backup_breaks_no_client(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    await tablet.synchronise()
    backup = copy.deepcopy(server)
    backup.epoch = "epoch-2"
    await tablet.visit(patient)
    await tablet.synchronise()
    tablet.link.server = backup
    words = [await tablet.synchronise() for _ in range(3)]
    assert words[-1] == "synced"
    assert backup.rows == await rows_of(tablet, patient)
    assert any(key.startswith("Encounter/") for key in backup.rows)
