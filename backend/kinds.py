"""What kind of JSON value FHIR R4 gives the fields that Rekam reads, to refuse what is not that.

One table, no code for single types. A field that the table does not name is never judged:
import keeps what it does not understand.
"""

from __future__ import annotations

from typing import Any, cast

from pwa.py.domain import dates

_OBJECTS = "objects"
_OBJECT = "object"
_TEXT = "text"
_BOOLEAN = "boolean"
_DATE_TIME = "date-time"
_PERIOD = "period"

_WORDS = {
    _OBJECTS: "a list of objects",
    _OBJECT: "an object",
    _TEXT: "text",
    _BOOLEAN: "true or false",
    _DATE_TIME: "a date, or a date and time with a zone",
    _PERIOD: "a period of dates",
}

_EVERY_TYPE = {
    _OBJECTS: "extension modifierExtension contained",
    _OBJECT: "meta text",
    _TEXT: "language implicitRules",
}

_BY_TYPE: dict[str, dict[str, str]] = {
    "Patient": {
        _OBJECTS: "identifier name telecom address contact communication link photo",
        _OBJECT: "maritalStatus managingOrganization",
        _TEXT: "gender birthDate deceasedDateTime",
        _BOOLEAN: "active deceasedBoolean",
    },
    "Encounter": {
        _OBJECTS: "identifier type reasonCode reasonReference participant diagnosis location",
        _OBJECT: "class subject serviceProvider hospitalization",
        _TEXT: "status",
        _PERIOD: "period",
    },
    "Observation": {
        _OBJECTS: "identifier category component interpretation note referenceRange performer",
        _OBJECT: "code subject encounter valueQuantity valueCodeableConcept valueRange",
        _TEXT: "status valueString",
        _BOOLEAN: "valueBoolean",
        _DATE_TIME: "effectiveDateTime issued valueDateTime",
        _PERIOD: "effectivePeriod",
    },
    "Condition": {
        _OBJECTS: "identifier category bodySite stage evidence note",
        _OBJECT: "clinicalStatus verificationStatus severity code subject encounter",
        _DATE_TIME: "onsetDateTime abatementDateTime recordedDate",
        _PERIOD: "onsetPeriod abatementPeriod",
    },
    "AllergyIntolerance": {
        _OBJECTS: "identifier note reaction",
        _OBJECT: "clinicalStatus verificationStatus code patient encounter",
        _TEXT: "type criticality",
        _DATE_TIME: "onsetDateTime recordedDate lastOccurrence",
    },
    "MedicationRequest": {
        _OBJECTS: "identifier category reasonCode reasonReference note dosageInstruction",
        _OBJECT: "medicationCodeableConcept medicationReference subject encounter requester",
        _TEXT: "status intent priority",
        _DATE_TIME: "authoredOn",
    },
    "Procedure": {
        _OBJECTS: "identifier performer reasonCode reasonReference bodySite note",
        _OBJECT: "category code subject encounter",
        _TEXT: "status performedString",
        _DATE_TIME: "performedDateTime",
        _PERIOD: "performedPeriod",
    },
    "Immunization": {
        _OBJECTS: "identifier performer note reasonCode protocolApplied reaction",
        _OBJECT: "vaccineCode patient encounter doseQuantity site route",
        _TEXT: "status lotNumber occurrenceString",
        _BOOLEAN: "primarySource",
        _DATE_TIME: "occurrenceDateTime recorded",
    },
    "DiagnosticReport": {
        _OBJECTS: "identifier category performer result presentedForm media",
        _OBJECT: "code subject encounter",
        _TEXT: "status conclusion",
        _DATE_TIME: "effectiveDateTime issued",
        _PERIOD: "effectivePeriod",
    },
    "DocumentReference": {
        _OBJECTS: "identifier category author content relatesTo",
        _OBJECT: "type subject context",
        _TEXT: "status docStatus description",
        _DATE_TIME: "date",
    },
    "ServiceRequest": {
        _OBJECTS: "identifier category reasonCode reasonReference note",
        _OBJECT: "code subject encounter",
        _TEXT: "status intent",
        _DATE_TIME: "occurrenceDateTime authoredOn",
    },
    "Appointment": {
        _OBJECTS: "identifier participant reasonCode",
        _TEXT: "status",
        _DATE_TIME: "start end created",
    },
}


def _spell_out(kinds: dict[str, str]) -> dict[str, str]:
    return {field: kind for kind, fields in kinds.items() for field in fields.split()}


_COMMON = _spell_out(_EVERY_TYPE)
_KINDS = {name: _COMMON | _spell_out(kinds) for name, kinds in _BY_TYPE.items()}


def find_wrong_kind(resource: dict[str, Any]) -> str:
    """Which field holds the wrong kind of value, in words; "" when none does."""
    kinds = _KINDS.get(resource["resourceType"], _COMMON)
    for field, value in resource.items():
        kind = kinds.get(field)
        if kind is not None and not _is_kind(kind, value):
            return f"{resource['resourceType']}.{field} is not {_WORDS[kind]}"
    return ""


def _is_kind(kind: str, value: object) -> bool:
    if kind == _OBJECTS:
        items = cast(list[object], value) if isinstance(value, list) else [None]
        return all(isinstance(item, dict) for item in items)
    if kind == _TEXT:
        return isinstance(value, str)
    if kind == _BOOLEAN:
        return isinstance(value, bool)
    if kind == _DATE_TIME:
        return dates.is_date_time(value)
    if not isinstance(value, dict):
        return False
    fields = cast(dict[str, object], value)
    ends = (fields.get("start"), fields.get("end")) if kind == _PERIOD else ()
    return all(end is None or dates.is_date_time(end) for end in ends)
