"""A patient's chart as one text: a line for each resource, read only as far as it is shown.

A line is `Type/id <tab> encounter <tab> date <tab> sequence <tab> row as JSON`. The Patient
comes first, then the newest first. What a page needs for order and filtering stands before the
JSON, so that a chart of thousands of resources opens without parsing them all. The server
builds the same lines in SQL (`backend/snapshot.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates, json_text, references, schema
from pwa.py.domain.json_text import is_object
from pwa.py.domain.merge import merge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pwa.py.domain.shapes import Change, Outcome, Resource, Row

COLUMNS = 5
DATE_CHARACTERS_MAX = 32


def index_of(resource: Resource) -> tuple[str, str]:
    """The encounter a resource belongs to and when it happened (UTC where it has a time)."""
    return references.encounter_id(resource), date_of(resource)


def date_of(resource: Resource) -> str:
    for path in schema.DATE_PATHS:
        value: Any = resource
        for name in path.split("."):
            value = value.get(name) if is_object(value) else None
        if isinstance(value, str) and value != "":
            text = dates.to_utc(value)[:DATE_CHARACTERS_MAX]
            return text.replace("\t", " ").replace("\n", " ")
    return ""


class Entry:
    """One line: the columns as text, the row parsed when first asked for."""

    def __init__(self, key: str, encounter: str, date: str, sequence: int, body: str) -> None:
        self.key = key
        self.encounter = encounter
        self.date = date
        self.sequence = sequence
        self.body = body
        self._row: Row | None = None

    def row(self) -> Row:
        row = self._row
        if row is None:
            parsed: Row = json_text.loads(self.body)
            self._row = row = parsed
        return row

    def resource(self) -> Resource:
        return self.row()["resource"]

    def line(self) -> str:
        columns = (self.key, self.encounter, self.date, str(self.sequence), self.body)
        return "\t".join(columns)


class Chart:
    """The entries of one patient, by key and in the order of the text."""

    def __init__(self, text: str = "") -> None:
        self.entries: dict[str, Entry] = {}
        self.order: list[str] = []
        for line in text.split("\n"):
            if line == "":
                continue
            columns = line.split("\t", COLUMNS - 1)
            key = columns[0]
            sequence = int(columns[3] or 0)
            self.entries[key] = Entry(key, columns[1], columns[2], sequence, columns[4])
            self.order.append(key)

    def row(self, key: str) -> Row | None:
        entry = self.entries.get(key)
        return None if entry is None else entry.row()

    def rows(self, keys: list[str]) -> dict[str, Row]:
        """The rows there are of the keys, as `merge` wants them."""
        return {key: self.entries[key].row() for key in keys if key in self.entries}

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Merges changes of this patient into the chart; one outcome for each, in order."""
        keys = [change["resource"] for change in changes]
        writes, outcomes = merge(self.rows(keys), changes)
        for key, row in writes.items():
            self.put(key, row)
        return outcomes

    def put(self, key: str, row: Row) -> None:
        """Places a merged row; its sequence stays until the server gives a new one."""
        encounter, date = index_of(row["resource"])
        held = self.entries.get(key)
        sequence = 0 if held is None else held.sequence
        self.entries[key] = Entry(key, encounter, date, sequence, json_text.dumps(row))
        if held is not None:
            if held.date == date:
                return
            self.order.remove(key)
        self.order.insert(self._place(key, date), key)

    def number(self, key: str, sequence: int) -> None:
        """Notes the server's sequence of the last change to a resource."""
        entry = self.entries.get(key)
        if entry is not None and sequence > entry.sequence:
            entry.sequence = sequence

    def text(self) -> str:
        return "\n".join([self.entries[key].line() for key in self.order])

    def _place(self, key: str, date: str) -> int:
        if key.startswith("Patient/"):
            return 0
        for at, other in enumerate(self.order):
            if not other.startswith("Patient/") and self.entries[other].date <= date:
                return at
        return len(self.order)
