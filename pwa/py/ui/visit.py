"""The form that records a visit: reason, vital signs, note, diagnoses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates as domain_dates
from pwa.py.ui import (
    dates,
    dom,
    drafts,
    elements,
    fields,
    in_words,
    notices,
    patient,
    routes,
    vital_fields,
    words,
)
from pwa.py.ui.diagnosis_picker import DiagnosisPicker
from pwa.py.ui.fields import Field
from pwa.py.ui.form import Form
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.vital_fields import VitalFields
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

NOTE_ROWS = 8


class VisitPage(FormPage):
    def __init__(self, app: App, patient_id: str) -> None:
        super().__init__(app)
        self.title = say("visit.title")
        self._patient = patient_id
        self._draft = self.new_draft(drafts.of_visit(patient_id), self._read)
        # One form, one visit: the same draft saved in two tabs is saved once.
        self._id = ""
        self._reason = Field("reason", say("visit.reason"), {"required": True})
        note = {"tag": "textarea", "rows": NOTE_ROWS}
        self._note = Field("note", say("visit.note"), note, say("visit.note_hint"))
        self._diagnoses = DiagnosisPicker(self._draft.touch)
        self._vitals: VitalFields | None = None
        button = elements.submit(say("visit.save"), sign="check", name="save")
        self._form = Form(button, self._save)

    async def build(self) -> Element:
        view = await self.app.desk.open_chart(self._patient, 1)
        if view is None:
            self.title = say("chart.missing_title")
            return patient.missing()
        now_ms = self.app.services.now_ms()
        age_years = domain_dates.age_years(view["patient"]["birthDate"], now_ms)
        self._vitals = VitalFields(age_years)
        kept = await self._draft.load()
        self._id = (kept or {}).get("id") or self.app.desk.new_id()
        if kept is not None:
            self._write(kept)
        self.first_focus = self._reason.input
        parts = [
            self._reason.element,
            elements.group(say("visit.vitals"), self._vitals.element),
            elements.group(say("visit.diagnoses"), self._diagnoses.element),
            self._note.element,
        ]
        cancel = elements.link_button(routes.chart(self._patient), say("app.cancel"), "secondary")
        form = self._form.fill(parts, cancel, before=_whom(view["patient"], now_ms))
        return dom.h(
            "section",
            {"class": "narrow"},
            patient.banner(view, now_ms, []),
            dom.h("h1", None, say("visit.title")),
            self._draft.notice(lambda: self.app.show(routes.visit(self._patient))),
            self._draft.watch(form),
        )

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
        self._form.fail("")
        form, draft = self._read(), self._draft.name
        answer = await self.app.desk.record_encounter(self._patient, form, draft)
        if drafts.is_duplicate(answer["issues"]):
            await self._draft.drop()
            chart = routes.chart(self._patient)
            self._form.fail(drafts.duplicate_notice(say("visit.duplicate"), chart))
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
        self._form.show_issues(shown, issues, _issue_words)
        self._vitals.remark()


def _whom(shown: dict[str, Any], now_ms: int) -> Element:
    """Whose visit is saved: the banner is out of sight at the end of the form."""
    age = dates.age(shown["birthDate"], now_ms, words.language())
    about = in_words.side_by_side([in_words.patient(shown["name"]), age])
    return dom.h("p", {"class": "whom"}, about)


def _issue_words(issue: Any) -> str:
    if issue["expression"] and issue["expression"][0].startswith("vitals."):
        return vital_fields.issue_words(issue)
    return fields.issue_words(issue)
