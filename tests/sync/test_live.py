"""The stream at the device: what is heard is asked for, and what ends is opened again."""

from __future__ import annotations

from typing import Any

from pwa.py.sync import live
from pwa.py.sync.live import Live


class FakeSync:
    def __init__(self) -> None:
        self.heard: list[int] = []
        self.kicks = 0

    def hear(self, sequence: int) -> None:
        self.heard.append(sequence)

    def kick(self) -> None:
        self.kicks += 1


class Bench:
    """A stream that a test drives by hand, and timers that are only noted."""

    def __init__(self) -> None:
        self.sync = FakeSync()
        self.opened: list[Any] = []
        self.closed = 0
        self.timers: list[Any] = []
        self.cancelled = 0
        sync: Any = self.sync
        self.live = Live(sync, self._open, lambda: 0.5, self._set_timer)
        self.live.start()

    def _open(self, path: str, *handlers: Any) -> Any:
        assert path == "/api/live"
        self.opened.append(handlers)
        return self._close

    def _close(self) -> None:
        self.closed += 1

    def _set_timer(self, after_ms: int, call: Any) -> Any:
        self.timers.append((after_ms, call))
        return self._cancel

    def _cancel(self) -> None:
        self.cancelled += 1


def test_what_is_heard_goes_to_the_engine() -> None:
    bench = Bench()
    on_number, on_open, _ = bench.opened[0]
    on_open()
    on_number(7)
    assert (bench.sync.heard, bench.sync.kicks) == ([7], 0)


def test_a_stream_that_was_cut_and_is_back_asks_at_once() -> None:
    bench = Bench()
    _, on_open, _ = bench.opened[0]
    on_open()
    on_open()
    assert bench.sync.kicks == 1


def test_a_stream_that_the_server_ended_is_opened_again_later() -> None:
    bench = Bench()
    bench.opened[0][2]()
    [(after_ms, start)] = bench.timers
    assert after_ms == live.REOPEN_MS * 0.75
    start()
    assert len(bench.opened) == 2
    bench.opened[1][1]()
    assert bench.sync.kicks == 1


def test_nothing_is_left_when_the_device_is_locked() -> None:
    bench = Bench()
    bench.live.stop()
    bench.live.stop()
    assert (bench.closed, bench.cancelled) == (1, 0)
    other = Bench()
    other.opened[0][2]()
    other.live.stop()
    assert (other.closed, other.cancelled) == (0, 1)
