"""Made-up visits of the demonstration: vitals that fit age and illness, diagnoses, treatment.

Pure: the random numbers and today's date are arguments. Resources have the shapes in which the
app itself records them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

from backend.demo_diseases import ACUTE, CHRONIC, PARACETAMOL, PARACETAMOL_SYRUP, VACCINES, Disease
from backend.demo_people import DAYS_A_YEAR, make_id
from backend.demo_words import ALLERGIES
from pwa.py.domain import editing, encounters, names, vitals

ZONE = "+07:00"
PAST_DAYS = 730
VISITS_MAX = 24
ADULT_AGE = 15
TABLET_AGE = 12
CVX = "http://hl7.org/fhir/sid/cvx"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"

# Age in years, height in cm, weight in kg, heart rate, breaths: what lies between is interpolated.
_GROWTH = (
    (0.0, 50.0, 3.2, 140, 44),
    (0.5, 66.0, 7.4, 130, 36),
    (1.0, 75.0, 9.2, 120, 30),
    (3.0, 94.0, 13.5, 108, 25),
    (6.0, 114.0, 19.5, 96, 22),
    (10.0, 136.0, 30.0, 88, 20),
    (14.0, 155.0, 46.0, 82, 18),
    (18.0, 161.0, 55.0, 78, 17),
    (100.0, 158.0, 58.0, 78, 18),
)


class Body(NamedTuple):
    """How one patient differs from the average all life long."""

    height: float
    weight: float
    is_hypertensive: bool


class Visit(NamedTuple):
    random: Random
    patient: str
    encounter: str
    moment: str
    age: float

    def reference(self) -> dict[str, Any]:
        return {
            "subject": {"reference": f"Patient/{self.patient}"},
            "encounter": {"reference": f"Encounter/{self.encounter}"},
        }


def make_record(random: Random, patient: dict[str, Any], today: date) -> list[dict[str, Any]]:
    """All but the Patient: allergies, immunisations, and the visits, oldest first."""
    birth = date.fromisoformat(patient["birthDate"])
    age = (today - birth).days / DAYS_A_YEAR
    chronic = [
        item
        for item in CHRONIC
        if item.ages[0] <= age <= item.ages[1] and random.random() < item.share / 100
    ]
    codes = {item.code for item in chronic}
    spread = random.gauss(1, 0.1) * (1.12 if "E11.9" in codes else 1)
    body = Body(random.gauss(1, 0.03), min(max(spread, 0.75), 1.5), "I10" in codes)
    resources = list(_make_allergies(random, patient["id"], birth, today))
    resources += _make_immunizations(random, patient["id"], birth, today)
    known: dict[str, str] = {}
    for day in _choose_days(random, len(chronic), birth, today):
        disease = _choose_disease(random, chronic, (day - birth).days / DAYS_A_YEAR)
        resources += _make_visit(random, patient["id"], birth, day, disease, body, known)
    _complete_older(resources)
    return resources


def _complete_older(resources: list[dict[str, Any]]) -> None:
    """A renewed prescription ends the one before it: of each medicine the newest is active."""
    renewed: set[str] = set()
    for resource in reversed(resources):
        if resource["resourceType"] == "MedicationRequest" and resource["status"] == "active":
            name = resource["medicationCodeableConcept"]["text"]
            resource["status"] = "completed" if name in renewed else "active"
            renewed.add(name)


def _choose_days(random: Random, chronic: int, birth: date, today: date) -> list[date]:
    """Working days of the last two years on which the patient came."""
    count = min(1 + int(random.expovariate(0.45)) + random.randint(4, 10) * chronic, VISITS_MAX)
    days: set[date] = set()
    for _ in range(count):
        day = today - timedelta(days=random.randint(0, PAST_DAYS))
        # The centre is closed on Sundays.
        day -= timedelta(days=1 if day.weekday() == 6 else 0)
        days.add(max(day, birth))
    return sorted(days)


def _choose_disease(random: Random, chronic: list[Disease], age: float) -> Disease:
    if chronic and random.random() < 0.75:
        return random.choice(chronic)
    fitting = [item for item in ACUTE if item.ages[0] <= age <= item.ages[1]]
    return random.choices(fitting, [item.share for item in fitting])[0]


def _make_visit(
    random: Random,
    patient: str,
    birth: date,
    day: date,
    disease: Disease,
    body: Body,
    known: dict[str, str],
) -> Iterator[dict[str, Any]]:
    moment = f"{day}T{random.randint(8, 13):02}:{random.randint(0, 59):02}:00{ZONE}"
    visit = Visit(random, patient, make_id(random), moment, (day - birth).days / DAYS_A_YEAR)
    reason = random.choice(disease.reasons)
    condition = known.get(disease.code) or make_id(random)
    yield {
        "resourceType": "Encounter",
        "id": visit.encounter,
        "status": "finished",
        "class": {"system": _TERMINOLOGY + "v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": moment},
        "reasonCode": [{"text": reason}],
        "diagnosis": [{"condition": {"reference": f"Condition/{condition}"}}],
    }
    has_fever = random.random() < disease.fever
    yield from _make_vitals(visit, disease, body, has_fever)
    if disease.code not in known:
        yield _make_condition(visit, condition, disease)
    if disease.is_chronic:
        known[disease.code] = condition
    medicines = _choose_medicines(disease, visit.age, has_fever)
    yield _make_note(visit, disease, reason, medicines)
    for name, dosage in medicines:
        yield _make_medication_request(visit, name, dosage, disease.is_chronic)


def _choose_medicines(disease: Disease, age: float, has_fever: bool) -> tuple[tuple[str, str], ...]:
    if age < TABLET_AGE:
        medicines = disease.child_medicines or disease.medicines
        return medicines + ((PARACETAMOL_SYRUP,) if has_fever else ())
    return disease.medicines + ((PARACETAMOL,) if has_fever else ())


def _make_vitals(
    visit: Visit, disease: Disease, body: Body, has_fever: bool
) -> Iterator[dict[str, Any]]:
    random = visit.random
    height, weight, heart_rate, breaths = _interpolate(visit.age)
    fever = random.uniform(1.2, 2.6) if has_fever else 0.0
    is_breathless = disease.code in ("J45.9", "A15.0")
    if visit.age >= ADULT_AGE:
        systolic = 104 + min(visit.age, 80) * 0.28 + random.gauss(0, 7)
        systolic += random.gauss(30, 10) if body.is_hypertensive else 0
        diastolic = systolic * 0.52 + random.gauss(14, 5)
        yield from _measure(visit, systolic=round(systolic), diastolic=round(diastolic))
    heart_rate += fever * 9 + random.gauss(0, 6)
    breaths += fever * 1.5 + (6 if is_breathless else 0) + random.gauss(0, 1.2)
    saturation = min(99, round(random.gauss(94 if is_breathless else 98, 0.8)))
    yield from _measure(visit, pulse=round(heart_rate))
    yield from _measure(visit, respiration=round(breaths))
    yield from _measure(visit, temperature=round(36.5 + random.gauss(0, 0.2) + fever, 1))
    yield from _measure(visit, saturation=saturation)
    yield from _measure(visit, weight=round(weight * body.weight + random.gauss(0, 0.3), 1))
    yield from _measure(visit, height=round(height * body.height, 1))


def _interpolate(age: float) -> list[float]:
    for low, high in pairwise(_GROWTH):
        if age <= high[0]:
            share = (age - low[0]) / (high[0] - low[0])
            return [a + (b - a) * share for a, b in zip(low[1:], high[1:], strict=True)]
    return list(_GROWTH[-1][1:])


def _measure(visit: Visit, **values: float) -> list[dict[str, Any]]:
    form = {name: str(value) for name, value in values.items()}
    common = visit.reference() | {"effectiveDateTime": visit.moment}
    return vitals.build(form, common, lambda: make_id(visit.random))


def _make_condition(visit: Visit, identity: str, disease: Disease) -> dict[str, Any]:
    status = "active" if disease.is_chronic else "resolved"
    category = {"system": _TERMINOLOGY + "condition-category", "code": "encounter-diagnosis"}
    return {
        "resourceType": "Condition",
        "id": identity,
        "clinicalStatus": editing.coded("Condition.clinicalStatus", status),
        "verificationStatus": editing.coded("Condition.verificationStatus", "confirmed"),
        "category": [{"coding": [category]}],
        "code": {"coding": [{"system": names.ICD_10, "code": disease.code}], "text": disease.text},
        **visit.reference(),
        "recordedDate": visit.moment,
    }


def _make_note(
    visit: Visit, disease: Disease, reason: str, medicines: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    plan = "; ".join(f"{name}, {dosage}" for name, dosage in medicines)
    text = f"S: {reason}.\nO: {disease.finding}\nA: {disease.text} ({disease.code}).\nP: {plan}."
    data = base64.b64encode(text.encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "id": make_id(visit.random),
        "status": "current",
        "type": vitals.concept("11506-3", "Progress note"),
        "subject": {"reference": f"Patient/{visit.patient}"},
        "date": visit.moment,
        "content": [{"attachment": {"contentType": encounters.NOTE_TYPE, "data": data}}],
        "context": {"encounter": [{"reference": f"Encounter/{visit.encounter}"}]},
    }


def _make_medication_request(
    visit: Visit, name: str, dosage: str, is_chronic: bool
) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": make_id(visit.random),
        "status": "active" if is_chronic else "completed",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        **visit.reference(),
        "authoredOn": visit.moment,
        "dosageInstruction": [{"text": dosage}],
    }


def _make_allergies(
    random: Random, patient: str, birth: date, today: date
) -> Iterator[dict[str, Any]]:
    if random.random() > 0.12:
        return
    text, category, criticality, reaction = random.choice(ALLERGIES)
    recorded = max(today - timedelta(days=random.randint(0, PAST_DAYS)), birth)
    yield {
        "resourceType": "AllergyIntolerance",
        "id": make_id(random),
        "clinicalStatus": editing.coded("AllergyIntolerance.clinicalStatus", "active"),
        "verificationStatus": editing.coded("AllergyIntolerance.verificationStatus", "confirmed"),
        "category": [category],
        "criticality": criticality,
        "code": {"text": text},
        "patient": {"reference": f"Patient/{patient}"},
        "recordedDate": recorded.isoformat(),
        "reaction": [{"manifestation": [{"text": reaction}]}],
    }


def _make_immunizations(
    random: Random, patient: str, birth: date, today: date
) -> Iterator[dict[str, Any]]:
    if (today - birth).days > 6 * DAYS_A_YEAR:
        return
    for due, name, code in VACCINES:
        given = birth + timedelta(days=due + random.randint(0, 20) * (due > 0))
        if given > today or random.random() < 0.06:
            continue
        yield {
            "resourceType": "Immunization",
            "id": make_id(random),
            "status": "completed",
            "vaccineCode": {"coding": [{"system": CVX, "code": code}], "text": name},
            "patient": {"reference": f"Patient/{patient}"},
            "occurrenceDateTime": given.isoformat(),
            "primarySource": True,
        }
