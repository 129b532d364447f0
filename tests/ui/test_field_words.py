"""Fields in words: what our own forms write is understood to the last value, the rest is not."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import encounters, judgements, leaves, patients
from pwa.py.ui import field_words, words
from tests.sync.tablets import FORM, VISIT

PERSON = FORM | {"nik": "3201045705900001", "bpjs": "0001234567890", "mrn": "17", "phone": "08"}
PERSON |= {"address": "Jl. Melati 3", "village": "Ubud"}


def written() -> list[Any]:
    """What registering a patient, a visit, and edits of judgements bring into the record."""
    ids = iter(f"i{at}" for at in range(100))
    made = encounters.build(VISIT, "p", 1_795_398_170_123, lambda: next(ids))
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "Udang"}}
    allergy |= {"reaction": [{"manifestation": [{"text": "Gatal"}], "severity": "mild"}]}
    allergy |= {"criticality": "low", "note": [{"text": "x"}]}
    medicine = {"resourceType": "MedicationRequest", "id": "m", "status": "active"}
    medicine |= {"dosageInstruction": [{"text": "3 x 1"}], "note": [{"text": "x"}]}
    problem = judgements.edit(
        {"patient": "p", "resource": made[-1], "stamps": {"*": "1"}, "by": {}},
        judgements.read(made[-1]) | {"onsetDateTime": "2019", "note": "x"},
        "",
        1_795_398_170_123,
    )[0]["set"]
    problem |= {"resourceType": "Condition"}
    return [patients.build(PERSON, "p"), *made, allergy, medicine, problem]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_value_that_our_forms_write_has_words(language: str) -> None:
    words.choose(language)
    raw: list[str] = []
    for resource in written():
        fields = {
            key: value for key, value in resource.items() if key not in ("resourceType", "id")
        }
        for path, _ in leaves.leaves(fields):
            label, is_known = field_words.leaf_name(resource["resourceType"], path)
            if not is_known:
                raw.append(f"{resource['resourceType']} {label}")
    words.choose("id")
    assert raw == []


def test_the_same_field_is_named_by_its_type() -> None:
    names = ("Condition", "AllergyIntolerance", "Observation")
    found = [field_words.leaf_name(kind, ["code", "text"]) for kind in names]
    expected = ["Diagnosis", "Pemicu alergi", "Pemeriksaan"]
    assert found == [(name, True) for name in expected]
    path = ["clinicalStatus", "coding", 0, "code"]
    assert field_words.leaf_name("Condition", path) == ("Status klinis", True)
    assert "relapse" in field_words.codes_at("Condition", path)
    assert field_words.codes_at("Condition", ["clinicalStatus", "coding", 0, "system"]) == ()


def test_what_is_not_known_keeps_its_name_and_is_not_called_understood() -> None:
    assert field_words.leaf_name("Condition", ["newerField", 0, "x"]) == ("newerField.x", False)
    assert field_words.leaf_name("Condition", ["note", 0, "mood"]) == ("Catatan · mood", False)
    assert "newer" in field_words.code_words("newer") != "newer"
