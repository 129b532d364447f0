"""Refused work: mended, sent again, withdrawn, with what builds upon it, and nothing lost."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pwa.py.domain import changes, outbox
from pwa.py.domain.failures import Offline
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin

KEY_FIELDS = ("resourceType", "id")


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


async def refused_patient(server: ServerTwin) -> tuple[Tablet, str]:
    """A tablet whose new patient with a visit was refused: the author is nobody's member."""
    tablet = await Tablet("one", server, author="stranger").start()
    patient = await tablet.register()
    await tablet.visit(patient)
    assert await tablet.synchronise() == "attention"
    return tablet, patient


async def as_colleague(tablet: Tablet, author: str = "doctor") -> Tablet:
    """A colleague signs in on the same tablet."""
    other = Tablet(tablet.name, tablet.link.server, author)
    other.store, other.clock_ms = tablet.store, tablet.clock_ms + 1000
    return await other.start()


async def states(tablet: Tablet) -> list[str]:
    return [row["state"] for row in await tablet.store.list("outbox")]


async def test_what_builds_upon_refused_work_says_what_it_waits_for(server: ServerTwin) -> None:
    tablet, _ = await refused_patient(server)
    listed = await tablet.refusals.list()
    assert [item["waits_for"] for item in listed] == [0, 1, 1, 1, 1, 1]
    assert await tablet.refusals.followers(1) == [2, 3, 4, 5, 6]


async def test_mended_work_takes_all_that_waits_with_it(server: ServerTwin) -> None:
    tablet, patient = await refused_patient(server)
    doctor = await as_colleague(tablet)
    server.authors.add("stranger")
    [first, *_] = await doctor.refusals.list()
    fields = first["set"] | {"birthDate": "1991-01-02"}
    assert await doctor.refusals.mend(1, fields) == []
    assert await doctor.synchronise() == "synced"
    assert await states(doctor) == ["done"] * 12
    assert [change.get("replaces") for _, change in server.log] == [1, 2, 3, 4, 5, 6]
    assert [change["author"] for _, change in server.log] == ["doctor"] + ["stranger"] * 5
    row = server.rows["Patient/" + patient]
    assert row["resource"]["birthDate"] == "1991-01-02"
    assert "siblings" not in row
    assert (await doctor.chart(patient))["conflicts"] == 0


async def test_mended_work_with_mistakes_is_not_written(server: ServerTwin) -> None:
    tablet, _ = await refused_patient(server)
    [first, *_] = await tablet.refusals.list()
    issues = await tablet.refusals.mend(1, first["set"] | {"birthDate": "besok"})
    assert issues[0]["expression"] == ["Patient.birthDate"]
    assert await states(tablet) == ["refused"] * 6


async def test_an_edit_made_after_the_refusal_goes_with_what_it_was_made_upon(
    server: ServerTwin,
) -> None:
    tablet, patient = await refused_patient(server)
    tablet.link.is_cut = True
    row = (await rows_of(tablet, patient))["Patient/" + patient]
    await tablet.amend(patient, row, {"birthDate": "1992-02-02"})
    server.authors.add("stranger")
    await tablet.refusals.send_again(1)
    tablet.link.is_cut = False
    assert await tablet.synchronise() == "synced"
    row = server.rows["Patient/" + patient]
    assert row["resource"]["birthDate"] == "1992-02-02"
    assert "siblings" not in row
    held = await tablet.chart(patient)
    assert (held["conflicts"], held["patient"]["birthDate"]) == (0, "1992-02-02")


async def test_a_withdrawn_patient_is_gone_at_once_and_the_server_knows_why(
    server: ServerTwin,
) -> None:
    tablet, patient = await refused_patient(server)
    tablet.link.is_cut = True
    issues = await tablet.record.write(
        patient, [changes.create({"resourceType": "Flag", "id": "f", "code": {}}, patient)]
    )
    assert issues == []
    assert await tablet.refusals.withdraw(1, "salah orang") == [1, 2, 3, 4, 5, 6, 7]
    assert await tablet.chart(patient) is None
    assert tablet.desk.find_patients("siti") == []
    await tablet.sync.refresh()
    assert tablet.sync.status["waiting"] == 7
    tablet.link.is_cut = False
    assert await tablet.synchronise() == "synced"
    assert server.withdrawn == [(number, "salah orang") for number in range(1, 8)]
    assert server.log == []
    assert await states(tablet) == ["done"] * 7


async def test_a_withdrawal_can_be_taken_back_until_the_server_has_heard_of_it(
    server: ServerTwin,
) -> None:
    tablet, patient = await refused_patient(server)
    before = await tablet.chart(patient)
    gone = await tablet.refusals.withdraw(1, "salah orang")
    assert await tablet.refusals.take_back(gone)
    assert await tablet.chart(patient) == before
    assert tablet.desk.find_patients("siti")[0]["id"] == patient
    gone = await tablet.refusals.withdraw(1, "salah orang")
    await tablet.synchronise()
    assert not await tablet.refusals.take_back(gone)
    assert await tablet.chart(patient) is None


async def test_a_withdrawn_edit_gives_way_to_what_the_server_has(server: ServerTwin) -> None:
    doctor = await Tablet("one", server).start()
    patient = await doctor.register()
    await doctor.synchronise()
    server.authors.remove("doctor")
    row = (await rows_of(doctor, patient))["Patient/" + patient]
    await doctor.amend(patient, row, {"birthDate": "1900-01-01"})
    await doctor.visit(patient)
    assert await doctor.synchronise() == "attention"
    [edit, visit, *_] = await doctor.refusals.list()
    assert await doctor.refusals.withdraw(edit["number"], "salah") == [edit["number"]]
    assert await doctor.refusals.withdraw(visit["number"], "salah") != []
    for _ in range(3):
        await doctor.synchronise()
    assert await rows_of(doctor, patient) == server.rows


async def test_withdrawn_work_is_not_taken_by_a_server_restored_from_a_backup(
    server: ServerTwin,
) -> None:
    tablet, _ = await refused_patient(server)
    await tablet.refusals.withdraw(1, "salah orang")
    await tablet.synchronise()
    restored = ServerTwin()
    restored.epoch = "epoch-2"
    restored.authors.add("stranger")
    tablet.link.server = restored
    assert await tablet.synchronise() == "synced"
    assert restored.log == []
    assert len(restored.withdrawn) == 6


async def test_a_server_restored_from_before_a_withdrawal_is_told_again(
    server: ServerTwin,
) -> None:
    """It still has the refusals, so that no number is missing there, and lists them as open."""
    tablet, _ = await refused_patient(server)
    restored = deepcopy(server)
    restored.epoch = "epoch-2"
    await tablet.refusals.withdraw(1, "salah orang")
    assert await tablet.synchronise() == "synced"
    assert restored.withdrawn == []
    tablet.link.server = restored
    assert await tablet.synchronise() == "synced"
    assert restored.withdrawn == server.withdrawn != []


async def test_replaced_work_is_not_taken_twice_by_a_restored_server(server: ServerTwin) -> None:
    tablet, patient = await refused_patient(server)
    server.authors.add("stranger")
    await tablet.refusals.mend(1, {"birthDate": "1991-01-02", "name": [{"text": "Siti"}]})
    await tablet.synchronise()
    restored = ServerTwin()
    restored.epoch = "epoch-2"
    restored.authors.add("stranger")
    tablet.link.server = restored
    assert await tablet.synchronise() == "synced"
    assert restored.rows == server.rows
    assert (await tablet.chart(patient))["conflicts"] == 0


async def lost_patient(server: ServerTwin) -> tuple[Tablet, Tablet, str]:
    """A server restored from an old backup has lost the first tablet's patient, of whom the
    second has written a visit since."""
    one = await Tablet("one", server).start()
    patient = await one.register()
    await one.synchronise()
    two = await Tablet("two", server).start()
    await two.synchronise()
    restored = ServerTwin()
    restored.epoch = "epoch-2"
    one.link.server = two.link.server = restored
    await two.visit(patient)
    return one, two, patient


async def test_work_on_a_patient_who_comes_later_is_sent_again_by_itself(
    server: ServerTwin,
) -> None:
    one, two, patient = await lost_patient(server)
    assert await two.synchronise() == "attention"
    await two.refusals.heal([patient])
    assert await states(two) == ["refused"] * 5
    await one.synchronise()
    await two.synchronise()
    await two.refusals.heal([patient])
    assert await two.synchronise() == "synced"
    assert await two.refusals.list() == []
    assert len(two.link.server.rows) == 6


async def test_what_is_refused_again_is_not_sent_again_by_itself(server: ServerTwin) -> None:
    tablet, patient = await refused_patient(server)
    await tablet.refusals.send_again(1)
    await tablet.synchronise()
    before = len(await states(tablet))
    await tablet.refusals.heal([patient])
    assert len(await states(tablet)) == before


async def test_two_tabs_withdraw_and_mend_the_same_and_one_is_first(server: ServerTwin) -> None:
    tablet, patient = await refused_patient(server)
    other = await as_colleague(tablet)
    [first, *_] = await other.refusals.list()
    assert await tablet.refusals.withdraw(1, "salah") != []
    assert await other.refusals.mend(1, first["set"]) == []
    assert "waiting" not in await states(other)
    assert await other.chart(patient) is None


async def test_the_note_on_a_row_is_never_sent() -> None:
    row: Any = {"text": outbox.noted('{"number":1}', {"by": 7})}
    assert outbox.text_of(row) == '{"number":1}'
    assert (outbox.replaced_by(row), outbox.issues_of(row)) == (7, [])


async def test_what_the_server_has_stays_when_what_replaced_all_of_it_is_withdrawn(
    server: ServerTwin,
) -> None:
    doctor = await Tablet("one", server).start()
    patient = await doctor.register()
    assert await doctor.synchronise() == "synced"
    stranger = await as_colleague(doctor, "stranger")
    row = (await rows_of(stranger, patient))["Patient/" + patient]
    fields = {name: row["resource"][name] for name in row["resource"] if name not in KEY_FIELDS}
    assert await stranger.record.write(patient, [changes.amend(row, fields)]) == []
    assert await stranger.synchronise() == "attention"
    [refused] = await stranger.refusals.list()
    assert await stranger.refusals.withdraw(refused["number"], "salah orang") != []
    assert patient in {one["id"] for one in stranger.desk.find_patients("", 10)}
    assert await stranger.synchronise() == "synced"
    assert await rows_of(stranger, patient) == server.rows


async def test_other_tabs_are_told_of_a_withdrawal_and_nothing_is_sent_for_it(
    server: ServerTwin,
) -> None:
    tablet, _ = await refused_patient(server)
    tablet.saved.clear()
    gone = await tablet.refusals.withdraw(1, "salah orang")
    assert tablet.saved == [False]
    assert await tablet.refusals.take_back(gone)
    assert tablet.saved == [False, False]


async def test_with_a_refused_visit_goes_what_was_recorded_in_it(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    patient = await tablet.register()
    assert await tablet.synchronise() == "synced"
    server.authors.remove("doctor")
    await tablet.visit(patient)
    await tablet.visit(patient)
    assert await tablet.synchronise() == "attention"
    listed = await tablet.refusals.list()
    visits = [one["number"] for one in listed if one["resource"].startswith("Encounter/")]
    assert len(listed) == 10
    assert len(visits) == 2
    gone = await tablet.refusals.withdraw(visits[0], "salah orang")
    assert gone == list(range(visits[0], visits[1]))
    left = [one["number"] for one in await tablet.refusals.list()]
    assert left == list(range(visits[1], visits[1] + 5))
    assert await tablet.refusals.take_back(gone)
    server.authors.add("doctor")
    await tablet.refusals.send_again(visits[1])
    await tablet.refusals.send_again(visits[0])
    assert await tablet.synchronise() == "synced"
    assert len([key for key in server.rows if not key.startswith("Patient/")]) == 10


async def test_what_was_accepted_too_late_is_not_said_twice_to_a_restored_server(
    server: ServerTwin,
) -> None:
    """An entry is under way when the visit to which it belongs is said again, and it with that.
    The server takes both; another, which has lost them, is to take the later one alone."""
    one = await Tablet("one", server).start()
    patient = await one.register()
    await one.synchronise()
    two = await Tablet("two", server).start()
    await two.synchronise()
    second, third = ServerTwin(), ServerTwin()
    second.epoch, third.epoch = "epoch-2", "epoch-3"
    one.link.server = two.link.server = second
    visit = await two.visit(patient)
    assert await two.synchronise() == "attention"
    await one.synchronise()
    entry = {"resourceType": "Observation", "id": "late", "status": "final", "code": {"text": "x"}}
    entry["encounter"] = {"reference": "Encounter/" + visit}
    assert await two.record.write(patient, [changes.create(entry, patient)]) == []
    send = two.link.post

    async def say_again_meanwhile(
        path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None
    ) -> str:
        two.link.post = send
        assert '"number":6,' in body
        await two.refusals.send_again(1)
        return await send(path, body, timeout_ms)

    two.link.post = say_again_meanwhile
    assert await two.synchronise() == "synced"
    assert [change["number"] for _, change in second.log][1:] == [6, 7, 8, 9, 10, 11, 12]
    assert [row["state"] for row in await two.store.list("outbox")] == ["done"] * 12

    one.link.server = two.link.server = third
    assert await two.synchronise() == "attention"
    assert [item["number"] for item in await two.refusals.list()] == [7, 8, 9, 10, 11, 12]
    await one.synchronise()
    await two.synchronise()
    await two.refusals.send_again(7)
    for number in [item["number"] for item in await two.refusals.list()]:
        await two.refusals.send_again(number)
    assert await two.synchronise() == "synced"
    taken = [change for _, change in third.log if change["resource"] == "Observation/late"]
    assert [change["number"] for change in taken] == [18]
    assert third.rows["Observation/late"]["resource"] == entry
    assert (await two.chart(patient))["conflicts"] == 0


async def test_work_is_not_sent_again_by_itself_before_the_restored_server_gave_the_chart(
    server: ServerTwin,
) -> None:
    """The chart that is here is of the earlier life: that its patient has been there says
    nothing, and the one time would be used up."""
    one, two, patient = await lost_patient(server)
    pages = two.link.get

    async def cut(path: str, timeout_ms: int = 0) -> str:
        raise Offline(path)

    two.link.get = cut
    await two.synchronise()
    await two.refusals.heal([patient])
    assert await states(two) == ["refused"] * 5
    two.link.get = pages
    await one.synchronise()
    await two.synchronise()
    await two.refusals.heal([patient])
    assert await two.synchronise() == "synced"
    assert len(two.link.server.rows) == 6
