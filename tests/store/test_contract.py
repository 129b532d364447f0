"""One suite, two stores: the one in memory on CPython, IndexedDB on MicroPython in Chromium."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pwa.py.store.memory import Disk, MemoryStore
from tests.micropython import PythonPage
from tests.store import suite

RUN_CASE = """
from tests.store import browser_store, suite

async def main(name):
    await browser_store.run_case(getattr(suite, name))
"""

OPEN = "open_store"
Case = Callable[[Callable[[], Coroutine[Any, Any, MemoryStore]]], Coroutine[Any, Any, None]]
# Found by what they are given, so that none is written and forgotten.
CASES: list[Case] = [
    one
    for one in vars(suite).values()
    if inspect.iscoroutinefunction(one) and OPEN in inspect.signature(one).parameters
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)


def run_at_once(coroutine: Coroutine[Any, Any, None]) -> None:
    """To the end: the store in memory never waits, so neither does what uses it."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


@every_case
def test_in_memory(case: Case) -> None:
    disk = Disk()

    async def open_store() -> MemoryStore:
        return MemoryStore(disk)

    run_at_once(case(open_store))


@every_case
def test_in_the_browser(case: Case, python_page: PythonPage) -> None:
    python_page.run(RUN_CASE, case.__name__)
