"""Editing a diagnosis, an allergy and a medicine: what is set, upon what, and taking it back."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import changes, json_text, judgements
from pwa.py.workflow.judgements import Judgements
from pwa.py.workflow.review import Review
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin

ALLERGY: dict[str, Any] = {
    "resourceType": "AllergyIntolerance",
    "id": "a1",
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "verificationStatus": {"coding": [{"code": "confirmed"}]},
    "code": {"text": "Amoksisilin", "coding": [{"system": "s", "code": "723"}]},
    "reaction": [{"manifestation": [{"text": "Gatal"}], "onset": "2020-01-02"}],
}
MEDICINE: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "m1",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"text": "Kaptopril 25 mg"},
    "dosageInstruction": [{"text": "2 x 1 tablet", "timing": {"code": {"text": "BID"}}}],
}
PAST: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "c1",
    "clinicalStatus": {"coding": [{"code": "resolved"}]},
    "verificationStatus": {"coding": [{"code": "confirmed"}]},
    "code": {"text": "Asma", "coding": [{"system": "http://snomed.info/sct", "code": "195967001"}]},
    "onsetString": "sejak kecil",
    "abatementDateTime": "2019-04",
}


class Clinic:
    """Two tablets that know a patient with a diagnosis, an allergy and a medicine."""

    async def start(self) -> Clinic:
        server = ServerTwin()
        self.one = await Tablet("one", server).start()
        self.patient = await self.one.register()
        made = [changes.create(one, self.patient) for one in (ALLERGY, MEDICINE, PAST)]
        assert await self.one.record.write(self.patient, made) == []
        await self.one.synchronise()
        self.two = await Tablet("two", server, "nurse").start()
        self.two.clock_ms += 50_000
        await self.two.synchronise()
        return self

    async def meet(self) -> None:
        for tablet in (self.one, self.two, self.one):
            assert await tablet.synchronise() == "synced"

    async def opened(self, tablet: Tablet, key: str) -> Any:
        found = await Judgements(tablet.record).open(self.patient, key)
        assert found is not None
        return found["opened"]

    async def edit(self, tablet: Tablet, opened: Any, reason: str = "", **said: Any) -> str:
        form = judgements.read(opened["resource"]) | said
        desk = Judgements(tablet.record)
        answer = await desk.edit(self.patient, opened, form, reason, "d")
        assert answer["issues"] == []
        return str(answer["timestamp"])

    async def resource(self, tablet: Tablet, key: str) -> Any:
        return (await rows_of(tablet, self.patient))[key]["resource"]


@pytest.fixture
async def clinic() -> Clinic:
    return await Clinic().start()


async def test_only_what_was_altered_is_set_and_the_draft_goes_along(clinic: Clinic) -> None:
    await clinic.one.desk.save_draft("d", {"form": 1})
    opened = await clinic.opened(clinic.one, "MedicationRequest/m1")
    await clinic.edit(clinic.one, opened, "Pusing", status="stopped")
    change = json_text.loads((await clinic.one.store.list("outbox"))[-1]["text"])
    assert await clinic.one.desk.load_draft("d") is None
    assert (change["set"], change["reason"]) == ({"status": "stopped"}, "Pusing")
    resource = await clinic.resource(clinic.one, "MedicationRequest/m1")
    assert resource == MEDICINE | {"status": "stopped"}


async def test_nothing_altered_is_nothing_written(clinic: Clinic) -> None:
    before = await clinic.one.store.count("outbox")
    for key in ("Condition/c1", "AllergyIntolerance/a1", "MedicationRequest/m1"):
        opened = await clinic.opened(clinic.one, key)
        form = judgements.read(opened["resource"])
        answer = await Judgements(clinic.one.record).edit(clinic.patient, opened, form, "")
        assert [issue["expression"] for issue in answer["issues"]] == [[]]
    assert await clinic.one.store.count("outbox") == before


async def test_two_edits_of_what_both_had_opened_are_a_conflict(clinic: Clinic) -> None:
    """The base is what was opened, though the other's edit has come before this one is saved."""
    mine = await clinic.opened(clinic.one, "Condition/c1")
    theirs = await clinic.opened(clinic.two, "Condition/c1")
    await clinic.edit(clinic.two, theirs, clinicalStatus="remission")
    await clinic.meet()
    await clinic.edit(clinic.one, mine, clinicalStatus="active")
    await clinic.meet()
    for tablet in (clinic.one, clinic.two):
        found = await Review(tablet.record).open(clinic.patient)
        assert found is not None
        (conflict,) = found["conflicts"]
        codes = [option["code"] for option in conflict["fields"][0]["options"]]
        assert codes == ["remission", "active"]
        entry = await Judgements(tablet.record).open(clinic.patient, "Condition/c1")
        assert entry is not None
        assert [field["field"] for field in entry["open"]] == ["clinicalStatus"]


async def test_an_edit_is_taken_back_unless_it_was_edited_since(clinic: Clinic) -> None:
    key = "AllergyIntolerance/a1"
    desk = Judgements(clinic.one.record)
    stamp = await clinic.edit(
        clinic.one, await clinic.opened(clinic.one, key), criticality="high", note="IGD"
    )
    held = await clinic.resource(clinic.one, key)
    assert (held["criticality"], held["note"]) == ("high", [{"text": "IGD"}])
    assert await desk.undo(clinic.patient, key, stamp, "Salah") == []
    assert await clinic.resource(clinic.one, key) == ALLERGY
    (again,) = await desk.undo(clinic.patient, key, stamp, "Salah")
    assert again["code"] == "conflict"


async def test_an_entry_made_in_error_stays_in_the_history_and_comes_back(clinic: Clinic) -> None:
    key = "Condition/c1"
    desk = Judgements(clinic.one.record)
    opened = await clinic.opened(clinic.one, key)
    (missing,) = (await desk.withdraw(clinic.patient, opened, "  "))["issues"]
    assert missing["expression"] == ["reason"]
    assert (await desk.withdraw(clinic.patient, opened, "Salah pasien"))["issues"] == []
    assert (await clinic.one.chart(clinic.patient))["problems"] == []
    await clinic.meet()
    found = await Judgements(clinic.two.record).open(clinic.patient, key)
    assert found is not None
    assert (found["error_reason"], found["can_restore"]) == ("Salah pasien", True)
    taken = await Judgements(clinic.two.record).undo(clinic.patient, key, found["error"], "Keliru")
    assert taken == []
    await clinic.meet()
    assert await clinic.resource(clinic.one, key) == PAST


async def test_what_fhir_allows_no_longer_goes_with_the_new_value(clinic: Clinic) -> None:
    key = "Condition/c1"
    stamp = await clinic.edit(
        clinic.one,
        await clinic.opened(clinic.one, key),
        clinicalStatus="recurrence",
        onsetDateTime="17/8/2015",
        code=[{"code": "J45.9", "text": "Asma"}],
    )
    held = await clinic.resource(clinic.one, key)
    assert held["onsetDateTime"] == "2015-08-17"
    assert held["code"]["coding"][0]["code"] == "J45.9"
    assert {"onsetString", "abatementDateTime"} & set(held) == set()
    assert await Judgements(clinic.one.record).undo(clinic.patient, key, stamp, "x") == []
    assert await clinic.resource(clinic.one, key) == PAST


def form_issues(resource: Any, **said: Any) -> list[list[str]]:
    row: Any = {"patient": "p", "resource": resource, "stamps": {"*": "1"}, "by": {}}
    now_ms = 1_795_398_170_123
    _, issues = judgements.edit(row, judgements.read(resource) | said, "", now_ms)
    return [issue["expression"] for issue in issues]


def test_what_cannot_be_is_said_at_its_field() -> None:
    assert form_issues(PAST, code=[]) == [["code"]]
    assert form_issues(PAST, clinicalStatus="") == [["clinicalStatus"]]
    for text in ("kemarin", "2015-13", "2031", "2026-12-24"):
        assert form_issues(PAST, onsetDateTime=text) == [["onsetDateTime"]]
    assert form_issues(PAST, onsetDateTime="2015-02") == []
    assert form_issues(ALLERGY, **{"reaction": "", "reaction.severity": "mild"}) == [["reaction"]]
    assert form_issues(MEDICINE, dosageInstruction="x" * 2_001) == [["dosageInstruction"]]


def test_what_a_form_cannot_show_is_told_beside_it_and_stays() -> None:
    assert judgements.beside(PAST) == {"onsetDateTime": "sejak kecil"}
    assert judgements.read(ALLERGY)["reaction.severity"] == ""
    row: Any = {"patient": "p", "resource": ALLERGY, "stamps": {"*": "1"}, "by": {}}
    form = judgements.read(ALLERGY) | {"reaction.severity": "severe"}
    draft, _ = judgements.edit(row, form, "", 0)
    assert draft["set"] == {"reaction": [ALLERGY["reaction"][0] | {"severity": "severe"}]}
    assert draft["base"] == {"reaction": ["1"]}
