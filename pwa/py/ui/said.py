"""What a change said, in the reader's words, and fields to mend it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import base64_text, leaves
from pwa.py.ui import dates, dom, words
from pwa.py.ui.fields import Field
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.dom import Element

NOTE = "content.attachment.data"
NOTE_ROWS = 6
SHOWN_CHARACTERS_MAX = 300
_GENDERS = ("female", "male", "other", "unknown")
_DATES = ("birthDate", "effectiveDateTime", "period.start", "recordedDate", "date")
# Known to readers, and nothing to be corrected by hand.
_FIXED = ("code.coding.display", "component.code.coding.display", "period.start", "date")


def facts(said: dict[str, Any]) -> Element:
    """The values that have words, as a list of names and values."""
    rows: list[Element] = []
    for path, leaf in leaves.leaves(said):
        name = leaves.name_of(path)
        if words.has("leaf." + name):
            text = shown(name, leaf)[:SHOWN_CHARACTERS_MAX]
            term = dom.h("dt", None, say("leaf." + name))
            rows.append(dom.h("div", None, term, dom.h("dd", None, text)))
    return dom.h("dl", {"class": "facts"}, rows)


def shown(name: str, leaf: Any) -> str:
    language = words.language()
    if name == NOTE:
        return _note(leaf)
    if name == "gender":
        return say("gender." + leaf) if words.has("gender." + str(leaf)) else str(leaf)
    if name in _DATES and isinstance(leaf, str):
        return dates.moment(leaf, language, dom.zone_minutes())
    if isinstance(leaf, bool):
        return "true" if leaf else "false"
    return leaf if isinstance(leaf, str) else dates.number(leaf, language)


def _note(data: Any) -> str:
    try:
        return base64_text.decode(data).decode()
    except ValueError:
        return str(data)


class Leaf:
    """One value to mend, and its field."""

    def __init__(self, resource: str, path: list[Any], old: Any) -> None:
        self.path = path
        self._old = old
        self._name = leaves.name_of(path)
        self.expression = resource.split("/")[0] + "." + str(path[0])
        self.is_known = words.has("leaf." + self._name)
        self.is_fixed = self._name in _FIXED
        label = say("leaf." + self._name) if self.is_known else self._name
        attributes: dict[str, Any] = {"required": True}
        if self._name == NOTE:
            attributes.update({"tag": "textarea", "rows": NOTE_ROWS})
        if self._name == "gender":
            attributes["tag"] = "select"
        identifier = "mend." + ".".join([str(part) for part in path])
        self.field = Field(identifier, label, attributes)
        if self._name == "gender":
            for code in _GENDERS:
                self.field.input.append(dom.h("option", {"value": code}, say("gender." + code)))
        text = _note(old) if self._name == NOTE else _plain(old)
        self.field.write(text)

    def fail(self, issue: Any) -> None:
        """What is wrong, in the reader's language where there are words for it."""
        text = say("issue.invalid") + " " + issue["diagnostics"]
        self.field.fail(say("issue.date") if self._name in _DATES else text)

    def read(self) -> Any:
        """Raises ValueError where a number was, and none is now."""
        text = self.field.read()
        if self._name == NOTE:
            return base64_text.encode(text.encode())
        return leaves.parse(text, self._old)


def _plain(leaf: Any) -> str:
    if isinstance(leaf, bool):
        return "true" if leaf else "false"
    return leaf if isinstance(leaf, str) else dates.number(leaf, words.language())


def to_mend(
    resource: str, said: dict[str, Any], issues: list[Any]
) -> tuple[list[Leaf], list[Leaf]]:
    """The values to mend: first what the issues name, then what has words; and all others."""
    named: list[str] = []
    for issue in issues:
        named += issue["expression"]
    first: list[Leaf] = []
    known: list[Leaf] = []
    others: list[Leaf] = []
    for path, old in leaves.leaves(said):
        leaf = Leaf(resource, path, old)
        if leaf.expression in named or str(path[0]) in named:
            first.append(leaf)
        elif leaf.is_known and not leaf.is_fixed:
            known.append(leaf)
        else:
            others.append(leaf)
    return first + known, others
