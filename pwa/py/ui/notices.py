"""Passing messages, lasting bars and questions: what the frame says over any page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, elements
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

TOAST_MS = 6_000
# The bar that offers to take back what was just done; whoever leaves the page leaves it.
UNDO = "undo"
_NOTICES = "notices"
# The message that is shown now, with the timer that takes it away.
_toasts: list[tuple[Any, int]] = []


def toast(text: str, name: str = "check") -> None:
    """A message that goes away by itself, or for the next one: two would hide half of a phone's
    page. Read aloud politely."""
    _drop_toast()
    element = dom.h("p", {"class": "toast"}, icon(name), dom.h("span", None, text))
    dom.find("toasts").append(element)
    _toasts.append((element, dom.after(TOAST_MS, _drop_toast)))


def _drop_toast() -> None:
    while _toasts:
        element, timer = _toasts.pop()
        dom.cancel(timer)
        element.remove()


def bar(key: str, name: str, text: str, actions: list[tuple[str, Callable[[Any], Any]]]) -> None:
    """A bar that stays until acted upon; one for each key."""
    drop(key)
    buttons = [elements.button(label, action, "secondary") for label, action in actions]
    attributes = {"class": "notice-bar notice-" + key, "id": "notice-" + key, "role": "status"}
    words = dom.h("span", {"class": "grow"}, text)
    dom.find(_NOTICES).append(dom.h("div", attributes, icon(name), words, buttons))


def failure(text: str, detail: str) -> None:
    """Something failed: what it means, what to do, and the rest behind a fold."""
    drop("failure")

    def close(_: Any) -> None:
        drop("failure")

    folded = elements.fold(say("error.detail"), detail)
    shown = dom.h("div", {"class": "grow"}, dom.h("strong", None, say("error.title")), " ", text)
    shown.append(folded)
    attributes = {"class": "notice-bar notice-failure", "id": "notice-failure", "role": "alert"}
    closer = elements.button(say("app.close"), close, "secondary")
    dom.find(_NOTICES).append(dom.h("div", attributes, icon("circle-alert"), shown, closer))


def has(key: str) -> bool:
    return dom.find("notice-" + key) is not None


def drop(key: str) -> None:
    element = dom.find("notice-" + key)
    if element is not None:
        dom.remove(element)


def clear() -> None:
    dom.fill(dom.find(_NOTICES))
    _drop_toast()


def ask(title: str, body: str, answers: list[tuple[str, str, Callable[[], Any]]]) -> None:
    """A question over the page. The first answer has the focus, and is also what Esc means.

    Each answer is (words, css class, what to do). While one is asked, another is not.
    """
    if dom.find("dialog-title") is not None:
        return
    dialog = dom.h("dialog", {"aria-labelledby": "dialog-title"})

    def choose(action: Callable[[], Any]) -> Callable[[Any], Any]:
        def run(_: Any) -> Any:
            dialog.close()
            dialog.remove()
            return action()

        return run

    def escape(event: Any) -> Any:
        event.preventDefault()
        return choose(answers[0][2])(event)

    buttons = [elements.button(text, choose(action), css) for text, css, action in answers]
    heading = dom.h("h2", {"id": "dialog-title"}, title)
    footer = dom.h("footer", None, buttons)
    dialog.append(dom.h("article", None, heading, dom.h("p", None, body), footer))
    dom.on(dialog, "cancel", escape)
    dom.find("page").append(dialog)
    dialog.showModal()
    dom.focus(buttons[0])
