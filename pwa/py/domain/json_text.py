"""JSON text to Python and back, with the same result on CPython and MicroPython.

MicroPython 1.27 differs in two ways that would silently alter a record, both mended here:
`json.dumps` prints some floats with a wrong last digit (0.81 as 0.8100000000000001), and
`json.loads` turns an escaped surrogate pair (an emoji written as backslash-u twice) into two
broken characters. No `json` is called anywhere else in the browser's code.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, TypeGuard

# A faulty last digit shows as a run of zeros or nines before it.
_FAULT_RUNS = (b"0000", b"9999")
_COMPACT = (",", ":")


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value that came as JSON was an object; its keys are then text."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def loads(text: str) -> Any:
    """ValueError when the text is not JSON."""
    if "\\u" in text:
        text = _join_surrogates(text)
    return json.loads(text)


def dumps(value: Any) -> str:
    """Compact JSON without backslash-u escapes for printable characters."""
    if _IS_EXACT:
        return json.dumps(value, separators=_COMPACT, ensure_ascii=False)
    text = json.dumps(value, separators=_COMPACT)
    return _dump_exactly(value) if _may_be_faulty(text) else text


def number_text(number: float) -> str:
    """The shortest decimal that reads back as the same number."""
    for form in ("%.15g", "%.16g", "%.17g"):
        text = form % number
        if float(text) == number:
            break
    if "." in text or "e" in text or "n" in text:
        return text
    return text + ".0"


def _may_be_faulty(text: str) -> bool:
    """Whether a run of zeros or nines stands behind a decimal point, as in a faulty float. The
    runs in a timestamp do not count: that would send every change the slow way."""
    data = text.encode()
    for run in _FAULT_RUNS:
        at = data.find(run)
        while at >= 0:
            before = at - 1
            while before >= 0 and 48 <= data[before] <= 57:
                before -= 1
            if before >= 0 and data[before] == 46:
                return True
            at = data.find(run, at + 1)
    return False


def _dump_exactly(value: Any) -> str:
    if isinstance(value, float):
        return number_text(value)
    if is_object(value):
        parts = [json.dumps(key) + ":" + _dump_exactly(item) for key, item in value.items()]
        return "{" + ",".join(parts) + "}"
    if is_list(value):
        return "[" + ",".join([_dump_exactly(item) for item in value]) + "]"
    return json.dumps(value)


def _join_surrogates(text: str) -> str:
    """Replaces escaped surrogate pairs by the character itself; leaves all else as it is."""
    parts: list[str] = []
    start = 0
    at = text.find("\\u")
    while at >= 0:
        end = at + 6
        if _is_escape(text, at):
            high = _escape_value(text, at)
            low = _escape_value(text, end) if text[end : end + 2] == "\\u" else -1
            if 0xD800 <= high < 0xDC00 and 0xDC00 <= low < 0xE000:
                parts.append(text[start:at])
                parts.append(chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)))
                end += 6
                start = end
        else:
            end = at + 2
        at = text.find("\\u", end)
    parts.append(text[start:])
    return "".join(parts)


def _is_escape(text: str, at: int) -> bool:
    """Whether the backslash at `at` begins an escape: an even number of them stand before it."""
    before = at
    while before > 0 and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 0


def _escape_value(text: str, at: int) -> int:
    try:
        return int(text[at + 2 : at + 6], 16)
    except ValueError:
        return -1


# Which Python this is, told by its behaviour rather than by its name.
_IS_EXACT = json.dumps(0.81) == "0.81"
