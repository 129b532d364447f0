"""The engine: what it says, and that no failure ever ends it."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain.failures import Locked, Refused, ServerFault, SignedOut, StorageFull
from pwa.py.sync import engine
from pwa.py.sync.engine import Sync


class FakeExchange:
    """Raises what it is given, one failure a step; then there is nothing left to do."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.has_snapshot = True
        self.cursor = 0
        self.patients = 0
        self.steps = 0
        self.rests = 0
        self.progress: dict[str, Any] | None = None
        self.waiting = 0
        self.refused = 0
        self.sent = 0
        self.is_revoked = False
        self.drift_ms = 0
        self.events: list[dict[str, Any]] = []

    async def counts(self) -> tuple[int, int]:
        return self.waiting, self.refused

    def rest(self) -> None:
        self.rests += 1

    async def step(self) -> bool:
        self.steps += 1
        if self.failures:
            raise self.failures.pop(0)
        return True


class Bench:
    """An engine with a clock that stands still, timers that are only noted, tasks run by hand."""

    def __init__(self, exchange: FakeExchange) -> None:
        self.exchange = exchange
        self.timers: list[Any] = []
        self.tasks: list[Any] = []
        self.words: list[str] = []
        self.sync = Sync(
            exchange,  # type: ignore[arg-type]
            lambda: 1_000,
            lambda: 0.0,
            self.tasks.append,
            self._set_timer,
            lambda status: self.words.append(status["word"]),
        )

    async def kick(self) -> str:
        self.sync.kick()
        while self.tasks:
            await self.tasks.pop(0)
        return str(self.sync.status["word"])

    def _set_timer(self, after_ms: int, call: Any) -> Any:
        self.timers.append((after_ms, call))
        return lambda: None


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        (ServerFault("500"), engine.OFFLINE),
        (SignedOut(""), engine.SIGNED_OUT),
        (StorageFull(""), engine.ATTENTION),
        (Refused(403, {"issue": []}), engine.ATTENTION),
    ],
)
async def test_each_failure_has_its_word_and_is_tried_again(failure: Exception, word: str) -> None:
    bench = Bench(FakeExchange(failure))
    assert await bench.kick() == word
    assert bench.timers[-1][0] == engine.RETRY_FIRST_MS
    assert await bench.kick() == engine.SYNCED


async def test_a_fault_of_our_own_is_reported_and_does_not_end_synchronisation() -> None:
    bench = Bench(FakeExchange(KeyError("outcomes")))
    with pytest.raises(KeyError):
        await bench.kick()
    assert bench.sync.status["word"] == engine.ATTENTION
    assert bench.timers[-1][0] == engine.RETRY_FIRST_MS
    assert await bench.kick() == engine.SYNCED


async def test_locking_during_an_exchange_ends_it_quietly() -> None:
    bench = Bench(FakeExchange(Locked("")))
    await bench.kick()
    assert bench.timers == []
    bench.sync.kick()
    assert bench.tasks == []


async def test_what_was_just_saved_is_never_called_synchronised_for_a_moment() -> None:
    exchange = FakeExchange()
    bench = Bench(exchange)
    assert await bench.kick() == engine.SYNCED
    exchange.waiting = 1
    bench.sync.kick()
    # Before anything is counted.
    assert bench.sync.status["word"] == engine.SYNCING
    await bench.tasks.pop()


async def test_a_count_of_before_a_save_is_not_said_after_it() -> None:
    exchange = FakeExchange()
    bench = Bench(exchange)
    saves = [exchange.counts]

    async def counts() -> tuple[int, int]:
        found = exchange.waiting, exchange.refused
        if exchange.steps == 1 and saves:
            # Saved while the last count of the round was on its way.
            saves.pop()
            exchange.waiting = 1
            bench.sync.kick()
        return found

    exchange.counts = counts  # type: ignore[method-assign]
    assert await bench.kick() == engine.WAITING
    assert engine.SYNCED not in bench.words


async def test_a_kick_during_a_round_brings_another_round() -> None:
    exchange = FakeExchange()
    bench = Bench(exchange)
    steps: list[int] = []

    async def step() -> bool:
        steps.append(1)
        if len(steps) == 1:
            bench.sync.kick()
        return True

    exchange.step = step  # type: ignore[method-assign]
    await bench.kick()
    assert len(steps) == 2


async def test_refused_work_is_never_called_synchronised() -> None:
    exchange = FakeExchange()
    exchange.refused = 1
    assert await Bench(exchange).kick() == engine.ATTENTION


async def test_a_number_above_the_cursor_is_asked_for_once() -> None:
    exchange = FakeExchange()
    bench = Bench(exchange)
    exchange.cursor = 7
    bench.sync.hear(7)
    assert bench.tasks == []
    bench.sync.hear(8)
    bench.sync.hear(9)
    while bench.tasks:
        await bench.tasks.pop(0)
    # One round, and one more because what was said is still above the cursor; then the timer.
    assert exchange.steps == 2
    assert len(bench.timers) == 1


async def test_a_number_said_during_a_round_that_fetched_it_costs_nothing() -> None:
    exchange = FakeExchange()
    bench = Bench(exchange)
    bench.sync.kick()
    bench.sync.hear(8)
    exchange.cursor = 8
    await bench.tasks.pop(0)
    assert exchange.steps == 1
