"""What people wrote differently: the patients it concerns, and for each the way to settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import (
    dom,
    drafts,
    elements,
    field_words,
    in_words,
    links,
    notices,
    patient,
    routes,
)
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
from pwa.py.ui.reason_form import ReasonForm
from pwa.py.ui.settle_form import SettleForm
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 200
CHANGED_BAR = "changed"


class ReviewPage(FormPage):
    def __init__(self, app: App, patient_id: str) -> None:
        super().__init__(app)
        self.title = say("review.title")
        self._patient = patient_id
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
            notices.bar(CHANGED_BAR, "triangle-alert", say("review.changed"), actions)
            return
        await self._paint()

    def close(self) -> None:
        super().close()
        notices.drop(CHANGED_BAR)
        notices.drop(notices.UNDO)

    async def _show_now(self, _: Any) -> None:
        notices.drop(CHANGED_BAR)
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
            none = elements.empty("check", say("review.none"), say("review.none_hint"))
            dom.fill(self._section, heading, none)
            return
        now_ms = self.app.services.now_ms()
        rows = [
            patient.row(entry, now_ms, routes.review(entry["id"])) for entry in found[:SHOWN_MAX]
        ]
        hint = elements.quiet(say("review.hint"))
        dom.fill(self._section, heading, hint, dom.h("ul", {"class": "rows"}, rows))

    # --- one patient -------------------------------------------------------------------------

    async def _paint_patient(self) -> None:
        found = await self.app.services.review.open(self._patient)
        view = await self.app.desk.open_chart(self._patient, 1)
        if found is None or view is None:
            dom.fill(self._section, patient.missing())
            return
        self.title = say("review.title") + " · " + found["name"]
        self.app.show_title(self)
        forms: list[SettleForm] = []
        for at, conflict in enumerate(found["conflicts"]):
            name = drafts.of_entry("settle", self._patient, conflict["resource"])
            forms.append(SettleForm(self, conflict, "settle-%d" % at, self._settle, name))
        for form in forms:
            await form.restore(self._paint)
        body: Any = [elements.quiet(say("review.hint")), [form.element for form in forms]]
        if not forms:
            body = dom.h("p", {"class": "notice done"}, icon("check"), say("review.none_here"))
        to_chart = elements.link(routes.chart(self._patient), say("status.open_chart"))
        dom.fill(
            self._section,
            patient.banner(view, self.app.services.now_ms(), [to_chart], "h1"),
            body,
            self._decisions(found["decisions"]),
            dom.h("p", None, elements.link(routes.REVIEW, say("review.all"))),
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
            elements.heading("rotate-ccw", say("review.decisions")),
            dom.h("ul", None, rows),
        )

    def _decision(self, at: int, decision: Any) -> Element:
        lines: list[Element] = []
        for one in decision["fields"]:
            field = field_words.field_name(decision["type"], one["field"])
            to = in_words.value(one["to"])
            before = " / ".join([in_words.value(option) for option in one["from"]])
            said = dom.h("strong", None, say("review.decided", field=field, to=to))
            origin = dom.h("small", {"class": "about"}, say("review.instead_of", text=before))
            lines.append(dom.h("p", None, said, " ", origin))
        return dom.h(
            "li",
            None,
            dom.h("span", None, in_words.entry(decision["type"], decision["title"])),
            lines,
            dom.h("small", {"class": "about"}, in_words.writer(self.app, decision)),
            dom.h("small", {"class": "about"}, say("review.why", text=decision["reason"])),
            dom.h(
                "div",
                {"class": "actions"},
                links.to_history(self._patient, decision["resource"]),
                self._undo_form(at, decision) if decision["can_undo"] else None,
            ),
        )

    def _undo_form(self, at: int, decision: Any) -> Element:
        """Behind a fold: why a decision is taken back, and the button that does it."""

        async def undo(reason: str) -> str:
            said = say("review.undo_said", reason=reason)
            return say("review.not_undone") if await self._undo(decision, said) else ""

        name = "undo-%d" % at
        button = elements.submit(say("review.undo"), "secondary", name=name)
        form = ReasonForm(name + "-reason", say("review.undo_reason"), button, undo)
        return elements.fold(say("review.undo"), form.fill(), css="undo")
