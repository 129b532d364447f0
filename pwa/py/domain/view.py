"""What a chart shows: plain dicts for the page, folded out of a patient's entries.

Only what is shown is parsed: the patient, allergies, problems, active medicines, and the newest
encounters (`encounter_view`). `states` says of each resource how far it has come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import conflicts, encounter_view, entry_state, names, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pwa.py.domain.chart import Chart, Entry

SIDE_TYPES = ("AllergyIntolerance", "Condition", "MedicationRequest")
# Of what is over and done with, the newest of each type; what is active is never cut.
PAST_ENTRIES_MAX = 60
ACTIVE = ("active", "recurrence", "relapse", "")
# A body that holds one of the past and none of these is not active; it need not be parsed to know.
_ACTIVE_MARKS = ('"active"', '"recurrence"', '"relapse"', '"siblings"')
_PAST_MARKS = (
    '"inactive"',
    '"remission"',
    '"resolved"',
    '"completed"',
    '"stopped"',
    '"cancelled"',
    '"on-hold"',
    '"draft"',
    '"entered-in-error"',
)


def view(chart: Chart, patient: str, states: Mapping[str, str], encounters_max: int) -> Any:
    """The chart of a patient as the page paints it; None when there is no such patient here."""
    entry = chart.get("Patient/" + patient)
    if entry is None:
        return None
    shown, total, loose = encounter_view.gather(chart, encounters_max)
    side = _by_type(chart)
    allergies = [_allergy(one, states) for one in side["AllergyIntolerance"]]
    return {
        "patient": _patient(entry, states),
        "allergies": [one for one in allergies if one["is_active"]],
        "allergies_past": [one for one in allergies if not one["is_active"]],
        "problems": _problems(side["Condition"], states),
        "medications": _medications(side["MedicationRequest"], states),
        "encounters": [encounter_view.encounter(entries, states) for entries in shown],
        "encounter_total": total,
        "loose": [encounter_view.other(one) for one in loose],
        "conflicts": chart.conflict_count(),
    }


def beside(chart: Chart) -> list[Entry]:
    """What `view` shows beside the visits: of a problem, the newest of each wording alone."""
    side = _by_type(chart)
    shown = {one["key"] for one in _problems(side["Condition"], {})}
    problems = [entry for entry in side["Condition"] if entry.key in shown]
    return side["AllergyIntolerance"] + problems + side["MedicationRequest"]


def _by_type(chart: Chart) -> dict[str, list[Entry]]:
    """The entries beside the visits, newest first, without those that were withdrawn."""
    found: dict[str, list[Entry]] = {}
    for kind in SIDE_TYPES:
        found[kind] = []
        past = 0
        for start in chart.starts(kind):
            entry = chart.at(start)
            if _is_surely_past(entry.body):
                past += 1
                if past > PAST_ENTRIES_MAX:
                    continue
            if not entry_state.is_withdrawn_by_all(entry.row()):
                found[kind].append(entry)
    return found


def _is_surely_past(body: str) -> bool:
    if any([mark in body for mark in _ACTIVE_MARKS]):
        return False
    return any([mark in body for mark in _PAST_MARKS])


def _patient(entry: Entry, states: Mapping[str, str]) -> dict[str, Any]:
    resource = entry.resource()
    found = conflicts.variants(entry.row())
    identifiers: list[str] = []
    for value in conflicts.standing(entry.row(), "identifier"):
        for text in names.identifiers({"identifier": value}):
            if text not in identifiers:
                identifiers.append(text)
    return {
        "id": resource["id"],
        "name": names.person_name(resource),
        "birthDate": names.text_of(resource.get("birthDate")),
        "gender": names.text_of(resource.get("gender")),
        "identifiers": identifiers,
        "phone": names.phone(resource),
        "address": names.address(resource),
        "deceased": any(
            [bool(one.get("deceasedDateTime") or one.get("deceasedBoolean")) for one in found]
        ),
        "state": entry_state.state_of([entry], states),
        "open": conflicts.fields_of(entry.row()),
        "unknown": unknown.codes(entry.row()),
    }


def _each(texts: list[str]) -> str:
    """All the values that stand, side by side; those that read the same once."""
    found: list[str] = []
    for text in texts:
        if text and text not in found:
            found.append(text)
    return " / ".join(found)


def _side(entry: Entry, states: Mapping[str, str], field: str) -> dict[str, Any]:
    """What entries beside the visits have in common; `field` names what each is about."""
    return {
        "key": entry.key,
        "text": _each([names.concept(one) for one in conflicts.standing(entry.row(), field)]),
        "date": entry.date,
        "state": entry_state.state_of([entry], states),
        "open": conflicts.fields_of(entry.row()),
        "unknown": unknown.codes(entry.row()),
    }


def _is_active(entry: Entry) -> bool:
    """Whether it is active in one of the values that stand: it may be. So may one whose status
    this version does not know; it is not put away among what is over."""
    if unknown.has(unknown.codes(entry.row()), "clinicalStatus"):
        return True
    found = conflicts.standing(entry.row(), "clinicalStatus")
    return any([names.first_code(one) in ACTIVE for one in found])


def _allergy(entry: Entry, states: Mapping[str, str]) -> dict[str, Any]:
    row = entry.row()
    item = _side(entry, states, "code")
    risks = conflicts.standing(row, "criticality")
    item["criticalities"] = [names.text_of(one) for one in risks]
    reactions = conflicts.standing(row, "reaction")
    item["reaction"] = _each([names.manifestations(one) for one in reactions])
    item["is_active"] = _is_active(entry)
    return item


def _problems(entries: list[Entry], states: Mapping[str, str]) -> list[dict[str, Any]]:
    """Conditions, one for each wording: the newest, but an active one before any that is past."""
    found = [_problem(entry, states) for entry in entries]
    active = [one for one in found if one["is_active"]]
    past = [one for one in found if not one["is_active"]]
    shown: list[dict[str, Any]] = []
    seen: set[str] = set()
    for one in active + past:
        if one["text"] not in seen or one["open"]:
            shown.append(one)
            seen.add(one["text"])
    return shown


def _problem(entry: Entry, states: Mapping[str, str]) -> dict[str, Any]:
    item = _side(entry, states, "code")
    found = conflicts.standing(entry.row(), "code")
    item["code"] = _each([names.icd_10(one) for one in found])
    item["is_active"] = _is_active(entry)
    return item


def _medications(entries: list[Entry], states: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is active, or may be."""
    shown: list[dict[str, Any]] = []
    for entry in entries:
        row = entry.row()
        item = _side(entry, states, "medicationCodeableConcept")
        is_active = "active" in conflicts.standing(row, "status")
        if not is_active and not item["open"] and not unknown.has(item["unknown"], "status"):
            continue
        doses = conflicts.standing(row, "dosageInstruction")
        item["dosage"] = _each([_dosage(one) for one in doses])
        shown.append(item)
    return shown


def _dosage(value: Any) -> str:
    dosage = names.items(value)
    return names.text_of(dosage[0].get("text")) if dosage else ""
