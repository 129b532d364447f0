"""When the browser's storage is looked at, and from when on it is said."""

from __future__ import annotations

import pytest

from pwa.py.workflow import storage_watch
from pwa.py.workflow.storage_watch import StorageWatch


class Disk:
    def __init__(self, used: float = 0.0, quota: float = 100.0) -> None:
        self.used, self.quota = used, quota
        self.now_ms = 1_795_398_170_123
        self.looks = 0

    async def estimate(self) -> tuple[float, float]:
        self.looks += 1
        return self.used, self.quota

    def watch(self) -> StorageWatch:
        return StorageWatch(self.estimate, lambda: self.now_ms)


@pytest.mark.parametrize(
    ("used", "quota", "share", "is_said"),
    [
        (79.9, 100.0, 79, False),
        (80.0, 100.0, 80, True),
        (6e9, 6e9, 100, True),
        (0.0, 0.0, 0, False),
        (5.0, 0.0, 0, False),
    ],
)
async def test_from_eighty_percent_on_it_is_said(
    used: float, quota: float, share: int, is_said: bool
) -> None:
    watch = Disk(used, quota).watch()
    await watch.look()
    assert (watch.used, watch.is_nearly_full) == (share, is_said)


async def test_it_is_due_at_first_then_after_a_while_and_when_the_clock_was_set_back() -> None:
    disk = Disk()
    watch = disk.watch()
    assert watch.is_due
    await watch.look()
    assert not watch.is_due
    disk.now_ms += storage_watch.PAUSE_MS
    assert watch.is_due
    await watch.look()
    disk.now_ms -= 3_600_000
    assert watch.is_due
    assert disk.looks == 2
