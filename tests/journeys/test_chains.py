"""What a person sees when a tablet's chain cannot simply go on, or its network never comes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.tablets import SYNC_MS_MAX, Tablet, signed_in
from tests.live import LiveServerWithDatabase, wait_until

COUNT = "select count(*) as count from change"
DEVICES = "select count(distinct device_id) as count from change"
KEPT = "select count(*) as count from quarantine"
THREE_YEARS_BACK = """
const now = Date.now.bind(Date);
Date.now = () => now() - 3.02 * 365 * 86400000;
"""


def test_a_rescue_file_reaches_the_server_by_another_tablet(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser], tmp_path: Path
) -> None:
    one = signed_in(open_browser("one"), live_server)
    one.wait_until_all_on_server()
    one.browser.context.set_offline(True)
    patient = one.register("Wayan Sudirta")
    one.record_visit(patient)
    one.page.goto(one.url + "/#/sync")
    with one.page.expect_download() as download:
        one.page.locator("#rescue-write").click()
    expect(one.page.locator("#rescue-said")).to_contain_text("7 catatan")
    one.look("rescue-written")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".rekam"
    assert b"Sudirta" not in path.read_bytes()
    two = signed_in(open_browser("two"), live_server)
    two.page.goto(two.url + "/#/sync")
    said = two.page.locator("#rescue-said")
    for words in ("7 catatan dibaca: 7 baru, 0 sudah ada.", "7 catatan dibaca: 0 baru, 7 sudah"):
        two.page.locator("#rescue-file").set_input_files(path)
        expect(said).to_contain_text(words, timeout=SYNC_MS_MAX)
    name = re.compile(r"Dari perangkat Administrator \(\w{4}\): 7 catatan")
    expect(said).to_contain_text(name)
    two.look("rescue-read")
    damaged = tmp_path / "damaged.rekam"
    damaged.write_bytes(path.read_bytes()[:-9])
    two.page.locator("#rescue-file").set_input_files(damaged)
    expect(said).to_contain_text("tidak dapat dibaca", timeout=SYNC_MS_MAX)
    assert live_server.fetch(COUNT) == [{"count": 7}]
    # The first tablet has a network again: all it has is there.
    one.browser.context.set_offline(False)
    one.page.locator("#send-now").click()
    one.wait_until_all_on_server()
    assert live_server.fetch(COUNT) == [{"count": 7}]
    assert live_server.fetch(KEPT) == [{"count": 0}]
    # Every page names a device in the same way, and so does the operator's list.
    two.page.goto(two.url + "/#/day")
    counted = two.page.locator(".counts tbody")
    mark = one_mark(one)
    expect(counted).to_contain_text(f"perangkat Administrator ({mark})", timeout=SYNC_MS_MAX)
    two.look("day-devices")
    assert f"device of Administrator ({mark})" in live_server.run_command("device", "list")
    assert one.errors + two.errors == []


def one_mark(tablet: Tablet) -> str:
    """How the page of synchronisation says that others call this device."""
    tablet.page.goto(tablet.url + "/#/sync")
    named = tablet.page.get_by_text(re.compile(r"^perangkat Administrator \(\w{4}\)$"))
    expect(named).to_be_visible()
    return (named.text_content() or "")[-5:-1]


def test_a_copied_tablet_sets_its_work_aside_and_says_so(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser], tmp_path: Path
) -> None:
    one = signed_in(open_browser("one"), live_server)
    patient = one.register("Ketut Rai")
    one.wait_until_all_on_server()
    one.browser.close()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    one.browser.start()
    one.open()
    one.enter(live_server.username, live_server.password)
    one.record_visit(patient)
    one.wait_until_all_on_server()
    two = signed_in(open_browser("two"), live_server)
    two.browser.context.set_offline(True)
    stranger = two.register("Made Baru")
    two.record_visit(stranger)
    two.browser.context.set_offline(False)
    two.page.goto(two.url + "/#/sync")
    two.page.locator("#send-now").click()
    expect(two.page.locator("#events")).to_contain_text("7 catatan", timeout=SYNC_MS_MAX)
    expect(two.page.locator("#aside li")).to_have_count(7)
    expect(two.badge).to_contain_text("perlu perhatian", timeout=SYNC_MS_MAX)
    check_what_is_told(two)
    two.look("copied")
    assert live_server.fetch(KEPT) == [{"count": 7}]
    assert live_server.fetch(COUNT) == [{"count": 7}]
    lose_what_is_aside(two, live_server)
    # The other's visit is here, and a patient who is in no record is not.
    two.open_chart(patient)
    expect(two.encounters).to_have_count(1)
    expect(two.find("Made Baru")).to_have_count(0)
    two.page.goto(two.url + "/#/sync")
    rows = two.page.locator("#aside li")
    leave_one(two, live_server)
    for left in range(6, 0, -1):
        expect(rows).to_have_count(left)
        rows.first.get_by_role("button", name="Kirim sebagai catatan baru").click()
    expect(rows).to_have_count(0)
    two.page.locator("#events button").click()
    two.wait_until_all_on_server()
    assert live_server.fetch(COUNT) == [{"count": 13}]
    assert live_server.fetch(DEVICES) == [{"count": 2}]
    expect(two.find("Made Baru")).to_have_count(1)
    # Locked and opened again, the tablet is the one it became.
    two.restart()
    two.open()
    two.enter(live_server.username, live_server.password)
    two.wait_until_all_on_server()
    assert one.errors + two.errors == []


def check_what_is_told(tablet: Tablet) -> None:
    aside = tablet.page.locator("#aside")
    expect(aside.locator("li").first).to_contain_text("Made Baru")
    expect(aside).to_contain_text("Demam tiga hari")
    expect(aside).to_contain_text("Suhu · 38,2 °C")
    # The bar that tells of it leads to where it stands, also from the very page.
    tablet.page.locator("#notice-event button").click()
    expect(tablet.page.locator("#events")).to_be_focused()


def lose_what_is_aside(tablet: Tablet, server: LiveServerWithDatabase) -> None:
    """A backup from before is put back: what the page says the server keeps is brought to it."""
    server.kill()
    server.fetch("delete from quarantine")
    server.run_command("restored")
    server.start()
    tablet.page.goto(tablet.url + "/#/sync")
    tablet.page.locator("#send-now").click()
    expect(tablet.page.locator("#events")).to_contain_text("dipulihkan", timeout=SYNC_MS_MAX)
    wait_until(lambda: server.fetch(KEPT) == [{"count": 7}], "it is kept again", 60)
    expect(tablet.page.locator("#aside li")).to_have_count(7)


def leave_one(tablet: Tablet, server: LiveServerWithDatabase) -> None:
    """Offline: it asks for a reason, can be taken back, and is told when there is a network."""
    page = tablet.page
    rows, note = page.locator("#aside li"), page.locator("#notice-undo")
    page.context.set_offline(True)
    for is_meant in (False, True):
        rows.last.get_by_role("button", name="Biarkan disisihkan").click()
        rows.last.get_by_role("button", name="Biarkan disisihkan").last.click()
        expect(page.locator("#leave-reason-about")).to_have_text("Wajib diisi.")
        tablet.look("leave-reason")
        page.get_by_label("Alasan dibiarkan").fill("Sudah dicatat di tablet lain")
        page.keyboard.press("Enter")
        expect(rows).to_have_count(6)
        expect(note).to_be_visible()
        if not is_meant:
            note.get_by_role("button", name="Batalkan").click()
            expect(rows).to_have_count(7)
    tablet.look("left-aside")
    assert "left at the device" not in server.run_command("quarantine", "list")
    page.context.set_offline(False)
    page.locator("#send-now").click()
    told = "select left_reason from quarantine where left_reason is not null"
    expected = [{"left_reason": "Sudah dicatat di tablet lain"}]
    wait_until(lambda: server.fetch(told) == expected, "the server is told", 30)
    assert "Sudah dicatat di tablet lain" in server.run_command("quarantine", "list")


def test_a_revoked_tablet_hands_over_its_work_and_shows_nothing(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    tablet.wait_until_all_on_server()
    tablet.browser.context.set_offline(True)
    tablet.register("Nengah Sari")
    live_server.fetch("update device set revoked_at = now() returning device_id")
    tablet.page.goto(tablet.url + "/#/sync")
    # It asks by itself when the network is back, and hears that it was revoked.
    tablet.browser.context.set_offline(False)
    said = tablet.page.locator("#unlock-failure")
    expect(said).to_contain_text("telah dicabut", timeout=SYNC_MS_MAX)
    expect(tablet.page.locator("#lock")).to_have_count(0)
    expect(tablet.page.locator("body")).not_to_contain_text("Nengah Sari")
    tablet.look("revoked")
    assert live_server.fetch(KEPT) == [{"count": 1}]
    assert live_server.fetch(COUNT) == [{"count": 0}]
    # Not by the password either, with or without the network.
    for offline in (False, True):
        tablet.browser.context.set_offline(offline)
        tablet.unlock(live_server.username, live_server.password)
        expect(tablet.page.locator("#unlock-failure")).to_contain_text("telah dicabut")
        expect(tablet.page.locator("#lock")).to_have_count(0)
    assert tablet.errors == []


def test_a_clock_three_years_behind_stops_nobody_and_is_said(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    browser.context.add_init_script(THREE_YEARS_BACK)
    tablet = signed_in(browser, live_server)
    tablet.register("Putu Lama")
    tablet.wait_until_all_on_server()
    tablet.page.goto(tablet.url + "/#/sync")
    expect(tablet.page.locator("#drift")).to_contain_text("3 tahun lebih lambat")
    tablet.look("drift")
    [row] = live_server.fetch("select drift_ms from push")
    assert row["drift_ms"] < -3 * 365 * 86_400_000
    assert tablet.errors == []
