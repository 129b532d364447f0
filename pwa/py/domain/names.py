"""Text for people out of FHIR's structures: names of persons, of concepts, of quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.json_text import is_list, is_object

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Resource


# Also WHO's and the clinical modifications, whose systems begin so.
ICD_10 = "http://hl7.org/fhir/sid/icd-10"


def items(value: Any) -> list[Any]:
    """The objects of a list field; nothing when the field is missing or of another shape."""
    return [item for item in value if is_object(item)] if is_list(value) else []


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def member(value: Any, name: str) -> Any:
    """A member of what should be an object; None when it is something else."""
    return value.get(name) if is_object(value) else None


def person_name(resource: Resource) -> str:
    """The official name, else the first; `text` if there, else given names and family."""
    names = items(resource.get("name"))
    chosen = [name for name in names if name.get("use") == "official"] or names
    if not chosen:
        return ""
    name = chosen[0]
    if text_of(name.get("text")):
        return name["text"]
    given = name.get("given")
    parts = [text_of(part) for part in given] if is_list(given) else []
    parts.append(text_of(name.get("family")))
    return " ".join([part for part in parts if part])


def concept(value: Any) -> str:
    """A CodeableConcept in words: its text, else the first display, else the first code."""
    if not is_object(value):
        return ""
    codings = items(value.get("coding"))
    found = [text_of(value.get("text"))]
    found += [text_of(coding.get("display")) for coding in codings]
    found += [text_of(coding.get("code")) for coding in codings]
    for text in found:
        if text:
            return text
    return ""


def title(resource: Resource) -> str:
    """What a resource is about: its code, the vaccine, the medicine, the kind of document."""
    for field in ("code", "vaccineCode", "medicationCodeableConcept", "type"):
        if resource.get(field):
            return concept(resource[field])
    return ""


def codes(value: Any) -> list[str]:
    """All the codes of a CodeableConcept, without their systems."""
    if not is_object(value):
        return []
    return [text_of(coding.get("code")) for coding in items(value.get("coding"))]


def manifestations(reactions: Any) -> str:
    """The signs of an allergy's reactions, in words."""
    signs = [sign for one in items(reactions) for sign in items(one.get("manifestation"))]
    return ", ".join([text for text in [concept(sign) for sign in signs] if text])


def first_code(value: Any) -> str:
    found = codes(value)
    return found[0] if found else ""


def icd_10(value: Any) -> str:
    """The ICD-10 code of a CodeableConcept; empty when it is coded otherwise or not at all."""
    for coding in items(member(value, "coding")):
        if text_of(coding.get("system")).startswith(ICD_10):
            return text_of(coding.get("code"))
    return ""


def identifiers(resource: Resource) -> list[str]:
    """The values of a person's identifiers, in order."""
    values = [text_of(item.get("value")) for item in items(resource.get("identifier"))]
    return [value for value in values if value]


def phone(resource: Resource) -> str:
    for contact in items(resource.get("telecom")):
        if contact.get("system") == "phone" and text_of(contact.get("value")):
            return contact["value"]
    return ""


def address(resource: Resource) -> str:
    for place in items(resource.get("address")):
        if text_of(place.get("text")):
            return place["text"]
        lines = place.get("line")
        parts = [text_of(line) for line in lines] if is_list(lines) else []
        parts += [text_of(place.get(name)) for name in ("district", "city", "state")]
        found = [part for part in parts if part]
        if found:
            return ", ".join(found)
    return ""


def number(value: Any) -> str:
    """A number as people write it: no needless ".0"."""
    if isinstance(value, float):
        text = json_text.number_text(value)
        return text[:-2] if text.endswith(".0") else text
    return str(value)
