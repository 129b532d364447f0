"""What users of such systems complain of, and that it does not happen here: the tablet itself.

The numbers are those of docs/pains.md, which says where each complaint was read.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.tablets import ALL_ON_SERVER, Tablet
from tests.live import LiveServerWithDatabase

# A round that begins by the timer would be this far away; reconnecting must not wait for it.
AT_ONCE_MS = 5_000


@pytest.fixture
def tablet(live_server: LiveServerWithDatabase, browser: Browser) -> Tablet:
    """Signed in, everything synchronised, and able to start offline."""
    tablet = Tablet(browser, live_server.url)
    tablet.open()
    tablet.enter(live_server.username, live_server.password)
    tablet.wait_until_all_on_server()
    tablet.wait_for_worker()
    return tablet


def test_pain_17_sync_starts_when_the_network_is_back(tablet: Tablet) -> None:
    context = tablet.browser.context
    context.set_offline(True)
    tablet.register("Ayu Lestari")
    expect(tablet.badge).to_contain_text("Luring", timeout=30_000)
    # Long enough for the pauses between attempts to have grown.
    tablet.page.wait_for_timeout(8_000)
    context.set_offline(False)
    expect(tablet.badge).to_have_text(ALL_ON_SERVER, timeout=AT_ONCE_MS)


def test_pain_22_registration_works_with_no_network_from_a_cold_start(
    tablet: Tablet, live_server: LiveServerWithDatabase
) -> None:
    live_server.kill()
    tablet.restart()
    tablet.open("#/patients/new")
    tablet.enter(live_server.username, live_server.password)
    patient = tablet.register("Wayan Putra", gender="male")
    tablet.record_visit(patient)
    assert tablet.errors == []


def test_pain_24_everything_a_clinician_does_works_offline(
    tablet: Tablet, live_server: LiveServerWithDatabase
) -> None:
    patient = tablet.register("Kadek Ayu")
    tablet.record_visit(patient)
    tablet.wait_until_all_on_server()
    live_server.kill()
    for route in ("patients", "patients/new", f"patients/{patient}", f"patients/{patient}/visit"):
        tablet.page.goto(f"{tablet.url}/#/{route}")
        expect(tablet.page.locator("main h1, main h2, main .banner").first).to_be_visible()
        expect(tablet.page.locator("main .failure:not(:empty)")).to_have_count(0)
    expect(tablet.find("kadek")).to_have_count(1)
    tablet.record_visit(patient, reason="Tanpa jaringan")
    expect(tablet.encounters).to_have_count(2)
    assert tablet.errors == []
