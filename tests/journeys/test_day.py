"""The day's count on the page: agreeing, without a network, differing, and on paper."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.tablets import SYNC_MS_MAX, signed_in
from tests.live import LiveServerWithDatabase


def test_the_day_agrees_with_the_server_only_when_it_was_compared(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    patient = tablet.register("Nyoman Tari")
    tablet.record_visit(patient)
    tablet.wait_until_all_on_server()
    page = tablet.page
    page.goto(tablet.url + "/#/day")
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("Cocok", timeout=SYNC_MS_MAX)
    expect(verdict).to_contain_text("Rantai di perangkat ini utuh: no. 1–7.")
    figures = page.locator("tfoot .figure")
    expect(figures).to_have_text(["7", "7", "0", "0", "0"])
    page.emulate_media(media="print")
    expect(page.locator(".signature")).to_be_visible()
    expect(page.locator("header.bar, .bar").first).to_be_hidden()
    expect(page.locator("#print-day")).to_be_hidden()
    page.emulate_media(media="screen")

    page.context.set_offline(True)
    tablet.record_visit(patient)
    page.goto(tablet.url + "/#/day")
    expect(verdict).to_contain_text("Belum dibandingkan dengan server", timeout=SYNC_MS_MAX)
    expect(verdict).to_contain_text("Terakhir dibandingkan")
    expect(verdict).not_to_have_class("verdict-agree")
    expect(figures).to_have_text(["13", "7", "6", "0", "0"])
    expect(page.locator(".counts tbody th")).to_have_text("Administrator · perangkat ini")
    page.context.set_offline(False)
    tablet.wait_until_all_on_server()

    # As after a fault of the server: what it had taken is gone.
    live_server.fetch("delete from change where sequence = 3")
    page.locator("#check-day").click()
    expect(verdict).to_contain_text("TIDAK COCOK", timeout=SYNC_MS_MAX)
    expect(verdict).to_contain_text("Di perangkat 13, di server 12.")
    assert tablet.errors == []
