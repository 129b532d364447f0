"""What the exchange needs of a transport. For type checkers only: never imported at run time."""

from __future__ import annotations

from typing import Protocol


class Http(Protocol):
    """Text there and back. Every failure is one of `domain.failures`:

    Offline (no answer, or not from our server), SignedOut (401), Refused (any other 4xx, with
    its issues), ServerFault (5xx).
    """

    async def get(self, path: str, timeout_ms: int = ...) -> str: ...

    async def post(self, path: str, body: str, timeout_ms: int = ...) -> str: ...

    async def delete(self, path: str) -> None: ...
