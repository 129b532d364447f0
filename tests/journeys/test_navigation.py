"""Addresses and pages: what is shown is what was asked for last."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.tablets import signed_in
from tests.live import LiveServerWithDatabase


def test_an_address_asked_for_while_another_page_is_built_is_the_one_shown(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    patient = tablet.register("Putu Sari")
    for number in range(5):
        # The chart is being built when "saved" is said; the form is asked for once more.
        tablet.record_visit(patient, reason=f"Kunjungan {number}")
        tablet.page.goto(f"{tablet.url}/#/patients/{patient}/visit")
        expect(tablet.page.locator("#record")).to_have_count(0)
        expect(tablet.page.locator("#reason")).to_have_value("")
        tablet.open_chart(patient)
    expect(tablet.encounters).to_have_count(5)
    assert tablet.errors == []
