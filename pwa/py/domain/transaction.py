"""Read, decide, write: how every floor of the browser changes the store.

A transaction reads rows, decides, and commits what it decided upon with the versions it saw. The
store (`store/contract.py`) refuses the commit when another tab was faster (`Stale`). Then what was
read is read again and decided again; nothing is overwritten that was not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Stale

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from pwa.py.store.contract import Put

ATTEMPTS_MAX = 20


def put(table: str, key: Any, text: str, patient: str = "", state: str = "") -> Put:
    return {"table": table, "key": key, "text": text, "patient": patient, "state": state}


async def retry_when_stale(attempt: Callable[[], Awaitable[Any]]) -> Any:
    """The answer of the first attempt that was not too late."""
    for left in range(ATTEMPTS_MAX - 1, -1, -1):
        try:
            return await attempt()
        except Stale:
            if left == 0:
                raise
    raise AssertionError("unreachable")
