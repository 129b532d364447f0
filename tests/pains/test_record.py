"""What users of such systems complain of, and that it does not happen here: data and conflicts.

The numbers are those of docs/pains.md, which says where each complaint was read.
"""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import directory
from pwa.py.domain.failures import StorageFull
from pwa.py.store.memory import MemoryStore
from pwa.py.workflow.review import Review
from tests.sync.tablets import FORM, VISIT, Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


async def two_tablets(server: ServerTwin) -> tuple[Tablet, Tablet, str]:
    """Two tablets that hold the same patient with one visit."""
    one = await Tablet("one", server).start()
    patient = await one.register()
    await one.visit(patient)
    await one.synchronise()
    two = await Tablet("two", server, "nurse").start()
    await two.synchronise()
    return one, two, patient


async def edit(tablet: Tablet, patient: str, key: str, fields: dict[str, Any]) -> None:
    await tablet.amend(patient, (await rows_of(tablet, patient))[key], fields)


def condition_of(rows: dict[str, Any]) -> str:
    return next(key for key in rows if key.startswith("Condition/"))


RESOLVED = {"clinicalStatus": {"coding": [{"code": "resolved"}]}}
ACTIVE = {"clinicalStatus": {"coding": [{"code": "recurrence"}]}}


async def test_pain_07_a_conflict_hides_nobodys_edit(server: ServerTwin) -> None:
    one, two, patient = await two_tablets(server)
    key = condition_of(server.rows)
    await edit(one, patient, key, RESOLVED)
    await edit(two, patient, key, ACTIVE)
    for tablet in (one, two, one):
        await tablet.synchronise()
    for tablet in (one, two):
        siblings = (await rows_of(tablet, patient))[key]["siblings"]["clinicalStatus"]
        shown = [one["value"]["coding"][0]["code"] for one in siblings]
        assert sorted(shown) == ["recurrence", "resolved"]
        assert {one["author"] for one in siblings} == {"doctor", "nurse"}
        assert (await tablet.chart(patient))["conflicts"] > 0


def writers_of(options: list[Any]) -> set[str]:
    return {writer["author"] for option in options for writer in option["writers"]}


async def test_pain_08_everyone_sees_what_was_decided_by_whom_and_why(server: ServerTwin) -> None:
    one, two, patient = await two_tablets(server)
    key = condition_of(server.rows)
    await edit(one, patient, key, RESOLVED)
    await edit(two, patient, key, ACTIVE)
    for tablet in (one, two, one):
        await tablet.synchronise()
    review = Review(one.record)
    opened = await review.open(patient)
    assert opened is not None
    [conflict] = opened["conflicts"]
    [field] = conflict["fields"]
    assert writers_of(field["options"]) == {"doctor", "nurse"}
    choice = {field["field"]: {"way": "choose", "option": 0}}
    assert await review.settle(patient, conflict, choice, "Diperiksa ulang") == []
    for tablet in (one, two):
        await tablet.synchronise()
    # The one whose value was not taken reads it too: by whom, why, and what it was before.
    seen = await Review(two.record).open(patient)
    assert seen is not None
    assert seen["conflicts"] == []
    [decision] = seen["decisions"]
    assert (decision["author"], decision["reason"]) == ("doctor", "Diperiksa ulang")
    assert writers_of(decision["fields"][0]["from"]) == {"doctor", "nurse"}


async def test_pain_09_a_duplicate_patient_is_noticed_before_it_is_saved(
    server: ServerTwin,
) -> None:
    one, two, patient = await two_tablets(server)
    typed = FORM | {"name": "SITI  Nurhaliza"}
    for tablet in (one, two):
        assert [entry["id"] for entry in tablet.desk.similar_patients(typed)] == [patient]


async def test_pain_12_a_full_storage_loses_nothing_and_says_so(server: ServerTwin) -> None:
    class FullStore(MemoryStore):
        is_full = False

        async def commit(self, puts: Any, removes: Any = (), expected: Any = ()) -> None:
            if self.is_full:
                raise StorageFull("no room")
            await super().commit(puts, removes, expected)

    tablet = Tablet("one", server)
    store = tablet.store = FullStore()
    await tablet.start()
    patient = await tablet.register()
    await tablet.desk.save_draft("visit", VISIT)
    store.is_full = True
    with pytest.raises(StorageFull):
        await tablet.desk.record_encounter(patient, VISIT, "visit")
    store.is_full = False
    assert await tablet.desk.load_draft("visit") == VISIT
    assert (await tablet.chart(patient))["encounters"] == []
    await tablet.visit(patient)
    assert await tablet.synchronise() == "synced"


async def test_pain_18_what_was_withdrawn_does_not_come_back(server: ServerTwin) -> None:
    one, two, patient = await two_tablets(server)
    key = condition_of(server.rows)
    await edit(
        one, patient, key, {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    )
    await one.synchronise()
    # The other tablet was away, has an older view of it, and sends an edit of its own late.
    await edit(two, patient, key, {"note": [{"text": "Terlambat"}]})
    for tablet in (two, one, two):
        await tablet.synchronise()
    for tablet in (one, two):
        view = await tablet.chart(patient)
        assert view["problems"] == []
        resource = (await rows_of(tablet, patient))[key]["resource"]
        assert resource["verificationStatus"]["coding"][0]["code"] == "entered-in-error"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_pain_19_the_result_does_not_depend_on_who_syncs_first(
    server: ServerTwin, order: tuple[int, int]
) -> None:
    one, two, patient = await two_tablets(server)
    two.clock_ms = one.clock_ms + 5_000
    key = "Patient/" + patient
    await edit(one, patient, key, {"telecom": [{"value": "081"}], "gender": "male"})
    await edit(two, patient, key, {"telecom": [{"value": "082"}], "gender": "other"})
    for at in (*order, *order):
        await (one, two)[at].synchronise()
    rows = [await rows_of(tablet, patient) for tablet in (one, two)]
    assert rows[0] == rows[1] == server.rows
    assert rows[0][key]["resource"]["telecom"] == [{"value": "082"}]
    genders = [sibling["value"] for sibling in rows[0][key]["siblings"]["gender"]]
    assert genders == ["male", "other"]


async def test_pain_20_a_change_never_names_a_place_in_a_list(server: ServerTwin) -> None:
    one, two, patient = await two_tablets(server)
    key = "Patient/" + patient
    first, second, third = ({"system": "s", "value": value} for value in ("1", "2", "3"))
    await edit(one, patient, key, {"identifier": [first, second]})
    await edit(two, patient, key, {"identifier": [third]})
    for tablet in (one, two, one):
        await tablet.synchronise()
    siblings = (await rows_of(one, patient))[key]["siblings"]["identifier"]
    values = {one["author"]: one["value"] for one in siblings}
    assert values == {"doctor": [first, second], "nurse": [third]}


async def test_pain_21_a_patient_registered_offline_has_its_identifiers_at_once(
    server: ServerTwin,
) -> None:
    tablet = await Tablet("one", server).start()
    tablet.link.is_cut = True
    patient = await tablet.register(nik="3201045705900001", mrn="RM-77")
    view = await tablet.chart(patient)
    assert view["patient"]["id"] == patient
    assert [entry["id"] for entry in tablet.desk.find_patients("RM-77")] == [patient]
    tablet.link.is_cut = False
    await tablet.synchronise()
    # The server gave it no other: what was printed or written down offline stays true.
    assert list(server.rows) == ["Patient/" + patient]


async def test_pain_25_a_double_tap_or_a_retry_makes_no_duplicate(server: ServerTwin) -> None:
    tablet = await Tablet("one", server).start()
    form = FORM | {"id": tablet.desk.new_id()}
    answers = [await tablet.desk.register_patient(form) for _ in range(2)]
    assert [answer["issues"] == [] for answer in answers] == [True, False]
    tablet.link.replies_to_lose = 3
    for _ in range(4):
        await tablet.synchronise()
    assert [change["resource"] for _, change in server.log] == [f"Patient/{answers[0]['id']}"]


def test_pain_16_search_finds_everyone_it_should_and_nobody_else() -> None:
    held = directory.Directory()
    people: list[Any] = [
        {
            "id": f"p{at}",
            "name": [{"text": f"Élise Wahyuni n{at}x"}],
            "birthDate": "1990-01-02",
            "telecom": [{"system": "phone", "value": f"0812{at:06}"}],
            "address": [{"text": "Ubud"}],
            "identifier": [{"value": f"{32010000 + at}"}],
        }
        for at in range(12_000)
    ]
    lines = [directory.line_of(person, 0) for person in people]
    size = directory.SEGMENT_PATIENTS_MAX
    rows = [
        {"key": at // size, "text": "\n".join(lines[at : at + size]), "version": 1}
        for at in range(0, len(lines), size)
    ]
    held.load(rows)
    queries = ("elise n11999x", "ELISE N11999X", "wahyuni 32021999", "0812011999", "11999x ubud")
    for query in queries:
        assert [entry["id"] for entry in held.find(query, 10)] == ["p11999"], query
    assert held.find("elise n12000x", 10) == []
    assert len(held.find("wahyuni", 50)) == 50
