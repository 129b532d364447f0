"""Charts as text, in pages and one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend import snapshot
from backend.database import Database
from pwa.py.domain.chart import Chart
from tests.backend.clinics import Clinic, condition, open_clinic, patient


async def fill(clinic: Clinic, count: int) -> None:
    tablet = await clinic.tablet("tablet-1")
    drafts: list[dict[str, Any]] = []
    for at in range(count):
        drafts += [patient(f"p{at:03}", f"Pasien {at}"), condition(f"p{at:03}", f"Batuk {at}")]
    assert (await tablet.push(tablet.write(*drafts))).status_code == 200


async def pages(clinic: Clinic, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    for _ in range(100):
        query = {"after": after, "limit": str(limit)}
        found.append((await clinic.client.get("/api/snapshot", params=query)).json())
        after = found[-1]["after"]
        if after is None:
            return found
    raise AssertionError("the snapshot has no end")


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
async def test_pages_hold_every_patient_once_in_order(database: Database, limit: int) -> None:
    clinic = await open_clinic(database)
    await fill(clinic, 7)
    found = await pages(clinic, limit)
    ids = [chart[0] for page in found for chart in page["charts"]]
    assert ids == [f"p{at:03}" for at in range(7)]
    assert all(page["patients"] == 7 and page["cursor"] == 14 for page in found)


async def test_an_empty_facility_has_an_empty_snapshot(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    [page] = await pages(clinic, 10)
    assert (page["charts"], page["after"], page["patients"]) == ([], None, 0)


async def test_a_page_ends_when_it_has_enough_bytes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "SNAPSHOT_BYTES_MAX", 1)
    clinic = await open_clinic(database)
    await fill(clinic, 3)
    assert [len(page["charts"]) for page in await pages(clinic, 100)] == [1, 1, 1]


async def test_a_chart_is_read_by_the_same_code_as_in_the_browser(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    old, new = condition("p1", 'Batuk\t"kering"\n', "old"), condition("p1", "Demam", "new")
    old["set"]["recordedDate"] = "2020-01-01"
    await tablet.push(tablet.write(old | {"patient": "p1"}, patient("p1"), old, new))
    answer = (await clinic.client.get("/api/charts/p1")).json()
    chart = Chart(answer["text"])
    assert chart.keys() == ["Patient/p1", "Condition/new", "Condition/old"]
    row = chart.row("Condition/old")
    assert row is not None
    assert row["resource"]["code"]["text"] == 'Batuk\t"kering"\n'
    # The first attempt came before its patient and was refused.
    assert chart.get("Condition/old").sequence == 3
    assert answer["sequence"] == 4
    [[_, text, sequence]] = (await pages(clinic, 10))[0]["charts"]
    assert (text, sequence) == (answer["text"], answer["sequence"])


async def test_a_reference_with_a_tab_does_not_tear_the_chart(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    odd = condition("p1", resource_id="c1")
    odd["set"]["encounter"] = {"reference": "Encounter/a\tb\nc"}
    await tablet.push(tablet.write(patient("p1"), odd))
    chart = Chart((await clinic.client.get("/api/charts/p1")).json()["text"])
    assert chart.keys() == ["Patient/p1", "Condition/c1"]
    assert chart.get("Condition/c1").resource()["encounter"] == odd["set"]["encounter"]


async def test_an_unknown_patient_is_not_found(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    for path in ("/api/charts/nobody", "/api/fhir/Patient/nobody/$everything"):
        assert (await clinic.client.get(path)).status_code == 404


async def test_everything_of_a_patient_is_a_bundle(database: Database) -> None:
    clinic = await open_clinic(database)
    await fill(clinic, 1)
    answer = await clinic.client.get("/api/fhir/Patient/p000/$everything")
    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = answer.json()
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["Patient", "Condition"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=-1", "limit=%00", "after=%00", "after=a/b", "limit=²"]
)
async def test_odd_questions_are_refused(database: Database, query: str) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    assert (await clinic.client.get(f"/api/snapshot?{query}")).status_code == 400


async def test_odd_patient_ids_are_refused(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    for odd in ("%00", "a%20b", "x" * 65, "%ff"):
        answer = await clinic.client.get(f"/api/charts/{odd}")
        assert answer.status_code == 400, odd


async def test_who_saw_which_patients_is_in_the_audit_trail(database: Database) -> None:
    clinic = await open_clinic(database)
    await fill(clinic, 3)
    await pages(clinic, 2)
    await clinic.client.get("/api/charts/p001")
    await clinic.client.get("/api/fhir/Patient/p002/$everything")
    rows = await clinic.fetch(
        "select * from audit where action ~ '^(snapshot|chart|record)-' order by audit_at"
    )
    assert {row["device_id"] for row in rows} == {"tablet-1"}
    assert {row["account_id"] for row in rows} == {clinic.account_id}
    seen = [(row["action"], row["patient_id"], json.loads(row["details"])) for row in rows]
    assert seen == [
        ("snapshot-read", None, {"count": 2, "first": "p000", "last": "p001"}),
        ("snapshot-read", None, {"count": 1, "first": "p002", "last": "p002"}),
        ("chart-read", "p001", {}),
        ("record-exported", "p002", {}),
    ]
