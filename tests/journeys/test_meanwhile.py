"""What changes while a page is being built is on the page when it is shown."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import APIResponse, Route, expect

from tests.browsers import Browser
from tests.journeys import apart
from tests.journeys.tablets import START_MS_MAX, SYNC_MS_MAX, Tablet
from tests.live import LiveServerWithDatabase, wait_until

ALLERGY = f"#/patients/{apart.PATIENT}/edit/{apart.ALLERGY}"
HISTORY = f"#/patients/{apart.PATIENT}/history/{apart.ALLERGY}"
EDITED = "Bengkak di bibir"
ARRIVED = """
select 1 from audit where action = 'changes-read'
    and (details->>'through')::bigint = (select max(sequence) from change)
"""
MERGING_MS = 1_000


def test_a_history_that_was_asked_for_before_an_edit_came_shows_the_edit(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser]
) -> None:
    apart.write(live_server)
    one, two = (
        Tablet(open_browser(name, service_workers="block"), live_server.url)
        for name in ("one", "two")
    )
    for tablet in (one, two):
        tablet.open()
        tablet.enter(live_server.username, live_server.password)
        tablet.wait_until_all_on_server()
    held: list[tuple[Route, APIResponse]] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    one.page.route("**/api/history?**", hold_first)
    one.page.goto(f"{one.url}/{HISTORY}")
    # The page still shows what was there before it: its answer, of now, is on the way.
    expect(one.page.locator("li.version")).to_have_count(0)
    two.page.goto(f"{two.url}/{ALLERGY}")
    two.page.locator("#reaction").fill(EDITED, timeout=START_MS_MAX)
    two.page.locator("#save").click()
    two.wait_until_all_on_server()
    wait_until(lambda: live_server.fetch(ARRIVED), "the edit reaches the first tablet", 30)
    one.page.wait_for_timeout(MERGING_MS)
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(one.page.locator("li.version").first).to_contain_text(EDITED, timeout=SYNC_MS_MAX)
    assert one.errors == two.errors == []
