"""A patient about whom two tablets, each without a network, have written different things.

The two write through the server's own `apply_batch`, as their batches would arrive; what people do
with it afterwards is done on the pages.
"""

from __future__ import annotations

import time
from typing import Any

from backend import accounts, apply, devices, ledger
from backend.database import connect
from pwa.py.domain import changes
from pwa.py.domain.merge import merge
from tests.live import LiveServerWithDatabase, run

PATIENT = "p-made-suarta"
NAME = "I Made Suarta"
CONDITION = "Condition/c-asma"
OTHER_PASSWORD = "kata sandi perawat"
OTHER_USERNAME = "perawat"
OTHER_NAME = "Ns. Dewi Lestari"
_SUBJECT = {"reference": f"Patient/{PATIENT}"}
_NIK = "https://fhir.kemkes.go.id/id/nik"


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


_WITHIN = {"subject": _SUBJECT, "encounter": {"reference": "Encounter/e-1"}}
_WHEN = "2026-11-20T08:00:00+07:00"
RESOURCES: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "id": PATIENT,
        "name": [{"text": NAME}],
        "gender": "male",
        "birthDate": "1968-03-02",
        "identifier": [{"system": _NIK, "value": "5101010203680001"}],
    },
    {
        "resourceType": "Encounter",
        "id": "e-1",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": _SUBJECT,
        "period": {"start": _WHEN},
        "reasonCode": [{"text": "Sesak napas sejak semalam"}],
    },
    {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "code": {"text": "Nadi", "coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "effectiveDateTime": _WHEN,
        "valueQuantity": {"value": 96, "unit": "/min", "code": "/min"},
        **_WITHIN,
    },
    {
        "resourceType": "Condition",
        "id": CONDITION.split("/")[1],
        "clinicalStatus": status("active"),
        "verificationStatus": status("confirmed"),
        "code": {"text": "Asma", "coding": [{"code": "J45.9"}]},
        "recordedDate": _WHEN,
        **_WITHIN,
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "a-1",
        "clinicalStatus": status("active"),
        "verificationStatus": status("confirmed"),
        "criticality": "low",
        "code": {"text": "Amoksisilin"},
        "reaction": [{"manifestation": [{"text": "Gatal"}]}],
        "patient": _SUBJECT,
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m-1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Salbutamol 2 mg"},
        "dosageInstruction": [{"text": "3 x 1 tablet"}],
        "authoredOn": _WHEN,
        "subject": _SUBJECT,
    },
]


MINE: dict[str, dict[str, Any]] = {
    CONDITION: {"clinicalStatus": status("resolved")},
    "AllergyIntolerance/a-1": {
        "criticality": "high",
        "reaction": [{"manifestation": [{"text": "Sesak napas"}]}],
    },
}
THEIRS: dict[str, dict[str, Any]] = {
    CONDITION: {"clinicalStatus": status("recurrence")},
    "AllergyIntolerance/a-1": {
        "criticality": "unable-to-assess",
        "reaction": [{"manifestation": [{"text": "Ruam di lengan"}]}],
    },
}
MORE_MINE: dict[str, dict[str, Any]] = {
    "MedicationRequest/m-1": {"dosageInstruction": [{"text": "2 x 1 tablet"}]},
    f"Patient/{PATIENT}": {"gender": "female", "birthDate": "1968-02-03"},
    "Observation/o-1": {
        "valueQuantity": {"value": 69, "unit": "/min", "code": "/min"},
        "status": "amended",
    },
}
MORE_THEIRS: dict[str, dict[str, Any]] = {
    "MedicationRequest/m-1": {"dosageInstruction": [{"text": "3 x 2 tablet"}]},
    f"Patient/{PATIENT}": {
        "gender": "other",
        "birthDate": "1968",
        "identifier": [{"system": _NIK, "value": "5101010203680009"}],
    },
    "Observation/o-1": {
        "valueQuantity": {"value": 106.5, "unit": "/min", "code": "/min"},
        "status": "amended",
    },
}


def write(server: LiveServerWithDatabase, *, much: bool = False) -> None:
    """The first account writes on one tablet, a nurse on another; then both have sent."""
    run(_write(server.database_url, much))


async def _write(url: str, much: bool) -> None:
    database = await connect(url)
    try:
        async with database.transaction() as connection:
            row = await connection.fetchrow("select facility_id, account_id from account limit 1")
            assert row is not None
            facility, account = row["facility_id"], row["account_id"]
            nurse = await accounts.create_account(
                connection, facility, OTHER_USERNAME, OTHER_NAME, "clinician", OTHER_PASSWORD
            )
            now_ms = time.time_ns() // 1_000_000 - 7_200_000
            first = [changes.create(one, PATIENT) for one in RESOURCES]
            rows: dict[str, Any] = {}
            more = {key: fields for key, fields in MORE_MINE.items() if much}
            others = {key: fields for key, fields in MORE_THEIRS.items() if much}
            for who, device, drafts, edits in (
                (account, "tablet-poli-umum-a1b2", first, MINE | more),
                (nurse, "tablet-igd-c3d4", [], THEIRS | others),
            ):
                await devices.enrol(connection, facility, who, device)
                state = changes.new_device_state(device)
                sealed, state = changes.seal(drafts, state, who, now_ms)
                if drafts:
                    rows, _ = merge({}, [change for change, _ in sealed])
                edited = [
                    changes.amend(rows[key], fields, "Menurut pasien hari ini")
                    for key, fields in edits.items()
                ]
                after, _ = changes.seal(edited, state, who, now_ms + 1_800_000)
                batch = [(text.encode(), change) for change, text in [*sealed, *after]]
                place = ledger.Place(facility, who, device)
                result = await apply.apply_batch(
                    connection, place, batch, now_ms + 3_600_000, now_ms
                )
                assert {one["outcome"] for one in result.outcomes} <= {
                    "created",
                    "updated",
                    "conflict",
                }
    finally:
        await database.disconnect()
