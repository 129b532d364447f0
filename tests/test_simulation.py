"""Seeded schedules of tablets, tabs and a server, and the same with the product broken on purpose.

What a schedule does is in `tests/simulation/actions.py`, what must hold in `witness.py` and
`oracle.py`. A failure prints its seed and the shrunk schedule; `scripts/simulate` runs as many as
one likes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from backend import rescue
from tests.simulation import campaign, conflict_mutants, mutants

SEED = int(os.environ.get("REKAM_SIMULATION_SEED", "1"))
SCHEDULES = 2_000
SCHEDULES_ASKED_FOR = 200
MUTANT_SCHEDULES_MAX = 2_000


def test_every_schedule_keeps_every_promise() -> None:
    ran, failed = campaign.search(SEED, SCHEDULES)
    assert failed is None, "\n" + campaign.shrink(failed).report()
    assert ran == SCHEDULES


def test_a_schedule_runs_the_same_way_again() -> None:
    schedule = campaign.make_schedule(SEED)
    one, two = campaign.run(schedule), campaign.run(schedule)
    assert one.oracle.written == two.oracle.written
    assert one.scheduler.steps == two.scheduler.steps


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_product_is_caught(mutant: Callable[[], list[Any]]) -> None:
    often = mutants.OFTEN.get(mutant, ())
    with mutants.applied(mutant()):
        _, failed = campaign.search(SEED, MUTANT_SCHEDULES_MAX, often=often)
    assert failed is not None
    print(failed.text)
    # The mutant broke it, and nothing else that this schedule meets.
    assert campaign.attempt(failed.schedule) is None


def test_rescue_files_may_be_read_in_whenever_and_however_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, states = rescue.read_line, set[str]()

    def read_line(line: bytes) -> rescue.Entry:
        entry = read(line)
        states.add(entry.state)
        return entry

    monkeypatch.setattr(rescue, "read_line", read_line)
    often = ("write_file", "read_file", "restore", "open_tab", "visit")
    done, failed = campaign.search(SEED, SCHEDULES_ASKED_FOR, often=often)
    assert failed is None, failed.report()
    assert done == SCHEDULES_ASKED_FOR
    # There was something of each in them.
    assert states >= {"waiting", "refused", "withdrawn"}


def test_edits_are_based_on_what_was_opened() -> None:
    done, failed = campaign.search(SEED, SCHEDULES_ASKED_FOR, often=conflict_mutants.OFTEN)
    assert failed is None, failed.report()
    assert done == SCHEDULES_ASKED_FOR
