"""Vital signs: what is measured, in which unit, within which bounds.

Codes are LOINC as in FHIR's vital signs profile (hl7.org/fhir/R4/observation-vitalsigns.html),
units UCUM. Outside `possible` a value is a slip of the pen and refused; outside `usual` (an
adult at rest) it is marked for the eye and recorded as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.issues import invalid, issue

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue, Resource

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
BLOOD_PRESSURE = "85354-9"
PANEL_DISPLAY = "Blood pressure panel"
TEXT_CHARACTERS_MAX = 12
ADULT_YEARS = 18
# The codes of issues that a page has words of its own for.
NO_NUMBER = "value"
OF_PAIR = "invariant"


def _sign(
    loinc: str, display: str, unit: str, ucum: str, possible: Any, usual: Any
) -> dict[str, Any]:
    return {
        "loinc": loinc,
        "display": display,
        "unit": unit,
        "ucum": ucum,
        "possible": possible,
        "usual": usual,
    }


SIGNS = {
    "systolic": _sign("8480-6", "Systolic blood pressure", "mmHg", "mm[Hg]", (30, 320), (90, 140)),
    "diastolic": _sign("8462-4", "Diastolic blood pressure", "mmHg", "mm[Hg]", (10, 220), (60, 90)),
    "pulse": _sign("8867-4", "Heart rate", "/min", "/min", (10, 350), (60, 100)),
    "respiration": _sign("9279-1", "Respiratory rate", "/min", "/min", (2, 120), (12, 20)),
    "temperature": _sign("8310-5", "Body temperature", "°C", "Cel", (20, 45), (36, 37.5)),
    "saturation": _sign("59408-5", "Oxygen saturation", "%", "%", (10, 100), (95, 100)),
    "weight": _sign("29463-7", "Body weight", "kg", "kg", (0.2, 500), None),
    "height": _sign("8302-2", "Body height", "cm", "cm", (15, 260), None),
}
ORDER = (
    "systolic",
    "diastolic",
    "pulse",
    "respiration",
    "temperature",
    "saturation",
    "weight",
    "height",
)


def parse(text: str) -> float | int | None:
    """A number as people type it, with a decimal point or comma; None when it is not one."""
    text = text.strip().replace(",", ".")
    digits = text.replace(".", "", 1)
    if not digits or len(text) > TEXT_CHARACTERS_MAX:
        return None
    if digits.strip("0123456789"):
        return None
    return float(text) if "." in text else int(text)


def check_form(form: dict[str, str]) -> list[Issue]:
    """What is wrong with the measurements of a form; expressions are `vitals.<name>`."""
    issues: list[Issue] = []
    for name in ORDER:
        text = (form.get(name) or "").strip()
        if not text:
            continue
        value = parse(text)
        low, high = SIGNS[name]["possible"]
        if value is None:
            issues.append(issue(NO_NUMBER, "Not a number", "vitals." + name))
        elif not low <= value <= high:
            issues.append(invalid("vitals." + name, "Must be from %s to %s" % (low, high)))
    pair = [bool((form.get(name) or "").strip()) for name in ("systolic", "diastolic")]
    if pair[0] != pair[1]:
        missing = "diastolic" if pair[0] else "systolic"
        issues.append(issue(OF_PAIR, "Both pressures, or neither", "vitals." + missing))
    return issues


def is_usual(name: str, value: float, age_years: int | None) -> bool:
    """Whether an adult's value needs no second look. Children have bounds of their own by age,
    which this table does not hold: nothing is marked for them."""
    usual = SIGNS[name]["usual"]
    if usual is None or age_years is None or age_years < ADULT_YEARS:
        return True
    return usual[0] <= value <= usual[1]


def body_mass_index(weight_kg: float, height_cm: float) -> float:
    """kg/m², to one decimal."""
    return int(weight_kg / (height_cm / 100) ** 2 * 10 + 0.5) / 10


def quantity(name: str, value: float) -> dict[str, Any]:
    sign = SIGNS[name]
    return {"value": value, "unit": sign["unit"], "system": UCUM, "code": sign["ucum"]}


def concept(loinc: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": loinc, "display": display}]}


def build(form: dict[str, str], common: dict[str, Any], ids: Any) -> list[Resource]:
    """An Observation for each measurement; the two pressures make one panel.

    `common` holds the fields that all share (subject, encounter, time); `ids` gives new ids.
    """
    values: dict[str, Any] = {}
    for name in ORDER:
        value = parse(form.get(name) or "")
        if value is not None:
            values[name] = value
    built: list[Resource] = []
    if "systolic" in values and "diastolic" in values:
        panel = _observation(BLOOD_PRESSURE, PANEL_DISPLAY, common, ids())
        panel["component"] = [_component(name, values[name]) for name in ORDER[:2]]
        built.append(panel)
    for name in ORDER[2:]:
        if name in values:
            sign = SIGNS[name]
            one = _observation(sign["loinc"], sign["display"], common, ids())
            one["valueQuantity"] = quantity(name, values[name])
            built.append(one)
    return built


def _component(name: str, value: float) -> dict[str, Any]:
    sign = SIGNS[name]
    return {
        "code": concept(sign["loinc"], sign["display"]),
        "valueQuantity": quantity(name, value),
    }


def _observation(loinc: str, display: str, common: dict[str, Any], new_id: str) -> Resource:
    resource: Resource = {
        "resourceType": "Observation",
        "id": new_id,
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": "vital-signs"}]}],
        "code": concept(loinc, display),
    }
    resource.update(common)
    return resource
