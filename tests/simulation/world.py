"""One schedule run to its end: a server, some tablets, the actions, then rest and judgement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from backend import envelopes, snapshot, sync
from pwa.py.domain import directory, folding
from pwa.py.sync import exchange, first, panel
from tests.simulation import actions
from tests.simulation.actions import Action
from tests.simulation.oracle import Oracle
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import Server
from tests.simulation.tablet import Tab, Tablet

STEPS_MAX = 200_000
# Longer than the longest delay before a tablet tries again by itself, several times over.
REST_MS = 5_000
RESTS_MAX = 80
TABLETS_MAX = 4


@dataclass
class Schedule:
    """All that a run depends on."""

    seed: int
    options: dict[str, Any]
    actions: list[Action] = field(default_factory=list[Action])


def make_schedule(seed: int, often: tuple[str, ...] = ()) -> Schedule:
    random = Random(seed)
    options = {
        "tablets": random.choice((1, 2, 2, 3, 3)),
        "overlaps": random.random() < 0.2,
        "sizes": {
            (exchange, "BATCH_CHANGES_MAX"): random.choice((2, 5, 200)),
            (exchange, "PULL_CHANGES_MAX"): random.choice((1, 3, 500)),
            (exchange, "DONE_CHANGES_KEPT"): random.choice((4, 2_000, 2_000)),
            (first, "PAGE_PATIENTS_FIRST"): random.choice((1, 2, 20)),
            (first, "PAGE_PATIENTS_MAX"): random.choice((1, 2, 20)),
            (panel, "PANEL_CHARTS_MAX"): random.choice((1, 2, 3, 5_000)),
            (panel, "CHARTS_ASKED_MAX"): random.choice((1, 40)),
            (panel, "LET_GO_AT_ONCE_MAX"): random.choice((1, 50)),
            (panel, "LET_GO_PAUSE_MS"): random.choice((0, 600_000)),
            (sync, "PULL_BYTES_MAX"): random.choice((500, 2_000, 4_000_000)),
            (snapshot, "SNAPSHOT_BYTES_MAX"): random.choice((1_000, 2_000_000)),
            (directory, "SEGMENT_PATIENTS_MAX"): random.choice((1, 3, 250)),
            (folding, "FOLD_BYTES"): random.choice((1, 2_000, 160_000)),
            (folding, "GROWTH_BYTES"): random.choice((1, 2_000)),
            (folding, "ENCOUNTERS_KEPT"): random.choice((0, 1, 3)),
            # Every other schedule is played by apps of the protocol before.
            (exchange, "PROTOCOL"): envelopes.PROTOCOLS[seed % 2],
        },
    }
    length = random.choice((8, 16, 30, 50))
    return Schedule(seed, options, actions.make(random, length, often))


@contextmanager
def sized(sizes: dict[Any, int]) -> Iterator[None]:
    """Batches and pages as small as a schedule is, so that there are several of them."""
    before = {(module, name): getattr(module, name) for module, name in sizes}
    try:
        for (module, name), size in sizes.items():
            setattr(module, name, size)
        yield
    finally:
        for (module, name), size in before.items():
            setattr(module, name, size)


class World:
    def __init__(self, schedule: Schedule) -> None:
        self.steps_max = STEPS_MAX
        self.options = schedule.options
        self.scheduler = Scheduler(schedule.seed)
        self.server = Server(self.scheduler)
        self.oracle = Oracle(self.server)
        self.tablets: list[Tablet] = []
        # Rescue files: whose, and the lines.
        self.files: list[tuple[str, list[str]]] = []
        self._markers = 0
        for _ in range(schedule.options["tablets"]):
            self.add_tablet("doctor")

    def add_tablet(self, author: str, like: Tablet | None = None) -> None:
        """A new one, or a copy of another's disk."""
        if len(self.tablets) < TABLETS_MAX:
            name = f"t{len(self.tablets) + 1}"
            tablet = Tablet(name, self.scheduler, self.server, self.oracle, self.options)
            if like is not None:
                tablet.disk = like.disk.copy()
                self.oracle.copied(like, tablet)
            self.tablets.append(tablet)
            tablet.open(author)

    def tab(self, one: int) -> Tab | None:
        """Some open tab of some tablet."""
        tablet = self.tablets[one % len(self.tablets)]
        tabs = [tab for tab in tablet.tabs if tab.is_open]
        return tabs[(one >> 8) % len(tabs)] if tabs else None

    def chart(self, one: int, two: int) -> tuple[Tab | None, str]:
        """An open tab and a patient whose chart it has, mostly one of the first: people meet on
        them; else no tab."""
        tab = self.tab(one)
        held = tab.tablet.held() if tab is not None else []
        return (tab, held[(two % 3 if two % 4 else two) % len(held)]) if held else (None, "")

    def marker(self) -> str:
        """A text that is nowhere else."""
        self._markers += 1
        return f"m{self._markers}."

    def rest(self) -> None:
        """Everything is healed, and left alone until nothing is left to do."""
        scheduler = self.scheduler
        self.server.start()
        for tablet in self.tablets:
            tablet.wire.is_cut = tablet.wire.is_signed_out = False
            tablet.wire.faults = []
            tablet.full_commits = 0
            if tablet.is_revoked():
                # Whoever unlocks it lets it hand over what it still has.
                tablet.crash()
        for _ in range(RESTS_MAX):
            for tablet in self.tablets:
                if not tablet.is_revoked():
                    tablet.close_revoked()
                elif tablet.is_done() and (tablet.rows("waiting") or self._is_of_before(tablet)):
                    # Saved in the moment in which it was closed, or an earlier life of the server
                    # had said so: with the next who unlocks it.
                    tablet.crash()
                if not tablet.tabs:
                    tablet.open("doctor")
            scheduler.run_until(scheduler.now_ms + REST_MS, STEPS_MAX)
            if self._is_at_rest():
                return

    def _is_of_before(self, tablet: Tablet) -> bool:
        """Whether a revoked tablet, which asks no more, was told so by an earlier life of the
        server."""
        row = tablet.disk.rows("meta").get("sync")
        state = json.loads(row["text"]) if row else {}
        return state.get("asked") not in (None, "", self.server.tables.epoch)

    def _is_at_rest(self) -> bool:
        """Every tablet has heard the server's last word, and no tab is in the middle of a round.

        When this is never so, the judgement afterwards says what is missing.
        """
        tables = self.server.tables
        for tablet in self.tablets:
            row = tablet.disk.rows("meta").get("sync")
            state = json.loads(row["text"]) if row else {"epoch": None}
            if tablet.is_revoked():
                if tablet.rows("waiting") or any(not tab.status["is_done"] for tab in tablet.tabs):
                    return False
                if self._is_of_before(tablet):
                    return False
                continue
            if state["epoch"] != tables.epoch or state["cursor"] != tables.sequence:
                return False
            if not state["has_snapshot"]:
                # A chart by name told of another life first: the rest follows with the next round.
                return False
            is_open = tablet.rows("refused") or tablet.rows("set_aside")
            word = "attention" if is_open else "synced"
            if any(tab.status.get("word") != word for tab in tablet.tabs):
                return False
            # What was withdrawn or left is told with the next round, which nobody hastens here.
            is_untold = any(tablet.rows(told) for told in ("waiting", "withdrawn", "left"))
            if is_untold or state["wanted"]:
                return False
        return True


def run(schedule: Schedule) -> World:
    """Raises what went wrong: `Broken`, or whatever the product raised."""
    with sized(schedule.options["sizes"]):
        world = World(schedule)
        try:
            for action in schedule.actions:
                actions.perform(world, action)
            world.rest()
            world.oracle.at_rest(world.tablets)
        finally:
            world.scheduler.end()
        return world
