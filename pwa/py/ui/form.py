"""A form as every page has it: fields, the button that saves them, and what is wrong as a whole.

The browser sends no form itself: start.js sees to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, fields
from pwa.py.ui.fields import Saver
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.dom import Element


class Form:
    def __init__(self, button: Element, save: Callable[[], Any]) -> None:
        """`save` runs once at a time."""
        self._button = button
        self._failure = dom.h("p", {"class": "failure", "role": "alert"})
        attributes: dict[str, Any] = {"novalidate": True, "on:input": self._typed}
        attributes["on:submit"] = Saver(button, save).run
        self.element = dom.h("form", attributes)

    def fill(self, parts: list[Any], *after: Any, before: Element | None = None) -> Element:
        """The fields, and below them the button, with what stands before and after it."""
        css = {"class": "actions"}
        dom.fill(self.element, parts, dom.h("div", css, self._failure, before, self._button, after))
        return self.element

    def fail(self, *words: Any) -> None:
        """What is wrong, and no field can be blamed for; "" for nothing."""
        dom.fill(self._failure, words)

    def show_issues(
        self, shown: list[Any], issues: list[Any], words_for: Callable[[Any], str] | None = None
    ) -> None:
        """Puts each issue at its field, and says how many there are."""
        others = fields.show_issues(shown, issues, words_for or fields.issue_words)
        self.fail(" ".join([say("form.issues", count=len(issues))] + others))

    def _typed(self, _: Any) -> None:
        self.fail("")
