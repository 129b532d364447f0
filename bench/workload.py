"""The work that synchronisation is measured with: records of 500 bytes, spread over patients.

A record is a Condition as FHIR writes one, with a note of ordinary words that fills it up to its
size; an edit gives it another note and another status. The same arguments make the same work.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from bench import records
from pwa.py.domain import changes, schema

RECORDS = 10_000
RECORD_BYTES = 500
EDIT_NOTE_CHARACTERS = 120
RECORDS_A_PATIENT = 20
EDITED = ("clinicalStatus", "note")
START_MS = 1_795_000_000_000

_WORDS = (
    "pasien mengeluh demam sejak tiga hari lalu disertai batuk berdahak pilek nyeri kepala "
    "mual muntah tidak ada sesak napas riwayat hipertensi diabetes minum obat teratur keadaan "
    "umum baik kesadaran kompos mentis tenggorokan hiperemis tonsil membesar paru vesikuler "
    "ronkhi wheezing abdomen supel nyeri tekan epigastrium bising usus normal ekstremitas "
    "hangat edema turgor kulit kontrol ulang bila keluhan menetap edukasi istirahat cukup "
    "banyak cairan hindari makanan pedas rujuk rumah sakit pemeriksaan darah rutin "
    "laboratorium tekanan nadi suhu berat badan tinggi parasetamol amoksisilin amlodipin "
    "metformin antasida kali sehari sesudah makan selama lima "
).split()
_CODES = (
    ("J06.9", "Infeksi saluran napas atas akut"),
    ("I10", "Hipertensi esensial"),
    ("K29.7", "Gastritis"),
    ("E11.9", "Diabetes melitus tipe 2"),
    ("A09", "Gastroenteritis"),
    ("R50.9", "Demam"),
)


def words(random: Random, characters: int) -> str:
    text = " ".join(random.choices(_WORDS, k=characters // 4))
    return text[:characters].strip()


def make_record(patient: str, random: Random) -> dict[str, Any]:
    code, text = random.choice(_CODES)
    day = f"2026-{random.randint(1, 11):02}-{random.randint(1, 28):02}"
    time = f"{random.randint(7, 16):02}:{random.randint(0, 59):02}:{random.randint(0, 59):02}"
    record: dict[str, Any] = {
        "resourceType": "Condition",
        "id": records.make_id(random),
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}],
            "text": text,
        },
        "subject": {"reference": f"Patient/{patient}"},
        "recordedDate": f"{day}T{time}+07:00",
        "note": [{"text": ""}],
    }
    missing = RECORD_BYTES - len(encode(record))
    record["note"][0]["text"] = words(random, missing)
    return record


def encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def make_charts(
    count: int, a_patient: int = RECORDS_A_PATIENT, seed: int = 1
) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """(patient, records) of as many patients as `count` records need."""
    random = Random(f"workload:{seed}")
    charts: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    while count > 0:
        patient = records.make_patient(seed * 1_000_000 + len(charts) + 1)
        size = min(a_patient, count)
        charts.append((patient, [make_record(patient["id"], random) for _ in range(size)]))
        count -= size
    return charts


def drafts_of(resources: list[dict[str, Any]], patient: str) -> list[dict[str, Any]]:
    return [changes.create(one, patient) for one in resources]


def fields_of_edit(random: Random) -> dict[str, Any]:
    return {
        "clinicalStatus": {"coding": [{"code": "resolved"}]},
        "note": [{"text": words(random, EDIT_NOTE_CHARACTERS)}],
    }


def edit_of(created: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """A draft that sets another status and note, saying which values were seen."""
    seen = [created["timestamp"]]
    return {
        "patient": created["patient"],
        "resource": created["resource"],
        "base": {name: seen for name in EDITED if schema.keeps_both("Condition", name)},
        "set": {name: fields[name] for name in EDITED},
    }


class Writer:
    """One device's stream of changes, sealed as a tablet seals them."""

    def __init__(self, device: str, author: str, start_ms: int = START_MS) -> None:
        self.state = changes.new_device_state(device)
        self.author = author
        self.now_ms = start_ms

    def seal(self, drafts: list[dict[str, Any]]) -> list[tuple[Any, str]]:
        """Three seconds pass between one draft and the next, as when a person writes."""
        sealed: list[tuple[Any, str]] = []
        for draft in drafts:
            self.now_ms += 3_000
            made, self.state = changes.seal([draft], self.state, self.author, self.now_ms)
            sealed += made
        return sealed

    def create(self, resources: list[dict[str, Any]], patient: str) -> list[tuple[Any, str]]:
        return self.seal(drafts_of(resources, patient))
