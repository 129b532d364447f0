"""A patient in the record of two clinicians, with a diagnosis, an allergy and a medicine.

They came from another tablet, whose clock was off, through the server's own `apply_batch`; what
the two do with them is done on the pages.
"""

from __future__ import annotations

import time
from typing import Any

from backend import accounts, apply, devices, ledger
from backend.database import connect
from pwa.py.domain import changes
from tests.live import LiveServerWithDatabase, run

PATIENT = "p-made-suarta"
NAME = "I Made Suarta"
CONDITION = "Condition/c-asma"
ALLERGY = "AllergyIntolerance/a-1"
DEVICE = "tablet-poli-umum-a1b2"
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


def write(server: LiveServerWithDatabase) -> None:
    """A nurse works here too, and the first account has written of the patient elsewhere."""
    run(_write(server.database_url))


async def _write(url: str) -> None:
    database = await connect(url)
    try:
        async with database.transaction() as connection:
            row = await connection.fetchrow("select facility_id, account_id from account limit 1")
            assert row is not None
            facility, account = row["facility_id"], row["account_id"]
            await accounts.create_account(
                connection, facility, OTHER_USERNAME, OTHER_NAME, "clinician", OTHER_PASSWORD
            )
            await devices.enrol(connection, facility, account, DEVICE)
            now_ms = time.time_ns() // 1_000_000 - 7_200_000
            drafts = [changes.create(one, PATIENT) for one in RESOURCES]
            sealed, _ = changes.seal(drafts, changes.new_device_state(DEVICE), account, now_ms)
            batch = [(text.encode(), change) for change, text in sealed]
            place = ledger.Place(facility, account, DEVICE)
            result = await apply.apply_batch(connection, place, batch, now_ms + 3_600_000, now_ms)
            assert {one["outcome"] for one in result.outcomes} == {"created"}
    finally:
        await database.disconnect()
