"""References between resources: what kind of thing is named, and by which id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.json_text import is_list, is_object

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Resource

ID_CHARACTERS_MAX = 64
_ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."
_LETTERS = _ID_CHARACTERS[:52]


def is_id(text: object) -> bool:
    """FHIR's id: 1 to 64 letters, digits, "-" and "."."""
    if not isinstance(text, str) or not 1 <= len(text) <= ID_CHARACTERS_MAX:
        return False
    return _holds_only(text, _ID_CHARACTERS)


def is_type(text: str) -> bool:
    return 1 <= len(text) <= ID_CHARACTERS_MAX and _holds_only(text, _LETTERS)


def _holds_only(text: str, characters: str) -> bool:
    # strip runs in C; a loop over 36 characters costs ten times as much on MicroPython.
    return text.strip(characters) == ""


def split_key(key: str) -> tuple[str, str]:
    """The two parts of a key such as Observation/abc; ("", "") when it is not one."""
    parts = key.split("/")
    if len(parts) != 2 or not is_type(parts[0]) or not is_id(parts[1]):
        return "", ""
    return parts[0], parts[1]


def type_of(key: str) -> str:
    """The resource type that a key names."""
    return key.split("/")[0]


def key_of(resource: Resource) -> str:
    return resource["resourceType"] + "/" + resource["id"]


def target_id(reference: Any) -> str:
    """The id that a FHIR Reference points to: of "Patient/x", a URL, or "urn:uuid:x"; else ""."""
    text = reference.get("reference") if is_object(reference) else None
    if not isinstance(text, str) or "?" in text:
        return ""
    if text.startswith("urn:"):
        found = text.split(":")[-1]
    else:
        parts = text.split("/_history/")[0].split("/")
        found = parts[-1] if len(parts) > 1 else ""
    # What is no id is not taken for one: it would tear the lines of a chart.
    return found if is_id(found) else ""


def encounter_id(resource: Resource) -> str:
    """The encounter that a resource belongs to; an Encounter belongs to itself."""
    if resource.get("resourceType") == "Encounter":
        return resource["id"]
    found = target_id(resource.get("encounter"))
    if found:
        return found
    context = resource.get("context")
    if not is_object(context):
        return ""
    encounters = context.get("encounter")
    if is_list(encounters) and encounters:
        return target_id(encounters[0])
    return target_id(context)
