"""The look-up of the whole facility, and the table of patients it searches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import patients
from backend.database import Database
from pwa.py.domain.directory import Directory, entry_of, fold, query_words
from tests.backend.clinics import Clinic, Tablet, open_clinic, patient

PEOPLE = ("Élise Wijaya", "Siti Aminah", "Siti_Nur 50%", "Budi\\Santoso", "Putu Ayu")


async def fill(clinic: Clinic) -> Tablet:
    tablet = await clinic.tablet("tablet-1")
    drafts = [patient(f"p{at}", name) for at, name in enumerate(PEOPLE)]
    assert (await tablet.push(tablet.write(*drafts))).status_code == 200
    return tablet


async def find(clinic: Clinic, text: str, **more: Any) -> Any:
    return (await clinic.client.post("/api/patients", json={"find": text, **more})).json()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("siti", ["p1", "p2"]),
        ("ELISE", ["p0"]),
        ("wijaya élise", ["p0"]),
        ("siti budi", []),
        ("50%", ["p2"]),
        ("i_n", ["p2"]),
        ("i%n", []),
        ("budi\\s", ["p3"]),
        ("%%", []),
    ],
)
async def test_the_server_finds_as_a_device_does(
    database: Database, text: str, found: list[str]
) -> None:
    clinic = await open_clinic(database)
    await fill(clinic)
    reply = await find(clinic, text)
    assert [entry_of(line)["id"] for line in reply["lines"]] == found
    assert (reply["more"], reply["patients"]) == (False, 5)
    rows = await clinic.fetch("select line from patient order by patient_id")
    device = Directory()
    device.load([{"key": 0, "version": 1, "text": "\n".join(row["line"] for row in rows)}])
    assert sorted(entry["id"] for entry in device.find(text, 50)) == found


async def test_a_new_name_is_found_and_the_old_one_is_not(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await fill(clinic)
    draft = patient("p4", "Putu Sari")
    draft["set"]["birthDate"] = "1990-05-17"
    assert (await tablet.push(tablet.write(draft))).status_code == 200
    assert (await find(clinic, "ayu"))["lines"] == []
    [line] = (await find(clinic, "sari 17/05/1990"))["lines"]
    assert entry_of(line)["birthDate"] == "1990-05-17"


async def test_more_than_the_limit_is_said(database: Database) -> None:
    clinic = await open_clinic(database)
    await fill(clinic)
    reply = await find(clinic, "siti", limit=1)
    assert (len(reply["lines"]), reply["more"]) == (1, True)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"find": ""},
        {"find": "a"},
        {"find": "   "},
        {"find": "x" * 500},
        {"find": "a\x00b"},
        {"find": 5},
        {"find": "siti", "limit": 0},
        {"find": "siti", "limit": 51},
        {"find": "siti", "facility": "other"},
    ],
)
async def test_odd_searches_are_refused(database: Database, body: dict[str, Any]) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    answer = await clinic.client.post("/api/patients", json=body)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_who_was_found_is_in_the_audit_trail_and_what_was_typed_is_not(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    await fill(clinic)
    await find(clinic, "siti rahasia-xyz")
    await find(clinic, "siti")
    rows = await clinic.fetch("select * from audit where action = 'patients-found' order by 2")
    details = [json.loads(row["details"]) for row in rows]
    assert details == [
        {"words": 2, "characters": 16, "patients": []},
        {"words": 1, "characters": 4, "patients": ["p1", "p2"]},
    ]
    assert {row["device_id"] for row in rows} == {"tablet-1"}


async def test_only_a_device_of_the_facility_finds_its_patients(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    await fill(ours)
    assert (await theirs.client.post("/api/patients", json={"find": "siti"})).status_code == 403
    await theirs.tablet()
    assert (await find(theirs, "siti"))["lines"] == []
    await ours.client.delete("/api/session")
    assert (await ours.client.post("/api/patients", json={"find": "siti"})).status_code == 401


@given(name=st.text(max_size=60))
def test_any_name_is_searched_as_it_is_folded(name: str) -> None:
    resource: Any = {"resourceType": "Patient", "id": "p1", "name": [{"text": name}]}
    row: Any = {"resource": resource, "patient": "p1"}
    line = patients.directory.line_of(row["resource"], 0)
    assert line.split("\t")[0] == "p1"
    for word in query_words(entry_of(line)["name"]):
        assert word in fold(entry_of(line)["name"]) or word.count("-") == 2
    assert patients.search_text(line) == fold(line.split("\t", 2)[2])
