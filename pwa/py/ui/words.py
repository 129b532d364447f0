"""What the pages say, in the language of the moment: `say("patients.title")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui.words_en import ENGLISH
from pwa.py.ui.words_id import INDONESIAN

if TYPE_CHECKING:
    from typing import Any

LANGUAGES = {"id": INDONESIAN, "en": ENGLISH}
DEFAULT_LANGUAGE = "id"
_chosen = [DEFAULT_LANGUAGE]


def language() -> str:
    return _chosen[0]


def choose(code: str) -> None:
    """An unknown code means the default: it may come out of a browser's old storage."""
    _chosen[0] = code if code in LANGUAGES else DEFAULT_LANGUAGE


def other_language() -> str:
    return "en" if language() == "id" else "id"


def say(key: str, **values: Any) -> str:
    """The words of a key, its gaps filled. A count of one has a form of its own where it differs:
    "patients.count.one"."""
    known = LANGUAGES[_chosen[0]]
    text = known[key]
    if values.get("count") == 1:
        text = known.get(key + ".one", text)
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def has(key: str) -> bool:
    return key in LANGUAGES[_chosen[0]]
