"""Charts as text, in pages and one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend import snapshot
from backend.database import Database
from pwa.py.domain import changes, chart_page
from pwa.py.domain.chart import Chart
from tests.backend.clinics import Clinic, condition, new_id, open_clinic, patient


async def fill(clinic: Clinic, count: int) -> None:
    tablet = await clinic.tablet("tablet-1")
    drafts: list[dict[str, Any]] = []
    for at in range(count):
        drafts += [patient(f"p{at:03}", f"Pasien {at}"), condition(f"p{at:03}", f"Batuk {at}")]
    assert (await tablet.push(tablet.write(*drafts))).status_code == 200


def read(answer: httpx.Response) -> Any:
    return chart_page.read(answer.text)


async def pages(clinic: Clinic, limit: int, **more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    for _ in range(100):
        query = {"after": after, "limit": str(limit), **more}
        found.append(read(await clinic.client.get("/api/snapshot", params=query)))
        after = found[-1]["after"]
        if after is None:
            return found
    raise AssertionError("the snapshot has no end")


async def read_charts(clinic: Clinic, *patients: str) -> list[Any]:
    query = {"patients": ",".join(patients)}
    return read(await clinic.client.get("/api/charts", params=query))["charts"]


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


def visit(patient_id: str, date: str, kind: str = "Encounter") -> dict[str, Any]:
    when = {"start": date} if kind == "Appointment" else {"period": {"start": date}}
    resource = {"resourceType": kind, "id": new_id("visit"), "status": "finished", **when}
    return changes.create(resource, patient_id)


async def test_who_was_here_last_or_is_expected_comes_first(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    today = datetime.now(UTC).date()
    drafts = [patient(f"p{at}") for at in range(6)]
    drafts += [
        visit("p1", "2024-02-30T10:00:00+07:00"),
        visit("p2", "2019-01-01"),
        visit("p2", f"{today - timedelta(days=3)}T10:00:00+07:00"),
        visit("p3", f"{today + timedelta(days=7)}T10:00:00+07:00", "Appointment"),
        visit("p4", f"{today - timedelta(days=30)}"),
        visit("p4", "2999-01-01"),
    ]
    assert (await tablet.push(tablet.write(*drafts))).status_code == 200
    found = await pages(clinic, 2)
    ids = [chart[0] for page in found for chart in page["charts"]]
    assert ids == ["p3", "p2", "p4", "p0", "p1", "p5"]
    days = [chart[3] for page in found for chart in page["charts"]]
    assert days[2:] == [f"{today - timedelta(days=30)}", "", "", ""]


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_no_more_charts_than_the_cap_come(database: Database, limit: int) -> None:
    clinic = await open_clinic(database)
    await fill(clinic, 6)
    found = await pages(clinic, limit, cap="4")
    ids = [chart[0] for page in found for chart in page["charts"]]
    assert ids == ["p000", "p001", "p002", "p003"]
    assert {(page["patients"], page["panel"]) for page in found} == {(6, 4)}


async def test_who_moves_to_the_front_meanwhile_is_after_the_first_cursor(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    await tablet.push(tablet.write(*[patient(f"p{at}") for at in range(4)]))
    first = read(await clinic.client.get("/api/snapshot?limit=2"))
    await tablet.push(tablet.write(visit("p3", "2026-01-01"), patient("p0", "Baru")))
    query = {"after": first["after"], "limit": "9"}
    rest = read(await clinic.client.get("/api/snapshot", params=query))
    assert [chart[0] for chart in rest["charts"]] == ["p2"]
    reader = await clinic.tablet()
    reader.cursor = first["cursor"]
    pulled = (await reader.push([])).json()["changes"]
    assert [item["change"]["patient"] for item in pulled] == ["p3", "p0"]
    # Neither is the beginning of its patient.
    assert not any("created" in item for item in pulled)


async def test_named_charts_come_and_the_rest_is_said_to_be_absent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = await open_clinic(database)
    await fill(clinic, 3)
    asked = "/api/charts?patients=p002,nobody,p000"
    reply = read(await clinic.client.get(asked))
    assert [chart[0] for chart in reply["charts"]] == ["p000", "p002"]
    assert (reply["absent"], reply["cursor"], reply["patients"]) == (["nobody"], 6, 3)
    monkeypatch.setattr(snapshot, "SNAPSHOT_BYTES_MAX", 1)
    reply = read(await clinic.client.get(asked))
    # What did not fit is not absent.
    assert ([chart[0] for chart in reply["charts"]], reply["absent"]) == (["p000"], [])


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
    again = old | {"replaces": 1}
    await tablet.push(tablet.write(old | {"patient": "p1"}, patient("p1"), again, new))
    [[_, answer, newest, _]] = await read_charts(clinic, "p1")
    chart = Chart(answer)
    assert chart.keys() == ["Patient/p1", "Condition/new", "Condition/old"]
    row = chart.row("Condition/old")
    assert row is not None
    assert row["resource"]["code"]["text"] == 'Batuk\t"kering"\n'
    # The first attempt came before its patient and was refused.
    assert chart.get("Condition/old").sequence == 3
    assert newest == 4
    [[_, text, sequence, _]] = (await pages(clinic, 10))[0]["charts"]
    assert (text, sequence) == (answer, newest)


async def test_a_reference_with_a_tab_does_not_tear_the_chart(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    odd = condition("p1", resource_id="c1")
    odd["set"]["encounter"] = {"reference": "Encounter/a\tb\nc"}
    await tablet.push(tablet.write(patient("p1"), odd))
    chart = Chart((await read_charts(clinic, "p1"))[0][1])
    assert chart.keys() == ["Patient/p1", "Condition/c1"]
    assert chart.get("Condition/c1").resource()["encounter"] == odd["set"]["encounter"]


async def test_an_unknown_patient_is_not_found(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    assert (await clinic.client.get("/api/fhir/Patient/nobody/$everything")).status_code == 404


async def test_everything_of_a_patient_is_a_bundle(database: Database) -> None:
    clinic = await open_clinic(database)
    await fill(clinic, 1)
    answer = await clinic.client.get("/api/fhir/Patient/p000/$everything")
    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = answer.json()
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["Patient", "Condition"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "limit=-1",
        "limit=%00",
        "limit=²",
        "cap=0",
        "cap=x",
        "after=%00",
        "after=a/b",
        "after=p1",
        "after=1_2026-13-01_p1",
        "after=1_2026-01-01_a/b",
        "after=x_2026-01-01_p1",
        "after=1_2026-01-01_p1_",
    ],
)
async def test_odd_questions_are_refused(database: Database, query: str) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    assert (await clinic.client.get(f"/api/snapshot?{query}")).status_code == 400


async def test_odd_patient_ids_are_refused(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    for odd in ("", "%00", "a%20b", "x" * 65, "%ff", "p1,,p2"):
        answer = await clinic.client.get(f"/api/charts?patients={odd}")
        assert answer.status_code == 400, odd
    many = ",".join(["p"] * 101)
    assert (await clinic.client.get(f"/api/charts?patients={many}")).status_code == 413


async def test_who_saw_which_patients_is_in_the_audit_trail(database: Database) -> None:
    clinic = await open_clinic(database)
    await fill(clinic, 3)
    await pages(clinic, 2)
    await clinic.client.get("/api/charts?patients=p001")
    await clinic.client.get("/api/fhir/Patient/p002/$everything")
    rows = await clinic.fetch(
        "select * from audit where action ~ '^(snapshot|charts|record)-' order by audit_at"
    )
    assert {row["device_id"] for row in rows} == {"tablet-1"}
    assert {row["account_id"] for row in rows} == {clinic.account_id}
    seen = [(row["action"], row["patient_id"], json.loads(row["details"])) for row in rows]
    assert seen == [
        ("snapshot-read", None, {"patients": ["p000", "p001"]}),
        ("snapshot-read", "p002", {"patients": ["p002"]}),
        ("charts-read", "p001", {"patients": ["p001"]}),
        ("record-exported", "p002", {}),
    ]
