"""A patient as the pages show one: a row of a list, the banner of a page, and one who is not here.

No age or sex is told out of one value alone where people wrote different ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dates, dom, elements, in_words, routes, states, words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.dom import Element

IDENTIFIERS_IN_ROW_MAX = 2
# A longer one is for machines.
IDENTIFIER_CHARACTERS_MAX = 20


def row(entry: dict[str, Any], now_ms: int, route: str = "") -> Element:
    """One patient as a link to the chart, or to where `route` leads."""
    language = words.language()
    about = [
        dates.age(entry["birthDate"], now_ms, language),
        in_words.gender(entry["gender"]),
        dates.day(entry["birthDate"], language),
    ]
    state = entry.get("state")
    link = elements.link(
        route or routes.chart(entry["id"]),
        dom.h("strong", None, in_words.patient(entry["name"]), _conflicts(entry)),
        dom.h("span", {"class": "about"}, in_words.side_by_side(about)),
        dom.h(
            "span",
            {"class": "numbers"},
            in_words.side_by_side(_identifiers(entry)[:IDENTIFIERS_IN_ROW_MAX]),
        ),
        states.entry_state(state) if state and state["word"] != "server" else None,
        icon("chevron-right", "go"),
    )
    return dom.h("li", None, link)


def _conflicts(entry: dict[str, Any]) -> Element | None:
    """That people wrote differently about this patient."""
    count = entry.get("conflicts")
    if not count:
        return None
    text = say("conflict.badge", count=count)
    return dom.h("span", {"class": "mark mark-conflict"}, icon("triangle-alert"), text)


def _identifiers(patient: dict[str, Any]) -> list[str]:
    return [text for text in patient["identifiers"] if len(text) <= IDENTIFIER_CHARACTERS_MAX]


def banner(
    view: dict[str, Any], now_ms: int, actions: list[Element], heading: str = "p"
) -> Element:
    """Who the patient is, on every page about them: the wrong chart is the gravest slip."""
    patient = view["patient"]
    contact = _identifiers(patient) + [patient["phone"], patient["address"]]
    names = [one["text"] for one in view["allergies"]]
    alert = None
    if names:
        text = say("chart.allergies") + ": " + ", ".join(names)
        alert = dom.h("p", {"class": "alert"}, icon("shield-alert"), dom.h("span", None, text))
    dead = dom.h("span", {"class": "mark"}, say("chart.deceased")) if patient["deceased"] else None
    return dom.h(
        "header",
        {"class": "banner"},
        dom.h(
            "div",
            {"class": "grow"},
            dom.h(heading, {"class": "name"}, in_words.patient(patient["name"]), dead),
            dom.h("p", None, in_words.side_by_side(_facts(patient, now_ms))),
            elements.quiet(in_words.side_by_side(contact)),
            states.entry_state(patient["state"]),
        ),
        actions,
        alert,
    )


def _facts(patient: dict[str, Any], now_ms: int) -> list[str]:
    """Age, sex and birth date; of a field in conflict all values, and no age out of one alone."""
    language = words.language()
    genders = _all_values(patient, "gender", patient["gender"])
    births = _all_values(patient, "birthDate", patient["birthDate"])
    born = " / ".join([dates.day(text, language) for text in births if text])
    ages: list[str] = []
    for text in births:
        age = dates.age(text, now_ms, language)
        if age and age not in ages:
            ages.append(age)
    return [
        " / ".join(ages),
        " / ".join([in_words.gender(one) for one in genders if one]),
        say("chart.born") + " " + born if born else say("chart.birth_unknown"),
    ]


def _all_values(patient: dict[str, Any], field: str, value: str) -> list[str]:
    for one in patient["open"]:
        if one["field"] == field:
            return [option["text"] for option in one["options"]]
    return [value]


def missing(action: Element | None = None) -> Element:
    """Not on this device; `action` may bring the chart here."""
    return dom.h(
        "div",
        {"class": "empty"},
        icon("user-round", "large"),
        dom.h("h1", None, say("chart.missing")),
        elements.quiet(say("chart.missing_hint")),
        action,
        elements.link_button(routes.PATIENTS, say("app.patients"), "secondary"),
    )
