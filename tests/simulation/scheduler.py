"""A seeded scheduler with virtual time, which drives coroutines itself.

Everything that waits, in devices and on the server, waits for a `Wait` of this module, so each
await is a point where another task may go on, where time may pass, and where the task's owner
(a tab, one life of the server) may be killed: then the task is simply never continued.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine, Generator
from random import Random
from typing import Any

START_MS = 1_795_398_170_000
# So often time passes though somebody could go on at once, by at most so much.
TIME_PASSES = 0.08
TIME_PASSES_MS_MAX = 3_000


class Wait:
    """What a task waits for. Without `is_done` it goes on whenever the scheduler picks it."""

    def __init__(self) -> None:
        self.is_done = False
        self.value: Any = None
        self.error: Exception | None = None
        self.tasks: list[Task] = []

    def __await__(self) -> Generator[Any, None, Any]:
        while not self.is_done:
            yield self
        if self.error is not None:
            raise self.error
        return self.value


class Pause:
    """A point where others may go on."""

    def __await__(self) -> Generator[Any, None, None]:
        yield None


PAUSE = Pause()


class Task:
    def __init__(self, coroutine: Coroutine[Any, Any, Any], owner: object, name: str) -> None:
        self.coroutine = coroutine
        self.owner = owner
        self.name = name


class Scheduler:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now_ms = START_MS
        self.steps = 0
        self.ready: list[Task] = []
        # In the order in which they came, for a schedule to run the same way again.
        self._blocked: dict[Task, None] = {}
        self._timers: list[tuple[int, int, Callable[[], None], object]] = []
        self._order = 0

    def spawn(self, coroutine: Coroutine[Any, Any, Any], owner: object, name: str) -> None:
        self.ready.append(Task(coroutine, owner, name))

    def resolve(self, wait: Wait, value: Any = None, error: Exception | None = None) -> None:
        if wait.is_done:
            return
        wait.is_done, wait.value, wait.error = True, value, error
        for task in wait.tasks:
            if task in self._blocked:
                del self._blocked[task]
                self.ready.append(task)

    def after(self, ms: int, call: Callable[[], None], owner: object) -> Callable[[], None]:
        """Calls it once when so much time has passed; the answer cancels it."""
        self._order += 1
        entry = (self.now_ms + ms, self._order, call, owner)
        heapq.heappush(self._timers, entry)

        def cancel() -> None:
            if entry in self._timers:
                self._timers.remove(entry)
                heapq.heapify(self._timers)

        return cancel

    def sleep(self, ms: int, owner: object) -> Wait:
        wait = Wait()
        self.after(ms, lambda: self.resolve(wait), owner)
        return wait

    def kill(self, owner: object) -> None:
        """All that belongs to the owner vanishes where it stands."""
        for task in [*self.ready, *self._blocked]:
            if task.owner is owner:
                task.coroutine.close()
        # After that: what is closed tidies up, and may begin something, as no killed process does.
        self.ready = [task for task in self.ready if task.owner is not owner]
        self._blocked = {task: None for task in self._blocked if task.owner is not owner}
        self._timers = [entry for entry in self._timers if entry[3] is not owner]
        heapq.heapify(self._timers)

    def end(self) -> None:
        """Nothing goes on any more. Left to the garbage collector, tasks would tidy up in the
        order in which it finds their parts, and fail at it in the midst of some later test."""
        while tasks := [*self.ready, *self._blocked]:
            self.kill(tasks[0].owner)

    def step(self) -> bool:
        """Lets one task go on to its next await, or time pass. False when nothing is left."""
        self.steps += 1
        is_soon = bool(self._timers) and self._timers[0][0] <= self.now_ms + TIME_PASSES_MS_MAX
        if self.ready and not (is_soon and self.random.random() < TIME_PASSES):
            self._continue(self.ready.pop(int(self.random.random() * len(self.ready))))
            return True
        return self._pass_time()

    def run(self, steps: int) -> None:
        for _ in range(steps):
            if not self.step():
                return

    def run_until(self, time_ms: int, steps_max: int) -> None:
        """Everything that is due by then, and all that follows from it at once."""
        for _ in range(steps_max):
            if not self.ready and (not self._timers or self._timers[0][0] > time_ms):
                self.now_ms = max(self.now_ms, time_ms)
                return
            self.step()
        raise AssertionError(f"did not come to rest in {steps_max} steps")

    def _pass_time(self) -> bool:
        if not self._timers:
            return False
        due_ms, _, call, _ = heapq.heappop(self._timers)
        self.now_ms = max(self.now_ms, due_ms)
        call()
        return True

    def _continue(self, task: Task) -> None:
        try:
            waited = task.coroutine.send(None)
        except StopIteration:
            return
        if waited is None or waited.is_done:
            self.ready.append(task)
        else:
            waited.tasks.append(task)
            self._blocked[task] = None


class Lock:
    """One holder at a time; a killed holder lets go, as locks of tabs and databases do."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._queue: list[tuple[object, Wait]] = []
        self.holder: object = None

    async def acquire(self, holder: object) -> None:
        if self.holder in (None, holder):
            self.holder = holder
            return
        wait = Wait()
        self._queue.append((holder, wait))
        await wait

    def release(self, holder: object) -> None:
        self._queue = [entry for entry in self._queue if entry[0] is not holder]
        if self.holder is not holder:
            return
        self.holder = None
        if self._queue:
            self.holder, wait = self._queue.pop(0)
            self._scheduler.resolve(wait)
