"""What Rekam knows of each FHIR resource type: how each field merges, and where things stand.

Merge policy is data. Three policies (docs/sync.md):

- REGISTER: the last writer by hybrid clock holds the field; the other value stays in the history.
- JUDGEMENT: values written without having seen one another are both kept until someone decides.
- FACT: like JUDGEMENT, and an edit must say what became of the fact by setting its `status`
  (amended, corrected, entered-in-error with a reason): what was observed is never just replaced.

A type this version does not know keeps both values of everything: the newer app that wrote it
may think of it as a judgement, and keeping too much loses nothing.
"""

from __future__ import annotations

REGISTER = "register"
JUDGEMENT = "judgement"
FACT = "fact"

DEFAULT = "*"

POLICIES = {
    "Patient": {
        DEFAULT: REGISTER,
        "gender": JUDGEMENT,
        "birthDate": JUDGEMENT,
        "identifier": JUDGEMENT,
        "deceasedBoolean": JUDGEMENT,
        "deceasedDateTime": JUDGEMENT,
    },
    "Encounter": {DEFAULT: REGISTER, "reasonCode": JUDGEMENT, "diagnosis": JUDGEMENT},
    "Observation": {DEFAULT: FACT},
    "Condition": {
        DEFAULT: REGISTER,
        "clinicalStatus": JUDGEMENT,
        "verificationStatus": JUDGEMENT,
        "code": JUDGEMENT,
        "severity": JUDGEMENT,
        "abatementDateTime": JUDGEMENT,
    },
    "AllergyIntolerance": {
        DEFAULT: REGISTER,
        "clinicalStatus": JUDGEMENT,
        "verificationStatus": JUDGEMENT,
        "code": JUDGEMENT,
        "criticality": JUDGEMENT,
        "reaction": JUDGEMENT,
    },
    "MedicationRequest": {
        DEFAULT: REGISTER,
        "status": JUDGEMENT,
        "medicationCodeableConcept": JUDGEMENT,
        "medicationReference": JUDGEMENT,
        "dosageInstruction": JUDGEMENT,
    },
    "Procedure": {DEFAULT: FACT},
    "Immunization": {DEFAULT: FACT},
    "DiagnosticReport": {DEFAULT: FACT},
    "DocumentReference": {DEFAULT: FACT},
    "Appointment": {DEFAULT: REGISTER},
    "ServiceRequest": {DEFAULT: REGISTER, "status": JUDGEMENT},
}

# Where a type says when it happened; the first field present counts. A path goes into objects.
DATE_PATHS = (
    "effectiveDateTime",
    "effectivePeriod.start",
    "period.start",
    "occurrenceDateTime",
    "performedDateTime",
    "performedPeriod.start",
    "authoredOn",
    "recordedDate",
    "onsetDateTime",
    "date",
    "issued",
    "started",
    "start",
    "created",
)

# Where a resource names the patient whose chart it belongs to.
SUBJECT_FIELDS = ("subject", "patient")

# Fields with a closed set of codes that every part of the app relies on.
CODES = {
    "Patient.gender": ("male", "female", "other", "unknown"),
}

DATE_FIELDS = ("birthDate",)
DATE_TIME_FIELDS = (
    "effectiveDateTime",
    "deceasedDateTime",
    "onsetDateTime",
    "recordedDate",
    "authoredOn",
    "occurrenceDateTime",
    "performedDateTime",
)

ENTERED_IN_ERROR = "entered-in-error"


def policy(resource_type: str, field: str) -> str:
    fields = POLICIES.get(resource_type)
    if fields is None:
        return JUDGEMENT
    return fields.get(field, fields[DEFAULT])


def keeps_both(resource_type: str, field: str) -> bool:
    return policy(resource_type, field) != REGISTER


def is_fact(resource_type: str) -> bool:
    fields = POLICIES.get(resource_type)
    return fields is not None and fields[DEFAULT] == FACT
