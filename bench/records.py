"""Records to measure with: charts and patients of any size, made by Rekam's own domain.

The same arguments make the same records. No one in them exists.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from pwa.py.domain import changes, directory, encounters, patients
from pwa.py.domain.chart import Chart

DEVICE = "0b9f1f5e-6f0c-4a52-9d0e-1f2e3d4c5b6a"
AUTHOR = "a1c7e0d2-93b4-4f6a-8e5d-7c6b5a493827"
FIRST_VISIT_MS = 1_500_000_000_000
DAY_MS = 86_400_000
VISIT_RESOURCES = 7
GIVEN = ("Siti", "Budi", "Dewi", "Agus", "Ratna", "Joko", "Sri", "Putu", "Wayan", "Nur")
FAMILY = ("Santoso", "Lestari", "Wulandari", "Setiawan", "Hidayat", "Rahayu", "Saputra")
REASONS = ("Demam tiga hari", "Kontrol tekanan darah", "Batuk dan pilek", "Nyeri ulu hati")
DIAGNOSES = (("J06.9", "Infeksi saluran napas atas akut"), ("I10", "Hipertensi"), ("K29.7", "Mag"))
NOTE = "Keadaan umum baik. Tenggorokan merah, paru vesikuler, abdomen supel. Edukasi dan kontrol."

# A visit of seven resources: encounter, four observations, diagnosis, note.
VISIT: dict[str, Any] = {
    "reason": "Demam tiga hari",
    "note": NOTE,
    "vitals": {
        "systolic": "120",
        "diastolic": "80",
        "temperature": "38,2",
        "pulse": "88",
        "weight": "61,45",
    },
    "diagnoses": [{"code": "J06.9", "text": "Infeksi saluran napas atas akut"}],
}


def make_patient(seed: int) -> dict[str, Any]:
    random = Random(f"patient:{seed}")
    form = {
        "name": f"{random.choice(GIVEN)} {random.choice(FAMILY)} {seed}",
        "gender": random.choice(("female", "male")),
        "birthDate": f"{random.randint(1940, 2020)}-{random.randint(1, 12):02}-15",
        "nik": f"{random.randint(10**15, 10**16 - 1)}",
        "mrn": f"{seed:06}",
        "phone": f"08{random.randint(10**8, 10**9 - 1)}",
        "village": "Melati",
    }
    return patients.build(form, make_id(random))


def make_id(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(parts)


def make_visits(patient: str, count: int, seed: int) -> list[list[dict[str, Any]]]:
    """So many visits of seven resources, a few days apart, each as the visit form makes it."""
    random = Random(f"visits:{seed}")
    visits: list[list[dict[str, Any]]] = []
    for at in range(count):
        code, text = random.choice(DIAGNOSES)
        form = {
            **VISIT,
            "reason": random.choice(REASONS),
            "vitals": {**VISIT["vitals"], "weight": f"{random.randint(400, 900) / 10}"},
            "diagnoses": [{"code": code, "text": text}],
        }
        now_ms = FIRST_VISIT_MS + at * 5 * DAY_MS
        visits.append(encounters.build(form, patient, now_ms, lambda: make_id(random)))
        assert len(visits[-1]) == VISIT_RESOURCES, len(visits[-1])
    return visits


def make_chart(resources: int, seed: int = 1) -> tuple[str, str]:
    """(the patient's id, a chart of about so many resources as a device keeps it)."""
    patient = make_patient(seed)
    chart = Chart()
    state = changes.new_device_state(DEVICE)
    groups = [[patient], *make_visits(patient["id"], resources // VISIT_RESOURCES, seed)]
    sequence = 0
    for at, group in enumerate(groups):
        drafts = [changes.create(one, patient["id"]) for one in group]
        sealed, state = changes.seal(drafts, state, AUTHOR, FIRST_VISIT_MS + at * 5 * DAY_MS)
        for outcome in chart.apply([change for change, _ in sealed]):
            assert outcome["outcome"] == "created", outcome
        for change, _ in sealed:
            sequence += 1
            chart.number({change["resource"]: sequence})
    return patient["id"], chart.text()


def make_lines(count: int) -> list[str]:
    """Lines of the directory."""
    return [directory.line_of(make_patient(seed), 0) for seed in range(1, count + 1)]


def write_bundle(path: Path, count: int, long_chart: int = 0) -> str:
    """A file to import: so many patients, the first with a chart of so many resources; its id."""
    resources = [make_patient(seed) for seed in range(1, count + 1)]
    first = resources[0]["id"]
    for visit in make_visits(first, long_chart // VISIT_RESOURCES, 1):
        resources += visit
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }
    path.write_text(json.dumps(bundle), "utf-8")
    return first
