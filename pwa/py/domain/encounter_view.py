"""What a chart shows of the visits: each encounter with what was measured, found and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import conflicts, encounters, entry_state, names, schema, unknown, vitals
from pwa.py.domain.json_text import is_number, is_object
from pwa.py.domain.merge import same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from pwa.py.domain.chart import Chart, Entry

# Types are told apart by their first bytes. What the chart shows beside the visits, in any case:
_KIND_BYTES = 8
_ENCOUNTER = b"Encounte"
_BESIDE = (b"Patient/", b"AllergyI", b"Conditio", b"Medicati")
LOOSE_ENTRIES_MAX = 200


def gather(
    chart: Chart, most: int, early: list[int] | None = None
) -> tuple[list[list[Entry]], int, list[Entry]]:
    """(the newest encounters, each as itself and what belongs to it; how many there are; what
    belongs to no encounter of this chart).

    `early` is given where lines start of which the encounter is not here, and may yet come."""
    starts = chart.starts("Encounter")
    shown = [[chart.at(start)] for start in starts[:most]]
    groups = _Groups(chart, starts, shown)
    loose: list[Entry] = []
    for start, tab in chart.lines():
        kind = chart.bytes_at(start, _KIND_BYTES)
        if kind == _ENCOUNTER:
            continue
        group = groups.of(tab + 1)
        if group is None:
            if early is not None and chart.bytes_at(tab + 1, 1) != b"\t":
                early.append(start)
            is_shown = kind not in _BESIDE and len(loose) < LOOSE_ENTRIES_MAX
            if is_shown and not chart.is_older_encounter(tab + 1):
                loose.append(chart.at(start))
        elif group:
            group.append(chart.at(start))
    return shown, len(starts) + chart.older_encounters, loose


class _Groups:
    """Finds a line's encounter by both ends of its id, and only then compares it whole: short
    pieces cost MicroPython next to nothing, whole ids a search for room."""

    def __init__(self, chart: Chart, starts: list[int], shown: list[list[Entry]]) -> None:
        self._chart = chart
        self._by_ends: dict[bytes, list[tuple[bytes, list[Entry]]]] = {}
        for number, start in enumerate(starts):
            # An Encounter belongs to itself: its second column is its id.
            at = start + len("Encounter/")
            members = shown[number] if number < len(shown) else []
            same_ends = self._by_ends.setdefault(chart.ends_of_id(at), [])
            same_ends.append((chart.id_at(at), members))

    def of(self, at: int) -> list[Entry] | None:
        """The group of the encounter named there: empty when it is not shown, None when there
        is no such encounter in the chart."""
        for encounter_id, members in self._by_ends.get(self._chart.ends_of_id(at), ()):
            if self._chart.bytes_at(at, len(encounter_id)) == encounter_id:
                return members
        return None


def encounter(entries: list[Entry], states: Mapping[str, str]) -> dict[str, Any]:
    """One visit: its Encounter is the first of the entries."""
    head = entries[0]
    resource = head.resource()
    found: dict[str, Any] = {
        "id": resource["id"],
        "date": head.date,
        "reason": " / ".join(_each(head, _reason)),
        "class": names.text_of(names.member(resource.get("class"), "code")),
        "withdrawn": entry_state.is_withdrawn_by_all(head.row()),
        "vitals": [],
        "diagnoses": [],
        "notes": [],
        "others": [],
        "state": entry_state.state_of(entries, states),
        "open": [],
        "unknown": [],
        "entries": [],
    }
    for entry in entries:
        kind, title = entry.resource()["resourceType"], names.title(entry.resource())
        found["entries"].append({"key": entry.key, "type": kind, "title": title})
        if entry is not head:
            _place(found, entry)
        for one in unknown.codes(entry.row()):
            one["type"], one["title"] = kind, title
            found["unknown"].append(one)
        for one in conflicts.fields_of(entry.row()):
            one["type"], one["title"] = kind, title
            found["open"].append(one)
    found["vitals"] = _in_order(found["vitals"])
    return found


def _reason(resource: dict[str, Any]) -> str:
    for field in ("reasonCode", "type"):
        for concept in names.items(resource.get(field)):
            text = names.concept(concept)
            if text:
                return text
    return ""


def _each(entry: Entry, read: Callable[[Any], Any]) -> list[Any]:
    """What is read of each of the values that stand, the same once and nothing empty."""
    found: list[Any] = []
    for variant in conflicts.variants(entry.row()):
        one = read(variant)
        if one and not any([same(one, held) for held in found]):
            found.append(one)
    return found


def _place(found: dict[str, Any], entry: Entry) -> None:
    """Puts one resource of an encounter where the page shows it, with all values that stand."""
    kind = entry.resource()["resourceType"]
    if not entry_state.is_withdrawn_by_all(entry.row()):
        if kind == "Observation":
            measured = _each(entry, measurements)
            for one in [one for group in measured for one in group]:
                if not any([same(one, held) for held in found["vitals"]]):
                    found["vitals"].append(one)
            if measured:
                return
        if kind == "Condition":
            text = " / ".join(_each(entry, lambda one: names.concept(one.get("code"))))
            code = " / ".join(_each(entry, lambda one: names.icd_10(one.get("code"))))
            found["diagnoses"].append({"text": text, "code": code})
            return
        if kind == "DocumentReference":
            notes = _each(entry, encounters.note_text)
            if notes:
                found["notes"] += [{"text": note} for note in notes]
                return
    found["others"].append(other(entry))


def other(entry: Entry) -> dict[str, Any]:
    """What is shown in a line: a test, a procedure, a medicine, or what this version knows not."""
    resource = entry.resource()
    value, unit = _value(resource)
    return {
        "type": resource["resourceType"],
        "text": names.title(resource),
        "value": value,
        "unit": unit,
        "date": entry.date,
        "withdrawn": entry_state.is_withdrawn_by_all(entry.row()),
        "key": entry.key,
        "open": conflicts.fields_of(entry.row()),
        "unknown": unknown.codes(entry.row()),
        "known": resource["resourceType"] in schema.POLICIES,
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
