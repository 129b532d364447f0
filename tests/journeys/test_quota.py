"""Storage that fills up while somebody works: said on every page, and no note is refused."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.tablets import SYNC_MS_MAX, signed_in
from tests.live import LiveServerWithDatabase

# What the browser says of its disk, and a clock that can be put ahead.
DISK = """
const now = Date.now.bind(Date);
window.rekamUsed = 10;
window.rekamAhead = 0;
Date.now = () => now() + window.rekamAhead;
navigator.storage.estimate = async () => ({usage: window.rekamUsed, quota: 100});
"""
USED = "used => { window.rekamUsed = used; window.rekamAhead += 61000; }"


def test_nearly_full_storage_is_said_after_a_save_and_refuses_no_note(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    browser.context.add_init_script(DISK)
    tablet = signed_in(browser, live_server)
    tablet.wait_until_all_on_server()
    bar = tablet.page.locator("#notice-quota")
    expect(bar).to_have_count(0)
    tablet.page.evaluate(USED, 85)
    patient = tablet.register("Komang Penuh")
    expect(bar).to_contain_text("85 % terpakai", timeout=SYNC_MS_MAX)
    tablet.look("quota")
    language = tablet.page.locator("#language")
    language.click()
    expect(bar).to_contain_text("85 % used")
    language.click()
    expect(bar).to_contain_text("85 % terpakai")
    tablet.page.evaluate(USED, 99)
    tablet.record_visit(patient)
    expect(bar).to_contain_text("99 %", timeout=SYNC_MS_MAX)
    tablet.wait_until_all_on_server()
    expect(tablet.encounters).to_have_count(1)
    bar.get_by_role("button").click()
    expect(tablet.page.locator("#storage-full")).to_contain_text("99 %")
    tablet.look("quota-sync")
    # Somebody has made room; it is noticed with the next exchange.
    tablet.page.evaluate(USED, 40)
    tablet.page.locator("#send-now").click()
    expect(bar).to_have_count(0, timeout=SYNC_MS_MAX)
    assert tablet.errors == []
