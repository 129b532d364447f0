"""Every field that FHIR R4 has, of every type Rekam knows, has a merge policy on purpose.

`r4_fields.json` holds the top-level elements of FHIR 4.0.1 by their JSON names (choice types
written out), without `id` and `resourceType`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pwa.py.domain import schema

R4_FIELDS = {
    name: fields.split()
    for name, fields in json.loads(
        Path(__file__).with_name("r4_fields.json").read_text(encoding="utf-8")
    ).items()
}
# Issue 3 names these: of them both concurrent values are kept.
JUDGED = {
    "AllergyIntolerance": ("clinicalStatus", "verificationStatus", "criticality", "reaction"),
    "MedicationRequest": ("status", "dosageInstruction", "medicationCodeableConcept", "note"),
    "Condition": ("code", "clinicalStatus", "verificationStatus", "abatementDateTime"),
    "Patient": ("gender", "birthDate", "identifier"),
}


def test_every_known_type_is_one_of_fhir() -> None:
    assert set(schema.POLICIES) == set(R4_FIELDS)


@pytest.mark.parametrize("name", R4_FIELDS)
def test_every_field_is_named_or_its_type_is_all_facts(name: str) -> None:
    fields = schema.POLICIES[name]
    if schema.is_fact(name):
        assert fields == {schema.DEFAULT: schema.FACT}
        return
    named = set(fields) - {schema.DEFAULT}
    assert named == set(R4_FIELDS[name])


@pytest.mark.parametrize("name", JUDGED)
def test_what_a_clinician_judges_keeps_both_values(name: str) -> None:
    for field in JUDGED[name]:
        assert schema.policy(name, field) == schema.JUDGEMENT
        assert schema.policy(name, "_" + field) == schema.JUDGEMENT


def test_what_this_version_does_not_know_keeps_both_values() -> None:
    assert schema.policy("CarePlan", "status") == schema.JUDGEMENT
    for name in schema.POLICIES:
        assert schema.keeps_both(name, "aFieldOfR6")


def test_demographics_and_arrangements_take_the_last_word() -> None:
    for name, field in (("Patient", "telecom"), ("Patient", "name"), ("Appointment", "start")):
        assert schema.policy(name, field) == schema.REGISTER


def test_a_corrected_fact_says_so_where_fhir_has_a_word_for_it() -> None:
    assert schema.corrected_status("Observation", "final") == "amended"
    assert schema.corrected_status("Observation", "entered-in-error") == "entered-in-error"
    assert schema.corrected_status("Immunization", "completed") == "completed"
