"""One visit in the chart: when and why, measurements, diagnoses, notes, and how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import vitals
from pwa.py.ui import dates, dom, states, words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.dom import Element

OTHERS_SHOWN_MAX = 200


def encounter_card(one: dict[str, Any], age_years: int | None) -> Element:
    kind = "class." + one["class"]
    when = dates.moment(one["date"], words.language(), dom.zone_minutes())
    about = [when, say(kind) if words.has(kind) else ""]
    return dom.h(
        "li",
        {"class": "encounter withdrawn" if one["withdrawn"] else "encounter"},
        dom.h("h3", None, one["reason"] or say("chart.no_reason"), " ", _withdrawn(one)),
        dom.h("p", {"class": "quiet"}, " · ".join([text for text in about if text])),
        _measurements(one["vitals"], age_years),
        _diagnoses(one["diagnoses"]),
        [dom.h("p", {"class": "note"}, note["text"]) for note in one["notes"]],
        others(one["others"], "chart.others"),
        states.entry_state(one["state"]),
    )


def _measurements(measured: list[dict[str, Any]], age_years: int | None) -> Element | None:
    """Vital signs side by side; the two pressures as one, as they are spoken."""
    if not measured:
        return None
    found = {one["name"]: one["value"] for one in measured}
    shown: list[Element] = []
    if "systolic" in found and "diastolic" in found:
        text = _number(found["systolic"]) + "/" + _number(found["diastolic"])
        pair = ("systolic", "diastolic")
        usual = all([vitals.is_usual(name, found[name], age_years) for name in pair])
        shown.append(_measurement(say("vital.pressure"), text, "mmHg", usual))
    for name in vitals.ORDER:
        is_paired = name in ("systolic", "diastolic") and len(shown) > 0
        if name not in found or (is_paired and "systolic" in found and "diastolic" in found):
            continue
        usual = vitals.is_usual(name, found[name], age_years)
        unit = vitals.SIGNS[name]["unit"]
        shown.append(_measurement(say("vital." + name), _number(found[name]), unit, usual))
    return dom.h("dl", {"class": "measurements"}, shown)


def _measurement(label: str, text: str, unit: str, is_usual: bool) -> Element:
    mark = None
    if not is_usual:
        # In words for readers, in shape for the eye; never by colour alone.
        mark = dom.h("span", {"class": "unusual", "title": say("chart.unusual")}, " !")
        mark.append(dom.h("span", {"class": "spoken"}, " " + say("chart.unusual")))
    value = dom.h("dd", None, dom.h("strong", None, text), " ", unit, mark)
    return dom.h("div", {"class": None if is_usual else "out"}, dom.h("dt", None, label), value)


def _number(value: float) -> str:
    return dates.number(value, words.language())


def _withdrawn(one: dict[str, Any]) -> Element | None:
    """What was entered in error stays in the record, and says so."""
    return dom.h("span", {"class": "mark"}, say("chart.withdrawn")) if one["withdrawn"] else None


def _diagnoses(found: list[dict[str, Any]]) -> Element | None:
    if not found:
        return None
    rows: list[Element] = []
    for one in found:
        code = dom.h("code", None, one["code"]) if one["code"] else None
        rows.append(dom.h("li", None, code, dom.h("span", None, one["text"])))
    return dom.h("ul", {"class": "diagnoses"}, rows)


def others(found: list[dict[str, Any]], summary_key: str) -> Element | None:
    """What else there is, behind a fold; built only when it is opened."""
    if not found:
        return None
    rows = dom.h("ul")
    summary = dom.h("summary", None, say(summary_key, count=len(found)))
    fold = dom.h("details", {"class": "others"}, summary, rows)

    def build(_: Any) -> None:
        if fold.open and rows.childElementCount == 0:
            dom.add(rows, [_other(one) for one in found[:OTHERS_SHOWN_MAX]])

    dom.on(fold, "toggle", build)
    return fold


_OTHER_ICONS = {
    "Observation": "flask-conical",
    "DiagnosticReport": "file-text",
    "DocumentReference": "file-text",
    "Immunization": "syringe",
    "MedicationRequest": "pill",
}


def _other(one: dict[str, Any]) -> Element:
    sign = icon(_OTHER_ICONS.get(one["type"], "activity"))
    value = one["unit"]
    if one["value"] is not None:
        value = (_number(one["value"]) + " " + dates.plain_unit(value)).strip()
    text = ": ".join([part for part in (one["text"], value) if part])
    css = {"class": "withdrawn"} if one["withdrawn"] else None
    return dom.h("li", css, sign, dom.h("span", None, text, " ", _withdrawn(one)))
