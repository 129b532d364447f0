"""Offline warm start to a usable patient list, beside plain JavaScript and beside Pyodide.

    python -m bench.start [--rounds N] [--patients N] [--restart]

The real app from the real server with a real PostgreSQL, and the pages of `comparisons`. Each is
filled once with the network; then every server is killed, and the variants start in turn, round
by round. Timed in the page: navigation to live form, and form sent to painted list. Argon2id is
the same in all and is shown apart. With --restart the browser is closed before every start.
Goals: at most 3 times the plain page, at most a tenth of Pyodide.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from bench import comparisons, figures, records
from tests.browsers import Browser
from tests.journeys.tablets import signed_in
from tests.live import DatabaseServer, LiveServerWithDatabase, make_reachable_folder

OBSERVE = (comparisons.BENCH / "pages" / "observe.js").read_text("utf-8")
PASSWORD = "kata sandi untuk mengukur"
ROUNDS = 9
WARM_ROUNDS = 2
PATIENTS = 1000
WAIT_MS_MAX = 60_000
SETTLE_MS = 400
PLAIN_RATIO_MAX = 3.0
PYODIDE_RATIO_MAX = 0.1
PARTS = ("form live", "form sent to list painted", "of which Argon2id")

Variant = tuple[str, str, str, str]  # name, address, username, password


@contextmanager
def open_rekam(folder: Path, patients: int) -> Iterator[LiveServerWithDatabase]:
    database = DatabaseServer(None)
    server = LiveServerWithDatabase(database.create_database(), folder / "server.txt")
    try:
        server.start()
        records.write_bundle(folder / "bundle.json", patients)
        server.run_command("import", str(folder / "bundle.json"))
        yield server
    finally:
        server.kill()
        database.drop_database(server.database_url)
        database.stop()


def fill_rekam(browser: Browser, server: LiveServerWithDatabase, patients: int) -> Variant:
    tablet = signed_in(browser, server)
    tablet.wait_until_all_on_server()
    expect(tablet.page.locator("#page")).to_contain_text(str(patients // 1000), timeout=WAIT_MS_MAX)
    tablet.wait_for_worker()
    return ("Rekam", server.url, server.username, server.password)


def fill_site(browser: Browser, kind: str, url: str) -> Variant:
    page = browser.page
    page.goto(url)
    expect(page.locator("html[data-ready]")).to_be_attached(timeout=WAIT_MS_MAX)
    page.evaluate("(password) => fillIn(password)", PASSWORD)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    return (kind, url, "dokter", PASSWORD)


def start_once(browser: Browser, variant: Variant) -> dict[str, float]:
    """Milliseconds of one start, in a new tab."""
    _, url, username, password = variant
    page = browser.context.new_page()
    page.add_init_script(OBSERVE)
    page.wait_for_timeout(SETTLE_MS)
    page.goto(url, wait_until="commit")
    expect(page.locator("html[data-ready]")).to_be_attached(timeout=WAIT_MS_MAX)
    page.locator("#username").fill(username)
    page.locator("#password").fill(password)
    page.wait_for_timeout(SETTLE_MS)
    page.locator("#unlock-button").click()
    expect(page.locator("#patients li").first).to_be_visible(timeout=WAIT_MS_MAX)
    moments = read_moments(page)
    page.close()
    return {
        PARTS[0]: moments["ready"],
        PARTS[1]: moments["painted"] - moments["submitted"],
        PARTS[2]: moments["derived"] - moments["derivation"],
    }


def read_moments(page: Page) -> dict[str, float]:
    page.wait_for_timeout(SETTLE_MS)
    return page.evaluate("() => globalThis.moments")


def report(times: dict[str, list[dict[str, float]]]) -> None:
    totals: dict[str, list[float]] = {}
    for name, rounds in times.items():
        print(f"\n{name}")
        for part in PARTS:
            print(figures.line("  " + part, [one[part] for one in rounds]))
        totals[name] = [one[PARTS[0]] + one[PARTS[1]] - one[PARTS[2]] for one in rounds]
        print(figures.line("  start without Argon2id", totals[name]))
    print()
    for other in comparisons.KINDS:
        with_it = ratio(
            [one[PARTS[0]] + one[PARTS[1]] for one in times["Rekam"]],
            [one[PARTS[0]] + one[PARTS[1]] for one in times[other]],
        )
        form = ratio(
            [one[PARTS[0]] for one in times["Rekam"]], [one[PARTS[0]] for one in times[other]]
        )
        print(f"Rekam / {other}: live form {form:.3f}, start with Argon2id {with_it:.3f}")
    for other in ("plain", "heavy"):
        measured = ratio(totals["Rekam"], totals[other])
        print(figures.verdict(f"start beside {other}", measured, PLAIN_RATIO_MAX))
    beside = ratio(totals["Rekam"], totals["pyodide"])
    print(figures.verdict("start beside pyodide", beside, PYODIDE_RATIO_MAX))


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' ratios: both of a round met the machine in the same mood."""
    return figures.median([one / other for one, other in zip(ours, theirs, strict=True)])


def measure(stack: ExitStack, options: argparse.Namespace) -> dict[str, Any]:
    folder = make_reachable_folder()
    stack.callback(shutil.rmtree, folder)
    playwright = stack.enter_context(sync_playwright())
    profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
    browser = Browser(playwright, Path(profile), {})
    stack.callback(browser.close)
    server = stack.enter_context(open_rekam(folder, options.patients))
    variants = [fill_rekam(browser, server, options.patients)]
    lines = records.make_lines(options.patients)
    for kind in comparisons.KINDS:
        comparisons.build_site(kind, folder / kind, lines)
        site = comparisons.Site(folder / kind)
        variants.append(fill_site(browser, kind, site.url))
        site.kill()
    server.kill()
    times: dict[str, list[dict[str, float]]] = {variant[0]: [] for variant in variants}
    for turn in range(WARM_ROUNDS + options.rounds):
        for variant in variants[turn % len(variants) :] + variants[: turn % len(variants)]:
            if options.restart:
                browser.close()
                browser.start()
            taken = start_once(browser, variant)
            if turn >= WARM_ROUNDS:
                times[variant[0]].append(taken)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description="Offline warm start, beside others.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--restart", action="store_true", help="a new browser for each start")
    options = parser.parse_args()
    print(figures.load())
    with ExitStack() as stack:
        report(measure(stack, options))
    print(figures.load())


if __name__ == "__main__":
    main()
