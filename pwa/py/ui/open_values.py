"""Values, fields, people and devices in the reader's words; and values that differ, side by side.

Wherever a field is in conflict the page shows all its values, never one of them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates as domain_dates
from pwa.py.domain.json_text import is_object
from pwa.py.ui import dates, dom, routes, words
from pwa.py.ui.field_words import code_words, field_name
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element


def value_words(one: dict[str, Any]) -> str:
    """A value as `domain.values.describe` gives it."""
    if one["value"] is None:
        return say("value.none")
    text = one["text"]
    if one["code"] and (text == one["code"] or words.has("code." + one["code"])):
        return code_words(one["code"])
    if domain_dates.is_date_time(text):
        return dates.moment(text, words.language(), dom.zone_minutes())
    if is_object(one["value"]) and isinstance(one["value"].get("value"), float):
        # A quantity, with the language's decimal sign.
        text = dates.decimal(text, words.language())
    return text or say("value.some")


def unknown_marks(kind: str, found: list[dict[str, str]]) -> list[Element]:
    """A line for each coded value of an entry that this version does not know."""
    lines: list[Element] = []
    for one in found:
        # Of a visit the entry is named too.
        whose = entry_name(one["type"], one["title"]) + " · " if "type" in one else ""
        field = field_name(one.get("type", kind), one["field"])
        text = whose + field + ": " + code_words(one["code"])
        lines.append(dom.h("p", {"class": "unknown-code"}, icon("circle-alert"), " ", text))
    return lines


def gender_words(code: str) -> str:
    """Empty where it was not said."""
    return code_words(code) if code else ""


def kind_name(kind: str) -> str:
    key = "kind." + kind
    return say(key) if words.has(key) else kind


def entry_name(kind: str, title: str) -> str:
    """What an entry is: "Diagnosis: Asma"; of a patient's own data the kind alone."""
    if kind == "Patient" or not title:
        return kind_name(kind)
    return kind_name(kind) + ": " + title


def moment_of(milliseconds: int) -> str:
    """A time by the clock that wrote it, in the reader's zone."""
    text = domain_dates.from_milliseconds(milliseconds)
    return dates.moment(text, words.language(), dom.zone_minutes())


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


def writer_words(app: App, writer: dict[str, Any]) -> str:
    """Who, when by the device's clock, and on which device."""
    who = person(app, writer["author"])
    return " · ".join([who, moment_of(writer["at_ms"]), device(app, writer["device"])])


def block(app: App, patient: str, kind: str, fields: list[Any], title: str = "") -> Any:
    """Fields in conflict with all their values, and the way to the review; None without any."""
    if not fields:
        return None
    rows: list[Element] = []
    for one in fields:
        values = [
            dom.h(
                "dd",
                None,
                dom.h("strong", None, value_words(option)),
                dom.h("small", {"class": "about"}, writer_words(app, option["writers"][-1])),
            )
            for option in one["options"]
        ]
        rows.append(dom.h("div", None, dom.h("dt", None, field_name(kind, one["field"])), values))
    heading = say("conflict.title_of", text=title) if title else say("conflict.title")
    return dom.h(
        "section",
        {"class": "differing"},
        dom.h("p", {"class": "differing-title"}, icon("triangle-alert"), heading),
        dom.h("dl", None, rows),
        dom.h("a", {"href": "#" + routes.review(patient)}, say("conflict.link")),
    )


def edit_link(patient: str, key: str) -> Element:
    return dom.h(
        "a",
        {"href": "#" + routes.judgement(patient, key), "class": "history-link"},
        say("judgement.link"),
    )


def history_link(patient: str, key: str, text: str = "") -> Element:
    link = {"href": "#" + routes.history(patient, key), "class": "history-link"}
    return dom.h("a", link, text or say("history.link"))
