"""Hybrid logical clock: timestamps that sort as text and never run backwards.

Kulkarni, Demirbas et al., "Logical Physical Clocks" (2014). A reading is
`%015d-%04x-device`: milliseconds since 1970 by the device's own clock, a counter for events
within one millisecond (or while the wall clock stands behind what was already seen), and the
device, which makes readings of different devices differ always.

The paper bounds how far a clock may be pulled ahead by others. We do not: a clinician with a
wrong clock must be able to record, and an edit made after seeing another must sort after it.
Drift is measured against the server's clock at each sync and shown instead.
"""

from __future__ import annotations

COUNTER_MAX = 0xFFFF
MILLISECONDS_MAX = 999_999_999_999_999
# The year 9999. A reading beyond it is a fault or malice: it is kept, and nobody follows it.
FOLLOW_MS_MAX = 253_402_300_799_999


def write(milliseconds: int, counter: int, device: str) -> str:
    return "%015d-%04x-%s" % (milliseconds, counter, device)


def read(timestamp: str) -> tuple[int, int, str]:
    """(milliseconds, counter, device); ValueError when the text is not a timestamp."""
    if len(timestamp) < 22 or timestamp[15] != "-" or timestamp[20] != "-":
        raise ValueError("not a timestamp: " + timestamp[:40])
    digits = timestamp[:15]
    counter = timestamp[16:20]
    if digits.strip("0123456789") or counter.strip("0123456789abcdef"):
        raise ValueError("not a timestamp: " + timestamp[:40])
    return int(digits), int(counter, 16), timestamp[21:]


def tick(last: str, now_ms: int, device: str) -> str:
    """The next reading after `last` ("" for the first), for an event on `device` now."""
    now_ms = min(max(now_ms, 0), FOLLOW_MS_MAX)
    if last == "":
        return write(now_ms, 0, device)
    milliseconds, counter, _ = read(last)
    if now_ms > milliseconds:
        return write(now_ms, 0, device)
    return _next(milliseconds, counter, device)


def follow(timestamp: str, device: str) -> str:
    """The first reading of `device` after another's: for what is said again on another chain, and
    was said then."""
    milliseconds, counter, _ = read(timestamp)
    same = write(milliseconds, counter, device)
    return same if same > timestamp else _next(milliseconds, counter, device)


def _next(milliseconds: int, counter: int, device: str) -> str:
    if counter < COUNTER_MAX:
        return write(milliseconds, counter + 1, device)
    return write(milliseconds + 1, 0, device)


def latest(last: str, seen: str) -> str:
    """What the clock holds after having seen another's reading: the later of the two.

    The following `tick` then sorts after both, which is the receive rule of the paper.
    """
    return seen if seen > last and milliseconds_of(seen) <= FOLLOW_MS_MAX else last


def milliseconds_of(timestamp: str) -> int:
    return read(timestamp)[0]


def device_of(timestamp: str) -> str:
    return read(timestamp)[2]
