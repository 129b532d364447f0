"""The list of patients with its search: the page that a clinician starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dates, dom, open_values, routes, states, words
from pwa.py.ui.first_sync import first_sync
from pwa.py.ui.icons import icon
from pwa.py.ui.lookup import FacilitySearch
from pwa.py.ui.page import Page
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 50
IDENTIFIERS_SHOWN_MAX = 2
IDENTIFIER_CHARACTERS_MAX = 20


class PatientsPage(Page):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("patients.title")
        self._list = dom.h("div", {"id": "patients"})
        self._count = dom.h("p", {"class": "quiet", "role": "status"})
        attributes: dict[str, Any] = {
            "type": "search",
            "id": "search",
            "placeholder": say("patients.search_short"),
            "aria-label": say("patients.search"),
            "autocomplete": "off",
            "on:input": self._show,
            "on:keydown": self._key,
        }
        self._search = dom.h("input", attributes)
        self._first = dom.h("div")
        self._facility = FacilitySearch(app, patient_row)
        self._search.value = app.search_text

    async def build(self) -> Element:
        register = {"href": "#" + routes.REGISTER, "role": "button", "class": "with-icon"}
        self._show()
        return dom.h(
            "section",
            None,
            dom.h(
                "div",
                {"class": "heading"},
                dom.h("h1", None, say("patients.title")),
                dom.h("a", register, icon("user-plus"), say("patients.register")),
            ),
            self._first,
            dom.h("div", {"class": "search"}, self._search),
            self._count,
            self._list,
            self._facility.element,
        )

    async def refresh(self, patients: list[str] | None) -> None:
        self._show()

    async def status_changed(self) -> None:
        self._show_first()

    def _show_first(self) -> None:
        dom.fill(self._first, first_sync(self.app.services.status()))

    def search(self) -> None:
        dom.focus(self._search)
        self._search.select()

    def _key(self, event: Any) -> None:
        if event.key == "Escape" and self._search.value:
            event.preventDefault()
            self._search.value = ""
            self._show()
        if event.key == "Enter":
            first = self._list.querySelector("a")
            if first is None:
                dom.spawn(self._facility.run())
            elif str(self._search.value).strip():
                first.click()

    def _show(self, _: Any = None) -> None:
        text = str(self._search.value).strip()
        self.app.search_text = text
        found = self.app.desk.find_patients(text, SHOWN_MAX)
        total = self.app.desk.patient_count
        self._show_first()
        self._facility.offer(text, len(found))
        if not total:
            dom.set_text(self._count, "")
            dom.fill(self._list, _empty("patients.none", "patients.none_hint"))
            return
        is_cut = len(found) >= SHOWN_MAX and total > SHOWN_MAX
        if not text:
            dom.set_text(self._count, say("patients.count", count=total))
        elif is_cut:
            dom.set_text(self._count, say("patients.more", count=SHOWN_MAX))
        else:
            dom.set_text(self._count, say("patients.found", count=len(found)))
        if not found:
            hint = "patients.not_found_hint"
            dom.fill(self._list, _empty("patients.not_found", hint, text))
            return
        now_ms = self.app.services.now_ms()
        rows = [patient_row(entry, now_ms) for entry in found]
        dom.fill(self._list, dom.h("ul", {"class": "rows"}, rows))


def patient_row(entry: dict[str, Any], now_ms: int, route: str = "") -> Element:
    """One patient as a link to the chart, or to where `route` leads."""
    language = words.language()
    about = [
        dates.age(entry["birthDate"], now_ms, language),
        open_values.gender_words(entry["gender"]),
        dates.day(entry["birthDate"], language),
    ]
    shown = [text for text in entry["identifiers"] if len(text) <= IDENTIFIER_CHARACTERS_MAX]
    numbers = " · ".join(shown[:IDENTIFIERS_SHOWN_MAX])
    state = entry.get("state")
    return dom.h(
        "li",
        None,
        dom.h(
            "a",
            {"href": "#" + (route or routes.chart(entry["id"]))},
            dom.h("strong", None, entry["name"] or say("chart.unnamed"), _conflicts(entry)),
            dom.h("span", {"class": "about"}, " · ".join([text for text in about if text])),
            dom.h("span", {"class": "numbers"}, numbers),
            states.entry_state(state) if state and state["word"] != "server" else None,
            icon("chevron-right", "go"),
        ),
    )


def _conflicts(entry: dict[str, Any]) -> Element | None:
    """That people wrote differently about this patient."""
    count = entry.get("conflicts")
    if not count:
        return None
    text = say("conflict.badge", count=count)
    return dom.h("span", {"class": "mark mark-conflict"}, icon("triangle-alert"), text)


def _empty(title: str, hint: str, text: str = "") -> Element:
    return dom.h(
        "div",
        {"class": "empty"},
        icon("users", "large"),
        dom.h("p", None, dom.h("strong", None, say(title, text=text))),
        dom.h("p", {"class": "quiet"}, say(hint)),
    )
