"""The directory: one short line for each patient of the device, searched in memory.

A line is `id, conflicts, name, birth date, gender, phone, place, identifiers` with tabs between,
the identifiers joined by spaces; `conflicts` is how many fields of the chart hold values that
differ, and empty for none. Only what follows it is searched. Lines lie in segments, so that
adding a patient rewrites a small piece of the store. Search folds case and accents and runs
`find` over one long string: over 12,000 patients it answers at once where a loop in Python
would be felt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates, names

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Resource

    # Segments that are to be stored: the text of each as it was, and the lines added to it, which
    # are joined once, not one by one: a text that grew by each line took long to copy.
    Staged = dict[int, list[str]]

SEGMENT_PATIENTS_MAX = 250
QUERY_WORDS_MAX = 8
_COLUMNS = ("id", "conflicts", "name", "birthDate", "gender", "phone", "place", "identifiers")

# Letters that differ from a plain one by an accent only. MicroPython lowers ASCII alone.
_ACCENTS = (
    ("a", "àáâãäåāăąÀÁÂÃÄÅĀĂĄ"),
    ("c", "çćčÇĆČ"),
    ("d", "ďđĎĐ"),
    ("e", "èéêëēėęěÈÉÊËĒĖĘĚ"),
    ("g", "ğĞ"),
    ("i", "ìíîïīįıÌÍÎÏĪĮİ"),
    ("l", "łŁ"),
    ("n", "ñńňÑŃŇ"),
    ("o", "òóôõöøōőÒÓÔÕÖØŌŐ"),
    ("r", "řŘ"),
    ("s", "śşšŚŞŠ"),
    ("t", "ťţŤŢ"),
    ("u", "ùúûüūůűÙÚÛÜŪŮŰ"),
    ("y", "ýÿÝŸ"),
    ("z", "źżžŹŻŽ"),
)


def fold(text: str) -> str:
    """Lower case without accents, so that "Élise" is found by "elise"."""
    text = text.lower()
    if len(text.encode()) == len(text):
        return text
    for plain, accented in _ACCENTS:
        for letter in accented:
            if letter in text:
                text = text.replace(letter, plain)
    return text


def query_words(query: str) -> list[str]:
    """The words that a line must hold to be found, as lines are folded."""
    words = dates.to_iso_words([word for word in fold(query).split(" ") if word])
    return words[:QUERY_WORDS_MAX]


def line_of(patient: Resource, conflicts: int) -> str:
    """The directory's line for a Patient resource, and the open conflicts of the chart."""
    columns = (
        patient["id"],
        str(conflicts) if conflicts else "",
        names.person_name(patient),
        names.text_of(patient.get("birthDate")),
        names.text_of(patient.get("gender")),
        names.phone(patient),
        names.address(patient),
        " ".join(names.identifiers(patient)),
    )
    return "\t".join([column.replace("\t", " ").replace("\n", " ") for column in columns])


def entry_of(line: str) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    columns = line.split("\t")
    for at, name in enumerate(_COLUMNS):
        entry[name] = columns[at] if at < len(columns) else ""
    entry["identifiers"] = entry["identifiers"].split(" ") if entry["identifiers"] else []
    entry["conflicts"] = int(entry["conflicts"] or 0)
    return entry


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _patients(text: str) -> list[str]:
    return [line.split("\t", 1)[0] for line in _lines(text)]


def _conflicted(text: str) -> dict[str, int]:
    """How many conflicts are open, by patient, of those who have any."""
    found: dict[str, int] = {}
    for line in _lines(text):
        at = line.find("\t") + 1
        if line[at : at + 1] != "\t":
            patient, count, _ = line.split("\t", 2)
            found[patient] = int(count)
    return found


def _place_of(text: str, patient: str) -> tuple[int, int] | None:
    """Where a patient's line starts and ends in the text of a segment. Found as text: to cut a
    segment into lines for each patient took longer than all else of a chart that came."""
    start, mark = 0, patient + "\t"
    if not text.startswith(mark):
        start = text.find("\n" + mark) + 1
        if start == 0:
            return None
    end = text.find("\n", start)
    return start, len(text) if end < 0 else end


def joined(parts: list[str]) -> str:
    """The text of a segment that is to be stored."""
    return "\n".join([part for part in parts if part])


class Directory:
    """All segments in memory. The text of a segment is its lines joined by a line break.

    Each segment knows the version it was stored at, which a commit expects to find again.
    """

    def __init__(self) -> None:
        self._versions: dict[int, int] = {}
        self._segments: dict[int, str] = {}
        self._places: dict[str, int] = {}
        self._conflicts: dict[int, dict[str, int]] = {}
        self._folded: str | None = None

    def __len__(self) -> int:
        return len(self._places)

    def load(self, rows: list[Any]) -> None:
        """Takes in the segments as stored (key, text, version). One that memory has at a later
        version stays: it was committed while the rows were being read."""
        for row in rows:
            self.committed(row["key"], row["version"], row["text"])

    def version(self, segment: int) -> int:
        """The stored version of a segment; 0 when it was never stored."""
        return self._versions.get(segment, 0)

    def expected(self, patient: str, segment: int) -> dict[int, int]:
        """The versions that segments must still have when a line staged for the patient is stored:
        its own segment's; for whoever is new in memory all, as another tab may have found the
        patient a place meanwhile."""
        if patient in self._places:
            return {segment: self.version(segment)}
        versions = dict(self._versions)
        versions[segment] = self.version(segment)
        return versions

    def stage(self, line: str, staged: Staged) -> int:
        """Puts a patient's line where it belongs, in the segments that are to be stored; the
        segment. Each patient once. Memory stays as it is until the store has taken them
        (`committed`), so that nobody else can store what was never saved."""
        patient = line.split("\t", 1)[0]
        segment = self._places.get(patient)
        if segment is None:
            segment = max(list(self._segments) + list(staged) + [0])
            if self._count(segment, staged) >= SEGMENT_PATIENTS_MAX:
                segment += 1
            self._parts(segment, staged).append(line)
            return segment
        text = staged[segment][0] if segment in staged else self._segments[segment]
        place = _place_of(text, patient)
        if place is None:
            self._parts(segment, staged).append(line)
        elif text[place[0] : place[1]] != line:
            self._parts(segment, staged)[0] = text[: place[0]] + line + text[place[1] :]
        return segment

    def unstage(self, patient: str, staged: Staged) -> int | None:
        """Takes a patient's line out of what is to be stored; the segment it was in."""
        segment = self._places.get(patient)
        if segment is not None:
            parts = self._parts(segment, staged)
            text = parts[0]
            place = _place_of(text, patient)
            if place is not None:
                # With one of the two line breaks beside it.
                before, after = text[: max(0, place[0] - 1)], text[place[1] :]
                parts[0] = before + after if before else after[1:]
        return segment

    def _parts(self, segment: int, staged: Staged) -> list[str]:
        if segment not in staged:
            staged[segment] = [self._segments.get(segment, "")]
        return staged[segment]

    def _count(self, segment: int, staged: Staged) -> int:
        parts = staged.get(segment) or [self._segments.get(segment, "")]
        return (parts[0].count("\n") + 1 if parts[0] else 0) + len(parts) - 1

    def committed(self, segment: int, version: int, text: str) -> None:
        """Takes in a segment as it was just stored: memory may have been loaded meanwhile."""
        if self.version(segment) >= version:
            return
        for patient in _patients(self._segments.get(segment, "")):
            # Let go and fetched again, a patient may have a place in another segment by now.
            if self._places.get(patient) == segment:
                del self._places[patient]
        self._versions[segment] = version
        self._segments[segment] = text
        self._conflicts[segment] = _conflicted(text)
        for patient in _patients(text):
            self._places[patient] = segment
        self._folded = None

    def get(self, patient: str) -> dict[str, Any] | None:
        segment = self._places.get(patient)
        if segment is None:
            return None
        text = self._segments[segment]
        place = _place_of(text, patient)
        return None if place is None else entry_of(text[place[0] : place[1]])

    def conflicted(self) -> dict[str, int]:
        """How many conflicts are open, by patient, of all who have any."""
        found: dict[str, int] = {}
        for counts in self._conflicts.values():
            found.update(counts)
        return found

    def find(self, query: str, limit: int) -> list[dict[str, Any]]:
        """The patients whose line holds every word of the query; newest first without one."""
        words = query_words(query)
        if not words:
            return self._newest(limit)
        text = self._search_text()
        longest = max(words, key=len)
        found: list[dict[str, Any]] = []
        at = text.find(longest)
        while at >= 0 and len(found) < limit:
            start = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            tab = text.find("\t", start)
            if at > tab or text.find(longest, tab, end) >= 0:
                line = text[tab:end]
                if all([word in line for word in words]):
                    entry = self.get(text[start:tab])
                    if entry is not None:
                        found.append(entry)
            at = text.find(longest, end)
        return found

    def _newest(self, limit: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        segment = max(self._segments) if self._segments else -1
        while segment >= 0 and len(found) < limit:
            for line in reversed(_lines(self._segments.get(segment, ""))):
                if len(found) < limit:
                    found.append(entry_of(line))
            segment -= 1
        return found

    def _search_text(self) -> str:
        """Every line as `id <tab> folded rest`, newest last; made when first searched."""
        if self._folded is None:
            lines: list[str] = []
            for segment in range(max(self._segments) + 1 if self._segments else 0):
                for line in _lines(self._segments.get(segment, "")):
                    patient, _, rest = line.split("\t", 2)
                    lines.append(patient + "\t" + fold(rest))
            self._folded = "\n".join(lines)
        return self._folded
