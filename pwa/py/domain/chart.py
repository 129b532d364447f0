"""A patient's chart as one text: a line for each resource, read only as far as it is shown.

A line is `Type/id <tab> encounter <tab> date <tab> sequence <tab> row as JSON`. The Patient
comes first, then the newest first. What a page needs for order and filtering stands before the
JSON, so that a chart of thousands of resources opens without parsing them all. The server
builds the same lines in SQL (`backend/snapshot.py`). On a device the older lines of a long chart
may lie apart (`folding`); what needs them says so (`needs_older`), and they are joined first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates, json_text, lines, older, references, schema
from pwa.py.domain.failures import Stale
from pwa.py.domain.json_text import is_object
from pwa.py.domain.merge import conflicts, merge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any

    from pwa.py.domain.older import Older
    from pwa.py.domain.shapes import Change, Outcome, Resource, Row

COLUMNS = 5
DATE_CHARACTERS_MAX = 32
ID_END_BYTES = 8
# Up to so many bytes of text for each key that is wanted, all lines are looked at in one walk.
WALKED_BYTES_A_KEY = 1_500
# Whether an older one of these is shown depends on the newer ones: a problem stands once for each
# wording, and encounters are counted from the newest.
_SHOWN_BY_OTHERS = ("Condition", "Encounter")


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
        self._older: Older | None = None
        last = self._data.rfind(b"\n") + 1
        if self._data[last : last + 1] == b"\t":
            self._older = older.Older(self._data[last:])
            self._data = self._data[: max(last - 1, 0)]
        # Whether this chart had an older part when it was read.
        self.was_folded = self._older is not None
        self._entries: dict[str, Entry] = {}
        # Where keys were looked for since the text last changed; looking takes milliseconds.
        self._found: dict[str, int] = {}

    def __contains__(self, key: str) -> bool:
        return self.start_of(key) >= 0

    def keys(self) -> list[str]:
        """All keys in the order of the text."""
        return [line.split("\t", 1)[0] for line in self.text().split("\n") if line]

    # --- the older part ----------------------------------------------------------------------

    @property
    def is_whole(self) -> bool:
        return self._older is None

    @property
    def size(self) -> int:
        """Bytes of the lines at hand."""
        return len(self._data)

    @property
    def folded_bytes(self) -> int:
        """How many bytes the recent lines were when the older ones were put apart."""
        return 0 if self._older is None else self._older.folded_bytes

    @property
    def older_encounters(self) -> int:
        return 0 if self._older is None else self._older.encounter_count

    def is_older_encounter(self, at: int) -> bool:
        """Whether the id that begins there is of an encounter in the older part."""
        if self._older is None:
            return False
        return self._older.holds_encounter(self._data[at : self._data.find(b"\t", at)])

    def is_apart(self, keys: Iterable[str]) -> bool:
        """Whether one of these resources may lie in the older part."""
        apart = self._older
        if apart is None:
            return False
        return any([apart.may_hold(key) and self._look(key) < 0 for key in keys])

    def needs_older(self, keys: Sequence[str]) -> bool:
        """Whether the older part must be joined before these resources are changed."""
        if self._older is None:
            return False
        for key in keys:
            if references.type_of(key) in _SHOWN_BY_OTHERS and self._look(key) >= 0:
                return True
        return self.is_apart(keys)

    def join(self, text: str) -> None:
        """Takes the older part in; Stale when it is not the one that was put apart last."""
        data = text.encode()
        first = data.find(b"\n")
        if self._older is None or first < 0 or int(data[:first]) != self._older.mark:
            raise Stale("another tab parted this chart anew")
        self._data = lines.merged(self._data, data[first + 1 :])
        self._older = None
        self._found = {}

    def fold(self, recent: Sequence[int], mark: int) -> str:
        """Keeps the lines that start there, in order, and gives the text of all others."""
        kept: list[bytes] = []
        gone: list[bytes] = []
        data, at = self._data, 0
        for start in recent:
            if start > at:
                gone.append(data[at : start - 1])
            end = data.find(b"\n", start)
            end = len(data) if end < 0 else end
            kept.append(data[start:end])
            at = end + 1
        if at < len(data):
            gone.append(data[at:])
        if not gone:
            return ""
        rest = b"\n".join(gone)
        self._data = b"\n".join(kept)
        self._older = older.describe(rest, mark, len(self._data))
        self._found = {}
        return (str(mark).encode() + b"\n" + rest).decode()

    def recent_text(self) -> str:
        """The lines at hand and, in the last, what is known of the older part."""
        if self._older is None:
            return self._data.decode()
        return b"\n".join([one for one in (self._data, self._older.line) if one]).decode()

    # --- its lines ---------------------------------------------------------------------------

    def get(self, key: str) -> Entry | None:
        start = self.start_of(key)
        return None if start < 0 else self.at(start)

    def row(self, key: str) -> Row | None:
        entry = self.get(key)
        return None if entry is None else entry.row()

    def rows(self, keys: list[str]) -> dict[str, Row]:
        """The rows there are of the keys, as `merge` wants them."""
        found: dict[str, Row] = {}
        self._look_for(keys)
        for key in keys:
            row = self.row(key)
            if row is not None:
                found[key] = row
        return found

    def lines(self) -> Iterator[tuple[int, int]]:
        """Where each line starts, and the tab that ends its key."""
        return lines.keys(self._data)

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
        self._found[key] = start
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
        """Notes the server's sequence of the last change to each of some resources, in their
        column alone: a line is not taken apart for it."""
        data = self._data
        self._look_for(sequences)
        edits: list[tuple[int, int, bytes]] = []
        for key, sequence in sequences.items():
            at = self.start_of(key)
            if at < 0:
                continue
            for _ in range(COLUMNS - 2):
                at = data.find(b"\t", at) + 1
            end = data.find(b"\t", at)
            if sequence > int(data[at:end].decode() or "0"):
                edits.append((at, end, str(sequence).encode()))
                if key in self._entries:
                    self._entries[key].sequence = sequence
        if edits:
            self._data = lines.spliced(data, edits)
            self._found = {}

    def forget_numbers(self) -> None:
        """The server's sequences mean nothing any more: it has lost this chart."""
        replaced = [self.at(start) for start, _ in self.lines()]
        for entry in replaced:
            entry.sequence = 0
        self._replace(replaced)

    def text(self) -> str:
        assert self.is_whole, "the older part is joined first"
        return self._data.decode()

    def start_of(self, key: str) -> int:
        """Where its line starts; -1 when there is none."""
        start = self._look(key)
        # Taken for new, what lies in the older part would be written twice.
        assert start >= 0 or not self.is_apart([key]), "the older part is joined first"
        return start

    def _look_for(self, keys: Collection[str]) -> None:
        """Looks for many keys at once, where that is faster than to look for each."""
        if len(self._data) <= len(keys) * WALKED_BYTES_A_KEY:
            self._found.update(lines.starts_of(self._data, keys))

    def _look(self, key: str) -> int:
        """Where its line starts among those at hand; -1 when it is not there."""
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
            start = self.start_of(entry.key)
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
            at = lines.first_not_newer(piece, entry.date.encode())
            if at == 0:
                return pieces[:number] + [line] + pieces[number:]
            if at > 0:
                cut = [piece[: at - 1], line, piece[at:]]
                return pieces[:number] + cut + pieces[number + 1 :]
        return pieces + [line]


def _rank(entry: Entry) -> int:
    """The Patient is placed last, and so stands first."""
    return 1 if entry.key.startswith("Patient/") else 0
