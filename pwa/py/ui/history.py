"""The history of one entry: every version, who, when by both clocks, where, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import judgements
from pwa.py.ui import dates, dom, field_words, open_values, routes, words
from pwa.py.ui.chart import missing_patient
from pwa.py.ui.icons import icon
from pwa.py.ui.page import Page
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

VERSIONS_SHOWN_MAX = 500
# What is off by less is the time that a request takes, and no fault of a clock.
DRIFT_MS_MIN = 120_000
_DRIFTS = (("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000))
# A version that brings in an entry sets all its fields; they stand behind a fold.
FIELDS_SHOWN_MAX = 4


class HistoryPage(Page):
    def __init__(self, app: App, place: str) -> None:
        """`place` is the patient and the resource: "<patient>/<Type>/<id>"."""
        super().__init__(app)
        self.title = say("history.title")
        self._patient, _, self._key = place.partition("/")
        self._section = dom.h("section", {"class": "history narrow"})

    async def build(self) -> Element:
        wait = dom.h("p", {"class": "quiet", "role": "status"}, say("history.loading"))
        dom.fill(self._section, dom.h("h1", None, say("history.title")), wait)
        # Painted when the server has answered, or has not: the page itself does not wait.
        dom.spawn(self._paint())
        return self._section

    async def refresh(self, patients: list[str] | None) -> None:
        if patients is None or self._patient in patients:
            await self._paint()

    async def _paint(self) -> None:
        found = await self.app.services.history.read(self._patient, self._key)
        if self.app.identity is None:
            return
        if found is None:
            dom.fill(self._section, missing_patient())
            return
        kind = found["type"]
        name = open_values.entry_name(kind, found["title"])
        versions = found["versions"][:VERSIONS_SHOWN_MAX]
        rows = [self._version(kind, one) for one in versions]
        back = {"href": "#" + routes.chart(self._patient)}
        is_editable = kind in judgements.FORMS
        edit = open_values.edit_link(self._patient, self._key) if is_editable else None
        dom.fill(
            self._section,
            dom.h(
                "div",
                {"class": "heading"},
                dom.h("h1", None, say("history.title")),
                dom.h("a", back, found["name"] or say("chart.unnamed")),
            ),
            dom.h("p", {"class": "history-of"}, dom.h("strong", None, name), " ", edit),
            _completeness(found["is_whole"]),
            dom.h("ol", {"class": "versions"}, rows),
        )

    def _version(self, kind: str, one: dict[str, Any]) -> Element:
        facts = [(say("history.device_clock"), open_values.moment_of(one["at_ms"]))]
        facts.append((say("history.server_clock"), self._arrival(one)))
        facts.append((say("history.where"), open_values.device(self.app, one["device"])))
        rows = [
            dom.h("div", None, dom.h("dt", None, label), dom.h("dd", None, text))
            for label, text in facts
        ]
        fields = [_field(kind, field) for field in one["fields"]]
        shown: Any = dom.h("ul", {"class": "version-fields"}, fields)
        if len(fields) > FIELDS_SHOWN_MAX:
            summary = dom.h("summary", None, say("history.more_fields", count=len(fields)))
            shown = dom.h("details", None, summary, shown)
        what = say("history.created" if one["is_first"] else "history.edited")
        who = open_values.person(self.app, one["author"])
        reason = None
        if one["reason"]:
            reason = dom.h("p", {"class": "reason"}, say("review.why", text=one["reason"]))
        return dom.h(
            "li",
            {"class": "panel version"},
            dom.h("h2", None, who, dom.h("small", {"class": "mark"}, what)),
            dom.h("dl", {"class": "facts"}, rows),
            reason,
            shown,
        )

    def _arrival(self, one: dict[str, Any]) -> str:
        """When the server got it, by its own clock, and what is odd about that."""
        if one["state"] == "known" or one["state"] == "done":
            return say("history.known")
        if one["sequence"] is None:
            return say("history.refused" if one["state"] == "refused" else "history.waiting")
        when = dates.moment(one["received_at"], words.language(), dom.zone_minutes())
        parts = [say("history.number", when=when, number=one["sequence"])]
        if one["drift_ms"] is not None and abs(one["drift_ms"]) >= DRIFT_MS_MIN:
            parts.append(say("history.drift", text=_span(abs(one["drift_ms"]))))
        if one["account"] != one["author"]:
            parts.append(say("history.pushed", name=open_values.person(self.app, one["account"])))
        return " · ".join(parts)


def _completeness(is_whole: bool) -> Element:
    if is_whole:
        return dom.h("p", {"class": "quiet"}, say("history.whole"))
    text = dom.h("span", None, say("history.partial"))
    return dom.h("p", {"class": "notice"}, icon("cloud-off"), text)


def _field(kind: str, one: dict[str, Any]) -> Element:
    """What a field was, what it became, and whether that still stands."""
    before = " / ".join([open_values.value_words(value) for value in one["from"]])
    after = open_values.value_words(one["to"])
    change: list[Any] = [dom.h("strong", None, after)]
    if before:
        change = [dom.h("del", None, before), " → ", dom.h("strong", None, after)]
    fate = dom.h("span", {"class": "mark fate fate-" + one["fate"]}, say("fate." + one["fate"]))
    name = dom.h("span", {"class": "about"}, field_words.field_name(kind, one["field"]))
    return dom.h("li", None, name, dom.h("span", {"class": "change"}, change), fate)


def _span(milliseconds: int) -> str:
    for name, length in _DRIFTS:
        if milliseconds >= length:
            return say("drift." + name, count=milliseconds // length)
    return say("drift.minutes", count=1)
