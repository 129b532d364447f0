"""The form that asks why: nothing is withdrawn, undone or left without a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.judgements import REASON_CHARACTERS_MAX
from pwa.py.ui.fields import Field
from pwa.py.ui.form import Form
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from pwa.py.ui.dom import Element


class ReasonForm:
    def __init__(
        self, name: str, label: str, button: Element, act: Callable[[str], Awaitable[str]]
    ) -> None:
        """`act` is given the reason, and answers what is wrong, in words; empty when it is done."""
        limits: dict[str, Any] = {"required": True, "maxlength": REASON_CHARACTERS_MAX}
        self.field = Field(name, label, limits)
        self._act = act
        self._form = Form(button, self._submit)

    def fill(self, *after: Any, before: Element | None = None) -> Element:
        """The form, with what stands before its field and after its button."""
        return self._form.fill([before, self.field.element], after)

    async def _submit(self) -> None:
        self.field.clear()
        reason = self.field.read().strip()
        wrong = await self._act(reason) if reason else say("issue.required")
        if wrong:
            self.field.fail(wrong)
            self.field.focus()
