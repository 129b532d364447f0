"""What a chart shows: plain dicts for the page, folded out of a patient's entries.

Only what is shown is parsed: the patient, allergies, problems, active medicines, and the newest
encounters (`encounter_view`). `states` says of each resource how far it has come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import encounter_view, entry_state, names
from pwa.py.domain.merge import conflicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pwa.py.domain.chart import Chart, Entry

SIDE_TYPES = ("AllergyIntolerance", "Condition", "MedicationRequest")
# Of what is over and done with, the newest of each type; what is active is never cut.
PAST_ENTRIES_MAX = 60
ACTIVE = ("active", "recurrence", "relapse", "")
# A body that holds none of these is certainly not active; it need not be parsed to know.
_ACTIVE_MARKS = ('"active"', '"recurrence"', '"relapse"', '"siblings"')


def view(chart: Chart, patient: str, states: Mapping[str, str], encounters_max: int) -> Any:
    """The chart of a patient as the page paints it; None when there is no such patient here."""
    entry = chart.get("Patient/" + patient)
    if entry is None:
        return None
    shown, total, loose = encounter_view.gather(chart, encounters_max)
    side = _by_type(chart)
    allergies = [_allergy(one, states) for one in side["AllergyIntolerance"]]
    found = {
        "patient": _patient(entry, states),
        "allergies": [one for one in allergies if one["status"] in ACTIVE],
        "allergies_past": [one for one in allergies if one["status"] not in ACTIVE],
        "problems": _problems(side["Condition"], states),
        "medications": _medications(side["MedicationRequest"], states),
        "encounters": [encounter_view.encounter(entries, states) for entries in shown],
        "encounter_total": total,
        "loose": [encounter_view.other(one) for one in loose],
        "conflicts": 0,
    }
    found["conflicts"] = sum([item.get("conflicts", 0) for item in _all_items(found)])
    return found


def beside(chart: Chart) -> list[Entry]:
    """What `view` shows beside the visits: of a problem, the newest of each wording alone."""
    side = _by_type(chart)
    shown = {one["key"] for one in _problems(side["Condition"], {})}
    problems = [entry for entry in side["Condition"] if entry.key in shown]
    return side["AllergyIntolerance"] + problems + side["MedicationRequest"]


def _all_items(found: dict[str, Any]) -> list[dict[str, Any]]:
    items = [found["patient"]]
    for name in ("allergies", "allergies_past", "problems", "medications", "encounters"):
        items += found[name]
    return items


def _by_type(chart: Chart) -> dict[str, list[Entry]]:
    """The entries beside the visits, newest first, without those that were withdrawn."""
    found: dict[str, list[Entry]] = {}
    for kind in SIDE_TYPES:
        found[kind] = []
        past = 0
        for start in chart.starts(kind):
            entry = chart.at(start)
            if not any([mark in entry.body for mark in _ACTIVE_MARKS]):
                past += 1
                if past > PAST_ENTRIES_MAX:
                    continue
            if not entry_state.is_withdrawn(entry.resource()) or conflicts(entry.row()):
                found[kind].append(entry)
    return found


def _patient(entry: Entry, states: Mapping[str, str]) -> dict[str, Any]:
    resource = entry.resource()
    return {
        "id": resource["id"],
        "name": names.person_name(resource),
        "birthDate": names.text_of(resource.get("birthDate")),
        "gender": names.text_of(resource.get("gender")),
        "identifiers": names.identifiers(resource),
        "phone": names.phone(resource),
        "address": names.address(resource),
        "deceased": bool(resource.get("deceasedDateTime") or resource.get("deceasedBoolean")),
        "state": entry_state.state_of(entry, states),
        "conflicts": len(conflicts(entry.row())),
    }


def _allergy(entry: Entry, states: Mapping[str, str]) -> dict[str, Any]:
    resource = entry.resource()
    reactions = [
        names.concept(sign)
        for reaction in names.items(resource.get("reaction"))
        for sign in names.items(reaction.get("manifestation"))
    ]
    return {
        "key": entry.key,
        "text": names.concept(resource.get("code")),
        "criticality": names.text_of(resource.get("criticality")),
        "reaction": ", ".join([text for text in reactions if text]),
        "status": names.first_code(resource.get("clinicalStatus")),
        "state": entry_state.state_of(entry, states),
        "conflicts": len(conflicts(entry.row())),
    }


def _problems(entries: list[Entry], states: Mapping[str, str]) -> list[dict[str, Any]]:
    """Conditions, one for each wording: the newest, but an active one before any that is past."""
    found = [_problem(entry, states) for entry in entries]
    active = [one for one in found if one["status"] in ACTIVE]
    past = [one for one in found if one["status"] not in ACTIVE]
    shown: list[dict[str, Any]] = []
    seen: set[str] = set()
    for one in active + past:
        if one["text"] not in seen or one["conflicts"]:
            shown.append(one)
            seen.add(one["text"])
    return shown


def _problem(entry: Entry, states: Mapping[str, str]) -> dict[str, Any]:
    resource = entry.resource()
    return {
        "key": entry.key,
        "text": names.concept(resource.get("code")),
        "code": names.icd_10(resource.get("code")),
        "status": names.first_code(resource.get("clinicalStatus")),
        "date": entry.date,
        "state": entry_state.state_of(entry, states),
        "conflicts": len(conflicts(entry.row())),
    }


def _medications(entries: list[Entry], states: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in entries:
        resource = entry.resource()
        differing = len(conflicts(entry.row()))
        if resource.get("status") != "active" and not differing:
            continue
        dosage = names.items(resource.get("dosageInstruction"))
        found.append(
            {
                "key": entry.key,
                "text": names.concept(resource.get("medicationCodeableConcept")),
                "dosage": names.text_of(dosage[0].get("text")) if dosage else "",
                "status": names.text_of(resource.get("status")),
                "date": entry.date,
                "state": entry_state.state_of(entry, states),
                "conflicts": differing,
            }
        )
    return found
