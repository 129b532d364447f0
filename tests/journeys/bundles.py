"""A bundle to import: one of Synthea's where they are at hand, otherwise one made here."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("REKAM_SHARED", Path(__file__).parents[3] / "shared"))
SYNTHEA = SHARED / "data" / "synthea-r4"


@dataclass(frozen=True)
class Imported:
    path: Path
    patient: str
    name: str


def write_bundle(folder: Path) -> Imported:
    for path in sorted(SYNTHEA.glob("Bill_*.json.gz")):
        bundle = json.loads(gzip.decompress(path.read_bytes()))
        patient = bundle["entry"][0]["resource"]
        given = patient["name"][0]["given"][0]
        return Imported(path, patient["id"], f"{given} {patient['name'][0]['family']}")
    path = folder / "bundle.json"
    path.write_text(json.dumps(make_bundle()), encoding="utf-8")
    return Imported(path, "made-1", "Aaron697 Contoh123")


def make_bundle() -> dict[str, Any]:
    """In the ways of Synthea: references by urn:uuid, digits in names, decimals as they fall."""
    patient = {
        "resourceType": "Patient",
        "id": "made-1",
        "name": [{"use": "official", "given": ["Aaron697"], "family": "Contoh123"}],
        "gender": "male",
        "birthDate": "1961-03-02",
    }
    encounter = {
        "resourceType": "Encounter",
        "id": "made-2",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "urn:uuid:made-1"},
        "period": {"start": "2019-05-01T10:00:00-04:00"},
        "type": [{"text": "Encounter for check up"}],
    }
    weight = {
        "resourceType": "Observation",
        "id": "made-3",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": "urn:uuid:made-1"},
        "encounter": {"reference": "urn:uuid:made-2"},
        "effectiveDateTime": "2019-05-01T10:00:00-04:00",
        "valueQuantity": {"value": 83.70000000000002, "unit": "kg"},
    }
    resources = [patient, encounter, weight]
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}
