"""Takes JSON apart at its first level without understanding what lies deeper.

The fallback for a batch in which one change is not what a JSON decoder accepts (half a surrogate
pair, a number out of range, nested without end): the others must still be readable. It never
recurses, and hands every piece on as the exact bytes it was.
"""

from __future__ import annotations

import re

# Possessive, so that a text without an end is given up once and not from each of its escapes.
# Its quote is then a token of its own.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)
MEMBER = re.compile(rb'\s*"([^"\\]*)"\s*:(.*)', re.DOTALL)
# Every bracket costs a step in Python, so this slow way is open to small bodies alone.
PIECES_BYTES_MAX = 2 * 1024 * 1024


def elements(text: bytes) -> list[bytes] | None:
    """The elements of an array as they are written; None when it is no array."""
    return split(text, b"[", b"]")


def members(text: bytes) -> dict[str, bytes] | None:
    """The members of an object, by name; None when it is no object with plain names."""
    pieces = split(text, b"{", b"}")
    if pieces is None:
        return None
    found: dict[str, bytes] = {}
    for piece in pieces:
        member = MEMBER.fullmatch(piece)
        if member is None:
            return None
        found[member[1].decode(errors="replace")] = member[2].strip()
    return found


def split(text: bytes, opening: bytes, closing: bytes) -> list[bytes] | None:
    text = text.strip()
    if len(text) > PIECES_BYTES_MAX or text[:1] != opening or text[-1:] != closing:
        return None
    inner = text[1:-1]
    if not inner.strip():
        return []
    pieces: list[bytes] = []
    depth = 0
    start = 0
    for token in TOKEN.finditer(inner):
        mark = token[0][:1]
        if mark in (b"[", b"{"):
            depth += 1
        elif mark in (b"]", b"}"):
            depth -= 1
        elif mark == b"," and depth == 0:
            pieces.append(inner[start : token.start()].strip())
            start = token.end()
        if depth < 0 or token[0] == b'"':
            return None
    pieces.append(inner[start:].strip())
    return pieces if depth == 0 and all(pieces) else None
