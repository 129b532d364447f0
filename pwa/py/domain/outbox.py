"""A row of the outbox: the exact text of a change, and what has become of it, on a second line.

What stands on the second line is the device's own and is never sent: the issues of a refused
change; of one that was replaced `{"by": number}`; of one that was withdrawn `{"reason", "was",
"issues"}`; of one that was left aside `{"reason"}`. None of these has an effect in the chart but
the refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.json_text import is_object

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue

WAITING = "waiting"
REFUSED = "refused"
# Given up by its writer, who has yet to tell the server; then it is done.
WITHDRAWN = "withdrawn"
DONE = "done"
# The server keeps it, and it is in nobody's record: this device's chain was not the server's.
SET_ASIDE = "set_aside"
# Set aside, and left there for a reason of which the server has yet to be told; then it goes.
LEFT = "left"
# In nobody's record, and so in no chart.
ASIDE = (SET_ASIDE, LEFT)


def text_of(row: Any) -> str:
    text = row["text"]
    # Most have no second line: those are not copied.
    return text[: text.find("\n")] if "\n" in text else text


def change_of(row: Any) -> Any:
    return json_text.loads(text_of(row))


def note_of(row: Any) -> Any:
    """What the second line says; None where there is none."""
    text = row["text"]
    return json_text.loads(text[text.find("\n") + 1 :]) if "\n" in text else None


def noted(text: str, note: Any) -> str:
    return text if note is None else text + "\n" + json_text.dumps(note)


def issues_of(row: Any) -> list[Issue]:
    """Why it was refused; of withdrawn work, why it had been."""
    note = note_of(row)
    if is_object(note):
        return note.get("issues", [])
    return [] if note is None else note


def replaced_by(row: Any) -> int:
    """The number of the change that stands for this one; 0 for none."""
    note = note_of(row)
    return note.get("by", 0) if is_object(note) else 0


def reason_of(row: Any) -> str:
    """Why it was given up, as the server is told; empty where it was not."""
    note = note_of(row)
    if not is_object(note):
        return ""
    return note["reason"] if "reason" in note else "replaced by no. %d" % note["by"]


def awaited_by(row: Any) -> int:
    """The number of the refused change that a refused one waits for; 0 for none."""
    for issue in issues_of(row):
        if "waits_for" in issue and issue["code"] == "incomplete":
            return issue["waits_for"]
    return 0
