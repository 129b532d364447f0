"""A session that is gone, at a server that cannot be asked just then: nobody types twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browsers import Browser
from tests.journeys.tablets import START_MS_MAX, signed_in
from tests.live import LiveServerWithDatabase

SESSION = "**/api/session"
SIGNED_OUT = "Perlu masuk lagi"


def cut(route: Route) -> None:
    route.abort("connectionreset")


def fail(route: Route) -> None:
    """As the server answers while PostgreSQL is away."""
    route.fulfill(status=503, json={"resourceType": "OperationOutcome", "issue": []})


@pytest.mark.parametrize("answer", [cut, fail], ids=lambda answer: answer.__name__)
def test_the_password_that_opened_the_device_signs_in_as_soon_as_the_server_can(
    live_server: LiveServerWithDatabase,
    open_browser: Callable[..., Browser],
    answer: Callable[[Route], None],
) -> None:
    tablet = signed_in(open_browser("tablet"), live_server)
    tablet.wait_until_all_on_server()
    tablet.page.locator("#lock").click()
    expect(tablet.page.locator("#username")).to_be_visible()
    # A dead battery took the browser's cookie.
    tablet.page.context.clear_cookies()
    tablet.page.context.route(SESSION, answer)
    tablet.enter(live_server.username, live_server.password)
    patient = tablet.register("Siti Nurhaliza")
    expect(tablet.badge).to_have_text(SIGNED_OUT, timeout=START_MS_MAX)
    tablet.page.context.unroute(SESSION)
    tablet.wait_until_all_on_server()
    assert live_server.fetch("select count(*) as n from change")[0]["n"] == 1
    tablet.open_chart(patient)
    assert tablet.errors == []
