"""A visit form made into FHIR resources: encounter, vital signs, note, diagnoses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import base64_text, dates, editing, names, vitals
from pwa.py.domain.issues import issue, required
from pwa.py.domain.json_text import is_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.domain.shapes import Issue, Resource

REASON_CHARACTERS_MAX = 500
NOTE_DISPLAY = "Progress note"
NOTE_CHARACTERS_MAX = 100_000
DIAGNOSES_MAX = 30
DIAGNOSIS_CHARACTERS_MAX = 300
NOTE_TYPE = "text/plain; charset=utf-8"
_TERMS = "http://terminology.hl7.org/CodeSystem/"


def check_form(form: dict[str, Any]) -> list[Issue]:
    """What a clinician has to mend; expressions are names of the form's fields."""
    reason = (form.get("reason") or "").strip()
    note = form.get("note") or ""
    diagnoses: list[dict[str, Any]] = form.get("diagnoses") or []
    measured: dict[str, str] = form.get("vitals") or {}
    issues: list[Issue] = []
    if not reason:
        issues.append(required("reason"))
    if len(reason) > REASON_CHARACTERS_MAX:
        issues.append(issue("too-long", "At most %d" % REASON_CHARACTERS_MAX, "reason"))
    if len(note) > NOTE_CHARACTERS_MAX:
        issues.append(issue("too-long", "At most %d" % NOTE_CHARACTERS_MAX, "note"))
    if len(diagnoses) > DIAGNOSES_MAX:
        issues.append(issue("too-long", "At most %d" % DIAGNOSES_MAX, "diagnoses"))
    for diagnosis in diagnoses:
        if len(diagnosis.get("text") or "") > DIAGNOSIS_CHARACTERS_MAX:
            text = "At most %d characters" % DIAGNOSIS_CHARACTERS_MAX
            issues.append(issue("too-long", text, "diagnoses"))
    return issues + vitals.check_form(measured)


def build(
    form: dict[str, Any], patient: str, now_ms: int, new_id: Callable[[], str]
) -> list[Resource]:
    """The resources of a form that `check_form` found nothing wrong with, encounter first."""
    encounter = form.get("id") or new_id()
    now = dates.from_milliseconds(now_ms)
    subject = {"reference": "Patient/" + patient}
    within = {"reference": "Encounter/" + encounter}
    built: list[Resource] = [_encounter(form, encounter, subject, now)]
    common = {"subject": subject, "encounter": within, "effectiveDateTime": now}
    built += vitals.build(form.get("vitals") or {}, common, new_id)
    note = (form.get("note") or "").strip()
    if note:
        built.append(_note(note, new_id(), subject, within, now))
    diagnoses: list[dict[str, Any]] = form.get("diagnoses") or []
    for diagnosis in diagnoses:
        if (diagnosis.get("text") or "").strip():
            built.append(_condition(diagnosis, new_id(), subject, within, now))
    return built


def note_text(resource: Resource) -> str:
    """The text of a note; empty when the document is not plain text carried in the record."""
    content = names.items(resource.get("content"))
    attachment = content[0].get("attachment") if content else None
    if not is_object(attachment):
        return ""
    data = attachment.get("data")
    kind = attachment.get("contentType")
    if not isinstance(data, str) or not isinstance(kind, str) or not kind.startswith("text/"):
        return ""
    try:
        return base64_text.decode(data).decode()
    except ValueError:
        return ""


def _encounter(form: dict[str, Any], new_id: str, subject: Any, now: str) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": new_id,
        "status": "finished",
        "class": {"system": _TERMS + "v3-ActCode", "code": "AMB"},
        "subject": subject,
        "period": {"start": now},
        "reasonCode": [{"text": form["reason"].strip()}],
    }


def _note(note: str, new_id: str, subject: Any, within: Any, now: str) -> Resource:
    data = base64_text.encode(note.encode())
    return {
        "resourceType": "DocumentReference",
        "id": new_id,
        "status": "current",
        "type": vitals.concept("11506-3", NOTE_DISPLAY),
        "subject": subject,
        "date": now,
        "content": [{"attachment": {"contentType": NOTE_TYPE, "data": data}}],
        "context": {"encounter": [within]},
    }


def _condition(
    diagnosis: dict[str, Any], new_id: str, subject: Any, within: Any, now: str
) -> Resource:
    category = {"system": _TERMS + "condition-category", "code": "encounter-diagnosis"}
    return {
        "resourceType": "Condition",
        "id": new_id,
        "clinicalStatus": editing.coded("Condition.clinicalStatus", "active"),
        "verificationStatus": editing.coded("Condition.verificationStatus", "confirmed"),
        "category": [{"coding": [category]}],
        "code": editing.diagnosis(diagnosis),
        "subject": subject,
        "encounter": within,
        "recordedDate": now,
    }
