"""Which resources belong to a patient's record, and where each of them names its patient.

Follows FHIR R4's Patient compartment. Pure: knows nothing of files or of the database, and
does not decide whether the patient named exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pwa.py.domain import names, references


def _types(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Money, not care: never part of what a clinician reads.
FINANCIAL_TYPES = _types("""
    Account ChargeItem ChargeItemDefinition Claim ClaimResponse Contract Coverage
    CoverageEligibilityRequest CoverageEligibilityResponse EnrollmentRequest EnrollmentResponse
    ExplanationOfBenefit InsurancePlan Invoice PaymentNotice PaymentReconciliation
""")

# Describes the facility, the server or a vocabulary, and no patient.
FACILITY_TYPES = _types("""
    ActivityDefinition AuditEvent Binary CapabilityStatement CodeSystem ConceptMap Endpoint Group
    HealthcareService Library Location Measure Medication MedicationKnowledge OperationOutcome
    Organization OrganizationAffiliation Parameters PlanDefinition Practitioner PractitionerRole
    Questionnaire Schedule SearchParameter Slot StructureDefinition Subscription Substance ValueSet
""")

LEFT_OUT_TYPES = FINANCIAL_TYPES | FACILITY_TYPES

# Of these a missing patient is a fault to report; of any other type, merely another matter.
CLINICAL_TYPES = _types("""
    AllergyIntolerance Appointment CarePlan CareTeam Communication Composition Condition Consent
    DiagnosticReport DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Goal
    ImagingStudy Immunization MedicationAdministration MedicationDispense MedicationRequest
    MedicationStatement NutritionOrder Observation Procedure QuestionnaireResponse RelatedPerson
    RiskAssessment ServiceRequest Specimen
""")

_DIRECT_FIELDS = ("subject", "patient", "for", "individual", "target")
_PARTICIPANT_TYPES = frozenset(["Appointment", "AppointmentResponse"])


def find_patient_references(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """The Reference objects that may name the resource's patient, the likeliest first."""
    return list(_candidates(resource))


def _candidates(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for field in _DIRECT_FIELDS:
        yield from _references(resource.get(field))
    if resource.get("resourceType") in _PARTICIPANT_TYPES:
        yield from _references(resource.get("actor"))
        for participant in names.items(resource.get("participant")):
            yield from _references(participant.get("actor"))


def _references(value: Any) -> Iterator[dict[str, Any]]:
    for item in names.items(value if isinstance(value, list) else [value]):
        if "reference" in item or "identifier" in item:
            yield item


def read_patient_id(reference: dict[str, Any]) -> str:
    """The id in `Patient/X`, `https://…/Patient/X/_history/2` or `urn:uuid:X`; "" otherwise."""
    text: Any = reference.get("reference")
    if not isinstance(text, str):
        return ""
    parts = text.split("/_history/")[0].split("/")
    is_patient = text.startswith("urn:") or (len(parts) > 1 and parts[-2] == "Patient")
    return references.target_id(reference) if is_patient else ""


def read_identifier(reference: dict[str, Any]) -> dict[str, str] | None:
    """The identifier by which a conditional or logical reference means a patient, if it does."""
    text: Any = reference.get("reference")
    if isinstance(text, str):
        head, _, query = text.partition("?")
        if not query.startswith("identifier=") or head.split("/")[-1] != "Patient":
            return None
        system, bar, value = query[len("identifier=") :].partition("|")
        found = {"system": system, "value": value} if bar else {"value": system}
        return found if found["value"] else None
    if reference.get("type", "Patient") != "Patient":
        return None
    for identifier in names.items([reference.get("identifier")]):
        found = {
            name: names.text_of(identifier[name])
            for name in ("system", "value")
            if name in identifier
        }
        return found if all(found.values()) and "value" in found else None
    return None
