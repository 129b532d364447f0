"""An entry on its way, as a clinician sees it: saved, sent, on the server with its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.proxy import Proxy
from tests.journeys.tablets import ON_SERVER, SAVED, SYNC_MS_MAX, signed_in
from tests.live import LiveServerWithDatabase, wait_until

SENT = "Dikirim · menunggu jawaban server"
SENT_EN = "Sent · waiting for the server"
COUNT = "select count(*) as count from change"


@pytest.fixture
def proxy(live_server: LiveServerWithDatabase) -> Iterator[Proxy]:
    proxy = Proxy(live_server.port)
    yield proxy
    proxy.answers.set()
    proxy.close()


def test_an_entry_is_saved_then_sent_then_on_the_server(
    live_server: LiveServerWithDatabase, browser: Browser, proxy: Proxy
) -> None:
    tablet = signed_in(browser, live_server, proxy.url)
    patient = tablet.register("Luh Ayu")
    tablet.wait_until_all_on_server()
    page, state = tablet.page, tablet.encounters.first.locator(".state")
    page.context.set_offline(True)
    tablet.record_visit(patient)
    expect(state).to_have_text(SAVED)
    proxy.answers.clear()
    page.context.set_offline(False)
    expect(state).to_contain_text(SENT, timeout=SYNC_MS_MAX)
    expect(tablet.badge).to_have_text("Dikirim, menunggu jawaban…")
    tablet.look("sent-chart")
    page.locator("#language").click()
    expect(state).to_contain_text(SENT_EN)
    page.locator("#language").click()
    page.goto(tablet.url + "/#/sync")
    expect(page.locator("dl.facts").first).to_contain_text("Sudah dikirim, belum dijawab server6")
    tablet.look("sent-sync")
    page.goto(tablet.url + "/#/day")
    expect(page.locator("#verdict")).to_contain_text("6 data sudah dikirim", timeout=SYNC_MS_MAX)
    tablet.look("sent-day")
    tablet.open_chart(patient)
    expect(state).to_contain_text(SENT)
    proxy.answers.set()
    expect(state).to_have_text(ON_SERVER, timeout=SYNC_MS_MAX)
    assert tablet.errors == []


def test_after_a_dead_battery_nothing_is_called_sent(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser], proxy: Proxy
) -> None:
    tablet = signed_in(open_browser("one"), live_server, proxy.url)
    tablet.wait_for_worker()
    patient = tablet.register("Luh Ayu")
    tablet.wait_until_all_on_server()
    proxy.answers.clear()
    tablet.record_visit(patient)
    state = tablet.encounters.first.locator(".state")
    expect(state).to_contain_text(SENT, timeout=SYNC_MS_MAX)
    wait_until(lambda: live_server.fetch(COUNT) == [{"count": 7}], "the server has it", 30)
    live_server.kill()
    tablet.restart(by_force=True)
    tablet.open()
    tablet.enter(live_server.username, live_server.password)
    tablet.open_chart(patient)
    # The server had it when the battery died. Nobody here knows, and nobody says so.
    expect(tablet.encounters.first.locator(".state")).to_have_text(SAVED)
    proxy.answers.set()
    live_server.start()
    expect(tablet.encounters.first.locator(".state")).to_have_text(ON_SERVER, timeout=SYNC_MS_MAX)
    assert live_server.fetch(COUNT) == [{"count": 7}]
    assert tablet.errors == []
