"""Faults on the way to the server, with real Chromium, real server, real PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.proxy import Proxy
from tests.journeys.tablets import ON_SERVER, Tablet, signed_in
from tests.live import LiveServerWithDatabase, wait_until

COUNT = "select count(*) as count from change"
DOUBLED = "select device_id, number from change group by 1, 2 having count(*) > 1"
DIAGNOSES_A_VISIT = 28
VISITS = 8


@pytest.fixture
def proxy(live_server: LiveServerWithDatabase) -> Iterator[Proxy]:
    proxy = Proxy(live_server.port)
    yield proxy
    proxy.close()


def open_tablet(browser: Browser, server: LiveServerWithDatabase, url: str) -> Tablet:
    tablet = signed_in(browser, server, url)
    tablet.wait_until_all_on_server()
    return tablet


def test_a_reply_lost_after_the_commit_doubles_nothing(
    live_server: LiveServerWithDatabase, browser: Browser, proxy: Proxy
) -> None:
    tablet = open_tablet(browser, live_server, proxy.url)
    proxy.replies_to_lose = 2
    patient = tablet.register("Agus Salim", gender="male")
    tablet.record_visit(patient)
    wait_until(lambda: proxy.lost == 2, "two replies are lost", 60)
    tablet.wait_until_all_on_server()
    tablet.open_chart(patient)
    expect(tablet.encounters.first).to_contain_text(ON_SERVER)
    assert live_server.fetch(DOUBLED) == []
    assert live_server.fetch(COUNT) == [{"count": 7}]
    assert tablet.errors == []


def test_a_server_killed_between_two_batches_loses_and_doubles_nothing(
    live_server: LiveServerWithDatabase, browser: Browser, proxy: Proxy
) -> None:
    tablet = open_tablet(browser, live_server, proxy.url)
    tablet.wait_for_worker()
    live_server.kill()
    patient = tablet.register("Made Suarta", gender="male")
    for number in range(VISITS):
        write_long_visit(tablet, patient, number)
    killed: list[int] = []

    def kill_after_first(number: int) -> None:
        if not killed:
            killed.append(number)
            live_server.kill()

    proxy.after_reply = kill_after_first
    live_server.start()
    tablet.page.goto(tablet.url + "/#/sync")
    tablet.page.locator("#send-now").click()
    wait_until(lambda: killed, "the first batch is answered and the server killed", 60)
    proxy.after_reply = None
    live_server.start()
    tablet.page.locator("#send-now").click()
    tablet.wait_until_all_on_server()
    # Patient, and for each visit: encounter, three measurements, note, diagnoses.
    wanted = 1 + VISITS * (1 + 3 + 1 + DIAGNOSES_A_VISIT)
    assert live_server.fetch(COUNT) == [{"count": wanted}]
    assert live_server.fetch(DOUBLED) == []
    pushes = live_server.fetch("select first_number, last_number from push order by 1")
    assert len(pushes) >= 2
    assert pushes[-1]["last_number"] == wanted


def write_long_visit(tablet: Tablet, patient: str, number: int) -> None:
    """A visit of many changes, so that a few of them fill more than one batch."""
    page = tablet.page
    page.goto(f"{tablet.url}/#/patients/{patient}/visit")
    page.locator("#reason").fill(f"Kunjungan {number}")
    for name, value in (("systolic", "120"), ("diastolic", "80"), ("pulse", "80")):
        page.locator("#vitals-" + name).fill(value)
    page.locator("#vitals-weight").fill("60")
    page.locator("#note").fill("Panjang")
    for diagnosis in range(DIAGNOSES_A_VISIT):
        page.locator("#diagnosis").fill(f"zq{number}-{diagnosis}")
        page.locator("#diagnosis").press("Enter")
    page.locator("#save").click()
    expect(page.locator("#record")).to_be_visible()
    expect(tablet.encounters).to_have_count(number + 1)


def test_two_tabs_do_not_overwrite_each_other(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = open_tablet(browser, live_server, live_server.url)
    patient = tablet.register("Rina Wati")
    first = tablet.page
    second = browser.context.new_page()
    second.goto(f"{tablet.url}/#/patients/{patient}/visit")
    expect(second.locator("html[data-ready]")).to_be_attached(timeout=60_000)
    second.locator("#username").fill(live_server.username)
    second.locator("#password").fill(live_server.password)
    second.locator("#unlock-button").click()
    first.goto(f"{tablet.url}/#/patients/{patient}/visit")
    for page, reason in ((first, "Tab pertama"), (second, "Tab kedua")):
        page.locator("#reason").fill(reason)
    for page in (first, second):
        page.locator("#save").click()
    for page in (first, second):
        expect(page.locator("#record")).to_be_visible()
        expect(page.locator("li.encounter")).to_have_count(2, timeout=60_000)
    tablet.wait_until_all_on_server()
    reasons = live_server.fetch(
        "select body->'resource'->'reasonCode'->0->>'text' as reason from resource "
        "where key like 'Encounter/%' order by 1"
    )
    assert [row["reason"] for row in reasons] == ["Tab kedua", "Tab pertama"]
    assert live_server.fetch(DOUBLED) == []


def test_pain_05_unsent_work_survives_sign_out_and_another_user(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser]
) -> None:
    password = add_account(live_server, "perawat")
    tablet = open_tablet(open_browser("tablet"), live_server, live_server.url)
    tablet.wait_for_worker()
    live_server.kill()
    patient = tablet.register("Ketut Sari")
    tablet.page.locator("#menu summary").click()
    tablet.page.locator("#sign-out").click()
    tablet.page.get_by_role("button", name="Tetap keluar").click()
    expect(tablet.page.locator("#unlock-form")).to_be_visible()
    live_server.start()
    tablet.enter("perawat", password)
    tablet.wait_until_all_on_server()
    tablet.open_chart(patient)
    expect(tablet.page.locator(".banner")).to_contain_text("Ketut Sari")
    rows = live_server.fetch(
        "select body->>'author' as author, push.account_id as pusher from change "
        "join push using (facility_id, device_id)"
    )
    assert len(rows) == 1
    assert rows[0]["author"] != rows[0]["pusher"]


def add_account(server: LiveServerWithDatabase, username: str) -> str:
    """A second account; its password, which the command prints once."""
    printed = server.run_command("account", "add", username, "--name", "Perawat Dewi")
    found = re.search(r"^ *password: (\S+)$", printed, re.MULTILINE)
    assert found is not None, printed
    return found[1]
