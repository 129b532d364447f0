"""A member of one facility can neither read nor write anything of another, by any endpoint."""

from __future__ import annotations

from backend.database import Database
from tests.backend.clinics import Tablet, condition, new_id, open_clinic, patient

SECRET = "Rahasia Sekali"


async def test_no_endpoint_shows_another_facilitys_patients(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    our_tablet, their_tablet = await ours.tablet(), await theirs.tablet()
    await our_tablet.push(our_tablet.write(patient("p1", SECRET), condition("p1", SECRET)))
    answers = [
        await theirs.client.get("/api/snapshot"),
        await theirs.client.get("/api/charts?patients=p1"),
        await theirs.client.get("/api/fhir/Patient/p1/$everything"),
        await their_tablet.push([]),
        await their_tablet.push([], cursor=0, limit=1000),
        await theirs.client.get("/api/session"),
        await theirs.client.post("/api/devices", json={"device": our_tablet.device_id}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 200, 200, 200, 403]
    for answer in answers:
        assert SECRET not in answer.text
        assert ours.facility_id not in answer.text
    assert answers[0].json()["patients"] == 0
    assert answers[1].json()["charts"] == []
    assert answers[3].json()["changes"] == []


async def test_a_foreign_device_can_be_neither_used_nor_read(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    tablet = await ours.tablet()
    stolen = Tablet(theirs, tablet.device_id, dict(tablet.state))
    assert (await stolen.push(stolen.write(patient("p1")))).status_code == 403
    assert await theirs.fetch("select 1 from change") == []
    assert await theirs.fetch("select 1 from quarantine") == []


async def test_a_write_to_a_foreign_patient_changes_nothing_there(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    our_tablet, their_tablet = await ours.tablet(), await theirs.tablet()
    await our_tablet.push(our_tablet.write(patient("p1"), condition("p1", resource_id="c1")))
    attack = condition("p1", "Palsu", "c1")
    reply = (await their_tablet.push(their_tablet.write(attack))).json()
    [outcome] = reply["outcomes"]
    assert outcome["outcome"] == "rejected"
    assert outcome["issues"][0]["code"] == "not-found"
    rows = await ours.fetch("select facility_id from resource where key = 'Condition/c1'")
    assert [row["facility_id"] for row in rows] == [ours.facility_id]


async def test_the_same_ids_in_two_facilities_are_two_records(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    for clinic, name in ((ours, "Siti"), (theirs, "Budi")):
        tablet = await clinic.tablet()
        reply = (await tablet.push(tablet.write(patient("p1", name)))).json()
        assert reply["outcomes"][0] == {
            "number": 1,
            "outcome": "created",
            "sequence": 1,
            "issues": [],
        }
    text = (await ours.client.get("/api/charts?patients=p1")).text
    assert "Siti" in text
    assert "Budi" not in text


async def test_a_foreign_author_is_refused(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    tablet = await ours.tablet()
    [text] = tablet.write(patient(new_id("patient")))
    forged = text.replace(ours.account_id, theirs.account_id)
    reply = (await tablet.push([forged])).json()
    assert reply["outcomes"][0]["issues"][0]["code"] == "forbidden"
    assert await ours.fetch("select 1 from change") == []
