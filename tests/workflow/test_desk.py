"""The desk: what is saved, what is refused, and that a form is taken once."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain.failures import StorageFull
from pwa.py.store.memory import MemoryStore
from tests.sync.tablets import FORM, VISIT, Tablet
from tests.sync.twin import ServerTwin


@pytest.fixture
async def tablet() -> Tablet:
    return await Tablet("one", ServerTwin()).start()


async def test_a_form_with_mistakes_writes_nothing_and_says_what_to_mend(tablet: Tablet) -> None:
    answer = await tablet.desk.register_patient({"name": "", "gender": "female"})
    assert answer["id"] is None
    assert [issue["expression"] for issue in answer["issues"]] == [["name"], ["birthDate"]]
    assert await tablet.store.count("outbox") == 0


async def test_the_same_form_saved_from_two_tabs_is_taken_once(tablet: Tablet) -> None:
    patient = await tablet.register()
    other = Tablet("one", tablet.link.server)
    other.store = tablet.store
    await other.start()
    form = VISIT | {"id": "visit-1"}
    first = await tablet.desk.record_encounter(patient, form)
    second = await other.desk.record_encounter(patient, form)
    assert first == {"id": "visit-1", "issues": []}
    assert second["id"] is None
    assert second["issues"][0]["code"] == "duplicate"
    view = await tablet.chart(patient)
    assert len(view["encounters"]) == 1


async def test_two_tabs_number_their_changes_without_gap_or_double(tablet: Tablet) -> None:
    patient = await tablet.register()
    other = Tablet("one", tablet.link.server)
    other.store = tablet.store
    other.new_id = lambda: f"other-{next(numbers)}"  # type: ignore[method-assign]
    numbers = iter(range(100))
    await other.start()
    await tablet.visit(patient)
    await other.visit(patient)
    await tablet.visit(patient)
    keys = [row["key"] for row in await tablet.store.list("outbox")]
    assert keys == list(range(1, len(keys) + 1))
    assert len((await tablet.chart(patient))["encounters"]) == 3


async def test_work_that_is_sent_again_keeps_its_author() -> None:
    server = ServerTwin()
    nurse = await Tablet("one", server, author="stranger").start()
    await nurse.register()
    await nurse.synchronise()
    doctor = Tablet("one", server, author="doctor")
    doctor.store = nurse.store
    await doctor.start()
    server.authors.add("stranger")
    await doctor.refusals.send_again(1)
    await doctor.synchronise()
    assert [change["author"] for _, change in server.log] == ["stranger"]


class FullStore(MemoryStore):
    """A store whose disk is full while `is_full`."""

    is_full = False

    async def commit(self, *arguments: Any, **named: Any) -> None:
        if self.is_full:
            raise StorageFull("no room")
        await super().commit(*arguments, **named)


async def test_a_full_disk_loses_nothing_and_the_next_save_is_whole() -> None:
    tablet = Tablet("one", ServerTwin())
    store = tablet.store = FullStore()
    await tablet.start()
    patient = await tablet.register()
    store.is_full = True
    with pytest.raises(StorageFull):
        await tablet.desk.record_encounter(patient, VISIT)
    with pytest.raises(StorageFull):
        await tablet.desk.register_patient(FORM | {"name": "Tidak Tersimpan"})
    assert tablet.desk.find_patients("tidak tersimpan") == []
    store.is_full = False
    assert (await tablet.chart(patient))["encounters"] == []
    await tablet.visit(patient)
    assert await tablet.synchronise() == "synced"
    assert len(tablet.link.server.log) == 6


async def test_someone_known_by_name_and_birth_date_or_number_is_pointed_out(
    tablet: Tablet,
) -> None:
    patient = await tablet.register(nik="3201045705900001", mrn="RM 00 12")
    same_number = {"name": "Orang Lain", "nik": "3201045705900001"}
    same_record_number = {"name": "Orang Lain", "mrn": "RM 00 12"}
    for form in (FORM, FORM | {"birthDate": "1990"}, same_number, same_record_number):
        assert [one["id"] for one in tablet.desk.similar_patients(form)] == [patient]
    assert tablet.desk.similar_patients(FORM | {"birthDate": "1985-01-01"}) == []


async def test_a_draft_is_kept_until_it_is_dropped(tablet: Tablet) -> None:
    await tablet.desk.save_draft("visit/p", {"note": "Belum selesai"})
    assert await tablet.desk.load_draft("visit/p") == {"note": "Belum selesai"}
    await tablet.desk.drop_draft("visit/p")
    assert await tablet.desk.load_draft("visit/p") is None


async def test_a_half_made_correction_of_refused_work_goes_with_it_and_only_with_it() -> None:
    tablet = await Tablet("one", ServerTwin(), author="stranger").start()
    await tablet.register()
    await tablet.synchronise()
    (refused,) = await tablet.refusals.list()
    await tablet.desk.save_draft("mend", {"birthDate": "1991"})
    wrong, right = refused["set"] | {"birthDate": "x"}, refused["set"] | {"birthDate": "1991"}
    assert await tablet.refusals.mend(1, wrong, "mend") != []
    assert await tablet.desk.load_draft("mend") == {"birthDate": "1991"}
    assert await tablet.refusals.mend(1, right, "mend") == []
    assert await tablet.desk.load_draft("mend") is None
