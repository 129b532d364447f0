"""A tablet that was offline for long: 5,000 changes to send, what that takes of time and memory.

    python -m bench.outbox [--rounds N] [--changes N] [--a-patient N]

The real store, exchange and server, as in `bench.browser`. Memory is that of the page while it
sends: MicroPython's objects (sampled after each request, without collecting before), its whole
heap, and JavaScript's.
"""

from __future__ import annotations

import argparse
import secrets
from contextlib import ExitStack
from typing import Any

from bench import figures, workload
from bench.browser import MS_MAX, PASSWORD, SOURCE, Bench, Work, make_account
from tests.live import run
from tests.micropython import PythonPage

CHANGES = 5_000
ROUNDS = 3
KINDS = ("MicroPython's objects", "MicroPython's heap", "JavaScript's heap")


def measure(bench: Bench, turn: int) -> dict[str, Any]:
    username, account_id = run(make_account(bench.database_url))
    page = PythonPage(bench.profiles[0].context.new_page(), bench.url + "/bench/python")

    def step(name: str, **given: Any) -> Any:
        return page.run(SOURCE, {"step": name, **given}, ms_max=MS_MAX)

    device = secrets.token_hex(16)
    step("begin", username=username, password=PASSWORD, device=device, author=account_id)
    step("exchange")
    created, _ = Work(bench, turn).drafts(bench)
    step("write", files=created)
    found = step("exchange", memory=True)
    page.page.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="A long outbox: time and memory to send it.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--a-patient", type=int, default=workload.RECORDS_A_PATIENT)
    options = parser.parse_args()
    # A patient of so many records is one change more.
    options.records = options.changes * options.a_patient // (options.a_patient + 1)
    print(figures.load())
    with ExitStack() as stack:
        bench = Bench(stack, options)
        found = [measure(bench, turn) for turn in range(options.rounds)]
    print(f"{options.changes} changes, {found[0]['steps']} requests")
    print(figures.line("all sent and marked, milliseconds", [one["sent_ms"] for one in found]))
    for at, kind in enumerate(KINDS):
        before = figures.median([one["before"][at] for one in found]) / 1024
        most = figures.median([one["most"][at] for one in found]) / 1024
        print(f"{kind:44} before {before:6.1f} MB, at most {most:6.1f} MB")
    print(figures.load())


if __name__ == "__main__":
    main()
