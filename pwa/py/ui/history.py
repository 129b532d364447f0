"""The history of one entry: every version, who, when by both clocks, where, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import judgements
from pwa.py.ui import dates, dom, elements, field_words, in_words, links, patient, routes, words
from pwa.py.ui.page import Page
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

VERSIONS_SHOWN_MAX = 500
# A version that brings in an entry sets all its fields; they stand behind a fold.
FIELDS_SHOWN_MAX = 4


class HistoryPage(Page):
    def __init__(self, app: App, place: str) -> None:
        """`place` is the patient and the resource: "<patient>/<Type>/<id>"."""
        super().__init__(app)
        self.title = say("history.title")
        self._patient, _, self._key = place.partition("/")
        self._section = dom.h("section", {"class": "history narrow"})
        self._turn = 0

    async def build(self) -> Element:
        wait = elements.quiet(say("history.loading"))
        dom.set_attribute(wait, "role", "status")
        dom.fill(self._section, dom.h("h1", None, say("history.title")), wait)
        # Painted when the server has answered, or has not: the page itself does not wait.
        dom.spawn(self._paint())
        return self._section

    async def refresh(self, patients: list[str] | None) -> None:
        if patients is None or self._patient in patients:
            await self._paint()

    async def _paint(self) -> None:
        self._turn += 1
        turn = self._turn
        found = await self.app.services.history.read(self._patient, self._key)
        if self.app.identity is None or turn != self._turn:
            # Asked for anew meanwhile: an answer that was longer on its way takes nothing back.
            return
        if found is None:
            dom.fill(self._section, patient.missing())
            return
        kind = found["type"]
        name = in_words.entry(kind, found["title"])
        rows = [self._version(kind, one) for one in found["versions"][:VERSIONS_SHOWN_MAX]]
        is_editable = kind in judgements.FORMS
        edit = links.to_edit(self._patient, self._key) if is_editable else None
        dom.fill(
            self._section,
            dom.h(
                "div",
                {"class": "heading"},
                dom.h("h1", None, say("history.title")),
                elements.link(routes.chart(self._patient), in_words.patient(found["name"])),
            ),
            dom.h("p", {"class": "history-of"}, dom.h("strong", None, name), " ", edit),
            _completeness(found["is_whole"]),
            dom.h("ol", {"class": "versions"}, rows),
        )

    def _version(self, kind: str, one: dict[str, Any]) -> Element:
        facts = [
            (say("history.device_clock"), in_words.moment(one["at_ms"])),
            (say("history.server_clock"), self._arrival(one)),
            (say("history.where"), in_words.device(self.app, one["device"])),
        ]
        fields = [_field(kind, field) for field in one["fields"]]
        shown: Any = dom.h("ul", {"class": "version-fields"}, fields)
        if len(fields) > FIELDS_SHOWN_MAX:
            shown = elements.fold(say("history.more_fields", count=len(fields)), shown)
        what = say("history.created" if one["is_first"] else "history.edited")
        who = in_words.person(self.app, one["author"])
        reason = None
        if one["reason"]:
            reason = dom.h("p", {"class": "reason"}, say("review.why", text=one["reason"]))
        return dom.h(
            "li",
            {"class": "panel version"},
            dom.h("h2", None, who, dom.h("small", {"class": "mark"}, what)),
            elements.facts(facts),
            reason,
            shown,
        )

    def _arrival(self, one: dict[str, Any]) -> str:
        """When the server got it, by its own clock, and what is odd about that."""
        if one["state"] == "known" or one["state"] == "done":
            return say("history.known")
        if one["sequence"] is None:
            return say("history.refused" if one["state"] == "refused" else "history.waiting")
        when = in_words.date_time(one["received_at"])
        parts = [say("history.number", when=when, number=one["sequence"])]
        if one["drift_ms"] is not None and abs(one["drift_ms"]) >= dates.DRIFT_MS_MIN:
            span = dates.span(one["drift_ms"], words.language())
            parts.append(say("history.drift", text=span))
        if one["account"] != one["author"]:
            parts.append(say("history.pushed", name=in_words.person(self.app, one["account"])))
        return in_words.side_by_side(parts)


def _completeness(is_whole: bool) -> Element:
    if is_whole:
        return elements.quiet(say("history.whole"))
    return elements.notice("cloud-off", dom.h("span", None, say("history.partial")))


def _field(kind: str, one: dict[str, Any]) -> Element:
    """What a field was, what it became, and whether that still stands."""
    before = " / ".join([in_words.value(value) for value in one["from"]])
    after = in_words.value(one["to"])
    change: list[Any] = [dom.h("strong", None, after)]
    if before:
        change = [dom.h("del", None, before), " → ", dom.h("strong", None, after)]
    fate = dom.h("span", {"class": "mark fate fate-" + one["fate"]}, say("fate." + one["fate"]))
    name = dom.h("span", {"class": "about"}, field_words.field_name(kind, one["field"]))
    return dom.h("li", None, name, dom.h("span", {"class": "change"}, change), fate)
