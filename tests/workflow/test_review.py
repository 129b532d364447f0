"""Settling conflicts on tablets that are offline, and what comes of it when they meet."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import changes
from pwa.py.workflow.review import Review
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin

REASON = "Ditanyakan lagi kepada pasien"


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


class Ward:
    """Two tablets that know the same patient, with a diagnosis, and have written apart."""

    def __init__(self) -> None:
        self.server = ServerTwin()

    async def start(self) -> Ward:
        self.one = await Tablet("one", self.server).start()
        self.patient = await self.one.register()
        await self.one.visit(self.patient)
        await self.one.synchronise()
        self.two = await Tablet("two", self.server, "nurse").start()
        self.two.clock_ms += 50_000
        await self.two.synchronise()
        self.key = next(key for key in await rows_of(self.one, self.patient) if "Condition" in key)
        return self

    async def amend(self, tablet: Tablet, key: str, **fields: Any) -> None:
        await tablet.amend(self.patient, (await rows_of(tablet, self.patient))[key], fields)

    async def meet(self, *tablets: Tablet) -> None:
        for tablet in tablets or (self.one, self.two, self.one):
            assert await tablet.synchronise() == "synced"

    async def apart(self, key: str, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
        """Both write without knowing of the other, and then hear of it."""
        await self.amend(self.one, key, **mine)
        await self.amend(self.two, key, **theirs)
        await self.meet()

    async def row(self, tablet: Tablet, key: str) -> Any:
        return (await rows_of(tablet, self.patient))[key]


@pytest.fixture
async def ward() -> Ward:
    return await Ward().start()


async def opened(tablet: Tablet, patient: str) -> Any:
    found = await Review(tablet.record).open(patient)
    assert found is not None
    return found


async def settle(tablet: Tablet, patient: str, **choices: Any) -> None:
    review = Review(tablet.record)
    conflict = (await opened(tablet, patient))["conflicts"][0]
    assert await review.settle(patient, conflict, choices, REASON) == []


async def test_both_values_are_listed_with_who_when_where_and_what_each_had_seen(
    ward: Ward,
) -> None:
    mine, theirs = status("resolved"), status("recurrence")
    await ward.apart(ward.key, {"clinicalStatus": mine}, {"clinicalStatus": theirs})
    for tablet in (ward.one, ward.two):
        found = await opened(tablet, ward.patient)
        (conflict,) = found["conflicts"]
        assert (conflict["resource"], conflict["title"]) == (ward.key, "ISPA")
        (field,) = conflict["fields"]
        assert [one["code"] for one in field["options"]] == ["resolved", "recurrence"]
        writers = [one["writers"][0] for one in field["options"]]
        assert [one["author"] for one in writers] == ["doctor", "nurse"]
        assert [one["device"] for one in writers] == ["one", "two"]
        assert writers[0]["at_ms"] < writers[1]["at_ms"]
        for writer in writers:
            assert [one["code"] for one in writer["seen"]] == ["active"]
        review = Review(tablet.record)
        assert review.count == 1
        assert [one["id"] for one in review.patients()] == [ward.patient]
        assert [one["conflicts"] for one in tablet.desk.find_patients("siti")] == [1]


async def test_a_decision_made_offline_closes_the_conflict_everywhere(ward: Ward) -> None:
    mine, theirs = status("resolved"), status("recurrence")
    await ward.apart(ward.key, {"clinicalStatus": mine}, {"clinicalStatus": theirs})
    await settle(ward.two, ward.patient, clinicalStatus={"way": "choose", "option": 0})
    assert Review(ward.two.record).count == 0
    await ward.meet()
    for tablet in (ward.one, ward.two):
        found = await opened(tablet, ward.patient)
        assert found["conflicts"] == []
        (decision,) = found["decisions"]
        assert (decision["author"], decision["reason"]) == ("nurse", REASON)
        assert [one["code"] for one in decision["fields"][0]["from"]] == ["resolved", "recurrence"]
        assert decision["fields"][0]["to"]["code"] == "resolved"
        assert Review(tablet.record).patients() == []


async def test_without_a_reason_or_a_choice_nothing_is_decided(ward: Ward) -> None:
    await ward.apart(ward.key, {"severity": status("a")}, {"severity": status("b")})
    review = Review(ward.one.record)
    conflict = (await opened(ward.one, ward.patient))["conflicts"][0]
    for choices, reason, missing in (
        ({"severity": {"way": "choose", "option": 0}}, " ", "reason"),
        ({}, REASON, "choices"),
        ({"severity": {"way": "write", "text": " "}}, REASON, "severity"),
    ):
        issues = await review.settle(ward.patient, conflict, choices, reason)
        assert [one["expression"] for one in issues] == [[missing]]
    assert review.count == 1


async def test_a_decision_taken_back_opens_the_conflict_again_and_can_be_made_anew(
    ward: Ward,
) -> None:
    await ward.apart(
        ward.key, {"clinicalStatus": status("resolved")}, {"clinicalStatus": status("remission")}
    )
    await settle(ward.one, ward.patient, clinicalStatus={"way": "write", "text": "inactive"})
    await ward.meet()
    review = Review(ward.two.record)
    decision = (await opened(ward.two, ward.patient))["decisions"][0]
    assert await review.undo(ward.patient, decision, "Salah pasien") == []
    await ward.meet()
    for tablet in (ward.one, ward.two):
        found = await opened(tablet, ward.patient)
        (field,) = found["conflicts"][0]["fields"]
        assert [one["code"] for one in field["options"]] == ["resolved", "remission"]
        assert {one["reason"] for o in field["options"] for one in o["writers"]} == {"Salah pasien"}
        assert not found["decisions"][0]["can_undo"]
    again = await review.undo(ward.patient, decision, "Sekali lagi")
    assert [one["code"] for one in again] == ["conflict"]
    await settle(ward.two, ward.patient, clinicalStatus={"way": "choose", "option": 1})
    await ward.meet()
    assert (await opened(ward.one, ward.patient))["conflicts"] == []


async def test_two_who_decide_differently_offline_raise_one_new_conflict_and_no_loop(
    ward: Ward,
) -> None:
    await ward.apart(
        ward.key, {"clinicalStatus": status("resolved")}, {"clinicalStatus": status("remission")}
    )
    await settle(ward.one, ward.patient, clinicalStatus={"way": "choose", "option": 0})
    await settle(ward.two, ward.patient, clinicalStatus={"way": "choose", "option": 1})
    await ward.meet()
    written = len(ward.server.log)
    for tablet in (ward.one, ward.two):
        (field,) = (await opened(tablet, ward.patient))["conflicts"][0]["fields"]
        assert [one["code"] for one in field["options"]] == ["resolved", "remission"]
        reasons = [one["writers"][0]["reason"] for one in field["options"]]
        assert reasons == [REASON, REASON]
    await ward.meet()
    assert len(ward.server.log) == written
    await settle(ward.one, ward.patient, clinicalStatus={"way": "choose", "option": 0})
    await ward.meet()
    assert (await opened(ward.two, ward.patient))["conflicts"] == []


async def test_what_comes_while_somebody_decides_stays_open(ward: Ward) -> None:
    await ward.apart(
        ward.key, {"clinicalStatus": status("resolved")}, {"clinicalStatus": status("remission")}
    )
    three = await Tablet("three", ward.server).start()
    await three.synchronise()
    conflict = (await opened(ward.one, ward.patient))["conflicts"][0]
    row = await ward.row(three, ward.key)
    late = changes.amend(row, {"clinicalStatus": status("relapse")}) | {"base": {}}
    three.clock_ms += 90_000
    assert await three.record.write(ward.patient, [late]) == []
    await ward.meet(three, ward.one)
    choice = {"clinicalStatus": {"way": "choose", "option": 0}}
    assert await Review(ward.one.record).settle(ward.patient, conflict, choice, REASON) == []
    (field,) = (await opened(ward.one, ward.patient))["conflicts"][0]["fields"]
    assert [one["code"] for one in field["options"]] == ["relapse", "resolved"]


async def test_two_diagnoses_can_both_stay_as_entries_of_their_own(ward: Ward) -> None:
    await ward.apart(ward.key, {"code": {"text": "Asma"}}, {"code": {"text": "PPOK"}})
    for tablet in (ward.one, ward.two):
        await settle(tablet, ward.patient, code={"way": "both"})
    await ward.meet()
    found = await rows_of(ward.one, ward.patient)
    texts = [row["resource"]["code"]["text"] for key, row in found.items() if "Condition" in key]
    assert sorted(texts) == ["Asma", "PPOK"]
    assert found == await rows_of(ward.two, ward.patient) == ward.server.rows
    same = (await opened(ward.one, ward.patient))["decisions"]
    assert [one["can_undo"] for one in same] == [True, True]
    assert await Review(ward.one.record).undo(ward.patient, same[0], "Satu saja") == []
    (field,) = (await opened(ward.one, ward.patient))["conflicts"][0]["fields"]
    assert [one["text"] for one in field["options"]] == ["Asma", "PPOK"]


async def test_an_entry_that_was_split_off_is_withdrawn_when_that_is_taken_back(
    ward: Ward,
) -> None:
    await ward.apart(ward.key, {"code": {"text": "Asma"}}, {"code": {"text": "PPOK"}})
    await settle(ward.one, ward.patient, code={"way": "both"})
    decision = (await opened(ward.one, ward.patient))["decisions"][0]
    assert await Review(ward.one.record).undo(ward.patient, decision, "Satu saja") == []
    await ward.meet()
    found = await rows_of(ward.two, ward.patient)
    (copy,) = [row for key, row in found.items() if "Condition" in key and key != ward.key]
    assert copy["resource"]["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in copy["resource"]
    assert Review(ward.two.record).count == 1


async def test_a_decision_of_which_a_part_was_edited_since_is_not_taken_back_in_part_unsaid(
    ward: Ward,
) -> None:
    mine = {"clinicalStatus": status("resolved"), "code": {"text": "Asma"}}
    theirs = {"clinicalStatus": status("relapse"), "code": {"text": "PPOK"}}
    await ward.apart(ward.key, mine, theirs)
    chosen = {"way": "choose", "option": 0}
    await settle(ward.one, ward.patient, clinicalStatus=chosen, code=chosen)
    shown = (await opened(ward.one, ward.patient))["decisions"][0]
    await ward.amend(ward.one, ward.key, code={"text": "Bronkitis"})
    review = Review(ward.one.record)
    issues = await review.undo(ward.patient, shown, "Salah pasien")
    assert [one["code"] for one in issues] == ["conflict"]
    assert review.count == 0
    # Whoever looks again sees what is left of it, and takes that back.
    now = (await opened(ward.one, ward.patient))["decisions"][0]
    assert await review.undo(ward.patient, now, "Salah pasien") == []
    fields = (await opened(ward.one, ward.patient))["conflicts"][0]["fields"]
    assert [one["field"] for one in fields] == ["clinicalStatus"]


async def test_a_fact_is_settled_with_its_status_and_never_without(ward: Ward) -> None:
    found = await rows_of(ward.one, ward.patient)
    key = next(key for key, row in found.items() if "valueQuantity" in row["resource"])
    mine = {"valueQuantity": {"value": 37.5, "unit": "°C"}, "status": "amended"}
    theirs = {"valueQuantity": {"value": 38.5, "unit": "°C"}, "status": "corrected"}
    await ward.apart(key, mine, theirs)
    review = Review(ward.one.record)
    conflict = (await opened(ward.one, ward.patient))["conflicts"][0]
    value = {"valueQuantity": {"way": "write", "text": "38,1"}}
    issues = await review.settle(ward.patient, conflict, value, REASON)
    assert [one["expression"] for one in issues] == [["status"]]
    both = value | {"status": {"way": "choose", "option": 0}}
    assert await review.settle(ward.patient, conflict, both, REASON) == []
    await ward.meet()
    row = await ward.row(ward.two, key)
    assert row["resource"]["valueQuantity"] == {"value": 38.1, "unit": "°C"}
    decision = (await opened(ward.two, ward.patient))["decisions"][0]
    assert await Review(ward.two.record).undo(ward.patient, decision, "Keliru") == []
    fields = (await opened(ward.two, ward.patient))["conflicts"][0]["fields"]
    assert [one["field"] for one in fields] == ["status", "valueQuantity"]


async def test_a_fact_whose_status_is_agreed_says_that_it_was_corrected(ward: Ward) -> None:
    found = await rows_of(ward.one, ward.patient)
    key = next(key for key, row in found.items() if "valueQuantity" in row["resource"])
    mine = {"valueQuantity": {"value": 37}, "status": "final"}
    theirs = {"valueQuantity": {"value": 38}, "status": "final"}
    await ward.apart(key, mine, theirs)
    await settle(ward.one, ward.patient, valueQuantity={"way": "choose", "option": 1})
    await ward.meet()
    row = await ward.row(ward.two, key)
    assert (row["resource"]["status"], row["resource"]["valueQuantity"]["value"]) == ("amended", 38)


async def test_reactions_are_joined_and_numbers_of_one_person_are_not(ward: Ward) -> None:
    nik = {"system": "https://fhir.kemkes.go.id/id/nik", "value": "3201045705900001"}
    other = nik | {"value": "3201045705900002"}
    key = "Patient/" + ward.patient
    await ward.apart(key, {"identifier": [nik]}, {"identifier": [other]})
    field = (await opened(ward.one, ward.patient))["conflicts"][0]["fields"][0]
    assert field["ways"]["both"] == ""
    await settle(ward.one, ward.patient, identifier={"way": "write", "text": "3201045705900003"})
    assert (await ward.row(ward.one, key))["resource"]["identifier"][0]["value"].endswith("3")
    await ward.meet()
    card = {"system": "urn:rekam:mrn", "value": "A-1"}
    await ward.apart(key, {"identifier": [nik, card]}, {"identifier": [nik]})
    await settle(ward.two, ward.patient, identifier={"way": "both"})
    assert (await ward.row(ward.two, key))["resource"]["identifier"] == [nik, card]


async def test_a_half_made_decision_goes_with_the_decision_and_only_with_it(ward: Ward) -> None:
    await ward.apart(ward.key, {"severity": status("a")}, {"severity": status("b")})
    await ward.one.desk.save_draft("settle", {"reason": "hal"})
    review = Review(ward.one.record)
    conflict = (await opened(ward.one, ward.patient))["conflicts"][0]
    choices = {"severity": {"way": "choose", "option": 1}}
    assert await review.settle(ward.patient, conflict, choices, "", "settle") != []
    assert await ward.one.desk.load_draft("settle") == {"reason": "hal"}
    assert await review.settle(ward.patient, conflict, choices, REASON, "settle") == []
    assert await ward.one.desk.load_draft("settle") is None
