"""JSON in and out with every digit of its numbers kept: 79.0 stays 79.0, and 1.50 stays 1.50.

FHIR gives the digits of a decimal a meaning (its precision), and a float forgets them. So a
number with a fraction is a Decimal on the server, and leaves as a number again.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

# A browser reads numbers as doubles, and takes anything beyond for infinity.
EXPONENT_MAX = 307


def read_number(text: str) -> Decimal | int:
    """A number as PostgreSQL's jsonb writes it, without exponent; out of range it stays as is."""
    number = Decimal(text)
    if abs(number.adjusted()) > EXPONENT_MAX or "e" not in text.lower():
        return number
    plain = format(number, "f")
    return Decimal(plain) if "." in plain else int(plain)


_DECODER = msgspec.json.Decoder(float_hook=read_number)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_CANONICAL_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def decode(text: bytes | bytearray | memoryview | str) -> Any:
    return _DECODER.decode(text)


def encode(value: Any) -> bytes:
    return _ENCODER.encode(value)


def is_equal(one: Any, other: Any) -> bool:
    """Equality as text: 1.50 is not 1.5, true is not 1; the order of fields does not count."""
    return _CANONICAL_ENCODER.encode(one) == _CANONICAL_ENCODER.encode(other)
