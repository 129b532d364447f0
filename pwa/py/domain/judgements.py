"""Editing a diagnosis, an allergy or a medicine of a chart: its form, and the change it makes.

The form is filled from the row as somebody opened it, and only what they altered is set; the base
of the change is that row. So whatever else the entry holds stays, and what another person wrote
meanwhile is not replaced unseen: both values stand, and that is a conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, conflicts, dates, editing, names, schema, values
from pwa.py.domain.issues import invalid, issue, required
from pwa.py.domain.json_text import is_list
from pwa.py.domain.merge import live_timestamps, written_fields

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue, Resource, Row

SEVERITY = "reaction.severity"
SEVERITIES = ("mild", "moderate", "severe")
# Two fields of the form are one of the entry.
_REACTION = ("reaction", SEVERITY)
REASON_CHARACTERS_MAX = 500

# The fields of each form, in the order of the page. A severity is of the reactions.
FORMS: dict[str, tuple[str, ...]] = {
    "Condition": ("code", "clinicalStatus", "verificationStatus", "onsetDateTime", "note"),
    "AllergyIntolerance": (
        "code",
        "reaction",
        SEVERITY,
        "criticality",
        "clinicalStatus",
        "verificationStatus",
        "note",
    ),
    "MedicationRequest": ("status", "dosageInstruction", "note"),
}
# What may be left out, or taken away again; of all others something has to stand.
_OPTIONAL = ("onsetDateTime", "reaction", SEVERITY, "criticality", "dosageInstruction", "note")
_PRESENT = ("active", "recurrence", "relapse")
_ABATEMENTS = (
    "abatementAge",
    "abatementDateTime",
    "abatementPeriod",
    "abatementRange",
    "abatementString",
)
_OTHER_ONSETS = ("onsetAge", "onsetPeriod", "onsetRange", "onsetString")
_SEEN = ("patient", "resource", "stamps", "by", "siblings")


def seen_of(row: Row) -> Any:
    """As much of a row as an edit has to know of what was seen; for a draft to keep."""
    return {name: part for name, part in row.items() if name in _SEEN}


def codes(resource_type: str, field: str) -> tuple[str, ...]:
    """The codes to choose from. That an entry was made in error is said with a reason, apart."""
    if field == SEVERITY:
        return SEVERITIES
    known = schema.CODES.get(resource_type + "." + field, ())
    return tuple([code for code in known if code != schema.ENTERED_IN_ERROR])


def is_optional(field: str) -> bool:
    return field in _OPTIONAL


def read(resource: Resource) -> dict[str, Any]:
    """The form filled from an entry: texts, and of a diagnosis a list as its field has it."""
    kind = resource["resourceType"]
    return {field: _shown(kind, field, resource) for field in FORMS[kind]}


def beside(resource: Resource) -> dict[str, str]:
    """What stands in fields that the form cannot show, in words: it stays unless the field is
    written."""
    found: dict[str, str] = {}
    form = read(resource)
    for field in FORMS[resource["resourceType"]]:
        if form[field] or field == SEVERITY:
            continue
        text = values.text_of(resource.get(field))
        if field == "onsetDateTime":
            onsets = [values.text_of(resource.get(name)) for name in _OTHER_ONSETS]
            text = "; ".join([one for one in onsets if one])
        if text:
            found[field] = text
    return found


def edit(
    opened: Row, form: dict[str, Any], reason: str, now_ms: int
) -> tuple[dict[str, Any], list[Issue]]:
    """The draft of what was altered on the form; or what to mend, by the form's fields."""
    resource = opened["resource"]
    kind = resource["resourceType"]
    before = read(resource)
    fields: dict[str, Any] = {}
    issues: list[Issue] = []
    altered = [field for field in FORMS[kind] if not _is_same(form.get(field), before[field])]
    for field in altered:
        if field not in _REACTION:
            fields[field], found = _written(kind, field, form.get(field), now_ms)
            issues += found
    if any([field in altered for field in _REACTION]):
        fields["reaction"], found = _reacted(resource.get("reaction"), form, before)
        issues += found
    if len(reason) > REASON_CHARACTERS_MAX:
        issues.append(issue("too-long", "At most %d" % REASON_CHARACTERS_MAX, "reason"))
    if not fields and not issues:
        issues.append(issue("required", "Nothing was altered"))
    _follow(resource, fields)
    return changes.amend(opened, fields, reason.strip()), issues


def undo(row: Row, stamp: str, reason: str) -> dict[str, Any] | None:
    """A draft of what stood before a change of the row, in those of its fields that were not
    edited since; None when there is none."""
    resource = row["resource"]
    fields: dict[str, Any] = {}
    if stamp == row["stamps"][schema.DEFAULT]:
        # What brought the entry in is withdrawn, and not taken back field by field.
        return None
    for field in written_fields(row):
        is_kept = schema.keeps_both(resource["resourceType"], field)
        if not is_kept or live_timestamps(row, field) != [stamp]:
            continue
        seen = row.get("seen", {}).get(field, {}).get(stamp, [])
        before = conflicts.written_value(row, field, seen[-1]) if seen else None
        if seen and before is None:
            # What it replaced has not come to this device.
            continue
        fields[field] = None if before is None else before["value"]
    return changes.amend(row, fields, reason) if fields else None


def withdrawal_stamp(row: Row) -> str:
    """The change that called an entry an error; empty when none did."""
    resource = row["resource"]
    for field in ("status", "verificationStatus"):
        if values.code_of(field, resource.get(field)) == schema.ENTERED_IN_ERROR:
            return live_timestamps(row, field)[-1]
    return ""


def _shown(kind: str, field: str, resource: Resource) -> Any:
    value = resource.get(field)
    if kind == "Condition" and field == "code":
        text = names.concept(value)
        return [{"code": names.icd_10(value), "text": text}] if text else []
    if field == SEVERITY:
        return _worst(resource.get("reaction"))
    if field == "reaction":
        return names.manifestations(value)
    if field == "onsetDateTime":
        return names.text_of(value)[:10]
    if kind + "." + field in schema.CODES:
        return values.code_of(field, value)
    if is_list(value):
        return "\n".join([names.text_of(one.get("text")) for one in names.items(value)]).strip()
    return names.concept(value)


def _is_same(one: Any, other: Any) -> bool:
    """Whether a field says what it said: blanks around it are nothing."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    return one == other


def _written(kind: str, field: str, said: Any, now_ms: int) -> tuple[Any, list[Issue]]:
    if kind == "Condition" and field == "code":
        if not said or not said[-1]["text"].strip():
            return None, [required(field)]
        issues = editing.check_text(field, said[-1]["text"].strip())
        return editing.diagnosis(said[-1]), issues
    text = (said or "").strip()
    if not text and is_optional(field):
        return None, []
    issues = editing.check_text(field, text)
    if issues:
        return None, issues
    if field == "onsetDateTime":
        text = dates.to_iso(text)
        if not dates.is_date(text):
            return None, [invalid(field, "Not a date: YYYY, YYYY-MM or YYYY-MM-DD")]
        if text > dates.from_milliseconds(now_ms + dates.DAY_MS)[: len(text)]:
            return None, [invalid(field, "Lies in the future")]
    return editing.value(kind, field, text)


def _reacted(held: Any, form: dict[str, Any], before: dict[str, Any]) -> tuple[Any, list[Issue]]:
    """The reactions as they were written: one. All that a single one holds besides stays."""
    text, severity = form["reaction"].strip(), form[SEVERITY]
    if not text and not severity:
        return None, []
    if not text:
        # FHIR knows no severity of nothing.
        return None, [required("reaction")]
    issues = editing.check_text("reaction", text)
    known = names.items(held)
    reaction: dict[str, Any] = dict(known[0]) if len(known) == 1 else {}
    if len(known) != 1 or text != before["reaction"].strip():
        reaction["manifestation"] = [{"text": text}]
    reaction.pop("severity", None)
    if severity:
        reaction["severity"] = severity
    return [reaction], issues


def _worst(value: Any) -> str:
    found = [names.text_of(one.get("severity")) for one in names.items(value)]
    for severity in reversed(SEVERITIES):
        if severity in found:
            return severity
    return ""


def _follow(resource: Resource, fields: dict[str, Any]) -> None:
    """What FHIR allows no longer beside the new value goes with it: the end of what is active
    again (con-4), and another kind of onset."""
    if values.code_of("clinicalStatus", fields.get("clinicalStatus")) in _PRESENT:
        for field in _ABATEMENTS:
            if field in resource:
                fields[field] = None
    if fields.get("onsetDateTime"):
        for field in _OTHER_ONSETS:
            if field in resource:
                fields[field] = None
