"""A patient's chart: banner, allergies, problems, medicines, and the visits, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates as domain_dates
from pwa.py.domain.failures import Failure
from pwa.py.ui import (
    dates,
    dom,
    drafts,
    elements,
    failures,
    in_words,
    links,
    notices,
    open_values,
    patient,
    routes,
    states,
    words,
)
from pwa.py.ui.encounter_card import encounter_card, others
from pwa.py.ui.fields import Saver
from pwa.py.ui.page import Page
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

ENCOUNTERS_FIRST = 10
ENCOUNTERS_MORE = 40


class ChartPage(Page):
    def __init__(self, app: App, patient_id: str) -> None:
        super().__init__(app)
        self.title = say("chart.encounters")
        self._patient = patient_id
        self._shown_max = ENCOUNTERS_FIRST
        self._section = dom.h("section", {"class": "chart"})

    async def build(self) -> Element:
        await self._paint()
        # Not awaited: the chart is shown first.
        dom.spawn(self.app.desk.note_use(self._patient))
        return self._section

    async def refresh(self, patients: list[str] | None) -> None:
        if patients is None or self._patient in patients:
            await self._paint()
            self.app.show_title(self)

    async def _paint(self) -> None:
        view = await self.app.desk.open_chart(self._patient, self._shown_max)
        if view is None:
            self.title = say("chart.missing_title")
            dom.fill(self._section, patient.missing(self._fetch_button()))
            return
        self.title = in_words.patient(view["patient"]["name"])
        draft = await drafts.load(self.app, drafts.of_visit(self._patient))
        now_ms = self.app.services.now_ms()
        record = elements.link_button(
            routes.visit(self._patient), say("chart.record"), sign="plus", name="record"
        )
        past = links.to_history(self._patient, "Patient/" + self._patient)
        dom.fill(
            self._section,
            patient.banner(view, now_ms, [past, record], "h1"),
            None if draft is None else _unsaved(self._patient),
            self._conflicts(view),
            dom.h(
                "div",
                {"class": "columns"},
                dom.h(
                    "aside",
                    None,
                    self._allergies(view),
                    self._problems(view),
                    self._medicines(view),
                ),
                self._encounters(view, now_ms),
            ),
        )

    def close(self) -> None:
        notices.drop(notices.UNDO)

    def _fetch_button(self) -> Element:
        """Not on this device: perhaps let go, perhaps of another's panel. The server has it."""
        said = dom.h("p", {"class": "quiet", "role": "status"})

        async def fetch() -> None:
            dom.set_text(said, say("lookup.busy_chart"))
            try:
                is_here = await self.app.services.lookup.keep(self._patient)
            except Failure as failure:
                dom.set_text(said, failures.explain(failure))
                return
            if is_here:
                await self._paint()
                self.app.show_title(self)
            else:
                dom.set_text(said, say("lookup.gone"))

        button = dom.h("button", {"type": "button", "id": "fetch"}, say("chart.fetch"))
        dom.on(button, "click", Saver(button, fetch).run)
        return dom.h("div", None, button, said)

    def _encounters(self, view: dict[str, Any], now_ms: int) -> Element:
        shown, total = view["encounters"], view["encounter_total"]
        age_years = domain_dates.age_years(view["patient"]["birthDate"], now_ms)
        count = say("chart.encounters_count", shown=len(shown), total=total) if total else ""
        heading = dom.h("h2", None, say("chart.encounters"), dom.h("small", None, count))
        loose = [
            open_values.block(self.app, self._patient, one["type"], one["open"], one["text"])
            for one in view["loose"]
        ]
        loose.append(others("loose", view["loose"], "chart.loose", self._patient))
        if not shown:
            none = elements.quiet(say("chart.encounters_none"))
            return dom.h("div", {"class": "encounters"}, heading, none, loose)
        more = None
        if len(shown) < total:
            more = elements.button(say("chart.more"), self._more, "secondary", name="more")
        cards = [encounter_card(self.app, self._patient, one, age_years) for one in shown]
        return dom.h("div", {"class": "encounters"}, heading, dom.h("ol", None, cards), more, loose)

    def _conflicts(self, view: dict[str, Any]) -> Any:
        """That there are differing values, and those of the patient's own data, right below."""
        if not view["conflicts"]:
            return None
        text = dom.h("span", None, say("chart.conflicts", count=view["conflicts"]))
        link = elements.link(routes.review(self._patient), say("conflict.link"))
        return [
            elements.notice("triangle-alert", text, link),
            open_values.block(
                self.app, self._patient, "Patient", view["patient"]["open"], say("review.person")
            ),
        ]

    def _row(self, kind: str, about: list[str], item: dict[str, Any]) -> Element:
        """An entry of a panel; its state only while it is not on the server."""
        shown = in_words.side_by_side(about)
        state = item["state"]
        return dom.h(
            "li",
            None,
            dom.h(
                "span",
                {"class": "entry"},
                dom.h("span", {"class": "grow"}, item["text"]),
                # What differs is settled first, and the way there stands with it.
                None if item["open"] else links.to_edit(self._patient, item["key"]),
                links.to_history(self._patient, item["key"]),
            ),
            dom.h("small", {"class": "about"}, shown) if shown else None,
            open_values.unknown_marks(kind, item["unknown"]),
            open_values.block(self.app, self._patient, kind, item["open"]),
            None if state["word"] == "server" else states.entry_state(state),
        )

    def _allergies(self, view: dict[str, Any]) -> Element:
        def row(one: dict[str, Any]) -> Element:
            is_high = "high" in one["criticalities"]
            risk = say("chart.high_risk") if is_high else ""
            return self._row("AllergyIntolerance", [risk, one["reaction"]], one)

        active = [row(one) for one in view["allergies"]]
        past = [row(one) for one in view["allergies_past"]]
        return _panel("allergies", "shield-alert", active, _past("allergies", past))

    def _problems(self, view: dict[str, Any]) -> Element:
        active: list[Element] = []
        past: list[Element] = []
        for one in view["problems"]:
            since = dates.day(one["date"], words.language()) if one["date"] else ""
            about = [one["code"], say("chart.since", date=since) if since else ""]
            rows = active if one["is_active"] else past
            rows.append(self._row("Condition", about, one))
        return _panel("problems", "clipboard-list", active, _past("problems", past))

    def _medicines(self, view: dict[str, Any]) -> Element:
        rows = [self._row("MedicationRequest", [one["dosage"]], one) for one in view["medications"]]
        return _panel("medications", "pill", rows)

    async def _more(self, _: Any) -> None:
        self._shown_max += ENCOUNTERS_MORE
        await self._paint()


def _unsaved(patient_id: str) -> Element:
    return elements.notice(
        "rotate-ccw", elements.link(routes.visit(patient_id), say("chart.draft"))
    )


def _panel(name: str, sign: str, rows: list[Element], rest: Element | None = None) -> Element:
    heading = elements.heading(sign, say("chart." + name))
    body = dom.h("ul", None, rows) if rows else elements.quiet(say("chart." + name + "_none"))
    return dom.h("section", {"class": "panel panel-" + name}, heading, body, rest)


def _past(name: str, rows: list[Element]) -> Element | None:
    """What is over, behind a fold."""
    if not rows:
        return None
    summary = say("chart.past", count=len(rows))
    return elements.fold(summary, dom.h("ul", None, rows), name="past-" + name)
