"""Checks on a change that need the facility's state. Only the server asks them.

They depend on what arrived before, so the one place that gives changes their order decides,
and everyone else learns the outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.issues import issue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pwa.py.domain.shapes import Change, Issue, Row


def check_admission(
    change: Change,
    rows: Mapping[str, Row],
    authors: Collection[str],
) -> list[Issue]:
    """`rows` are those of the facility alone, so that a foreign patient is simply not there."""
    if change["author"] not in authors:
        return [issue("forbidden", "The author is not a member of this facility", "author")]
    row = rows.get(change["resource"])
    if row is not None and row["patient"] != change["patient"]:
        return [issue("conflict", "The record belongs to another patient", "resource")]
    is_patient = change["resource"] == "Patient/" + change["patient"]
    if not is_patient and "Patient/" + change["patient"] not in rows:
        return [issue("not-found", "This facility has no such patient", "patient")]
    return []
