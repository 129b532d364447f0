"""One visit in the chart: when and why, measurements, diagnoses, notes, and how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import vitals
from pwa.py.ui import dates, dom, elements, in_words, links, open_values, states, words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

OTHERS_SHOWN_MAX = 200


def encounter_card(app: App, patient: str, one: dict[str, Any], age_years: int | None) -> Element:
    kind = "code." + one["class"]
    about = [in_words.date_time(one["date"]), say(kind) if words.has(kind) else ""]
    return dom.h(
        "li",
        {"class": "encounter withdrawn" if one["withdrawn"] else "encounter"},
        dom.h("h3", None, one["reason"] or say("chart.no_reason"), " ", _withdrawn(one)),
        elements.quiet(in_words.side_by_side(about)),
        open_values.unknown_marks("Encounter", one["unknown"]),
        _measurements(one["vitals"], age_years),
        _diagnoses(one["diagnoses"]),
        [dom.h("p", {"class": "note"}, note["text"]) for note in one["notes"]],
        [
            open_values.block(app, patient, field["type"], [field], field["title"])
            for field in one["open"]
        ],
        others("others-" + one["id"], one["others"], "chart.others", patient),
        _entries("entries-" + one["id"], one["entries"], patient),
        states.entry_state(one["state"]),
    )


def _entries(name: str, entries: list[dict[str, Any]], patient: str) -> Element:
    """The ways to the history of each entry of the visit, behind a fold."""

    def rows() -> list[Element]:
        return [
            dom.h("li", None, links.to_history(patient, entry["key"], _name(entry)))
            for entry in entries[:OTHERS_SHOWN_MAX]
        ]

    return _fold(name, "entries", say("history.entries"), rows)


def _name(entry: dict[str, Any]) -> str:
    return in_words.entry(entry["type"], entry["title"])


def _fold(name: str, css: str, text: str, build_rows: Callable[[], list[Element]]) -> Element:
    """A list behind a fold; built only when it is opened."""
    rows = dom.h("ul")
    fold = elements.fold(text, rows, css=css, name=name)

    def build(_: Any) -> None:
        if fold.open and rows.childElementCount == 0:
            dom.add(rows, build_rows())

    dom.on(fold, "toggle", build)
    return fold


def _measurements(measured: list[dict[str, Any]], age_years: int | None) -> Element | None:
    """Vital signs side by side; the two pressures as one, as they are spoken. Where people wrote
    different values, each stands there."""
    if not measured:
        return None
    found: dict[str, list[Any]] = {}
    for one in measured:
        found.setdefault(one["name"], []).append(one["value"])
    pair = ("systolic", "diastolic")
    is_paired = all([len(found.get(name, [])) == 1 for name in pair])
    shown: list[Element] = []
    if is_paired:
        text = "/".join([in_words.number(found[name][0]) for name in pair])
        usual = all([vitals.is_usual(name, found[name][0], age_years) for name in pair])
        shown.append(_measurement(say("vital.pressure"), text, "mmHg", usual))
    for name in vitals.ORDER:
        if name not in found or (is_paired and name in pair):
            continue
        usual = all([vitals.is_usual(name, value, age_years) for value in found[name]])
        unit = vitals.SIGNS[name]["unit"]
        text = " / ".join([in_words.number(value) for value in found[name]])
        shown.append(_measurement(say("vital." + name), text, unit, usual))
    return dom.h("dl", {"class": "measurements"}, shown)


def _measurement(label: str, text: str, unit: str, is_usual: bool) -> Element:
    mark = None
    if not is_usual:
        # In words for readers, in shape for the eye; never by colour alone.
        mark = dom.h("span", {"class": "unusual", "title": say("chart.unusual")}, " !")
        mark.append(dom.h("span", {"class": "spoken"}, " " + say("chart.unusual")))
    value = dom.h("dd", None, dom.h("strong", None, text), " ", unit, mark)
    return dom.h("div", {"class": None if is_usual else "out"}, dom.h("dt", None, label), value)


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


def others(
    name: str, found: list[dict[str, Any]], summary_key: str, patient: str
) -> Element | None:
    """What else there is, behind a fold."""
    if not found:
        return None

    def rows() -> list[Element]:
        return [_other(one, patient) for one in found[:OTHERS_SHOWN_MAX]]

    return _fold(name, "others", say(summary_key, count=len(found)), rows)


_OTHER_ICONS = {
    "Observation": "flask-conical",
    "DiagnosticReport": "file-text",
    "DocumentReference": "file-text",
    "Immunization": "syringe",
    "MedicationRequest": "pill",
}


def _other(one: dict[str, Any], patient: str) -> Element:
    sign = icon(_OTHER_ICONS.get(one["type"], "activity"))
    value = one["unit"]
    if one["value"] is not None:
        value = (in_words.number(one["value"]) + " " + dates.plain_unit(value)).strip()
    text = ": ".join([part for part in (one["text"], value) if part])
    if not one["known"]:
        # Newer than this app: shown as what it is, and not as if it were understood.
        text = say("chart.unknown_kind", type=one["type"]) + (" – " + text if text else "")
    css = {"class": "withdrawn"} if one["withdrawn"] else None
    link = links.to_history(patient, one["key"])
    marks = open_values.unknown_marks(one["type"], one["unknown"])
    return dom.h("li", css, sign, dom.h("span", None, text, " ", _withdrawn(one), marks), link)
