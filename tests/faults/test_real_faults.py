"""A short campaign in every test run, as `scripts/faults` runs it: in a process of its own.

Within the test process, after some hundreds of other tests, PostgreSQL did not come back after a
SIGKILL in two runs out of two; alone it always did. Why is not known yet (docs/fault-report.md).
"""

from __future__ import annotations

import os
import subprocess
import sys

SEED = os.environ.get("REKAM_FAULTS_SEED", "1")
ROUNDS = "12"
SECONDS_MAX = 600


def test_nothing_saved_is_lost_or_doubled_whatever_is_killed() -> None:
    command = [sys.executable, "-m", "tests.faults.campaign", "--rounds", ROUNDS, "--seed", SEED]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS_MAX, start_new_session=True
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing lost, nothing doubled" in done.stdout
    assert f"{ROUNDS} rounds" in done.stdout
