"""The list of patients with its search: the page that a clinician starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, elements, patient, routes
from pwa.py.ui.first_sync import first_sync
from pwa.py.ui.lookup import FacilitySearch
from pwa.py.ui.page import Page
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 50


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
        self._facility = FacilitySearch(app)
        self._search.value = app.search_text

    async def build(self) -> Element:
        register = elements.link_button(routes.REGISTER, say("patients.register"), sign="user-plus")
        self._show()
        return dom.h(
            "section",
            None,
            dom.h(
                "div",
                {"class": "heading"},
                dom.h("h1", None, say("patients.title")),
                register,
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
            none = elements.empty("users", say("patients.none"), say("patients.none_hint"))
            dom.fill(self._list, none)
            return
        is_cut = len(found) >= SHOWN_MAX and total > SHOWN_MAX
        if not text:
            dom.set_text(self._count, say("patients.count", count=total))
        elif is_cut:
            dom.set_text(self._count, say("patients.more", count=SHOWN_MAX))
        else:
            dom.set_text(self._count, say("patients.found", count=len(found)))
        if not found:
            title = say("patients.not_found", text=text)
            dom.fill(self._list, elements.empty("users", title, say("patients.not_found_hint")))
            return
        now_ms = self.app.services.now_ms()
        rows = [patient.row(entry, now_ms) for entry in found]
        dom.fill(self._list, dom.h("ul", {"class": "rows"}, rows))
