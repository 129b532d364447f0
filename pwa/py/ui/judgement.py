"""The form that edits one diagnosis, allergy or medicine of a chart, or calls it an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import judgements
from pwa.py.ui import (
    dom,
    drafts,
    elements,
    field_words,
    fields,
    in_words,
    links,
    notices,
    open_values,
    patient,
    routes,
)
from pwa.py.ui.diagnosis_picker import DiagnosisPicker
from pwa.py.ui.fields import Field
from pwa.py.ui.form import Form
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.reason_form import ReasonForm
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

NOTE_ROWS = 3
CHANGED_BAR = "changed"
_AREAS = ("dosageInstruction", "note")


class JudgementPage(FormPage):
    def __init__(self, app: App, place: str) -> None:
        """`place` is the patient and the resource: "<patient>/<Type>/<id>"."""
        super().__init__(app)
        self._patient, _, self._key = place.partition("/")
        self._route = routes.judgement(self._patient, self._key)
        name = drafts.of_entry("judgement", self._patient, self._key)
        self._draft = self.new_draft(name, self._read)
        self._opened: Any = None
        self._name = ""
        self._fields: list[Any] = []
        limits = {"maxlength": judgements.REASON_CHARACTERS_MAX}
        self._reason = Field("reason", say("judgement.reason"), limits, say("review.reason_hint"))
        button = elements.submit(say("judgement.save"), sign="check", name="save")
        self._form = Form(button, self._save)
        danger = elements.submit(say("judgement.error_save"), "danger", name="withdraw")
        label = say("judgement.error_reason")
        self._error = ReasonForm("error-reason", label, danger, self._withdraw)

    async def build(self) -> Element:
        view = await self.app.desk.open_chart(self._patient, 1)
        found = await self.app.services.judgements.open(self._patient, self._key)
        if view is None or found is None:
            self.title = say("chart.missing_title")
            return patient.missing()
        self.title = say("judgement.title." + found["type"])
        self._name = in_words.entry(found["type"], found["title"])
        body = self._in_conflict(found) or self._in_error(found)
        if body is None:
            body = await self._fill_form(found)
        return dom.h(
            "section",
            {"class": "narrow"},
            patient.banner(view, self.app.services.now_ms(), []),
            dom.h(
                "div",
                {"class": "heading"},
                dom.h("h1", None, self.title),
                links.to_history(self._patient, self._key),
            ),
            body,
        )

    async def refresh(self, patients: list[str] | None) -> None:
        """Somebody else wrote into the chart; whether into this entry is looked at."""
        if self._opened is None or (patients is not None and self._patient not in patients):
            return
        found = await self.app.services.judgements.open(self._patient, self._key)
        if found is not None and not _is_seen(found["opened"], self._opened):
            self._tell_changed()

    def close(self) -> None:
        super().close()
        notices.drop(CHANGED_BAR)

    # --- what is shown instead of the form -----------------------------------------------------

    def _in_conflict(self, found: dict[str, Any]) -> Any:
        """Values that differ are settled in one way, on the review page."""
        return open_values.block(self.app, self._patient, found["type"], found["open"], self._name)

    def _in_error(self, found: dict[str, Any]) -> Any:
        if not found["error"]:
            return None
        reason = say("review.why", text=found["error_reason"]) if found["error_reason"] else ""
        about = dom.h("p", {"class": "about-entry"}, self._name)
        notice = elements.notice("triangle-alert", say("judgement.is_error"), " ", reason)
        if not found["can_restore"]:
            return [about, notice]

        async def restore(why: str) -> str:
            undo = self.app.services.judgements.undo
            if await undo(self._patient, self._key, found["error"], why):
                return say("judgement.not_undone")
            notices.toast(say("judgement.restored"), "hard-drive")
            await self.app.replace(routes.chart(self._patient))
            return ""

        button = elements.submit(say("judgement.restore"), name="restore")
        label = say("judgement.restore_reason")
        return [about, notice, ReasonForm("reason", label, button, restore).fill()]

    # --- the form ------------------------------------------------------------------------------

    async def _fill_form(self, found: dict[str, Any]) -> list[Any]:
        kept = await self._draft.load()
        self._opened = found["opened"] if kept is None else kept["opened"]
        resource = self._opened["resource"]
        beside = judgements.beside(resource)
        form = judgements.read(resource)
        for name in judgements.FORMS[found["type"]]:
            self._fields.append(self._field(found["type"], name, form[name], beside.get(name)))
        for field in self._fields:
            field.write(form[field.name])
        if kept is not None:
            self._write(kept)
            if not _is_seen(found["opened"], self._opened):
                self._tell_changed()
        shown = [_element(found["type"], field) for field in self._fields]
        chart = routes.chart(self._patient)
        cancel = elements.link_button(chart, say("app.cancel"), "secondary")
        return [
            self._draft.notice(lambda: self.app.show(self._route)),
            None if "code" in form else dom.h("p", {"class": "about-entry"}, self._name),
            self._draft.watch(self._form.fill([shown, self._reason.element], cancel)),
            # Behind a fold: rare, and not to be met by a slip of the finger.
            elements.fold(
                say("judgement.error"),
                elements.quiet(say("judgement.error_hint")),
                self._draft.watch(self._error.fill()),
                css="undo",
                name="in-error",
            ),
        ]

    def _field(self, kind: str, name: str, held: Any, beside: str | None) -> Any:
        if kind == "Condition" and name == "code":
            return DiagnosisPicker(self._draft.touch, name, is_single=True)
        label = field_words.field_name(kind, name)
        hint = say("judgement.beside", text=beside) if beside else ""
        given: dict[str, Any] = {"required": not judgements.is_optional(name)}
        codes = judgements.codes(kind, name)
        if codes:
            # A code that is not of the set is of a newer app: it stays until another is chosen.
            known = list(codes) + ([held] if held and held not in codes else [])
            given["options"] = [(code, field_words.code_words(code)) for code in known]
            if not held or judgements.is_optional(name):
                given["options"] = [("", say("judgement.unsaid"))] + given["options"]
        elif name in _AREAS:
            given.update({"tag": "textarea", "rows": NOTE_ROWS})
        elif name == "onsetDateTime":
            hint = " ".join([text for text in (say("judgement.onset_hint"), hint) if text])
        return Field(name, label, given, hint)

    def _read(self) -> dict[str, Any]:
        kept = {"opened": self._opened, "form": self._said(), "reason": self._reason.read()}
        kept["error"] = self._error.field.read()
        return kept

    def _said(self) -> dict[str, Any]:
        return {field.name: field.read() for field in self._fields}

    def _write(self, kept: dict[str, Any]) -> None:
        for field in self._fields:
            if field.name in kept["form"]:
                field.write(kept["form"][field.name])
        self._reason.write(kept["reason"])
        self._error.field.write(kept["error"])

    def _tell_changed(self) -> None:
        """What is being written is not taken away; saved, both values stand."""

        async def show_now(_: Any) -> None:
            await self._draft.drop()
            await self.app.show(self._route)

        actions = [(say("review.show_now"), show_now)]
        notices.bar(CHANGED_BAR, "triangle-alert", say("judgement.changed"), actions)

    async def _save(self) -> None:
        self._form.fail("")
        answer = await self.app.services.judgements.edit(
            self._patient, self._opened, self._said(), self._reason.read(), self._draft.name
        )
        if answer["issues"]:
            self._show_issues(answer["issues"])
            return
        await self._saved(answer["timestamp"], say("judgement.saved", entry=self._name))

    async def _withdraw(self, reason: str) -> str:
        answer = await self.app.services.judgements.withdraw(
            self._patient, self._opened, reason, self._draft.name
        )
        if answer["issues"]:
            is_gone = answer["issues"][0]["code"] == "not-found"
            return say("review.gone") if is_gone else fields.issue_words(answer["issues"][0])
        await self._saved(answer["timestamp"], say("judgement.error_saved", entry=self._name))
        return ""

    async def _saved(self, timestamp: str, text: str) -> None:
        """The transaction is complete: the edit is on this device."""
        await self._draft.drop()
        self.app.frame.show_conflicts()
        await self.app.replace(routes.chart(self._patient))

        async def undo(_: Any) -> None:
            notices.drop(notices.UNDO)
            issues = await self.app.services.judgements.undo(
                self._patient, self._key, timestamp, say("judgement.undone_at_once")
            )
            notices.toast(say("judgement.not_undone" if issues else "judgement.undone"))
            self.app.record_changed([self._patient])

        notices.bar(notices.UNDO, "check", text, [(say("app.undo"), undo)])

    def _show_issues(self, issues: list[Any]) -> None:
        if issues[0]["code"] == "not-found":
            self._form.fail(say("review.gone"))
        elif not issues[0]["expression"]:
            self._form.fail(say("judgement.nothing"))
        else:
            self._form.show_issues(self._fields + [self._reason], issues)


def _element(kind: str, field: Any) -> Element:
    if not isinstance(field, DiagnosisPicker):
        return field.element
    return elements.group(field_words.field_name(kind, field.name), field.element)


def _is_seen(now: Any, opened: Any) -> bool:
    """Whether the entry still holds what was opened."""
    return now["stamps"] == opened["stamps"] and now.get("siblings") == opened.get("siblings")
