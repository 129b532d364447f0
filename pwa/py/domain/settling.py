"""Ways to settle a conflict: one of the values, a third, or both where that makes sense.

What comes out are drafts, ordinary changes: a decision names in its base the values that its
writer was shown, and so closes the conflict; undone, it is replaced by the earlier values again,
written beside one another, and so the conflict is open once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, editing, names, patients, references, schema, vitals
from pwa.py.domain.issues import invalid, required
from pwa.py.domain.json_text import is_list, is_object
from pwa.py.domain.merge import live_timestamps, same

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue, Resource, Row

CHOOSE = "choose"
WRITE = "write"

# Lists of which all items can be true together. Not the dose: two instructions would be two doses.
_UNITED = (
    "bodySite",
    "category",
    "evidence",
    "identifier",
    "note",
    "reaction",
    "reasonCode",
    "reasonReference",
)
# Where one value stays and each other becomes an entry of its own.
_SPLIT = (
    "Condition.code",
    "AllergyIntolerance.code",
    "MedicationRequest.medicationCodeableConcept",
)
# Of these a person has one number.
_SINGLE_SYSTEMS = (patients.SYSTEMS["nik"], patients.SYSTEMS["bpjs"])


def ways(resource_type: str, field: str, options: list[Any]) -> dict[str, Any]:
    """{"both": "", "union" or "split", "editor": "" or a kind of field, "codes": […]} of the
    distinct values of a field."""
    values = [option["value"] for option in options]
    name = resource_type + "." + field
    both = ""
    if field in _UNITED and all([is_list(value) for value in values]):
        both = "" if _is_person_doubled(_union(values)) else "union"
    elif name in _SPLIT and all([is_object(value) for value in values]):
        both = "split"
    editor = _editor(resource_type, field, values)
    return {"both": both, "editor": editor, "codes": list(schema.CODES.get(name, ()))}


def _editor(resource_type: str, field: str, values: list[Any]) -> str:
    kind = editing.kind(resource_type, field)
    if kind:
        return kind
    if field == "valueQuantity":
        return "number"
    if field == "identifier":
        return editing.TEXT if _differing_system(values) else ""
    return editing.TEXT if all([isinstance(value, str) for value in values]) else ""


def read(resource_type: str, field: str, options: list[Any], text: str) -> tuple[Any, list[Issue]]:
    """What somebody wrote as a third value, as FHIR holds it; or what to mend."""
    text = text.strip()
    values = [option["value"] for option in options]
    issues = editing.check_text(field, text)
    if issues:
        return None, issues
    if editing.kind(resource_type, field):
        return editing.value(resource_type, field, text)
    if field == "valueQuantity":
        return _quantity(field, values, text)
    if field == "identifier":
        return _identified(values, text), []
    return text, []


def _quantity(field: str, values: list[Any], text: str) -> tuple[Any, list[Issue]]:
    """A number in the unit of the value that was written last."""
    number = vitals.parse(text)
    if number is None:
        return None, [invalid(field, "Not a number")]
    quantity = dict(values[-1]) if is_object(values[-1]) else {}
    quantity["value"] = number
    return quantity, []


def _differing_system(values: list[Any]) -> str:
    """The one system of which people wrote different identifiers; empty when there are more."""
    found: dict[str, list[str]] = {}
    for at, value in enumerate(values):
        for item in names.items(value):
            texts = found.setdefault(names.text_of(item.get("system")), [""] * len(values))
            texts[at] = names.text_of(item.get("value"))
    differing = [system for system, texts in found.items() if len(set(texts)) > 1]
    return differing[0] if len(differing) == 1 else ""


def _identified(values: list[Any], text: str) -> list[Any]:
    system = _differing_system(values)
    kept = [item for item in _union(values) if item.get("system") != system]
    return kept + [{"system": system, "value": text}]


def _union(values: list[Any]) -> list[Any]:
    """All items in order, none twice."""
    found: list[Any] = []
    for value in values:
        for item in value:
            if not any([same(item, held) for held in found]):
                found.append(item)
    return found


def _is_person_doubled(identifiers: list[Any]) -> bool:
    systems = [item.get("system") for item in names.items(identifiers)]
    return any([systems.count(system) > 1 for system in _SINGLE_SYSTEMS])


def check(conflict: Any, choices: dict[str, Any], reason: str) -> list[Issue]:
    """What is missing before a decision can be written; expressions name fields."""
    issues: list[Issue] = []
    if not choices:
        issues.append(required("choices"))
    if not reason.strip():
        issues.append(required("reason"))
    open_fields = {one["field"]: one["options"] for one in conflict["fields"]}
    for field, choice in choices.items():
        if choice["way"] == WRITE:
            issues += read(conflict["type"], field, open_fields[field], choice["text"])[1]
    is_status_open = "status" in open_fields and schema.is_fact(conflict["type"])
    if choices and is_status_open and "status" not in choices:
        # A fact is corrected by its status, so that is decided with it and never on the way.
        issues.append(required("status"))
    return issues


def settle(row: Row, conflict: Any, choices: dict[str, Any], reason: str) -> list[dict[str, Any]]:
    """The drafts of a decision that `check` found nothing wrong with, its own first.

    `conflict` is as `conflicts.open_conflicts` showed it. What has come since then stays open.
    """
    key, kind = conflict["resource"], conflict["type"]
    fields: dict[str, Any] = {}
    base: dict[str, list[str]] = {}
    apart: list[tuple[str, Any]] = []
    for one in conflict["fields"]:
        field, options = one["field"], one["options"]
        choice = choices.get(field)
        if choice is None:
            continue
        base[field] = one["seen"]
        if choice["way"] == WRITE:
            fields[field] = read(kind, field, options, choice["text"])[0]
        elif choice["way"] == CHOOSE:
            fields[field] = options[choice["option"]]["value"]
        elif ways(kind, field, options)["both"] == "union":
            fields[field] = _union([option["value"] for option in options])
        else:
            fields[field] = options[0]["value"]
            apart += [(field, option) for option in options[1:]]
    _state(row, kind, fields, base)
    draft = {"patient": row["patient"], "resource": key, "base": base, "set": fields}
    draft["reason"] = reason.strip()
    copies = [_copy(row["resource"], fields, field, option) for field, option in apart]
    return [draft] + [changes.create(copy, row["patient"]) for copy in copies]


def undo(row: Row, decision: Any, reason: str) -> list[dict[str, Any]]:
    """The earlier values, each written again as if without knowing of the other."""
    kind = decision["type"]
    live = [one for one in decision["fields"] if one["is_live"]]
    drafts: list[dict[str, Any]] = []
    for at in range(max([len(one["from"]) for one in live])):
        fields: dict[str, Any] = {}
        base: dict[str, list[str]] = {}
        for one in live:
            # Where fewer values stood, the last once more: the same value is no conflict.
            fields[one["field"]] = one["from"][min(at, len(one["from"]) - 1)]["value"]
            base[one["field"]] = live_timestamps(row, one["field"])
        _state(row, kind, fields, base)
        draft = {"patient": row["patient"], "resource": decision["resource"], "base": base}
        draft.update({"set": fields, "reason": reason.strip()})
        drafts.append(draft)
    return drafts


def withdraw(row: Row, reason: str) -> dict[str, Any]:
    """A draft that says an entry should never have been."""
    fields: dict[str, Any] = {"status": schema.ENTERED_IN_ERROR}
    kind = row["resource"]["resourceType"]
    name = kind + ".verificationStatus"
    if editing.is_concept(name):
        # FHIR wants no clinical status beside it.
        fields = {"verificationStatus": editing.coded(name, schema.ENTERED_IN_ERROR)}
        fields["clinicalStatus"] = None
    return changes.amend(row, fields, reason)


def copy_keys(decision: Any) -> list[str]:
    """The entries that a decision made, had it split the values."""
    keys: list[str] = []
    for one in decision["fields"]:
        if decision["type"] + "." + one["field"] in _SPLIT:
            for option in one["from"][1:]:
                made = _copy_id(decision["resource"], one["field"], option)
                keys.append(decision["type"] + "/" + made)
    return keys


def _state(row: Row, kind: str, fields: dict[str, Any], base: dict[str, list[str]]) -> None:
    """A fact is never edited without its status."""
    if schema.is_fact(kind) and "status" not in fields:
        held = names.text_of(row["resource"].get("status"))
        fields["status"] = schema.corrected_status(kind, held) or None
        seen = live_timestamps(row, "status")
        if seen:
            base["status"] = seen


def _copy(resource: Resource, decided: dict[str, Any], field: str, option: Any) -> Resource:
    """The resource as it was decided once more, under an id of its own, with another value of
    one field."""
    copy: Resource = {name: one for name, one in resource.items() if name != "identifier"}
    copy.update(decided)
    copy[field] = option["value"]
    copy["id"] = _copy_id(references.key_of(resource), field, option)
    return copy


def _copy_id(key: str, field: str, option: Any) -> str:
    """Told by what is copied: two who split the same conflict apart make the same entry."""
    stamp = option["writers"][0]["timestamp"]
    return changes.text_hash(key + " " + field + " " + stamp)[:32]
