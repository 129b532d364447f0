"""A new version of the app: offered, never forced, whole or not at all, and nothing is lost.

The real server runs from a copy of the tree, of which a file changes between two of its lives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Response, Route, expect

from backend.settings import ROOT
from tests.browsers import Browser
from tests.journeys.copies import CopiedServer
from tests.journeys.tablets import SAVED, START_MS_MAX, Tablet
from tests.live import wait_until

SHELL: list[str] = json.loads((ROOT / "pwa" / "app.json").read_text("utf-8"))["shell"]
NEW_STYLE = "\n.of-the-new-version { color: red; }\n"
NEW_TITLE = "Kunjungan versi baru"
NEW_WORDS = f'\nINDONESIAN["visit.title"] = "{NEW_TITLE}"\n'
OFFER = "Versi baru tersedia"
NOTE = "Belum selesai ditulis"
PATIENT = "Nyoman Rahasia"
CHANGES_OF_A_VISIT = 6
COUNT = "select count(*) as count, count(distinct (device_id, number)) as different from change"
QUIET_MS = 1_500

# What the browser does by itself now and then: looks whether sw.js has changed. Answers how the
# installation ended.
LOOK_FOR_UPDATE = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  await registration.update();
  const worker = registration.installing || registration.waiting;
  const isDecided = () => !worker || worker.state !== "installing";
  for (let waited = 0; !isDecided() && waited < 30_000; waited += 50)
    await new Promise((done) => setTimeout(done, 50));
  return worker ? worker.state : "nothing new";
}"""
READ_CACHES = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    found[name] = {};
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      found[name][new URL(request.url).pathname] = await answer.text();
    }
  }
  return found;
}"""
IS_WAITING = """() => navigator.serviceWorker.getRegistration().then((one) => !!one.waiting)"""


@pytest.fixture
def server(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[CopiedServer]:
    copied = CopiedServer(database_url, tmp_path)
    copied.start()
    yield copied
    copied.kill()


@pytest.fixture
def tablet(browser: Browser, server: CopiedServer) -> Tablet:
    """One that has the shell, and whose page is answered from it."""
    opened = Tablet(browser, server.url)
    opened.open()
    opened.wait_for_worker()
    opened.page.reload()
    opened.wait_until_ready()
    return opened


def read_caches(page: Page) -> dict[str, dict[str, str]]:
    """The name of each cache: the path and the text of each file in it."""
    return page.evaluate(READ_CACHES)


def cache_names(page: Page) -> list[str]:
    return page.evaluate("() => caches.keys()")


def look_for_update(page: Page) -> str:
    return page.evaluate(LOOK_FOR_UPDATE)


def bar_of(page: Page) -> Locator:
    return page.locator("#notice-version")


def write_note(page: Page, url: str, patient: str) -> None:
    """Types into the visit form, and saves nothing."""
    page.goto(f"{url}/#/patients/{patient}/visit")
    page.locator("#note").fill(NOTE)


def expect_version(page: Page, is_new: bool) -> None:
    """The page is answered from one cache, whole, of the version that is wanted."""
    style = page.evaluate("() => fetch('/pwa/app.css').then((answer) => answer.text())")
    assert (NEW_STYLE in style) is is_new
    held = read_caches(page)
    assert len(held) == 1, list(held)
    assert sorted(next(iter(held.values()))) == sorted(SHELL)


def mark(page: Page) -> None:
    """Something that a reload would wipe away."""
    page.evaluate("() => { globalThis.stayed = true; }")


def is_marked(page: Page) -> bool:
    return page.evaluate("() => globalThis.stayed === true")


def test_a_new_version_waits_for_the_person_and_loses_nothing_when_taken(
    server: CopiedServer, tablet: Tablet
) -> None:
    page, context = tablet.page, tablet.browser.context
    tablet.enter(server.username, server.password)
    patient = tablet.register(PATIENT)
    tablet.wait_until_all_on_server()
    before = cache_names(page)
    context.route("**/api/sync", lambda route: route.abort())
    tablet.record_visit(patient)
    expect(page.locator("#record")).to_be_visible()
    write_note(page, tablet.url, patient)
    mark(page)

    server.update(style=NEW_STYLE, words=NEW_WORDS)
    assert look_for_update(page) == "installed"
    expect(bar_of(page)).to_contain_text(OFFER, timeout=START_MS_MAX)
    page.wait_for_timeout(QUIET_MS)
    assert is_marked(page)
    expect(page.locator("#note")).to_have_value(NOTE)
    assert len(cache_names(page)) == 2

    with page.expect_navigation():
        bar_of(page).get_by_role("button").click()
    tablet.wait_until_ready()
    expect(bar_of(page)).to_have_count(0)
    wait_until(lambda: len(cache_names(page)) == 1, "the old cache is removed", 30)
    assert cache_names(page) != before
    expect_version(page, is_new=True)

    tablet.enter(server.username, server.password)
    expect(page.locator("#note")).to_have_value(NOTE)
    expect(page.locator("h1")).to_have_text(NEW_TITLE)
    tablet.open_chart(patient)
    expect(tablet.encounters).to_have_count(1)
    expect(tablet.encounters.first).to_contain_text(SAVED)
    expect_sent_once(server, tablet)
    assert tablet.errors == []


def expect_sent_once(server: CopiedServer, tablet: Tablet) -> None:
    """The patient and the visit that waited on the tablet reach the server."""
    assert server.fetch(COUNT) == [{"count": 1, "different": 1}]
    tablet.browser.context.unroute("**/api/sync")
    tablet.page.goto(tablet.url + "/#/sync")
    tablet.page.locator("#send-now").click()
    tablet.wait_until_all_on_server()
    wanted = 1 + CHANGES_OF_A_VISIT
    assert server.fetch(COUNT) == [{"count": wanted, "different": wanted}]


def test_an_ignored_version_is_offered_again_after_a_reload_and_in_another_tab(
    server: CopiedServer, tablet: Tablet
) -> None:
    page = tablet.page
    server.update(style=NEW_STYLE)
    assert look_for_update(page) == "installed"
    expect(bar_of(page)).to_be_visible(timeout=START_MS_MAX)
    server.kill()
    page.reload()
    tablet.wait_until_ready()
    expect(bar_of(page)).to_contain_text(OFFER, timeout=START_MS_MAX)
    other = tablet.browser.context.new_page()
    other.goto(tablet.url)
    expect(bar_of(other)).to_contain_text(OFFER, timeout=START_MS_MAX)
    assert other.evaluate(IS_WAITING)


def test_a_browser_closed_on_the_offer_starts_whole_and_finds_the_form_again(
    server: CopiedServer, tablet: Tablet
) -> None:
    """With the last tab closed nothing is interrupted, and the browser takes the new version."""
    tablet.enter(server.username, server.password)
    patient = tablet.register(PATIENT)
    write_note(tablet.page, tablet.url, patient)
    server.update(style=NEW_STYLE)
    assert look_for_update(tablet.page) == "installed"
    expect(bar_of(tablet.page)).to_be_visible(timeout=START_MS_MAX)
    tablet.page.wait_for_timeout(QUIET_MS)
    server.kill()
    tablet.restart()
    tablet.open(f"#/patients/{patient}/visit")
    wait_until(lambda: len(cache_names(tablet.page)) == 1, "the old cache is removed", 30)
    expect_version(tablet.page, is_new=True)
    expect(bar_of(tablet.page)).to_have_count(0)
    tablet.enter(server.username, server.password)
    expect(tablet.page.locator("#note")).to_have_value(NOTE)
    assert tablet.errors == []


def test_a_version_taken_in_one_tab_reloads_no_other(server: CopiedServer, tablet: Tablet) -> None:
    first = tablet.page
    second = tablet.browser.context.new_page()
    tablet.enter(server.username, server.password)
    patient = tablet.register(PATIENT)
    write_note(first, tablet.url, patient)
    mark(first)
    second.goto(tablet.url)
    server.update(style=NEW_STYLE)
    assert look_for_update(second) == "installed"
    expect(bar_of(second)).to_be_visible(timeout=START_MS_MAX)
    with second.expect_navigation():
        bar_of(second).get_by_role("button").click()
    expect(second.locator("html[data-ready]")).to_be_attached(timeout=START_MS_MAX)
    expect(bar_of(second)).to_have_count(0)
    expect(bar_of(first)).to_be_visible()
    assert is_marked(first)
    expect(first.locator("#note")).to_have_value(NOTE)
    with first.expect_navigation():
        bar_of(first).get_by_role("button").click()
    tablet.wait_until_ready()
    expect_version(first, is_new=True)
    expect(bar_of(first)).to_have_count(0)
    tablet.enter(server.username, server.password)
    expect(first.locator("#note")).to_have_value(NOTE)


FAULTS: dict[str, dict[str, Any]] = {
    "a file is broken": {"status": 500, "body": "Internal Server Error"},
    "a file is missing": {"status": 404, "body": "Not Found"},
    "a file is of another version": {"status": 200, "body": "svg { color: red; }"},
    "the network ends": {},
}


def answer_with(fault: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(**fault) if fault else route.abort()


def test_a_version_of_which_a_file_fails_is_not_taken_and_the_old_one_stays_whole(
    server: CopiedServer, tablet: Tablet
) -> None:
    page, context = tablet.page, tablet.browser.context
    before = read_caches(page)
    server.update(style=NEW_STYLE)
    # Not the first file and not the last: some of the new version has been fetched by then.
    path = "**" + SHELL[len(SHELL) // 2]
    for name, fault in FAULTS.items():
        context.route(path, answer_with(fault))
        assert look_for_update(page) == "redundant", name
        assert read_caches(page) == before, name
        assert not page.evaluate(IS_WAITING), name
        expect(bar_of(page)).to_have_count(0)
        context.unroute(path)
    server.kill()
    page.reload()
    tablet.wait_until_ready()
    expect_version(page, is_new=False)

    server.start()
    assert look_for_update(page) == "installed"
    expect(bar_of(page)).to_be_visible(timeout=START_MS_MAX)


def test_a_server_with_an_incomplete_shell_leaves_the_old_version_working(
    server: CopiedServer, tablet: Tablet
) -> None:
    before = read_caches(tablet.page)
    (server.root / "pwa" / "pages.css").unlink()
    server.update(style=NEW_STYLE)
    tablet.page.reload()
    tablet.wait_until_ready()
    tablet.page.wait_for_timeout(QUIET_MS)
    assert read_caches(tablet.page) == before
    expect(bar_of(tablet.page)).to_have_count(0)
    tablet.enter(server.username, server.password)
    assert tablet.errors == []


def test_what_the_server_says_about_patients_is_in_no_cache(
    server: CopiedServer, tablet: Tablet
) -> None:
    answers: list[Response] = []
    tablet.browser.context.on("response", lambda answer: answers.append(answer))
    tablet.enter(server.username, server.password)
    patient = tablet.register(PATIENT)
    tablet.record_visit(patient)
    tablet.wait_until_all_on_server()
    tablet.open_chart(patient)
    for path in (f"/api/charts?patients={patient}", "/api/snapshot", "/api/session", "/api/health"):
        status = f"() => fetch('{path}').then((answer) => answer.status)"
        assert tablet.page.evaluate(status) == 200, path
    asked = [one for one in answers if "/api/" in one.url]
    assert {re.split("[/?]", one.url.rpartition("/api/")[2])[0] for one in asked} >= {
        "sync",
        "charts",
        "devices",
    }
    for one in asked:
        assert one.header_value("cache-control") == "no-store", one.url
        assert not one.from_service_worker, one.url
    held = read_caches(tablet.page)
    assert [sorted(files) for files in held.values()] == [sorted(SHELL)]
    assert PATIENT not in json.dumps(held, ensure_ascii=False)
