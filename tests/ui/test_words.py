"""Both languages say the same things, and everything that the pages say is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pwa.py.ui import words
from pwa.py.ui.words_en import ENGLISH
from pwa.py.ui.words_id import INDONESIAN

PAGES = Path(words.__file__).parent
PLACE = re.compile(r"\{(\w+)\}")
ONE = ".one"


@pytest.fixture(autouse=True)
def indonesian() -> None:
    words.choose("id")


def said_keys() -> set[str]:
    """The keys that stand in the pages as plain text: say("…") and has("…")."""
    found: set[str] = set()
    for path in PAGES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            if name == "say" and isinstance(first, ast.Constant):
                found.add(str(first.value))
    return found


def test_both_languages_have_the_same_keys() -> None:
    """But for the forms of one, which Indonesian has no need of."""
    singular = {key for key in ENGLISH if key.endswith(ONE)}
    assert sorted(INDONESIAN) == sorted(set(ENGLISH) - singular)
    for key in singular:
        assert "{count}" in ENGLISH[key.removesuffix(ONE)], key
        assert PLACE.findall(ENGLISH[key]) == [], key


def test_both_languages_leave_the_same_gaps() -> None:
    for key, text in INDONESIAN.items():
        assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(ENGLISH[key])), key


def test_every_key_that_a_page_says_is_there() -> None:
    assert said_keys() - set(INDONESIAN) == set()
    assert {"chart.others", "chart.loose", "issue.range", "visit.unusual"} <= set(INDONESIAN)


def test_every_word_of_the_engine_and_of_the_entries_is_there() -> None:
    entries = ("saved", "sent", "server", "attention")
    engine = ("unknown", "synced", "syncing", "waiting", "offline", "signed_out", "attention")
    engine += ("first", "first_progress", "syncing_none", "offline_none", "attention_none")
    engine += ("syncing_sent",)
    for key in [f"state.{word}" for word in entries] + [f"sync.{word}" for word in engine]:
        assert key in INDONESIAN


def test_gaps_are_filled() -> None:
    assert words.say("sync.waiting", count=3) == "3 menunggu"


def test_one_has_a_form_of_its_own_where_the_language_has_one() -> None:
    assert words.say("sync.attention", count=1) == "1 perlu perhatian"
    words.choose("en")
    assert words.say("sync.attention", count=1) == "1 needs attention"
    assert words.say("sync.attention", count=2) == "2 need attention"
    assert words.say("sync.waiting", count=1) == "1 waiting"


def test_an_unknown_language_means_indonesian() -> None:
    words.choose("xx")
    assert words.language() == "id"
    assert words.other_language() == "en"
