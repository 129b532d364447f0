"""Importing FHIR: everything arrives once, exactly as it was; what cannot is told and left."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from backend import exact_json, fhir, importer
from backend.bundles import Entry, decode_entry, read_entries
from backend.database import Database
from backend.importer import ImportReport, import_paths
from pwa.py.domain import changes
from tests.backend import samples
from tests.backend.clinics import Clinic, open_clinic


def silent(_: str) -> None:
    pass


async def run(clinic: Clinic, *paths: Path) -> ImportReport:
    return await import_paths(clinic.database, clinic.facility_id, paths, silent)


async def read_all(clinic: Clinic, patient_id: str) -> dict[str, dict[str, Any]]:
    async with clinic.database.connection() as connection:
        bundle = await fhir.everything(connection, clinic.facility_id, patient_id)
    assert bundle is not None
    found = [entry["resource"] for entry in bundle["entry"]]
    return {f"{item['resourceType']}/{item['id']}": item for item in found}


async def read_row(clinic: Clinic, key: str) -> Any:
    found = await clinic.fetch(
        "select body::text from resource where facility_id = $1 and key = $2",
        clinic.facility_id,
        key,
    )
    return exact_json.decode(found[0]["body"])


async def count_changes(clinic: Clinic) -> int:
    statement = "select count(*) as count from change where facility_id = $1"
    return (await clinic.fetch(statement, clinic.facility_id))[0]["count"]


def patient(identity: str = "p1", **fields: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": identity, "name": [{"text": "Siti"}], **fields}


def observation(identity: str = "o1", **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": {"text": "Suhu"},
        "subject": {"reference": "Patient/p1"},
        **fields,
    }


def problems_of(report: ImportReport) -> dict[str, str]:
    return {problem.resource: problem.reason for problem in report.problems}


async def test_every_resource_comes_out_as_it_came(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    files = samples.find_bundles(tmp_path)

    report = await run(clinic, *files)

    compared = dict.fromkeys(samples.NINE_TYPES, 0)
    for path in files:
        entries = [entry for entry in read_entries(path) if isinstance(entry, Entry)]
        patients = [entry.id for entry in entries if entry.type == "Patient"]
        found = await read_all(clinic, patients[0]) if patients else {}
        for entry in entries:
            if entry.type in compared:
                assert exact_json.is_equal(found[entry.key], decode_entry(entry)), entry.key
                compared[entry.type] += 1
    assert all(compared.values())
    assert not report.problems
    assert report.left_out.total() > 0
    assert report.outcomes == {"created": report.taken}


async def test_importing_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    files = samples.find_bundles(tmp_path)[:6]
    first = await run(clinic, *files)
    before = await count_changes(clinic)

    again = await run(clinic, *files, *files[:2])

    assert before == first.taken
    assert await count_changes(clinic) == before
    assert set(again.outcomes) == {"unchanged"}
    assert again.changed == 0


async def test_a_thousand_patients_of_a_bulk_export(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    path, count = samples.find_many_patients(tmp_path)

    report = await run(clinic, path)

    assert report.types == {"Patient": count}
    assert not report.problems


async def test_the_changes_are_one_unbroken_chain(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    await run(clinic, *samples.find_bundles(tmp_path)[:3])

    stored = await clinic.fetch(
        """
        select number, hash, body::text, device_id from change
        where facility_id = $1 order by sequence
        """,
        clinic.facility_id,
    )
    previous = ""
    for number, item in enumerate(stored, 1):
        assert item["number"] == number
        assert json.loads(item["body"])["previous"] == previous
        previous = hashlib.sha256(item["body"].encode()).hexdigest()
        assert item["hash"] == previous
        assert item["device_id"] == importer.import_device(clinic.facility_id)
        assert "\\u" not in item["body"]


WRONG_ENTRIES: list[tuple[Any, str]] = [
    (7, "the entry is not an object"),
    ({"fullUrl": "urn:uuid:none"}, "the entry holds no resource"),
    ({"resource": [1]}, "the resource is not an object"),
    ({"resource": {"id": "x"}}, "resourceType is missing"),
    ({"resource": {"resourceType": "Observation"}}, "neither an id nor a fullUrl"),
    ({"resource": observation("x", id=5)}, "id is not text"),
    ({"resource": observation("not_an_id")}, "Must read Type/id"),
    ({"resource": observation("a1", subject={"reference": "Patient/nobody"})}, "no patient nobody"),
    ({"resource": observation("a2", subject={"reference": "Group/1"})}, "no patient can be found"),
    ({"resource": observation("a3", subject=None)}, "it names no patient"),
    ({"resource": observation("a4", code="text")}, "Observation.code is not an object"),
    (
        {"resource": observation("a5", category=[1])},
        "Observation.category is not a list of objects",
    ),
    ({"resource": observation("a6", issued="2024-02-30T10:00:00Z")}, "Observation.issued is not"),
    ({"resource": observation("a7", effectiveDateTime="yesterday")}, "effectiveDateTime is not"),
    ({"resource": observation("a8", note=[{"text": "a\0b"}])}, "cannot be stored"),
    ({"resource": observation("a9", valueString="\ud800")}, "not JSON"),
    ({"resource": patient("p9", gender="perempuan")}, "Must be one of"),
    ({"resource": patient("p8", birthDate="1980-13-01")}, "Not a date"),
]


@pytest.mark.parametrize("entry, reason", WRONG_ENTRIES)
async def test_what_cannot_be_read_is_told_and_stops_nothing_else(
    database: Database, tmp_path: Path, entry: Any, reason: str
) -> None:
    clinic = await open_clinic(database)
    entries = [{"resource": patient()}, entry, {"resource": observation("good")}]
    path = tmp_path / "mixed.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))

    report = await run(clinic, path)

    assert report.types == {"Patient": 1, "Observation": 1}
    assert [(item.file, item.entry) for item in report.problems] == [("mixed.json", 2)]
    assert reason in report.problems[0].reason
    refused = "select count(*) as count from refused where facility_id = $1"
    assert (await clinic.fetch(refused, clinic.facility_id))[0]["count"] == 0


@pytest.mark.parametrize(
    "value", ["1e999999999", "1" * 5000, "0." + "3" * 2000, "[" * 3000 + "]" * 3000, '"\\ud83d"']
)
async def test_values_beyond_all_bounds_are_told(
    database: Database, tmp_path: Path, value: str
) -> None:
    clinic = await open_clinic(database)
    path = samples.write_bundle(tmp_path / "big.json", patient(), observation(some="@"))
    path.write_text(path.read_text().replace('"@"', value))

    report = await run(clinic, path)

    assert report.types == {"Patient": 1}
    assert list(problems_of(report)) == ["Observation/o1"]


@pytest.mark.parametrize(
    "name, content",
    [
        ("broken.json", b'{"resourceType": "Bundle", "entry": [{"resource'),
        ("list.json", b"[]"),
        ("entries.json", b'{"resourceType": "Bundle", "entry": {"a": 1}}'),
        ("latin.json", b'{"resourceType": "Patient", "id": "p\xe9"}'),
        ("cut.json.gz", gzip.compress(b'{"resourceType": "Patient"}' * 99)[:40]),
        ("plain.json.gz", b'{"resourceType": "Patient", "id": "a"}'),
        ("missing.json", None),
    ],
)
async def test_an_unreadable_file_is_told_and_others_are_read(
    database: Database, tmp_path: Path, name: str, content: bytes | None
) -> None:
    clinic = await open_clinic(database)
    good = samples.write_bundle(tmp_path / "good.json", patient())
    bad = tmp_path / name
    if content is not None:
        bad.write_bytes(content)

    report = await run(clinic, bad, good)

    assert report.types == {"Patient": 1}
    assert report.problem_count == 1
    assert name in report.problems[0].file


async def test_patients_come_first_over_all_files(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    first = tmp_path / "a.ndjson"
    first.write_text("\n" + json.dumps(observation()) + "\n\n{bad}\n")
    samples.write_bundle(tmp_path / "b.json", patient())
    (tmp_path / "notes.txt").write_text("not for import")

    report = await run(clinic, tmp_path)

    assert report.types == {"Observation": 1, "Patient": 1}
    assert [(item.file, item.entry) for item in report.problems] == [("a.ndjson", 4)]


async def test_references_that_need_their_bundle_are_resolved(
    database: Database, tmp_path: Path
) -> None:
    clinic = await open_clinic(database)
    nik = {"system": "urn:nik", "value": "3299"}
    entries = [
        {"fullUrl": "urn:uuid:aaaa", "resource": patient("p1", identifier=[nik])},
        {"resource": observation("o1", subject={"reference": "urn:uuid:aaaa"})},
        {"resource": observation("o2", subject={"reference": "Patient?identifier=urn:nik|3299"})},
        {"resource": observation("o3", subject={"identifier": nik})},
        {
            "resource": observation(
                "o4", subject={"reference": "https://x.id/Patient/p1/_history/2"}
            )
        },
        {"fullUrl": "urn:uuid:o5", "resource": observation("") | {"id": None}},
    ]
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}))
    del entries[5]["resource"]["id"]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}))

    report = await run(clinic, path)

    assert problems_of(report) == {}
    found = await read_all(clinic, "p1")
    # The full URL is gone with its Bundle; what names the patient by other means stays as it is.
    assert found["Observation/o1"]["subject"] == {"reference": "Patient/p1"}
    assert found["Observation/o2"]["subject"] == entries[2]["resource"]["subject"]
    assert found["Observation/o4"]["subject"] == entries[4]["resource"]["subject"]
    assert set(found) == {"Patient/p1", *(f"Observation/o{at}" for at in range(1, 6))}


async def test_only_the_fields_that_differ_are_changed(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    path = tmp_path / "bundle.json"
    held = observation(valueString="36.5", note=[{"text": "a"}])
    await run(clinic, samples.write_bundle(path, patient(gender="male", active=True), held))
    changed = patient(gender="female")
    corrected = observation(valueString="36.7", note=[{"text": "a"}], status="corrected")

    report = await run(clinic, samples.write_bundle(path, changed, corrected))

    assert report.outcomes == {"updated": 2}
    stored = await clinic.fetch(
        "select body::text from change where facility_id = $1 order by sequence desc limit 2",
        clinic.facility_id,
    )
    sets = [json.loads(item["body"])["set"] for item in stored]
    assert {"gender": "female", "active": None} in sets
    assert {"valueString": "36.7", "status": "corrected"} in sets
    found = await read_all(clinic, "p1")
    assert found == {"Patient/p1": changed, "Observation/o1": corrected}
    assert (await run(clinic, path)).changed == 0


async def test_the_same_import_again_leaves_a_clinicians_edit(
    database: Database, tmp_path: Path
) -> None:
    clinic = await open_clinic(database)
    path = samples.write_bundle(tmp_path / "bundle.json", patient(gender="male", active=True))
    await run(clinic, path)
    tablet = await clinic.tablet()
    edit = changes.amend(await read_row(clinic, "Patient/p1"), {"gender": "female"})
    await tablet.push(tablet.write(edit))

    report = await run(clinic, path)

    assert report.changed == 0
    assert (await read_row(clinic, "Patient/p1"))["resource"]["gender"] == "female"


async def test_an_edit_on_both_sides_keeps_both_values(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    path = samples.write_bundle(tmp_path / "bundle.json", patient(birthDate="1980"))
    await run(clinic, path)
    tablet = await clinic.tablet()
    edit = changes.amend(await read_row(clinic, "Patient/p1"), {"birthDate": "1981"})
    await tablet.push(tablet.write(edit))

    report = await run(clinic, samples.write_bundle(path, patient(birthDate="1982")))

    assert report.outcomes == {"conflict": 1}
    siblings = (await read_row(clinic, "Patient/p1"))["siblings"]["birthDate"]
    assert [item["value"] for item in siblings] == ["1981", "1982"]
    assert (await run(clinic, path)).changed == 0


async def test_a_resource_never_moves_to_another_patient(
    database: Database, tmp_path: Path
) -> None:
    clinic = await open_clinic(database)
    path = tmp_path / "bundle.json"
    await run(clinic, samples.write_bundle(path, patient("p1"), patient("p2"), observation()))
    moved = observation(subject={"reference": "Patient/p2"})

    report = await run(clinic, samples.write_bundle(path, moved))

    assert "already in the record of patient p1" in report.problems[0].reason
    assert "Observation/o1" in await read_all(clinic, "p1")


async def test_one_resource_twice_in_a_file_is_taken_once(
    database: Database, tmp_path: Path
) -> None:
    clinic = await open_clinic(database)
    twice = observation(valueString="b")
    path = samples.write_bundle(
        tmp_path / "bundle.json", patient(), patient(), observation(valueString="a"), twice
    )

    report = await run(clinic, path)

    assert report.repeated == 1
    assert "with other content" in problems_of(report)["Observation/o1"]
    assert (await read_all(clinic, "p1"))["Observation/o1"]["valueString"] == "a"


async def test_a_history_bundle_gives_the_newest_version(
    database: Database, tmp_path: Path
) -> None:
    clinic = await open_clinic(database)
    path = samples.write_bundle(
        tmp_path / "history.json", patient(active=True), patient(active=False), type="history"
    )

    report = await run(clinic, path)

    assert not report.problems
    assert (await read_all(clinic, "p1"))["Patient/p1"]["active"] is True


async def test_two_imports_at_once_lose_nothing(database: Database, tmp_path: Path) -> None:
    clinic = await open_clinic(database)
    files = samples.find_bundles(tmp_path)[:4]

    reports = await asyncio.gather(run(clinic, *files), run(clinic, *files))

    taken = reports[0].taken
    assert [report.taken for report in reports] == [taken, taken]
    assert await count_changes(clinic) == taken
    assert not reports[0].problems
    assert not reports[1].problems


async def test_another_facility_is_not_touched(database: Database, tmp_path: Path) -> None:
    one, other = await open_clinic(database), await open_clinic(database)
    path = samples.write_bundle(tmp_path / "bundle.json", patient(), observation())

    await run(one, path)
    report = await run(other, path)

    assert report.outcomes == {"created": 2}
    assert await count_changes(one) == await count_changes(other) == 2
