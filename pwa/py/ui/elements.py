"""Elements that many pages are made of. They know neither a patient nor a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom
from pwa.py.ui.icons import icon

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.dom import Element


def link(route: str, *children: Any, css: str | None = None, name: str | None = None) -> Element:
    """A link to a page of the app. `name` is the id of the element, here and below."""
    return dom.h("a", {"href": "#" + route, "class": css, "id": name}, children)


def link_button(route: str, text: str, css: str = "", sign: str = "", name: str = "") -> Element:
    """A link that looks, and is announced, as a button."""
    return _pressed("a", {"href": "#" + route, "role": "button"}, text, css, sign, name)


def button(
    text: str, act: Callable[[Any], Any], css: str = "", sign: str = "", name: str = ""
) -> Element:
    return _pressed("button", {"type": "button", "on:click": act}, text, css, sign, name)


def submit(text: str, css: str = "", sign: str = "", name: str = "") -> Element:
    """The button that sends the form it stands in."""
    return _pressed("button", {"type": "submit"}, text, css, sign, name)


def _pressed(
    tag: str, attributes: dict[str, Any], text: str, css: str, sign: str, name: str
) -> Element:
    attributes["class"] = (css + (" with-icon" if sign else "")).strip() or None
    attributes["id"] = name or None
    return dom.h(tag, attributes, icon(sign) if sign else None, text)


def quiet(*children: Any) -> Element:
    """A remark of less weight than what it stands with."""
    return dom.h("p", {"class": "quiet"}, children)


def notice(sign: str, *children: Any, name: str | None = None) -> Element:
    return dom.h("p", {"class": "notice", "id": name}, icon(sign), children)


def fold(summary: str, *children: Any, css: str | None = None, name: str | None = None) -> Element:
    """What is seen once somebody opens it. One with a name stays open when its page is filled
    anew (`dom.fill`)."""
    identifier = {"id": name + "-summary" if name else None}
    shown = dom.h("summary", identifier, summary)
    return dom.h("details", {"class": css, "id": name}, shown, children)


def heading(sign: str, text: str) -> Element:
    """Of a panel."""
    return dom.h("h2", None, icon(sign), text)


def facts(pairs: list[tuple[str, str]]) -> Element:
    """Names with their values."""
    rows = [
        dom.h("div", None, dom.h("dt", None, name), dom.h("dd", None, text)) for name, text in pairs
    ]
    return dom.h("dl", {"class": "facts"}, rows)


def group(title: str, *children: Any) -> Element:
    """Fields that belong together."""
    return dom.h("fieldset", {"class": "group"}, dom.h("legend", None, title), children)


def empty(sign: str, title: str, hint: str) -> Element:
    """In place of a list that holds nothing."""
    strong = dom.h("p", None, dom.h("strong", None, title))
    return dom.h("div", {"class": "empty"}, icon(sign, "large"), strong, quiet(hint))
