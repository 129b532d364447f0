"""The record as Bundles: whole, of one facility, and with every open question in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend import exact_json, fhir
from backend.bundles import Entry, decode_entry, read_entries
from backend.database import Database
from backend.importer import import_paths
from backend.records import UNSETTLED_URL
from pwa.py.domain import changes
from tests.backend import samples
from tests.backend.clinics import open_clinic, patient


async def test_an_unknown_or_foreign_patient_has_no_bundle(database: Database) -> None:
    clinic, other = await open_clinic(database), await open_clinic(database)
    tablet = await clinic.tablet()
    await tablet.push(tablet.write(patient("p1")))

    async with database.connection() as connection:
        assert await fhir.everything(connection, clinic.facility_id, "p1") is not None
        assert await fhir.everything(connection, other.facility_id, "p1") is None
        assert await fhir.everything(connection, clinic.facility_id, "p2") is None


async def test_the_patient_comes_first_and_all_is_counted(
    database: Database, tmp_path: Path
) -> None:
    clinic = await open_clinic(database)
    await import_paths(
        database, clinic.facility_id, [samples.make_bundle(tmp_path, 3)], lambda _: None
    )
    found = await clinic.fetch(
        "select distinct patient_id from resource where facility_id = $1", clinic.facility_id
    )

    async with database.connection() as connection:
        bundle = await fhir.everything(connection, clinic.facility_id, found[0]["patient_id"])

    assert bundle is not None
    assert bundle["type"] == "searchset"
    assert bundle["total"] == len(bundle["entry"])
    assert bundle["entry"][0]["resource"]["resourceType"] == "Patient"
    assert bundle["entry"][0]["fullUrl"] == f"urn:uuid:{found[0]['patient_id']}"


async def test_an_export_holds_every_resource_and_imports_as_unchanged(
    database: Database, tmp_path: Path
) -> None:
    clinic, other = await open_clinic(database), await open_clinic(database)
    files = samples.find_bundles(tmp_path)[:5]
    taken = await import_paths(database, clinic.facility_id, files, lambda _: None)
    folder = tmp_path / "export"

    report = await fhir.export_facility(database, clinic.facility_id, folder)

    assert report.resources == taken.taken
    assert report.patients == taken.types["Patient"] == len(list(folder.iterdir()))
    again = await import_paths(database, clinic.facility_id, [folder], lambda _: None)
    assert again.outcomes == {"unchanged": taken.taken}
    moved = await import_paths(database, other.facility_id, [folder], lambda _: None)
    assert moved.outcomes == {"created": taken.taken}
    second = tmp_path / "second"
    await fhir.export_facility(database, other.facility_id, second)
    for path in folder.iterdir():
        assert read_resources(path) == read_resources(second / path.name)


def read_resources(path: Path) -> dict[str, bytes]:
    entries = [entry for entry in read_entries(path) if isinstance(entry, Entry)]
    return {entry.key: exact_json.encode(decode_entry(entry)) for entry in entries}


async def test_unsettled_values_are_in_the_bundle(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    one, other = await clinic.tablet(), await clinic.tablet()
    await one.push(one.write(patient("p1")))
    row: Any = {
        "patient": "p1",
        "resource": {"resourceType": "Patient", "id": "p1"},
        "stamps": {},
        "by": {},
    }
    await one.push(one.write(changes.amend(row, {"gender": "female"})))
    await other.push(other.write(changes.amend(row, {"gender": "male"})))

    async with database.connection() as connection:
        bundle = await fhir.everything(connection, clinic.facility_id, "p1")

    assert bundle is not None
    resource = bundle["entry"][0]["resource"]
    assert resource["gender"] == "male"
    assert [item["url"] for item in resource["extension"]] == [UNSETTLED_URL]
    parts = {part["url"]: part["valueString"] for part in resource["extension"][0]["extension"]}
    assert parts["field"] == "gender"
    assert parts["value"] == '"female"'
    assert parts["author"] == clinic.account_id
    await fhir.export_facility(database, clinic.facility_id, tmp_path)
    again = await import_paths(database, clinic.facility_id, [tmp_path], lambda _: None)
    assert again.outcomes == {"unchanged": 1}


def test_every_digit_of_a_number_survives() -> None:
    for text in (*samples.DECIMALS, "0.1", "1e3", "-0.0", "100.00"):
        assert exact_json.decode(exact_json.encode(exact_json.decode(text))) is not None
    assert exact_json.encode(exact_json.decode("1.50")) == b"1.50"
    assert exact_json.encode(exact_json.decode("79.0")) == b"79.0"
    assert exact_json.encode(exact_json.decode("13.710000000000001")) == b"13.710000000000001"
    assert exact_json.encode(exact_json.decode("1e3")) == b"1000"
    assert not exact_json.is_equal(exact_json.decode("1.50"), exact_json.decode("1.5"))
    assert not exact_json.is_equal(True, 1)
