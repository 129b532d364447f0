"""FHIR Bundles to import: Synthea's where the machine has them, generated ones otherwise.

The generated ones hold the same traps: references by `urn:uuid:`, conditional references,
decimals whose digits count, extensions and fields that Rekam does not know.
"""

from __future__ import annotations

import gzip
import json
import os
import uuid
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("REKAM_SHARED", ROOT.parent / "shared"))
SYNTHEA = SHARED / "data" / "synthea-r4"
MANY_PATIENTS = SHARED / "data" / "patients-1144.ndjson.gz"

NINE_TYPES = (
    "Patient",
    "Encounter",
    "Observation",
    "Condition",
    "AllergyIntolerance",
    "MedicationRequest",
    "Procedure",
    "Immunization",
    "DiagnosticReport",
)
# Decimals are written as they stand here, so that a lost digit shows.
DECIMALS = ("79.0", "13.710000000000001", "1.50", "0.0000001", "120", "36.60")


def find_bundles(folder: Path) -> list[Path]:
    """Files of whole patients; made in `folder` when Synthea's are not there."""
    found = sorted(SYNTHEA.glob("*.json.gz"))
    return found or [make_bundle(folder, seed) for seed in range(8)]


def find_many_patients(folder: Path) -> tuple[Path, int]:
    """A file with a Patient a line, and how many."""
    if MANY_PATIENTS.exists():
        return MANY_PATIENTS, 1144
    path = folder / "patients.ndjson.gz"
    lines = [
        {"resourceType": "Patient", "id": str(uuid.uuid4()), "name": [{"text": f"Pasien {at}"}]}
        for at in range(300)
    ]
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    return path, 300


def write_bundle(path: Path, *resources: dict[str, Any], **fields: Any) -> Path:
    """A file with these resources as a collection Bundle."""
    entries = [{"resource": resource} for resource in resources]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries, **fields}
    path.write_text(json.dumps(bundle, ensure_ascii=False))
    return path


def make_bundle(folder: Path, seed: int) -> Path:
    random = Random(seed)
    patient = make_uuid(random)
    encounter = make_uuid(random)
    subject = {"reference": f"urn:uuid:{patient}"}
    context = {"subject": subject, "encounter": {"reference": f"urn:uuid:{encounter}"}}
    resources = [make_patient(patient, seed), make_encounter(encounter, subject)]
    for name in NINE_TYPES[2:]:
        for _ in range(random.randint(1, 12)):
            resources.append(make_other(name, make_uuid(random), subject, context))
    for name in ("Claim", "Organization"):
        resources.append({"resourceType": name, "id": make_uuid(random), "patient": subject})
    entries = [
        {"fullUrl": f"urn:uuid:{item['id']}", "resource": item, "request": {"method": "POST"}}
        for item in resources
    ]
    # The patient does not have to come first.
    random.shuffle(entries)
    text = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    for decimal in DECIMALS:
        text = text.replace(f'"decimal {decimal}"', decimal)
    path = folder / f"patient-{seed}.json.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def make_uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def make_patient(identity: str, seed: int) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": identity,
        "extension": [{"url": "urn:test:years", "valueDecimal": "decimal 0.0000001"}],
        "name": [{"use": "official", "family": f"Hidayat{seed}", "given": ["Nur", "Aini"]}],
        "_birthDate": {"extension": [{"url": "urn:test:birth-time", "valueString": "05:12"}]},
        "birthDate": "1980-02-29",
        "gender": "female",
        "unheardOf": {"nested": [[1, 2], [], {"deep": None}]},
    }


def make_encounter(identity: str, subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": identity,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": subject,
        "participant": [{"individual": {"reference": "Practitioner?identifier=urn:x|7"}}],
        "period": {"start": "2024-05-01T08:00:00+07:00", "end": "2024-05-01T08:15:00+07:00"},
    }


def make_other(
    name: str, identity: str, subject: dict[str, Any], context: dict[str, Any]
) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": name,
        "id": identity,
        "code": {"coding": [{"code": "b"}, {"code": "a"}], "text": 'Demam 😀 "tinggi" é'},
        "note": [{"text": decimal, "value": f"decimal {decimal}"} for decimal in DECIMALS],
    }
    if name in ("AllergyIntolerance", "Immunization"):
        return resource | {"patient": subject}
    return resource | context
