"""What the exchange needs of a transport. For type checkers only: never imported at run time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

Meanwhile = Callable[[], Awaitable[None]]


class Begun(Protocol):
    """A request that is under way. Whoever has it awaits it once, or lets it go."""

    async def text(self) -> str: ...

    def let_go(self) -> None:
        """Nobody wants the answer any more: nothing stays open, and no failure of it is told."""
        ...


class Http(Protocol):
    """Text there and back. Every failure is one of `domain.failures`:

    Offline (no answer, or not from our server), SignedOut (401), Refused (any other 4xx, with
    its issues), ServerFault (5xx). `timeout_ms` is how long the server may be silent before it is
    Offline, not how long its answer may take to come.
    """

    async def get(self, path: str, timeout_ms: int = ...) -> str: ...

    def begin(self, path: str, timeout_ms: int = ...) -> Begun:
        """A `get` that is under way from now on, also while nobody waits for it."""
        ...

    async def post(
        self, path: str, body: str, timeout_ms: int = ..., meanwhile: Meanwhile | None = ...
    ) -> str:
        """`meanwhile` is run once the request is on its way; it raises nothing."""
        ...

    async def delete(self, path: str) -> None: ...
