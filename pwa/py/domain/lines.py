"""The lines of a chart's text (`chart`), found and joined as bytes, without cutting them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def keys(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each line starts, and the tab that ends its key."""
    start = 0
    while start < len(data):
        yield start, data.find(b"\t", start)
        start = data.find(b"\n", start) + 1
        if start == 0:
            return


def starts_of(data: bytes, wanted: Collection[str]) -> dict[str, int]:
    """Where the line of each key starts, found in one walk over all; -1 where there is none."""
    found = dict.fromkeys(wanted, -1)
    by_bytes = {key.encode(): key for key in wanted}
    for start, tab in keys(data):
        key = by_bytes.get(data[start:tab])
        if key is not None:
            found[key] = start
    return found


def spliced(data: bytes, edits: Collection[tuple[int, int, bytes]]) -> bytes:
    """The text with some parts replaced, each from a place to a place."""
    pieces: list[bytes] = []
    done = 0
    for at, end, piece in sorted(edits):
        pieces.append(data[done:at])
        pieces.append(piece)
        done = end
    return b"".join(pieces) + data[done:]


def merged(recent: bytes, rest: bytes) -> bytes:
    """The lines of both, newest first; of the same date, the recent first."""
    pieces: list[bytes] = []
    at = 0
    for start, tab in keys(recent):
        end = recent.find(b"\n", start)
        line = recent[start:] if end < 0 else recent[start:end]
        if at < len(rest) and line[:8] != b"Patient/":
            date_at = recent.find(b"\t", tab + 1) + 1
            place = first_not_newer(rest, recent[date_at : recent.find(b"\t", date_at)], at)
            place = len(rest) + 1 if place < 0 else place
            if place > at:
                pieces.append(rest[at : place - 1])
                at = place
        pieces.append(line)
    if at < len(rest):
        pieces.append(rest[at:])
    return b"\n".join(pieces)


def first_not_newer(piece: bytes, wanted: bytes, start: int = 0) -> int:
    """Where the first line starts whose date is not after a date; -1 when all are newer."""
    while True:
        tab = piece.find(b"\t", start)
        date_at = piece.find(b"\t", tab + 1) + 1
        held = piece[date_at : piece.find(b"\t", date_at)]
        if held <= wanted and piece[start : start + 8] != b"Patient/":
            return start
        start = piece.find(b"\n", start) + 1
        if start == 0:
            return -1
