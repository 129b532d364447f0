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
from pwa.py.domain.merge import conflicts, merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from pwa.py.domain.shapes import Change, Outcome, Resource, Row

COLUMNS = 5
DATE_CHARACTERS_MAX = 32
ID_END_BYTES = 8


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
    """The entries of one patient, in the order of the text.

    The lines stay bytes until they are asked for. On MicroPython each text longer than a few
    characters costs a search for room, and two thousand lines cut apart cost a second.
    """

    def __init__(self, text: str = "") -> None:
        self._data = text.encode()
        self._entries: dict[str, Entry] = {}
        # Where keys were looked for since the text last changed; looking takes milliseconds.
        self._found: dict[str, int] = {}

    def __contains__(self, key: str) -> bool:
        return self._find(key) >= 0

    def keys(self) -> list[str]:
        """All keys in the order of the text."""
        return [line.split("\t", 1)[0] for line in self.text().split("\n") if line]

    def get(self, key: str) -> Entry | None:
        start = self._find(key)
        return None if start < 0 else self.at(start)

    def row(self, key: str) -> Row | None:
        entry = self.get(key)
        return None if entry is None else entry.row()

    def rows(self, keys: list[str]) -> dict[str, Row]:
        """The rows there are of the keys, as `merge` wants them."""
        found: dict[str, Row] = {}
        for key in keys:
            row = self.row(key)
            if row is not None:
                found[key] = row
        return found

    def lines(self) -> Iterator[tuple[int, int]]:
        """Where each line starts, and the tab that ends its key."""
        data = self._data
        start = 0
        while start < len(data):
            yield start, data.find(b"\t", start)
            start = data.find(b"\n", start) + 1
            if start == 0:
                return

    def starts(self, kind: str) -> list[int]:
        """Where the lines of a resource type start, in the order of the text."""
        data, mark = self._data, kind.encode() + b"/"
        found = [0] if data.startswith(mark) else []
        at = data.find(b"\n" + mark)
        while at >= 0:
            found.append(at + 1)
            at = data.find(b"\n" + mark, at + 1)
        return found

    def holding(self, member: str) -> list[Entry]:
        """The entries whose row has a member of this name, such as `siblings`; found without
        parsing the others. One whose resource has such a member comes too."""
        data, mark = self._data, b'"' + member.encode() + b'"'
        found: list[Entry] = []
        at = data.find(mark)
        while at >= 0:
            found.append(self.at(data.rfind(b"\n", 0, at) + 1))
            end = data.find(b"\n", at)
            at = -1 if end < 0 else data.find(mark, end)
        return found

    def conflict_count(self) -> int:
        """How many fields of the chart hold values that differ and that nobody has settled."""
        return sum([len(conflicts(entry.row())) for entry in self.holding("siblings")])

    def bytes_at(self, start: int, length: int) -> bytes:
        return self._data[start : start + length]

    def id_at(self, at: int) -> bytes:
        """The id that begins there, with the tab that ends it."""
        return self._data[at : self._data.find(b"\t", at) + 1]

    def ends_of_id(self, at: int) -> bytes:
        """The first and the last bytes of the id that begins there: short, and nearly unique."""
        end = self._data.find(b"\t", at)
        length = min(ID_END_BYTES, end - at)
        return self._data[at : at + length] + self._data[end - length : end]

    def at(self, start: int) -> Entry:
        """The entry whose line starts there."""
        end = self._data.find(b"\n", start)
        line = self._data[start:] if end < 0 else self._data[start:end]
        columns = line.decode().split("\t", COLUMNS - 1)
        key = columns[0]
        entry = self._entries.get(key)
        if entry is None:
            sequence = int(columns[3] or 0)
            entry = Entry(key, columns[1], columns[2], sequence, columns[4])
            self._entries[key] = entry
        return entry

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Merges changes of this patient into the chart; one outcome for each, in order."""
        keys = [change["resource"] for change in changes]
        writes, outcomes = merge(self.rows(keys), changes)
        self.put(writes)
        return outcomes

    def put(self, rows: dict[str, Row]) -> None:
        """Takes in merged rows, new ones and in place of those they follow."""
        replaced: list[Entry] = []
        for key, row in rows.items():
            held = self.get(key)
            encounter, date = index_of(row["resource"])
            # Its sequence stays until the server gives a new one.
            sequence = 0 if held is None else held.sequence
            replaced.append(Entry(key, encounter, date, sequence, json_text.dumps(row)))
        self._replace(replaced)

    def number(self, sequences: dict[str, int]) -> None:
        """Notes the server's sequence of the last change to each of some resources."""
        replaced: list[Entry] = []
        for key, sequence in sequences.items():
            entry = self.get(key)
            if entry is not None and sequence > entry.sequence:
                entry.sequence = sequence
                replaced.append(entry)
        self._replace(replaced)

    def forget_numbers(self) -> None:
        """The server's sequences mean nothing any more: it has lost this chart."""
        replaced = [self.at(start) for start, _ in self.lines()]
        for entry in replaced:
            entry.sequence = 0
        self._replace(replaced)

    def text(self) -> str:
        return self._data.decode()

    def _find(self, key: str) -> int:
        start = self._found.get(key)
        if start is None:
            mark = key.encode() + b"\t"
            start = 0
            if not self._data.startswith(mark):
                at = self._data.find(b"\n" + mark)
                start = at if at < 0 else at + 1
            self._found[key] = start
        return start

    def _replace(self, entries: list[Entry]) -> None:
        """Puts entries in place of the lines of their keys, or where their new date belongs; the
        text is copied once, however many there are."""
        if not entries:
            return
        edits: list[tuple[int, bytes | None]] = []
        moved: list[Entry] = []
        for entry in entries:
            self._entries[entry.key] = entry
            start = self._find(entry.key)
            if start < 0:
                moved.append(entry)
            elif self._date_at(start) == entry.date.encode():
                edits.append((start, entry.line().encode()))
            else:
                edits.append((start, None))
                moved.append(entry)
        pieces = self._edited(edits)
        for entry in sorted(moved, key=lambda one: (_rank(one), one.date, one.key)):
            pieces = self._insert(pieces, entry)
        self._data = b"\n".join(pieces)
        self._found = {}

    def _date_at(self, start: int) -> bytes:
        data = self._data
        date_at = data.find(b"\t", data.find(b"\t", start) + 1) + 1
        return data[date_at : data.find(b"\t", date_at)]

    def _edited(self, edits: list[tuple[int, bytes | None]]) -> list[bytes]:
        """The text in pieces, with some lines (by their starts) replaced or left out."""
        pieces: list[bytes] = []
        at = 0
        for start, line in sorted(edits, key=lambda edit: edit[0]):
            if start > at:
                pieces.append(self._data[at : start - 1])
            if line is not None:
                pieces.append(line)
            at = self._data.find(b"\n", start) + 1
            if at == 0:
                return pieces
        if at < len(self._data):
            pieces.append(self._data[at:])
        return pieces

    def _insert(self, pieces: list[bytes], entry: Entry) -> list[bytes]:
        """The pieces with the entry's line before the first line that is not newer."""
        line = entry.line().encode()
        if entry.key.startswith("Patient/"):
            return [line] + pieces
        for number, piece in enumerate(pieces):
            at = _first_not_newer(piece, entry.date)
            if at == 0:
                return pieces[:number] + [line] + pieces[number:]
            if at > 0:
                cut = [piece[: at - 1], line, piece[at:]]
                return pieces[:number] + cut + pieces[number + 1 :]
        return pieces + [line]


def _rank(entry: Entry) -> int:
    """The Patient is placed last, and so stands first."""
    return 1 if entry.key.startswith("Patient/") else 0


def _first_not_newer(piece: bytes, date: str) -> int:
    """Where the first line starts whose date is not after a date; -1 when all are newer."""
    wanted = date.encode()
    start = 0
    while True:
        tab = piece.find(b"\t", start)
        date_at = piece.find(b"\t", tab + 1) + 1
        held = piece[date_at : piece.find(b"\t", date_at)]
        if held <= wanted and piece[start : start + 8] != b"Patient/":
            return start
        start = piece.find(b"\n", start) + 1
        if start == 0:
            return -1
