"""Many schedules one after another; one that fails is shrunk to the actions that matter.

python -m tests.simulation.campaign --schedules 1000000 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from dataclasses import dataclass, replace

from tests.simulation.actions import ACTIONS, ASKED_FOR
from tests.simulation.judging import Broken
from tests.simulation.world import Schedule, make_schedule, run

SHRINK_RUNS_MAX = 400
REPORT_SECONDS = 60


@dataclass
class Failed:
    """A schedule that broke something, and what it broke."""

    schedule: Schedule
    name: str
    text: str

    def report(self) -> str:
        options = {name: self.schedule.options[name] for name in ("tablets", "overlaps")}
        sizes = {name: size for (_, name), size in self.schedule.options["sizes"].items()}
        lines = [f"seed {self.schedule.seed} {options} {sizes}", self.text, "actions:"]
        lines += [f"    {action}" for action in self.schedule.actions]
        return "\n".join(lines)


def attempt(schedule: Schedule) -> Failed | None:
    """Runs a schedule; nothing when every invariant held."""
    try:
        run(schedule)
    except Broken as broken:
        return Failed(schedule, str(broken).split(":")[0], str(broken))
    except Exception as error:
        name = f"{type(error).__name__} {error}"
        return Failed(schedule, name, traceback.format_exc(limit=-4))
    return None


def shrink(failed: Failed, runs_max: int = SHRINK_RUNS_MAX) -> Failed:
    """Leaves out actions, in ever smaller pieces, while the same thing breaks."""
    best, runs, piece = failed, 0, max(1, len(failed.schedule.actions) // 2)
    while runs < runs_max:
        is_smaller, at = False, 0
        while at < len(best.schedule.actions) and runs < runs_max:
            kept = best.schedule.actions[:at] + best.schedule.actions[at + piece :]
            found = attempt(replace(best.schedule, actions=kept))
            runs += 1
            if found is not None and found.name == best.name:
                best, is_smaller = found, True
            else:
                at += piece
        if piece == 1 and not is_smaller:
            break
        piece = max(1, piece // 2)
    return best


def search(
    seed: int, schedules: int, seconds: float = float("inf"), often: tuple[str, ...] = ()
) -> tuple[int, Failed | None]:
    """How many schedules were run, until one failed, time was up or all had been run."""
    end = time.monotonic() + seconds
    for at in range(schedules):
        failed = attempt(make_schedule(seed + at, often))
        if failed is not None or time.monotonic() > end:
            return at + 1, failed
    return schedules, None


def main() -> int:
    parser = argparse.ArgumentParser(description="Run seeded schedules of tablets and a server.")
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    names = sorted(ACTIONS | ASKED_FOR)
    parser.add_argument(
        "--often", nargs="*", default=(), choices=names, metavar="ACTION", help=", ".join(names)
    )
    parser.add_argument("--keep-going", action="store_true", help="go on after a failure")
    options = parser.parse_args()
    often = tuple(options.often)
    start, done, failures, told = time.monotonic(), 0, 0, time.monotonic()
    while done < options.schedules:
        left = options.schedules - done
        ran, failed = search(options.seed + done, left, REPORT_SECONDS, often)
        done += ran
        if failed is not None:
            failures += 1
            print(shrink(failed).report(), flush=True)
            if not options.keep_going:
                break
        if failed is None or time.monotonic() - told > REPORT_SECONDS:
            told = time.monotonic()
            rate = done / (told - start)
            print(f"{done} schedules, {rate:.1f} a second, {failures} failed", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
