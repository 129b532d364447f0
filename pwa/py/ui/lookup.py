"""The search of the whole facility, under the list of patients of this device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Failure, Offline
from pwa.py.ui import dom, elements, failures, in_words, patient, routes
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

# With more than so many on this device, whoever is sought is likely among them.
LITTLE_MAX = 5


class FacilitySearch:
    """Offers the search where this device finds little; a row that is chosen is fetched first."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._text = ""
        # Which search the answer under way belongs to: the person types on meanwhile.
        self._turn = 0
        self.element = dom.h("section", {"class": "lookup", "aria-live": "polite"})

    def offer(self, text: str, found: int) -> None:
        """`found` is how many this device has for the text."""
        if text == self._text:
            return
        self._turn += 1
        self._text = text
        if found > LITTLE_MAX or not self._app.services.lookup.is_enough(text):
            dom.fill(self.element)
            return
        offer = elements.button(
            say("lookup.offer"), self.run, "secondary", "hospital", "search-facility"
        )
        hint = elements.quiet(say("lookup.only_here"))
        if self._app.services.status()["word"] == "offline":
            hint = elements.notice("cloud-off", say("lookup.offline"))
        dom.fill(self.element, hint, offer)

    async def run(self, _: Any = None) -> None:
        if not self._app.services.lookup.is_enough(self._text):
            return
        self._turn += 1
        turn = self._turn
        dom.fill(self.element, _busy(say("lookup.busy")))
        try:
            answer = await self._app.services.lookup.find(self._text)
        except Failure as failure:
            if turn == self._turn:
                self._show_failure(failure)
            return
        if turn == self._turn:
            self._show(answer)

    def _show(self, answer: dict[str, Any]) -> None:
        beyond: list[dict[str, Any]] = []
        for entry in answer["found"]:
            if not self._app.desk.is_held(entry["id"]):
                beyond.append(entry)
        if not beyond:
            key = "lookup.all_here" if answer["found"] else "lookup.none"
            dom.fill(self.element, elements.quiet(say(key, text=self._text)))
            return
        now_ms = self._app.services.now_ms()
        rows = [self._row(entry, now_ms) for entry in beyond]
        more = elements.quiet(say("lookup.more")) if answer["more"] else None
        heading = elements.heading("hospital", say("lookup.found", count=len(beyond)))
        hint = elements.quiet(say("lookup.hint"))
        dom.fill(self.element, heading, hint, dom.h("ul", {"class": "rows"}, rows), more)
        dom.focus(self.element.querySelector("a"))

    def _row(self, entry: dict[str, Any], now_ms: int) -> Element:
        row = patient.row(entry, now_ms)

        async def choose(event: Any) -> None:
            event.preventDefault()
            await self.fetch(entry["id"], entry["name"])

        dom.on(row.querySelector("a"), "click", choose)
        return row

    async def fetch(self, patient_id: str, name: str) -> None:
        """Fetches a chart, keeps it on this device, and opens it."""
        self._turn += 1
        turn = self._turn
        dom.fill(self.element, _busy(say("lookup.fetching", name=in_words.patient(name))))
        try:
            is_here = await self._app.services.lookup.keep(patient_id)
        except Failure as failure:
            if turn == self._turn:
                self._show_failure(failure)
            return
        if turn != self._turn:
            return
        if is_here:
            self._app.go(routes.chart(patient_id))
        else:
            dom.fill(self.element, elements.quiet(say("lookup.gone")))

    def _show_failure(self, failure: Failure) -> None:
        text = failures.explain(failure)
        if isinstance(failure, Offline):
            text = say("lookup.offline")
        again = elements.button(say("lookup.again"), self.run, "secondary")
        said = elements.notice("cloud-off", text)
        said.setAttribute("role", "alert")
        dom.fill(self.element, said, again)


def _busy(text: str) -> Element:
    return dom.h("p", {"class": "quiet", "aria-busy": "true"}, text)
