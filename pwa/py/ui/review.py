"""What people wrote differently: the patients it concerns, and for each the way to settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, drafts, field_words, notices, open_values, routes
from pwa.py.ui.fields import Field, Saver
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
from pwa.py.ui.patients import patient_row
from pwa.py.ui.settle_form import REASON_CHARACTERS_MAX, SettleForm
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 200


class ReviewPage(FormPage):
    def __init__(self, app: App, patient: str) -> None:
        super().__init__(app)
        self.title = say("review.title")
        self._patient = patient
        self._section = dom.h("section", {"class": "review"})

    async def build(self) -> Element:
        if self._patient:
            dom.spawn(self.app.desk.note_use(self._patient))
        await self._paint()
        return self._section

    async def refresh(self, patients: list[str] | None) -> None:
        if patients is not None and self._patient and self._patient not in patients:
            return
        if self.is_dirty():
            # What is being decided is not taken away under somebody's hands.
            actions = [(say("review.show_now"), self._show_now)]
            notices.bar("changed", "triangle-alert", say("review.changed"), actions)
            return
        await self._paint()

    def close(self) -> None:
        super().close()
        notices.drop("changed")
        notices.drop(notices.UNDO)

    async def _show_now(self, _: Any) -> None:
        notices.drop("changed")
        await self._paint()

    async def _paint(self) -> None:
        # What is half decided comes back in the new forms.
        await self.keep_draft()
        self.forget_drafts()
        if self._patient:
            await self._paint_patient()
        else:
            self._paint_list()

    # --- everybody ---------------------------------------------------------------------------

    def _paint_list(self) -> None:
        found = self.app.services.review.patients()
        heading = dom.h("h1", None, say("review.title"))
        if not found:
            dom.fill(self._section, heading, _empty("review.none", "review.none_hint"))
            return
        now_ms = self.app.services.now_ms()
        rows = [
            patient_row(entry, now_ms, routes.review(entry["id"])) for entry in found[:SHOWN_MAX]
        ]
        hint = dom.h("p", {"class": "quiet"}, say("review.hint"))
        dom.fill(self._section, heading, hint, dom.h("ul", {"class": "rows"}, rows))

    # --- one patient -------------------------------------------------------------------------

    async def _paint_patient(self) -> None:
        found = await self.app.services.review.open(self._patient)
        if found is None:
            dom.fill(self._section, _empty("chart.missing", "chart.missing_hint"))
            return
        self.title = say("review.title") + " · " + found["name"]
        self.app.show_title(self)
        forms: list[SettleForm] = []
        for at, conflict in enumerate(found["conflicts"]):
            name = drafts.of_entry("settle", self._patient, conflict["resource"])
            forms.append(SettleForm(self, conflict, "settle-%d" % at, self._settle, name))
        for form in forms:
            await form.restore(self._paint)
        self.first_focus = None
        body: Any = [form.element for form in forms]
        hint = dom.h("p", {"class": "quiet"}, say("review.hint"))
        if not forms:
            body = dom.h("p", {"class": "notice done"}, icon("check"), say("review.none_here"))
            hint = None
        chart = {"href": "#" + routes.chart(self._patient)}
        dom.fill(
            self._section,
            dom.h(
                "div",
                {"class": "heading"},
                dom.h("h1", None, found["name"] or say("chart.unnamed")),
                dom.h("a", chart, say("review.open_chart")),
            ),
            hint,
            body,
            self._decisions(found["decisions"]),
            dom.h("p", None, dom.h("a", {"href": "#" + routes.REVIEW}, say("review.all"))),
        )

    async def _settle(self, form: SettleForm, choices: dict[str, Any], reason: str) -> Any:
        review, conflict = self.app.services.review, form.conflict
        draft = form.draft.name
        issues = await review.settle(self._patient, conflict, choices, reason, draft)
        if not issues:
            await form.draft.drop()
            self.app.frame.show_conflicts()
            await self._paint()
            self._offer_undo(conflict["resource"])
            # The form that had the focus is gone.
            dom.focus(dom.find("page"))
            dom.scroll_top()
        return issues

    def _offer_undo(self, key: str) -> None:
        """The decision just made can be taken back while it is still on the screen."""

        async def undo(_: Any) -> None:
            notices.drop(notices.UNDO)
            found = await self.app.services.review.open(self._patient)
            made: Any = [] if found is None else found["decisions"]
            for decision in made:
                if decision["resource"] == key:
                    await self._undo(decision, say("review.undo_at_once"))
                    return

        notices.bar(notices.UNDO, "check", say("review.saved"), [(say("review.undo"), undo)])

    async def _undo(self, decision: Any, reason: str) -> Any:
        issues = await self.app.services.review.undo(self._patient, decision, reason)
        if issues:
            return issues
        notices.drop(notices.UNDO)
        notices.toast(say("review.undone"), "rotate-ccw")
        self.app.frame.show_conflicts()
        await self._paint()
        dom.focus(dom.find("page"))
        return []

    def _decisions(self, decisions: list[Any]) -> Element | None:
        if not decisions:
            return None
        rows = [self._decision(at, one) for at, one in enumerate(decisions[:SHOWN_MAX])]
        return dom.h(
            "section",
            {"class": "panel decisions"},
            dom.h("h2", None, icon("rotate-ccw"), say("review.decisions")),
            dom.h("ul", None, rows),
        )

    def _decision(self, at: int, decision: Any) -> Element:
        lines: list[Element] = []
        for one in decision["fields"]:
            field = field_words.field_name(decision["type"], one["field"])
            to = open_values.value_words(one["to"])
            before = " / ".join([open_values.value_words(option) for option in one["from"]])
            said = dom.h("strong", None, say("review.decided", field=field, to=to))
            origin = dom.h("small", {"class": "about"}, say("review.instead_of", text=before))
            lines.append(dom.h("p", None, said, " ", origin))
        undo = UndoForm(decision, "undo-%d" % at, self._undo) if decision["can_undo"] else None
        return dom.h(
            "li",
            None,
            dom.h("span", None, open_values.entry_name(decision["type"], decision["title"])),
            lines,
            dom.h("small", {"class": "about"}, open_values.writer_words(self.app, decision)),
            dom.h("small", {"class": "about"}, say("review.why", text=decision["reason"])),
            dom.h(
                "div",
                {"class": "actions"},
                open_values.history_link(self._patient, decision["resource"]),
                undo.element if undo else None,
            ),
        )


class UndoForm:
    """Behind a fold: why a decision is taken back, and the button that does it."""

    def __init__(self, decision: Any, name: str, undo: Callable[[Any, str], Any]) -> None:
        self._decision = decision
        self._undo = undo
        limits = {"maxlength": REASON_CHARACTERS_MAX, "required": True}
        self._reason = Field(name + "-reason", say("review.undo_reason"), limits)
        given = {"type": "submit", "class": "secondary", "id": name}
        button = dom.h("button", given, say("review.undo"))
        self._saver = Saver(button, self._submit)
        form = {"novalidate": True, "on:submit": self._pressed}
        self.element = dom.h(
            "details",
            {"class": "undo"},
            dom.h("summary", None, say("review.undo")),
            dom.h("form", form, self._reason.element, button),
        )

    def _pressed(self, event: Any) -> None:
        event.preventDefault()
        self._saver.run()

    async def _submit(self) -> None:
        reason = self._reason.read().strip()
        if not reason:
            self._reason.fail(say("issue.required"))
            self._reason.focus()
            return
        issues = await self._undo(self._decision, say("review.undo_said", reason=reason))
        if issues:
            self._reason.fail(say("review.not_undone"))


def _empty(title: str, hint: str) -> Element:
    return dom.h(
        "div",
        {"class": "empty"},
        icon("check", "large"),
        dom.h("p", None, dom.h("strong", None, say(title))),
        dom.h("p", {"class": "quiet"}, say(hint)),
    )
