"""Links of a byte a second, apps of another age, clocks of another year."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain.failures import Offline, Refused
from pwa.py.sync.pace import TIMEOUT_MS_MIN, Pace
from pwa.py.sync.state import add_wanted, put_state, read_state
from tests.sync.tablets import Tablet
from tests.sync.twin import Link, ServerTwin

HEAD_CHARACTERS = 600


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


class SlowLink(Link):
    """So many characters pass in a second, both ways, by the tablet's own clock."""

    def __init__(self, tablet: Tablet, characters_a_second: int) -> None:
        super().__init__(tablet.link.server)
        self.tablet = tablet
        self.rate = characters_a_second
        self.largest = 0

    async def post(self, path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        answer = await super().post(path, body, timeout_ms, meanwhile)
        return self._passed(body, answer, timeout_ms)

    async def get(self, path: str, timeout_ms: int = 0) -> str:
        return self._passed(path, await super().get(path), timeout_ms)

    def _passed(self, asked: str, reply: str, timeout_ms: int) -> str:
        length = 2 * HEAD_CHARACTERS + len(asked) + len(reply)
        took_ms = length * 1000 // self.rate
        self.tablet.clock_ms += min(took_ms, timeout_ms)
        if took_ms > timeout_ms:
            raise Offline("timeout")
        self.largest = max(self.largest, took_ms)
        return reply


@pytest.mark.parametrize(("rate", "patients"), [(1, 40), (1_000, 600)])
async def test_a_long_outbox_gets_there_over_a_slow_link(
    server: ServerTwin, rate: int, patients: int
) -> None:
    tablet = await Tablet("one", server).start()
    await tablet.synchronise()
    for number in range(patients):
        await tablet.register(name=f"Pasien {number}")
    tablet.link = link = SlowLink(tablet, rate)
    tablet.device.http = link
    word, rounds, sent = "", 0, []
    while word != "synced":
        rounds += 1
        assert rounds < 100, "it does not get there"
        word = await tablet.synchronise()
        # Each batch that was answered is done with, whatever became of the next.
        sent.append(patients - await tablet.store.count("outbox", "waiting"))
    assert sent == sorted(sent)
    assert len(server.log) == patients


async def slow_reader(server: ServerTwin, rate: int, patients: int) -> Tablet:
    """A fresh tablet on a slow link, of a facility whose charts hold some visits."""
    writer = await Tablet("one", server).start()
    for number in range(patients):
        patient = await writer.register(name=f"Pasien {number}")
        await writer.visit(patient)
    await writer.synchronise()
    reader = await Tablet("two", server).start()
    reader.device.http = reader.link = SlowLink(reader, rate)
    return reader


@pytest.mark.parametrize(("rate", "patients"), [(1, 6), (300, 60)])
async def test_a_first_sync_gets_there_over_a_slow_link(
    server: ServerTwin, rate: int, patients: int
) -> None:
    reader = await slow_reader(server, rate, patients)
    word, rounds, held = "", 0, [0]
    while word != "synced":
        rounds += 1
        assert rounds < 100, "it does not get there"
        word = await reader.synchronise()
        # Each page that came is there to stay, whatever became of the next.
        held.append(reader.desk.patient_count)
        assert held[-1] >= held[-2]
    assert held[-1] == patients
    assert reader.link.largest > TIMEOUT_MS_MIN or rate > 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(("rate", "patients"), [(1, 6), (300, 60)])
async def test_wanted_charts_get_there_over_a_slow_link(
    server: ServerTwin, rate: int, patients: int
) -> None:
    reader = await slow_reader(server, 1_000_000, patients)
    assert await reader.synchronise() == "synced"
    state = await read_state(reader.store)
    add_wanted(state, server.patients())
    await reader.store.commit([put_state(state)])
    reader.device.http = SlowLink(reader, rate)
    left = [patients]
    while left[-1]:
        assert len(left) < 100, "they do not get there"
        await reader.synchronise()
        left.append(len((await read_state(reader.store))["wanted"]))
        assert left[-1] <= left[-2]


async def test_a_pace_that_fell_rises_again(server: ServerTwin) -> None:
    pace = Pace(200, 1_000)
    for _ in range(30):
        pace.note_failure()
    assert pace.size == 1
    assert pace.timeout_ms > 3_600_000
    for _ in range(10):
        pace.note(pace.size, 50)
    assert pace.size > 200
    assert pace.timeout_ms == TIMEOUT_MS_MIN


@pytest.mark.parametrize(("protocols", "word"), [([2, 3], "app_old"), ([0], "server_old")])
async def test_another_protocol_is_said_and_loses_nothing(
    server: ServerTwin, protocols: list[int], word: str
) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    post = tablet.link.post

    async def refuse(path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        issues = [{"severity": "error", "code": "not-supported"}]
        raise Refused(400, {"issue": issues, "protocols": protocols})

    tablet.link.post = refuse  # type: ignore[method-assign]
    assert await tablet.synchronise() == word
    await tablet.visit(patient)
    assert await tablet.synchronise() == word
    assert tablet.sync.status["waiting"] == 6
    assert tablet.timers
    tablet.link.post = post  # type: ignore[method-assign]
    assert await tablet.synchronise() == "synced"
    assert len(server.log) == 6


async def test_how_far_the_clock_is_off_is_known_after_an_answer(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    for _ in range(2):
        await tablet.synchronise()
    # The twin's clock stands at the beginning of 1970.
    assert tablet.sync.status["drift_ms"] > 50 * 365 * 86_400_000


async def test_what_a_newer_app_wrote_is_carried_and_not_understood(server: ServerTwin) -> None:
    newer = await Tablet("one", server).start()
    older = await Tablet("two", server, "nurse").start()
    patient = await newer.register()
    draft: dict[str, Any] = {
        "patient": patient,
        "resource": "Transport/t1",
        "base": {},
        "set": {"status": "newer-than-this", "code": {"text": "Rujukan"}, "unheardOf": {"a": [1]}},
        "situation": {"newer": True},
    }
    assert await newer.record.write(patient, [draft]) == []
    assert await newer.synchronise() == "synced"
    assert server.log[-1][1]["situation"] == {"newer": True}
    assert await older.synchronise() == "synced"
    [shown] = (await older.chart(patient))["loose"]
    assert (shown["type"], shown["known"]) == ("Transport", False)
    # An edit here leaves alone what this version knows nothing of.
    row = server.rows["Transport/t1"]
    await older.amend(patient, row, {"note": [{"text": "tiba"}]})
    await older.synchronise()
    assert server.rows["Transport/t1"]["resource"]["unheardOf"] == {"a": [1]}
    assert server.rows["Transport/t1"]["resource"]["status"] == "newer-than-this"


def test_a_long_way_is_not_taken_for_a_narrow_one() -> None:
    """Four seconds there and back, then 100 changes a second: not one change for each journey."""
    pace = Pace(200, 1_000)
    for _ in range(20):
        pace.note(pace.size, 4_000 + 10 * pace.size)
    assert pace.size == 250


def test_a_narrow_way_still_comes_down_to_single_changes() -> None:
    pace = Pace(200, 1_000)
    for _ in range(20):
        pace.note(pace.size, 40_000 * pace.size)
    assert pace.size == 1


@pytest.mark.parametrize(("carried", "size"), [(5, 1), (40, 10), (0, 50), (1_000, 50)])
def test_after_a_failure_less_goes_than_went(carried: int, size: int) -> None:
    """However much might have gone: the next request must not be the same again."""
    pace = Pace(200, 1_000)
    pace.note_failure(carried)
    assert pace.size == size
