"""The words for fields: as a whole, and for a single value somewhere inside one.

The history, conflicts, editing and mending name a field alike. What has no words here is of a
newer app, or of another: it keeps its raw name, and nothing claims to understand it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import leaves, schema
from pwa.py.ui import words
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

# Parts that say nothing to a reader: the field's own words are enough.
_SILENT = ("coding", "text", "valueQuantity", "attachment")


def field_name(kind: str, field: str) -> str:
    """Of a whole field; its raw name where there are no words for it."""
    key = _key(kind, field)
    return say(key) if key else field


def leaf_name(kind: str, path: list[Any]) -> tuple[str, bool]:
    """Of the value at a path of a resource of some type, and whether all of it is understood."""
    own, name = _own_key(kind, path), leaves.name_of(path)
    if own:
        return say(own), True
    field = str(path[0])
    key = _key(kind, field)
    if not key:
        return name, False
    parts = [part for part in path[1:] if isinstance(part, str) and part not in _SILENT]
    if is_code(kind, path):
        parts = []
    if not all([words.has("part." + part) for part in parts]):
        return say(key) + " · " + ".".join(parts), False
    inner = ", ".join([say("part." + part) for part in parts])
    return say(key) + (" (" + inner + ")" if inner else ""), True


def has_own_name(kind: str, path: list[Any]) -> bool:
    """Whether the value has words of its own, beyond its field's."""
    return _own_key(kind, path) != ""


def code_words(code: str) -> str:
    """A code in words; one of a newer app as it is, and that it is not understood."""
    if words.has("code." + code):
        return say("code." + code)
    return say("value.unknown_code", code=code)


def codes_at(kind: str, path: list[Any]) -> tuple[str, ...]:
    """The codes that may stand at a path; none where it is not a coded field's own code."""
    return schema.CODES.get(kind + "." + str(path[0]), ()) if is_code(kind, path) else ()


def is_code(kind: str, path: list[Any]) -> bool:
    is_coded = kind + "." + str(path[0]) in schema.CODES
    return is_coded and (len(path) == 1 or path[-1] == "code")


def _own_key(kind: str, path: list[Any]) -> str:
    name = leaves.name_of(path)
    for key in ("leaf." + kind + "." + name, "leaf." + name):
        if words.has(key):
            return key
    return ""


def _key(kind: str, field: str) -> str:
    for key in ("field." + kind + "." + field, "field." + field):
        if words.has(key):
            return key
    return ""
