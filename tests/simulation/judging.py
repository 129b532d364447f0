"""How an invariant is required, and what is raised when it does not hold."""

from __future__ import annotations

import hashlib
from typing import Any


class Broken(AssertionError):
    """An invariant does not hold. The text begins with its name."""


def require(holds: bool, name: str, *details: Any) -> None:
    if not holds:
        raise Broken(": ".join([name, *[str(detail) for detail in details]]))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
