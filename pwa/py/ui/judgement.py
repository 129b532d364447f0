"""The form that edits one diagnosis, allergy or medicine of a chart, or calls it an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import judgements
from pwa.py.ui import chart, dom, drafts, field_words, fields, notices, open_values, routes
from pwa.py.ui.diagnosis_picker import DiagnosisPicker
from pwa.py.ui.fields import Field, Saver
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
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
        limits: dict[str, Any] = {"maxlength": judgements.REASON_CHARACTERS_MAX}
        self._reason = Field("reason", say("judgement.reason"), limits, say("review.reason_hint"))
        limits["required"] = True
        self._error = Field("error-reason", say("judgement.error_reason"), limits)
        self._failure = dom.h("p", {"class": "failure", "role": "alert"})
        button = {"type": "submit", "id": "save", "class": "with-icon"}
        self._button = dom.h("button", button, icon("check"), say("judgement.save"))
        self._saver = Saver(self._button, self._save)

    async def build(self) -> Element:
        view = await self.app.desk.open_chart(self._patient, 1)
        found = await self.app.services.judgements.open(self._patient, self._key)
        if view is None or found is None:
            self.title = say("chart.missing_title")
            return chart.missing_patient()
        self.title = say("judgement.title." + found["type"])
        self._name = open_values.entry_name(found["type"], found["title"])
        body = self._in_conflict(found) or self._in_error(found)
        if body is None:
            body = await self._form(found)
        return dom.h(
            "section",
            {"class": "narrow"},
            chart.banner(view, self.app.services.now_ms(), []),
            dom.h(
                "div",
                {"class": "heading"},
                dom.h("h1", None, self.title),
                open_values.history_link(self._patient, self._key),
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
        notice = dom.h(
            "p", {"class": "notice"}, icon("triangle-alert"), say("judgement.is_error"), " ", reason
        )
        if not found["can_restore"]:
            return [dom.h("p", {"class": "about-entry"}, self._name), notice]
        button = dom.h("button", {"type": "submit", "id": "restore"}, say("judgement.restore"))
        field = Field("reason", say("judgement.restore_reason"), {"required": True})

        async def restore() -> None:
            reason = field.read().strip()
            if not reason:
                field.fail(say("issue.required"))
                field.focus()
                return
            services = self.app.services
            issues = await services.judgements.undo(
                self._patient, self._key, found["error"], reason
            )
            if issues:
                field.fail(say("judgement.not_undone"))
                return
            notices.toast(say("judgement.restored"), "hard-drive")
            await self.app.replace(routes.chart(self._patient))

        form = {"novalidate": True, "on:submit": Saver(button, restore).run}
        return [
            dom.h("p", {"class": "about-entry"}, self._name),
            notice,
            dom.h("form", form, field.element, dom.h("div", {"class": "actions"}, button)),
        ]

    # --- the form ------------------------------------------------------------------------------

    async def _form(self, found: dict[str, Any]) -> list[Any]:
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
        back = {"href": "#" + routes.chart(self._patient), "role": "button", "class": "secondary"}
        return [
            self._draft.notice(lambda: self.app.show(self._route)),
            None if "code" in form else dom.h("p", {"class": "about-entry"}, self._name),
            dom.h(
                "form",
                {"novalidate": True, "on:submit": self._saver.run, "on:input": self._typed},
                [_element(found["type"], field) for field in self._fields],
                self._reason.element,
                dom.h(
                    "div",
                    {"class": "actions"},
                    self._failure,
                    self._button,
                    dom.h("a", back, say("app.cancel")),
                ),
            ),
            self._error_form(),
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

    def _error_form(self) -> Element:
        """Behind a fold: rare, and not to be met by a slip of the finger."""
        button = {"type": "submit", "class": "danger", "id": "withdraw"}
        submit = dom.h("button", button, say("judgement.error_save"))
        saver = Saver(submit, self._withdraw)
        form = {"novalidate": True, "on:submit": saver.run, "on:input": self._typed}
        return dom.h(
            "details",
            {"class": "undo", "id": "in-error"},
            dom.h("summary", None, say("judgement.error")),
            dom.h("p", {"class": "quiet"}, say("judgement.error_hint")),
            dom.h("form", form, self._error.element, submit),
        )

    def _typed(self, _: Any) -> None:
        self._draft.touch()
        dom.set_text(self._failure, "")

    def _read(self) -> dict[str, Any]:
        kept = {"opened": self._opened, "form": self._said(), "reason": self._reason.read()}
        kept["error"] = self._error.read()
        return kept

    def _said(self) -> dict[str, Any]:
        return {field.name: field.read() for field in self._fields}

    def _write(self, kept: dict[str, Any]) -> None:
        for field in self._fields:
            if field.name in kept["form"]:
                field.write(kept["form"][field.name])
        self._reason.write(kept["reason"])
        self._error.write(kept["error"])

    def _tell_changed(self) -> None:
        """What is being written is not taken away; saved, both values stand."""

        async def show_now(_: Any) -> None:
            await self._draft.drop()
            await self.app.show(self._route)

        actions = [(say("review.show_now"), show_now)]
        notices.bar(CHANGED_BAR, "triangle-alert", say("judgement.changed"), actions)

    async def _save(self) -> None:
        dom.set_text(self._failure, "")
        answer = await self.app.services.judgements.edit(
            self._patient, self._opened, self._said(), self._reason.read(), self._draft.name
        )
        if answer["issues"]:
            self._show_issues(answer["issues"])
            return
        await self._saved(answer["timestamp"], say("judgement.saved", entry=self._name))

    async def _withdraw(self) -> None:
        self._error.clear()
        answer = await self.app.services.judgements.withdraw(
            self._patient, self._opened, self._error.read(), self._draft.name
        )
        if answer["issues"]:
            is_gone = answer["issues"][0]["code"] == "not-found"
            self._error.fail(say("review.gone" if is_gone else "issue.required"))
            self._error.focus()
            return
        await self._saved(answer["timestamp"], say("judgement.error_saved", entry=self._name))

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

        notices.bar(notices.UNDO, "check", text, [(say("review.undo_short"), undo)])

    def _show_issues(self, issues: list[Any]) -> None:
        if issues[0]["code"] == "not-found":
            dom.set_text(self._failure, say("review.gone"))
            return
        if not issues[0]["expression"]:
            dom.set_text(self._failure, say("judgement.nothing"))
            return
        shown = self._fields + [self._reason]
        others = fields.show_issues(shown, issues, fields.issue_words)
        count = say("form.issues", count=len(issues))
        dom.set_text(self._failure, " ".join([count] + others))


def _element(kind: str, field: Any) -> Element:
    if not isinstance(field, DiagnosisPicker):
        return field.element
    legend = dom.h("legend", None, field_words.field_name(kind, field.name))
    return dom.h("fieldset", {"class": "group"}, legend, field.element)


def _is_seen(now: Any, opened: Any) -> bool:
    """Whether the entry still holds what was opened."""
    return now["stamps"] == opened["stamps"] and now.get("siblings") == opened.get("siblings")
