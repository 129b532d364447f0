"""Rounds of real work under real faults: Chromium, server, PostgreSQL, and a network that cuts.

In each round somebody writes on one of two tablets while something is killed or cut at a random
moment. What the page called saved goes into the books; now and then everything is mended, and
the books must agree with PostgreSQL and with both tablets.

python -m tests.faults.campaign --rounds 300 --seed 1
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error, Playwright, expect, sync_playwright

from tests.faults import check
from tests.faults.clinic import FaultyTablet, Server, later
from tests.faults.network import Network
from tests.live import make_reachable_folder

ROUNDS_BETWEEN_CHECKS = 25
WRITE_SECONDS_MAX = 2.5
DOWN_ROUNDS_MAX = 3
NEW_PATIENT_SHARE = 0.15
SHARES = (0.0, 0.0, 0.4, 0.8)

NOTHING = "nothing killed"
BROWSER = "browser killed while writing"
BROWSER_SAVED = 'browser killed right after "saved"'
SERVER = "server killed"
DATABASE = "PostgreSQL killed"
RELOAD = 'page reloaded right after "saved"'
DEATHS = (NOTHING, BROWSER, BROWSER, BROWSER_SAVED, SERVER, SERVER, DATABASE, DATABASE, RELOAD)


@dataclass
class Books:
    """What was written, by its text: {text: patient}. `tried` was cut off before "saved"."""

    patients: dict[str, str] = field(default_factory=dict[str, str])
    visits: dict[str, str] = field(default_factory=dict[str, str])
    tried: dict[str, str] = field(default_factory=dict[str, str])


class Campaign:
    def __init__(self, playwright: Playwright, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.server = Server(folder)
        self.server.start()
        self.networks = [Network(self.server.port, self.chance) for _ in range(2)]
        self.tablets = [
            FaultyTablet(f"tablet-{at}", playwright, folder, network.url, self.server)
            for at, network in enumerate(self.networks)
        ]
        self.books = Books()
        self.deaths: Counter[str] = Counter()
        self.down_rounds = 0
        self.rounds = 0
        for tablet in self.tablets:
            tablet.open()
            tablet.enter(self.server.username, self.server.password)
            tablet.wait_until_all_on_server()
            tablet.wait_for_worker()
        name = "Pasien 0"
        self.books.patients[name] = self.tablets[0].register(name)
        for tablet in self.tablets:
            tablet.settle()

    def close(self) -> None:
        for tablet in self.tablets:
            tablet.browser.close()
        for network in self.networks:
            network.close()
        self.server.kill()

    def run(self, rounds: int) -> None:
        for _ in range(rounds):
            self.rounds += 1
            self.round()
            if self.rounds % ROUNDS_BETWEEN_CHECKS == 0:
                self.mend_and_check()
        self.mend_and_check()

    def round(self) -> None:
        chance = self.chance
        self._maybe_start_server()
        for network in self.networks:
            network.share = chance.choice(SHARES)
        tablet = chance.choice(self.tablets)
        tablet.come_back()
        death = chance.choice(DEATHS)
        self.deaths[death] += 1
        moment = chance.random() * WRITE_SECONDS_MAX
        timer = None
        if death == BROWSER:
            timer = later(moment, tablet.kill_processes)
        elif death == DATABASE:
            timer = later(moment, self.server.kill_database)
        elif death == SERVER and self.down_rounds == 0:
            timer = later(moment, self.server.kill)
            self.down_rounds = chance.randint(1, DOWN_ROUNDS_MAX)
        self._write(tablet, death)
        if timer is not None:
            timer.join()

    def _maybe_start_server(self) -> None:
        if self.down_rounds:
            self.down_rounds -= 1
            if self.down_rounds == 0:
                self.server.start()

    def _write(self, tablet: FaultyTablet, death: str) -> None:
        """Something new, on a patient this tablet surely has: one of its own, or the first."""
        text = f"Putaran {self.rounds} {tablet.name}"
        is_new = self.chance.random() < NEW_PATIENT_SHARE
        known = [
            patient
            for name, patient in self.books.patients.items()
            if name == "Pasien 0" or name.endswith(tablet.name)
        ]
        patient = self.chance.choice(known)
        self.books.tried[text] = "" if is_new else patient
        try:
            if is_new:
                patient = tablet.register(text)
            else:
                tablet.record_visit(patient, reason=text)
        except (Error, AssertionError):
            # Killed under our hands; anything else is a page that does not work.
            if death != BROWSER:
                raise
            return
        del self.books.tried[text]
        (self.books.patients if is_new else self.books.visits)[text] = patient
        if death == BROWSER_SAVED:
            tablet.kill_processes()
        elif death == RELOAD:
            tablet.page.reload()
            tablet.wait_until_ready()
        elif death != BROWSER:
            # Whoever goes on too fast would type into the form that was just saved.
            expect(tablet.page.locator("#record")).to_be_visible()

    def mend_and_check(self) -> None:
        """Everything runs again and is given time; then the books are compared."""
        for network in self.networks:
            network.share = 0.0
        if self.down_rounds:
            self.down_rounds = 0
            self.server.start()
        for tablet in [*self.tablets, self.tablets[0]]:
            tablet.come_back()
            tablet.settle()
        check.compare(self.books.patients, self.books.visits, self.books.tried, self.server)
        for tablet in self.tablets:
            check.compare_tablet(tablet, self.server)
            assert tablet.errors == [], tablet.errors

    def report(self) -> str:
        kills = ", ".join(f"{count} x {what}" for what, count in sorted(self.deaths.items()))
        done = sum((network.done for network in self.networks), Counter[str]())
        links = ", ".join(f"{count} x {what}" for what, count in sorted(done.items()))
        books = self.books
        return (
            f"{self.rounds} rounds: {len(books.patients)} patients and {len(books.visits)} visits "
            f"called saved, {len(books.tried)} cut off before\n{kills}\n{links}"
        )


def run(playwright: Playwright, seed: int, rounds: int) -> Campaign:
    """Raises with the seed when a promise was broken."""
    folder = make_reachable_folder()
    campaign = Campaign(playwright, folder, seed)
    try:
        campaign.run(rounds)
    except BaseException as failure:
        failure.add_note(f"seed {seed}, round {campaign.rounds}\n{campaign.report()}")
        for tablet in campaign.tablets:
            failure.add_note(tablet.what_it_shows())
        raise
    finally:
        campaign.close()
        shutil.rmtree(folder, ignore_errors=True)
    return campaign


def main() -> int:
    parser = argparse.ArgumentParser(description="Real work under real faults.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    with sync_playwright() as playwright:
        campaign = run(playwright, options.seed, options.rounds)
    print(campaign.report())
    print(f"nothing lost, nothing doubled, both tablets equal; {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
