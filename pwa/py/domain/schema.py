"""What Rekam knows of each FHIR resource type: how each field merges, and where things stand.

Merge policy is data. Three policies (docs/sync.md):

- REGISTER: the last writer by hybrid clock holds the field; the other value stays in the history.
- JUDGEMENT: values written without having seen one another are both kept until someone decides.
- FACT: like JUDGEMENT, and an edit must say what became of the fact by setting its `status`
  (amended, corrected, entered-in-error with a reason): what was observed is never just replaced.

Every top-level field that FHIR R4 has is named here, so that its policy is a choice and not an
accident (tests/domain/test_schema.py). A field or a type this version does not know keeps both
values: the newer app that wrote it may think of it as a judgement, and keeping too much loses
nothing. FHIR writes what belongs to a primitive field beside it (`_birthDate`): same policy.
"""

from __future__ import annotations

REGISTER = "register"
JUDGEMENT = "judgement"
FACT = "fact"

DEFAULT = "*"

# What a resource is: no change ever sets these.
IDENTITY_FIELDS = ("resourceType", "id")

# What all types have: where a record came from and how it reads. A modifier extension changes
# what the rest means ("not", "suspected"), and is judged like it.
_COMMON = "contained extension implicitRules language meta text"
_COMMON_JUDGED = "modifierExtension"


def _fields(judged: str, register: str) -> dict[str, str]:
    """The policy of each field of a type; of one that is not named, both values are kept."""
    policies = {DEFAULT: JUDGEMENT}
    for field in (_COMMON + " " + register).split():
        policies[field] = REGISTER
    for field in (_COMMON_JUDGED + " " + judged).split():
        policies[field] = JUDGEMENT
    return policies


POLICIES = {
    "Patient": _fields(
        "birthDate deceasedBoolean deceasedDateTime gender identifier link",
        "active address communication contact generalPractitioner managingOrganization"
        " maritalStatus multipleBirthBoolean multipleBirthInteger name photo telecom",
    ),
    "Encounter": _fields(
        "diagnosis reasonCode reasonReference status",
        "account appointment basedOn class classHistory episodeOfCare hospitalization identifier"
        " length location partOf participant period priority serviceProvider serviceType"
        " statusHistory subject type",
    ),
    "Condition": _fields(
        "abatementAge abatementDateTime abatementPeriod abatementRange abatementString bodySite"
        " clinicalStatus code evidence note onsetAge onsetDateTime onsetPeriod onsetRange"
        " onsetString severity stage verificationStatus",
        "asserter category encounter identifier recordedDate recorder subject",
    ),
    "AllergyIntolerance": _fields(
        "category clinicalStatus code criticality lastOccurrence note onsetAge onsetDateTime"
        " onsetPeriod onsetRange onsetString reaction type verificationStatus",
        "asserter encounter identifier patient recordedDate recorder",
    ),
    "MedicationRequest": _fields(
        "courseOfTherapyType dispenseRequest doNotPerform dosageInstruction intent"
        " medicationCodeableConcept medicationReference note reasonCode reasonReference status"
        " statusReason substitution",
        "authoredOn basedOn category detectedIssue encounter eventHistory groupIdentifier"
        " identifier instantiatesCanonical instantiatesUri insurance performer performerType"
        " priorPrescription priority recorder reportedBoolean reportedReference requester subject"
        " supportingInformation",
    ),
    "ServiceRequest": _fields(
        "asNeededBoolean asNeededCodeableConcept bodySite code doNotPerform intent note"
        " orderDetail patientInstruction quantityQuantity quantityRange quantityRatio reasonCode"
        " reasonReference specimen status",
        "authoredOn basedOn category encounter identifier instantiatesCanonical instantiatesUri"
        " insurance locationCode locationReference occurrenceDateTime occurrencePeriod"
        " occurrenceTiming performer performerType priority relevantHistory replaces requester"
        " requisition subject supportingInfo",
    ),
    # An appointment is arranged, not judged: the last to arrange it has the word.
    "Appointment": _fields(
        "",
        "appointmentType basedOn cancelationReason comment created description end identifier"
        " minutesDuration participant patientInstruction priority reasonCode reasonReference"
        " requestedPeriod serviceCategory serviceType slot specialty start status"
        " supportingInformation",
    ),
    # What was observed or done is a fact in all its fields, known or not.
    "Observation": {DEFAULT: FACT},
    "Procedure": {DEFAULT: FACT},
    "Immunization": {DEFAULT: FACT},
    "DiagnosticReport": {DEFAULT: FACT},
    "DocumentReference": {DEFAULT: FACT},
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

# Fields with a closed set of codes (FHIR R4's value sets of required strength). `validate` refuses
# another one only where every part of the app relies on the set: CHECKED_CODES.
CODES = {
    "Patient.gender": ("male", "female", "other", "unknown"),
    "Condition.clinicalStatus": (
        "active",
        "recurrence",
        "relapse",
        "inactive",
        "remission",
        "resolved",
    ),
    "Condition.verificationStatus": (
        "unconfirmed",
        "provisional",
        "differential",
        "confirmed",
        "refuted",
        "entered-in-error",
    ),
    "AllergyIntolerance.clinicalStatus": ("active", "inactive", "resolved"),
    "AllergyIntolerance.verificationStatus": (
        "unconfirmed",
        "confirmed",
        "refuted",
        "entered-in-error",
    ),
    "AllergyIntolerance.criticality": ("low", "high", "unable-to-assess"),
    "MedicationRequest.status": (
        "active",
        "on-hold",
        "cancelled",
        "completed",
        "entered-in-error",
        "stopped",
        "draft",
        "unknown",
    ),
    "Encounter.status": (
        "planned",
        "arrived",
        "triaged",
        "in-progress",
        "onleave",
        "finished",
        "cancelled",
        "entered-in-error",
        "unknown",
    ),
    "Observation.status": (
        "registered",
        "preliminary",
        "final",
        "amended",
        "corrected",
        "cancelled",
        "entered-in-error",
        "unknown",
    ),
    "DocumentReference.status": ("current", "superseded", "entered-in-error"),
}
CHECKED_CODES = ("Patient.gender",)

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

# The status of a fact after it was corrected, where FHIR has a word for that.
_CORRECTED = {"Observation": "amended", "DiagnosticReport": "amended"}
_CORRECTABLE = ("final", "amended", "corrected", "appended")


def policy(resource_type: str, field: str) -> str:
    fields = POLICIES.get(resource_type)
    if fields is None:
        return JUDGEMENT
    return fields.get(field.lstrip("_"), fields[DEFAULT])


def keeps_both(resource_type: str, field: str) -> bool:
    return policy(resource_type, field) != REGISTER


def is_fact(resource_type: str) -> bool:
    fields = POLICIES.get(resource_type)
    return fields is not None and fields[DEFAULT] == FACT


def corrected_status(resource_type: str, status: str) -> str:
    """The status that a correction gives to a fact that had another."""
    return _CORRECTED.get(resource_type, status) if status in _CORRECTABLE else status
