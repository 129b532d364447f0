"""What somebody writes into one field of a form, as FHIR holds it.

Settling a conflict by another value, editing a judgement and mending refused work read their
forms by this, so that the same words become the same value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates, names, schema
from pwa.py.domain.issues import invalid, issue, required

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue

TEXT_CHARACTERS_MAX = 2_000
CODES = "codes"
DATE = "date"
TEXT = "text"

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_SYSTEMS = {
    "Condition.clinicalStatus": _TERMS + "condition-clinical",
    "Condition.verificationStatus": _TERMS + "condition-ver-status",
    "AllergyIntolerance.clinicalStatus": _TERMS + "allergyintolerance-clinical",
    "AllergyIntolerance.verificationStatus": _TERMS + "allergyintolerance-verification",
}
_TEXT_LISTS = ("dosageInstruction", "note", "reasonCode")
_CONCEPTS = ("code", "medicationCodeableConcept", "vaccineCode")


def kind(resource_type: str, field: str) -> str:
    """How a field is written, whatever it holds; empty when that depends on its values."""
    if resource_type + "." + field in schema.CODES:
        return CODES
    if field in schema.DATE_FIELDS or field in schema.DATE_TIME_FIELDS:
        return DATE
    if field in _TEXT_LISTS or field in _CONCEPTS or field == "reaction":
        return TEXT
    return ""


def check_text(field: str, text: str) -> list[Issue]:
    if not text:
        return [required(field)]
    if len(text) > TEXT_CHARACTERS_MAX:
        return [issue("too-long", "At most %d characters" % TEXT_CHARACTERS_MAX, field)]
    return []


def value(resource_type: str, field: str, text: str) -> tuple[Any, list[Issue]]:
    """A text that `check_text` found nothing wrong with, as a field with a `kind` holds it."""
    name = resource_type + "." + field
    if name in schema.CODES:
        return coded(name, text), []
    if kind(resource_type, field) == DATE:
        return text, [] if dates.is_date(text) else [invalid(field, "Not a date: YYYY-MM-DD")]
    if field in _TEXT_LISTS:
        return [{"text": text}], []
    if field == "reaction":
        return [{"manifestation": [{"text": text}]}], []
    return {"text": text}, []


def is_concept(name: str) -> bool:
    """Whether a coded field ("Type.field") holds a CodeableConcept, and not the bare code."""
    return name in _SYSTEMS


def coded(name: str, code: str) -> Any:
    """A code of a coded field, "Type.field"."""
    if name not in _SYSTEMS:
        return code
    return {"coding": [{"system": _SYSTEMS[name], "code": code}]}


def diagnosis(chosen: dict[str, Any]) -> dict[str, Any]:
    """A diagnosis as it was chosen or written, {"code", "text"}, as a CodeableConcept."""
    concept: dict[str, Any] = {"text": chosen["text"].strip()}
    if chosen.get("code"):
        concept["coding"] = [{"system": names.ICD_10, "code": chosen["code"]}]
    return concept
