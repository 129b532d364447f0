"""What a chart shows of the visits: each encounter with what was measured, found and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import encounters, entry_state, names, vitals
from pwa.py.domain.json_text import is_number, is_object
from pwa.py.domain.merge import conflicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pwa.py.domain.chart import Chart, Entry

# What the chart shows elsewhere, whether or not it belongs to a visit.
_SHOWN_BESIDE = ("Patient", "AllergyIntolerance", "Condition", "MedicationRequest")
LOOSE_ENTRIES_MAX = 200


def gather(chart: Chart, most: int) -> tuple[list[list[Entry]], int, list[Entry]]:
    """(the newest encounters, each as itself and what belongs to it; how many there are; what
    belongs to no encounter of this chart)."""
    heads: list[Entry] = []
    members: dict[str, list[Entry]] = {}
    total = 0
    for key in chart.order:
        entry = chart.entries[key]
        if key.startswith("Encounter/"):
            total += 1
            if len(heads) < most:
                heads.append(entry)
        else:
            members.setdefault(entry.encounter, []).append(entry)
    shown = [[head] + members.get(head.encounter, []) for head in heads]
    loose: list[Entry] = []
    for encounter_id, entries in members.items():
        if encounter_id == "" or "Encounter/" + encounter_id not in chart.entries:
            loose += [one for one in entries if one.key.split("/", 1)[0] not in _SHOWN_BESIDE]
    return shown, total, loose[:LOOSE_ENTRIES_MAX]


def encounter(entries: list[Entry], states: Mapping[str, str]) -> dict[str, Any]:
    """One visit: its Encounter is the first of the entries."""
    head = entries[0]
    resource = head.resource()
    found: dict[str, Any] = {
        "id": resource["id"],
        "date": head.date,
        "reason": _reason(resource),
        "class": names.text_of(names.member(resource.get("class"), "code")),
        "withdrawn": entry_state.is_withdrawn(resource),
        "vitals": [],
        "diagnoses": [],
        "notes": [],
        "others": [],
        "state": entry_state.state_of_group(entries, states),
        "conflicts": 0,
    }
    for entry in entries:
        if entry is not head:
            _place(found, entry)
        found["conflicts"] += len(conflicts(entry.row()))
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
    if not entry_state.is_withdrawn(resource):
        if kind == "Observation":
            measured = measurements(resource)
            found["vitals"] += measured
            if measured:
                return
        if kind == "Condition":
            text = names.concept(resource.get("code"))
            found["diagnoses"].append({"text": text, "code": names.icd_10(resource.get("code"))})
            return
        if kind == "DocumentReference":
            note = encounters.note_text(resource)
            if note:
                found["notes"].append({"text": note})
                return
    found["others"].append(other(entry))


def other(entry: Entry) -> dict[str, Any]:
    """What is shown in a line: a test, a procedure, a medicine, or what this version knows not."""
    resource = entry.resource()
    text = names.concept(
        resource.get("code")
        or resource.get("vaccineCode")
        or resource.get("medicationCodeableConcept")
        or resource.get("type")
    )
    value, unit = _value(resource)
    return {
        "type": resource["resourceType"],
        "text": text,
        "value": value,
        "unit": unit,
        "date": entry.date,
        "withdrawn": entry_state.is_withdrawn(resource),
    }


def _value(resource: dict[str, Any]) -> tuple[Any, str]:
    """A number with its unit, or None with the value in words; (None, "") when there is none."""
    quantity = resource.get("valueQuantity")
    if is_object(quantity) and is_number(quantity.get("value")):
        return quantity["value"], names.text_of(quantity.get("unit"))
    if isinstance(resource.get("valueString"), str):
        return None, resource["valueString"]
    return None, names.concept(resource.get("valueCodeableConcept"))


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
