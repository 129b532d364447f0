"""Values that differ, side by side, and values that this version does not know.

Wherever a field is in conflict the page shows all its values, never one of them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, elements, in_words, routes
from pwa.py.ui.field_words import code_words, field_name
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element


def unknown_marks(kind: str, found: list[dict[str, str]]) -> list[Element]:
    """A line for each coded value of an entry that this version does not know."""
    lines: list[Element] = []
    for one in found:
        # Of a visit the entry is named too.
        whose = in_words.entry(one["type"], one["title"]) + " · " if "type" in one else ""
        field = field_name(one.get("type", kind), one["field"])
        text = whose + field + ": " + code_words(one["code"])
        lines.append(dom.h("p", {"class": "unknown-code"}, icon("circle-alert"), " ", text))
    return lines


def block(app: App, patient: str, kind: str, fields: list[Any], title: str = "") -> Any:
    """Fields in conflict with all their values, and the way to the review; None without any."""
    if not fields:
        return None
    rows: list[Element] = []
    for one in fields:
        values = [
            dom.h(
                "dd",
                None,
                dom.h("strong", None, in_words.value(option)),
                dom.h("small", {"class": "about"}, in_words.writer(app, option["writers"][-1])),
            )
            for option in one["options"]
        ]
        rows.append(dom.h("div", None, dom.h("dt", None, field_name(kind, one["field"])), values))
    heading = say("conflict.title_of", text=title) if title else say("conflict.title")
    return dom.h(
        "section",
        {"class": "differing"},
        dom.h("p", {"class": "differing-title"}, icon("triangle-alert"), heading),
        dom.h("dl", None, rows),
        elements.link(routes.review(patient), say("conflict.link")),
    )
