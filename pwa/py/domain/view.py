"""What a chart shows: plain dicts for the page, folded out of a patient's entries.

Only what is shown is parsed: the patient, allergies, problems, active medicines, and the newest
encounters with what belongs to them. `states` says of each resource how far it has come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import encounters, names, vitals
from pwa.py.domain.json_text import is_number, is_object
from pwa.py.domain.merge import conflicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pwa.py.domain.chart import Chart, Entry

SAVED = "saved"
SENT = "sent"
SERVER = "server"
ATTENTION = "attention"
_RANK = (SERVER, SENT, SAVED, ATTENTION)

SIDE_TYPES = ("AllergyIntolerance", "Condition", "MedicationRequest")
# A chart shows this many of each before it says how many more there are.
SIDE_ENTRIES_MAX = 60


def view(chart: Chart, patient: str, states: Mapping[str, str], encounters_max: int) -> Any:
    """The chart of a patient as the page paints it; None when there is no such patient here."""
    entry = chart.entries.get("Patient/" + patient)
    if entry is None:
        return None
    shown, total = _newest_encounters(chart, encounters_max)
    side = _by_type(chart, SIDE_TYPES)
    found = {
        "patient": _patient(entry, states),
        "allergies": [_allergy(one, states) for one in side["AllergyIntolerance"]],
        "problems": _problems(side["Condition"], states),
        "medications": _medications(side["MedicationRequest"], states),
        "encounters": [_encounter(one, shown[one.key], states) for one in _heads(shown)],
        "encounter_total": total,
        "others": _count_types(chart),
        "conflicts": 0,
    }
    found["conflicts"] = sum([item.get("conflicts", 0) for item in _all_items(found)])
    return found


def state_of(entry: Entry, states: Mapping[str, str]) -> dict[str, Any]:
    """How far an entry has come, and the server's number once it is there."""
    word = states.get(entry.key, SERVER)
    return {"word": word, "sequence": entry.sequence if word == SERVER else None}


def worst(words: list[str]) -> str:
    """The state that says most about a group: one unsent entry makes the whole unsent."""
    best = SERVER
    for word in words:
        if _RANK.index(word) > _RANK.index(best):
            best = word
    return best


def _all_items(found: dict[str, Any]) -> list[dict[str, Any]]:
    items = [found["patient"]]
    for name in ("allergies", "problems", "medications", "encounters"):
        items += found[name]
    return items


def _by_type(chart: Chart, types: tuple[str, ...]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {name: [] for name in types}
    for key in chart.order:
        kind = key.split("/", 1)[0]
        if kind in found and len(found[kind]) < SIDE_ENTRIES_MAX:
            found[kind].append(chart.entries[key])
    return found


def _count_types(chart: Chart) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in chart.order:
        kind = key.split("/", 1)[0]
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _newest_encounters(chart: Chart, most: int) -> tuple[dict[str, list[Entry]], int]:
    """The newest encounters' keys, each with the entries that belong to it; and how many exist."""
    shown: dict[str, list[Entry]] = {}
    by_encounter: dict[str, list[Entry]] = {}
    total = 0
    for key in chart.order:
        entry = chart.entries[key]
        if key.startswith("Encounter/"):
            total += 1
            if len(shown) < most:
                shown[key] = by_encounter.setdefault(entry.encounter, [])
                shown[key].insert(0, entry)
        elif entry.encounter:
            by_encounter.setdefault(entry.encounter, []).append(entry)
    return shown, total


def _heads(shown: dict[str, list[Entry]]) -> list[Entry]:
    """The encounters themselves, newest first: MicroPython's dicts do not keep their order."""
    heads = [entries[0] for entries in shown.values()]
    return sorted(heads, key=lambda entry: (entry.date, entry.key), reverse=True)


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
        "state": state_of(entry, states),
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
        "state": state_of(entry, states),
        "conflicts": len(conflicts(entry.row())),
    }


def _problems(entries: list[Entry], states: Mapping[str, str]) -> list[dict[str, Any]]:
    """Conditions, one for each wording, the newest; those still active first."""
    active: list[dict[str, Any]] = []
    past: list[dict[str, Any]] = []
    seen: set[str] = set()
    for entry in entries:
        resource = entry.resource()
        text = names.concept(resource.get("code"))
        differing = len(conflicts(entry.row()))
        if text in seen and not differing:
            continue
        seen.add(text)
        status = names.first_code(resource.get("clinicalStatus"))
        problem = {
            "key": entry.key,
            "text": text,
            "code": names.first_code(resource.get("code")),
            "status": status,
            "date": entry.date,
            "state": state_of(entry, states),
            "conflicts": differing,
        }
        (active if status in ("active", "recurrence", "relapse", "") else past).append(problem)
    return active + past


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
                "state": state_of(entry, states),
                "conflicts": differing,
            }
        )
    return found


def _encounter(head: Entry, entries: list[Entry], states: Mapping[str, str]) -> dict[str, Any]:
    resource = head.resource()
    found: dict[str, Any] = {
        "id": resource["id"],
        "date": head.date,
        "reason": _reason(resource),
        "class": names.text_of(names.member(resource.get("class"), "code")),
        "vitals": [],
        "diagnoses": [],
        "notes": [],
        "others": [],
        "conflicts": 0,
    }
    words: list[str] = []
    for entry in entries:
        words.append(states.get(entry.key, SERVER))
        if entry is not head:
            _place(found, entry)
        found["conflicts"] += len(conflicts(entry.row()))
    sequence = max([entry.sequence for entry in entries])
    word = worst(words)
    found["state"] = {"word": word, "sequence": sequence if word == SERVER else None}
    found["vitals"] = _in_order(found["vitals"])
    return found


def _reason(resource: dict[str, Any]) -> str:
    for field in ("reasonCode", "type"):
        for concept in names.items(resource.get(field)):
            text = names.concept(concept)
            if text:
                return text
    return ""


def _place(found: dict[str, Any], entry: Entry) -> None:
    """Puts one resource of an encounter where the page shows it."""
    resource = entry.resource()
    kind = resource["resourceType"]
    if kind == "Observation" and resource.get("status") != "entered-in-error":
        measured = measurements(resource)
        if measured:
            found["vitals"] += measured
            return
    if kind == "Condition":
        code = names.first_code(resource.get("code"))
        found["diagnoses"].append({"text": names.concept(resource.get("code")), "code": code})
        return
    if kind == "DocumentReference":
        note = encounters.note_text(resource)
        if note:
            found["notes"].append({"text": note})
            return
    text = names.concept(
        resource.get("code")
        or resource.get("vaccineCode")
        or resource.get("medicationCodeableConcept")
        or resource.get("type")
    )
    value = value_text(resource)
    label = text + ": " + value if value else text
    found["others"].append({"type": kind, "text": label, "date": entry.date})


def measurements(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """The vital signs in an Observation: of itself and of its components.

    Only in our units: 98.6 °F is no 98.6 °C. What has another unit is shown with it elsewhere.
    """
    found: list[dict[str, Any]] = []
    for part in [resource] + names.items(resource.get("component")):
        quantity = part.get("valueQuantity")
        if not is_object(quantity) or not is_number(quantity.get("value")):
            continue
        part_codes = names.codes(part.get("code"))
        for name in vitals.ORDER:
            sign = vitals.SIGNS[name]
            is_meant = sign["loinc"] in part_codes or _is_alias(name, part_codes)
            if is_meant and (quantity.get("code") or quantity.get("unit")) == sign["ucum"]:
                found.append({"name": name, "value": quantity["value"], "unit": sign["unit"]})
                break
    return found


def _is_alias(name: str, part_codes: list[str]) -> bool:
    """Oxygen saturation by any method (2708-6) is shown as what it is."""
    return name == "saturation" and "2708-6" in part_codes


def _in_order(measured: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for name in vitals.ORDER for one in measured if one["name"] == name]


def value_text(resource: dict[str, Any]) -> str:
    """The value of an observation in words; empty when it has none that we can read."""
    quantity = resource.get("valueQuantity")
    if is_object(quantity) and is_number(quantity.get("value")):
        unit = names.text_of(quantity.get("unit"))
        return (names.number(quantity["value"]) + " " + unit).strip()
    if isinstance(resource.get("valueString"), str):
        return resource["valueString"]
    return names.concept(resource.get("valueCodeableConcept"))
