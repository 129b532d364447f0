"""Values, times, people and devices in the reader's words; fields and codes: `field_words.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock, encounters, names, vitals
from pwa.py.domain import dates as domain_dates
from pwa.py.domain.json_text import is_object
from pwa.py.ui import dates, dom, words
from pwa.py.ui.field_words import code_words
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App

_TERMS = {vitals.SIGNS[name]["display"]: "vital." + name for name in vitals.ORDER}
_TERMS[vitals.PANEL_DISPLAY] = "vital.pressure"
_TERMS[encounters.NOTE_DISPLAY] = "kind.DocumentReference"


def value(one: dict[str, Any]) -> str:
    """A value as `domain.values.describe` gives it."""
    if one["value"] is None:
        return say("value.none")
    text = one["text"]
    if one["code"] and (text == one["code"] or words.has("code." + one["code"])):
        return code_words(one["code"])
    if domain_dates.is_date_time(text):
        return date_time(text)
    if is_object(one["value"]) and isinstance(one["value"].get("value"), float):
        # A quantity, with the language's decimal sign.
        text = dates.decimal(text, words.language())
    return text or say("value.some")


def number(amount: float) -> str:
    return dates.number(amount, words.language())


def quantity(one: Any) -> str:
    """A value with its unit; empty where there is none."""
    if not is_object(one) or "value" not in one:
        return ""
    return (number(one["value"]) + " " + names.text_of(one.get("unit"))).strip()


def term(text: str) -> str:
    """The name of a measurement, which this app writes as LOINC has it, as the reader says it;
    any other as it is."""
    key = _TERMS.get(text)
    return say(key) if key else text


def gender(code: str) -> str:
    """Empty where it was not said."""
    return code_words(code) if code else ""


def kind(resource_type: str) -> str:
    key = "kind." + resource_type
    return say(key) if words.has(key) else resource_type


def entry(resource_type: str, title: str) -> str:
    """What an entry is: "Diagnosis: Asma"; of a patient's own data the kind alone."""
    if resource_type == "Patient" or not title:
        return kind(resource_type)
    return kind(resource_type) + ": " + term(title)


def patient(name: str) -> str:
    return name or say("chart.unnamed")


def date_time(text: str) -> str:
    """A FHIR date or date-time, in the reader's zone."""
    return dates.moment(text, words.language(), dom.zone_minutes())


def moment(milliseconds: int) -> str:
    """A time by the clock that wrote it, in the reader's zone."""
    return date_time(domain_dates.from_milliseconds(milliseconds))


def side_by_side(texts: list[str]) -> str:
    """Those that say something."""
    return " · ".join([text for text in texts if text])


def change(one: dict[str, Any]) -> str:
    """Which change of this device it is: its kind, when it was written, and its number."""
    resource_type = one["resource"].split("/")[0]
    known = "kind." + resource_type
    written = moment(clock.milliseconds_of(one["timestamp"]))
    name = say(known if words.has(known) else "kind.other")
    return side_by_side([name, written, "no. %d" % one["number"]])


def person(app: App, account: str) -> str:
    return app.services.people.name(account) or say("who.unknown")


def device(app: App, device_id: str) -> str:
    """A device as every page names it: by who brought it in, and the end of its id."""
    if device_id == app.services.people.device:
        return say("device.here")
    return device_name(app, device_id)


def device_name(app: App, device_id: str) -> str:
    """The same of this very device: as the others call it."""
    people = app.services.people
    mark, owner = people.device_mark(device_id), people.device_owner(device_id)
    return say("device.of", name=owner, mark=mark) if owner else say("device.other", mark=mark)


def writer(app: App, one: dict[str, Any]) -> str:
    """Who, when by the device's clock, and on which device."""
    who = person(app, one["author"])
    return side_by_side([who, moment(one["at_ms"]), device(app, one["device"])])
