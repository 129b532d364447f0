"""Requests that are begun now and awaited later, for wires that know how to get."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Begun:
    """`sync.contract.Begun`: it goes on whenever others wait."""

    def __init__(self, getting: Coroutine[Any, Any, str]) -> None:
        self._task = asyncio.ensure_future(getting)

    async def text(self) -> str:
        return await self._task

    def let_go(self) -> None:
        self._task.cancel()
        self._task.add_done_callback(hear_out)


def hear_out(task: asyncio.Task[str]) -> None:
    """What nobody waits for may fail in silence."""
    if not task.cancelled():
        task.exception()


class Begins:
    get: Any

    def begin(self, path: str, timeout_ms: int = 0) -> Begun:
        return Begun(self.get(path, timeout_ms))
