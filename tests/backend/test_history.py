"""The history of a resource: every change to the letter, members only, audited, in pages."""

from __future__ import annotations

from typing import Any

import pytest

from backend.database import Database
from pwa.py.domain import changes
from tests.backend.clinics import Clinic, condition, new_id, open_clinic, patient


@pytest.fixture
async def clinic(database: Database) -> Clinic:
    return await open_clinic(database)


async def write_edits(clinic: Clinic, count: int) -> tuple[str, str, list[str]]:
    """(patient, resource, the texts of all changes of the resource)."""
    tablet = await clinic.tablet()
    patient_id, condition_id = new_id("patient"), new_id("condition")
    key = f"Condition/{condition_id}"
    texts = tablet.write(patient(patient_id), condition(patient_id, "Demam", condition_id))
    for number in range(count):
        row: Any = {
            "patient": patient_id,
            "resource": {"resourceType": "Condition", "id": condition_id, "code": {}},
            "stamps": {"*": tablet.state["timestamp"]},
            "by": {},
        }
        texts += tablet.write(changes.amend(row, {"code": {"text": f"é {number}"}}, "karena"))
    answer = await tablet.push(texts)
    assert answer.status_code == 200, answer.text
    return patient_id, key, texts[1:]


async def test_every_change_comes_as_it_was_written_with_how_it_arrived(clinic: Clinic) -> None:
    patient_id, key, texts = await write_edits(clinic, 2)
    answer = await clinic.client.get("/api/history", params={"resource": key})
    assert answer.status_code == 200, answer.text
    for text in texts:
        assert f'"change":{text}}}' in answer.text
    found = answer.json()
    assert (found["patient"], found["after"]) == (patient_id, None)
    assert [one["sequence"] for one in found["versions"]] == [2, 3, 4]
    for one in found["versions"]:
        assert one["account"] == clinic.account_id
        assert one["device"] == one["change"]["device"]
        assert abs(one["drift_ms"]) < 60_000
        assert one["received_at"].endswith("Z")


async def test_a_history_comes_in_pages_without_gap_or_double(clinic: Clinic) -> None:
    _, key, texts = await write_edits(clinic, 6)
    sequences: list[int] = []
    after: Any = 0
    while after is not None:
        params = {"resource": key, "after": after, "limit": 3}
        found = (await clinic.client.get("/api/history", params=params)).json()
        sequences += [one["sequence"] for one in found["versions"]]
        after = found["after"]
    assert sequences == list(range(2, 2 + len(texts)))


async def test_whoever_reads_a_history_is_in_the_audit_trail(clinic: Clinic) -> None:
    patient_id, key, _ = await write_edits(clinic, 0)
    await clinic.client.get("/api/history", params={"resource": key})
    rows = await clinic.fetch(
        "select account_id, patient_id, details::text from audit"
        " where facility_id = $1 and action = 'history-read'",
        clinic.facility_id,
    )
    (row,) = rows
    assert (row["account_id"], row["patient_id"]) == (clinic.account_id, patient_id)
    assert key in row["details"]


async def test_only_members_of_the_facility_on_an_enrolled_device_read_it(
    clinic: Clinic, database: Database
) -> None:
    _, key, _ = await write_edits(clinic, 0)
    other = await open_clinic(database)
    without_device = await other.client.get("/api/history", params={"resource": key})
    assert without_device.status_code == 403
    await other.tablet()
    foreign = await other.client.get("/api/history", params={"resource": key})
    assert foreign.status_code == 404
    nobody = await open_clinic(database, signed_in=False)
    for path in ("/api/history?resource=" + key, "/api/members"):
        assert (await nobody.client.get(path)).status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        "",
        "resource=Condition",
        "resource=../x",
        "resource=Condition/a&after=-1",
        "resource=Condition/a&after=9999999999999999999",
        "resource=Condition/a&after=%00",
        "resource=Condition/a&limit=0",
        "resource=Condition/a&limit=x",
        "resource=Condition/%00",
    ],
)
async def test_a_bad_question_gets_a_clear_answer(clinic: Clinic, query: str) -> None:
    await clinic.tablet()
    answer = await clinic.client.get("/api/history?" + query)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_members_and_devices_have_names_within_their_facility_only(
    clinic: Clinic, database: Database
) -> None:
    tablet = await clinic.tablet()
    await open_clinic(database)
    found = (await clinic.client.get("/api/members")).json()
    assert found["members"] == [{"id": clinic.account_id, "name": "Dewi", "active": True}]
    assert found["devices"] == [{"id": tablet.device_id, "account": clinic.account_id}]
