"""What a chart knows of its older part while that lies apart (`folding`): one line of text.

The line begins with a tab, as no resource's does: `<tab> mark <tab> bytes <tab> encounters <tab>
ends`. The mark names the older text it belongs to, `bytes` is how long the recent lines were, and
`ends` are the last bytes of every key: enough to say that a resource is certainly not there.
"""

from __future__ import annotations

from pwa.py.domain import lines

# Short enough for one block of MicroPython's heap: longer pieces cost a search for room.
KEY_END_BYTES = 12
_ENCOUNTER = b"Encounter/"


class Older:
    def __init__(self, line: bytes) -> None:
        self.line = line
        _, mark, size, self._encounters, self._ends = line.split(b"\t")
        self.mark = int(mark)
        self.folded_bytes = int(size)

    @property
    def encounter_count(self) -> int:
        return max(self._encounters.count(b" ") - 1, 0)

    def may_hold(self, key: str) -> bool:
        """Now and then yes for what is not there; never no for what is."""
        return self._ends.find(b" " + key.encode()[-KEY_END_BYTES:] + b" ") >= 0

    def holds_encounter(self, encounter_id: bytes) -> bool:
        return self._encounters.find(b" " + encounter_id + b" ") >= 0


def describe(rest: bytes, mark: int, recent_bytes: int) -> Older:
    """What is kept in mind of the older lines."""
    ends: list[bytes] = []
    encounters: list[bytes] = []
    for start, end in lines.keys(rest):
        ends.append(rest[max(start, end - KEY_END_BYTES) : end])
        if rest[start : start + len(_ENCOUNTER)] == _ENCOUNTER:
            encounters.append(rest[start + len(_ENCOUNTER) : end])
    columns = [b"", str(mark).encode(), str(recent_bytes).encode(), _spaced(encounters)]
    return Older(b"\t".join(columns + [_spaced(ends)]))


def _spaced(names: list[bytes]) -> bytes:
    return b" " + b" ".join(names) + b" " if names else b""
