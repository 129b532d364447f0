"""The form that records a visit: reason, vital signs, note, diagnoses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates as domain_dates
from pwa.py.ui import (
    chart,
    dates,
    dom,
    drafts,
    fields,
    notices,
    routes,
    vital_fields,
    words,
)
from pwa.py.ui.diagnosis_picker import DiagnosisPicker
from pwa.py.ui.fields import Field, Saver
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
from pwa.py.ui.vital_fields import VitalFields
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

NOTE_ROWS = 8


class VisitPage(FormPage):
    def __init__(self, app: App, patient: str) -> None:
        super().__init__(app)
        self.title = say("visit.title")
        self._patient = patient
        self._draft = self.new_draft(drafts.of_visit(patient), self._read)
        # One form, one visit: the same draft saved in two tabs is saved once.
        self._id = ""
        self._reason = Field("reason", say("visit.reason"), {"required": True})
        note = {"tag": "textarea", "rows": NOTE_ROWS}
        self._note = Field("note", say("visit.note"), note, say("visit.note_hint"))
        self._diagnoses = DiagnosisPicker(self._draft.touch)
        self._vitals: VitalFields | None = None
        self._failure = dom.h("p", {"class": "failure", "role": "alert"})
        button = {"type": "submit", "id": "save", "class": "with-icon"}
        self._button = dom.h("button", button, icon("check"), say("visit.save"))
        self._saver = Saver(self._button, self._save)

    async def build(self) -> Element:
        view = await self.app.desk.open_chart(self._patient, 1)
        if view is None:
            self.title = say("chart.missing_title")
            return chart.missing_patient()
        now_ms = self.app.services.now_ms()
        age_years = domain_dates.age_years(view["patient"]["birthDate"], now_ms)
        self._vitals = VitalFields(age_years)
        kept = await self._draft.load()
        self._id = (kept or {}).get("id") or self.app.desk.new_id()
        if kept is not None:
            self._write(kept)
        self.first_focus = self._reason.input
        back = {"href": "#" + routes.chart(self._patient), "role": "button", "class": "secondary"}
        return dom.h(
            "section",
            {"class": "narrow"},
            chart.banner(view, now_ms, []),
            dom.h("h1", None, say("visit.title")),
            self._draft.notice(lambda: self.app.show(routes.visit(self._patient))),
            dom.h(
                "form",
                {"novalidate": True, "on:submit": self._saver.run, "on:input": self._typed},
                self._reason.element,
                _group("visit.vitals", self._vitals.element),
                _group("visit.diagnoses", self._diagnoses.element),
                self._note.element,
                dom.h(
                    "div",
                    {"class": "actions"},
                    self._failure,
                    _whom(view["patient"], now_ms),
                    self._button,
                    dom.h("a", back, say("app.cancel")),
                ),
            ),
        )

    def _typed(self, _: Any) -> None:
        self._draft.touch()
        dom.set_text(self._failure, "")

    def _read(self) -> dict[str, Any]:
        assert self._vitals is not None
        return {
            "id": self._id,
            "reason": self._reason.read(),
            "note": self._note.read(),
            "vitals": self._vitals.read(),
            "diagnoses": self._diagnoses.read(),
        }

    def _write(self, form: dict[str, Any]) -> None:
        assert self._vitals is not None
        self._reason.write(form.get("reason") or "")
        self._note.write(form.get("note") or "")
        self._vitals.write(form.get("vitals") or {})
        self._diagnoses.write(form.get("diagnoses") or [])

    async def _save(self) -> None:
        dom.set_text(self._failure, "")
        form, draft = self._read(), self._draft.name
        answer = await self.app.desk.record_encounter(self._patient, form, draft)
        if drafts.is_duplicate(answer["issues"]):
            await self._draft.drop()
            shown = routes.chart(self._patient)
            dom.fill(self._failure, drafts.duplicate_notice(say("visit.duplicate"), shown))
            return
        if answer["issues"]:
            self._show_issues(answer["issues"])
            return
        # The transaction is complete: the visit is on this device.
        await self._draft.drop()
        notices.toast(say("visit.saved"), "hard-drive")
        await self.app.replace(routes.chart(self._patient))

    def _show_issues(self, issues: list[Any]) -> None:
        assert self._vitals is not None
        shown = [self._reason] + self._vitals.fields + [self._diagnoses, self._note]
        others = fields.show_issues(shown, issues, _issue_words)
        self._vitals.remark()
        count = say("form.issues", count=len(issues))
        dom.set_text(self._failure, " ".join([count] + others))


def _group(key: str, element: Element) -> Element:
    return dom.h("fieldset", {"class": "group"}, dom.h("legend", None, say(key)), element)


def _whom(patient: dict[str, Any], now_ms: int) -> Element:
    """Whose visit is saved: the banner is out of sight at the end of the form."""
    age = dates.age(patient["birthDate"], now_ms, words.language())
    about = [patient["name"] or say("chart.unnamed"), age]
    return dom.h("p", {"class": "whom"}, " · ".join([text for text in about if text]))


def _issue_words(issue: Any) -> str:
    if issue["expression"] and issue["expression"][0].startswith("vitals."):
        return vital_fields.issue_words(issue)
    return fields.issue_words(issue)
