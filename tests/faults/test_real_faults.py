"""A short campaign in every test run; `scripts/faults` runs as many rounds as one likes."""

from __future__ import annotations

import os

from playwright.sync_api import Playwright

from tests.faults import campaign

SEED = int(os.environ.get("REKAM_FAULTS_SEED", "1"))
ROUNDS = 12


def test_nothing_saved_is_lost_or_doubled_whatever_is_killed(playwright: Playwright) -> None:
    done = campaign.run(playwright, SEED, ROUNDS)
    print(done.report())
    assert len(done.books.visits) + len(done.books.patients) > ROUNDS // 2
