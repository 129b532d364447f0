"""What a resource says, value by value: for showing it in words, and for mending one of them.

A leaf is a text, number or truth somewhere inside; its path is the names and places on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.json_text import is_list, is_object

if TYPE_CHECKING:
    from typing import Any

LEAVES_MAX = 500


def leaves(value: Any) -> list[tuple[list[Any], Any]]:
    """(path, leaf) of all there are, in the order of names and places."""
    found: list[tuple[list[Any], Any]] = []
    _gather(value, [], found)
    return found[:LEAVES_MAX]


def leaf_at(value: Any, path: list[Any]) -> Any:
    """What stands at a path; None where nothing does."""
    for part in path:
        if is_object(value):
            value = value.get(part)
        elif is_list(value) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def with_leaf(value: Any, path: list[Any], leaf: Any) -> Any:
    """A copy of the value with another leaf at a path."""
    if not path:
        return leaf
    copy = value.copy()
    copy[path[0]] = with_leaf(value[path[0]], path[1:], leaf)
    return copy


def name_of(path: list[Any]) -> str:
    """The path without places: "name.text"."""
    return ".".join([part for part in path if isinstance(part, str)])


def parse(text: str, old: Any) -> Any:
    """What somebody typed, as what it was before; ValueError when it cannot be that."""
    text = text.strip()
    if isinstance(old, bool):
        if text not in ("true", "false"):
            raise ValueError("true or false")
        return text == "true"
    if isinstance(old, str):
        return text
    text = text.replace(",", ".")
    digits = text[1:] if text.startswith("-") else text
    if not digits.replace(".", "", 1) or digits.replace(".", "", 1).strip("0123456789"):
        raise ValueError("a number")
    return float(text) if "." in text else int(text)


def _gather(value: Any, path: list[Any], found: list[tuple[list[Any], Any]]) -> None:
    if is_object(value):
        for name in sorted(value):
            _gather(value[name], path + [name], found)
    elif is_list(value):
        for place, item in enumerate(value):
            _gather(item, path + [place], found)
    elif value is not None:
        found.append((path, value))
