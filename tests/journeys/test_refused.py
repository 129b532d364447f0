"""Refused work as a clinician meets it: in words, mended, sent again, withdrawn without network."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browsers import Browser
from tests.journeys import apart
from tests.journeys.tablets import ON_SERVER, SYNC_MS_MAX, Tablet, signed_in
from tests.live import LiveServerWithDatabase

NEEDS_ATTENTION = "perlu perhatian"


def open_refused(tablet: Tablet) -> Locator:
    tablet.page.goto(tablet.url + "/#/refused")
    return tablet.page.locator("ul.refused > li")


def refuse_all(server: LiveServerWithDatabase, *, undo: bool = False) -> None:
    """As after a mistake of the office: the author counts as nobody's member, or again does."""
    change = "substr(account_id, 2)" if undo else "'x' || account_id"
    server.fetch(f"update account set account_id = {change}")
    server.fetch(f"update session set account_id = {change}")


def open_to_be_refused(browser: Browser, server: LiveServerWithDatabase) -> Tablet:
    """A tablet with all that it needs, of which the server will take nothing from now on."""
    tablet = signed_in(browser, server)
    tablet.wait_until_all_on_server()
    refuse_all(server)
    return tablet


def test_a_refused_patient_is_mended_and_takes_along_what_waits(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = open_to_be_refused(browser, live_server)
    patient = tablet.register("Nyoman Tari")
    tablet.record_visit(patient)
    expect(tablet.badge).to_contain_text(NEEDS_ATTENTION, timeout=SYNC_MS_MAX)
    expect(tablet.encounters.first).to_contain_text("Perlu perhatian")
    tablet.page.goto(tablet.url + "/#/sync")
    tablet.page.locator("#to-refused").click()
    rows = tablet.page.locator("ul.refused > li")
    expect(rows).to_have_count(7, timeout=SYNC_MS_MAX)
    expect(rows.first).to_contain_text("bukan (atau bukan lagi) anggota fasilitas ini")
    expect(rows.first).to_contain_text("Perempuan")
    expect(rows.nth(1)).to_contain_text("Menunggu no. 1")
    expect(rows.nth(1).get_by_role("button")).to_have_count(0)
    measured = rows.filter(has_text="Tekanan darah")
    measured.get_by_text("Isi", exact=True).click()
    expect(measured.locator("dt")).to_contain_text(["Pemeriksaan", "Sistolik", "Diastolik"])
    expect(measured.locator("dd")).to_contain_text(["Tekanan darah", "120 mmHg", "80 mmHg"])
    refuse_all(live_server, undo=True)
    rows.first.get_by_role("button", name="Perbaiki").click()
    birth = tablet.page.get_by_label("Tanggal lahir")
    birth.fill("31-02-1990")
    tablet.page.locator("a.brand").click()
    expect(tablet.page.locator("dialog")).to_contain_text("disimpan sebagai draf")
    tablet.page.keyboard.press("Escape")
    tablet.page.locator("#lock").click()
    tablet.unlock(live_server.username, live_server.password)
    expect(rows.first.locator(".notice")).to_contain_text("Draf Anda dipulihkan.")
    expect(birth).to_have_value("31-02-1990")
    tablet.page.get_by_role("button", name="Simpan perbaikan").click()
    expect(rows.first).to_contain_text("Tulis tanggal seperti 17-5-1990 atau 1990-05-17.")
    birth.fill("3-2-1991 ")
    tablet.page.get_by_role("button", name="Simpan perbaikan").click()
    tablet.wait_until_all_on_server()
    expect(rows).to_have_count(0)
    tablet.open_chart(patient)
    expect(tablet.encounters.first).to_contain_text(ON_SERVER)
    expect(tablet.page.locator(".banner")).to_contain_text("3 Feb 1991")
    [counts] = live_server.fetch(
        "select count(*) as refused, count(settled_number) as settled from refused"
    )
    assert counts == {"refused": 7, "settled": 7}
    assert tablet.errors == []


def test_a_refused_patient_is_withdrawn_without_a_network(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = open_to_be_refused(browser, live_server)
    patient = tablet.register("Nyoman Tari")
    expect(tablet.badge).to_contain_text(NEEDS_ATTENTION, timeout=SYNC_MS_MAX)
    page = tablet.page
    page.context.set_offline(True)
    tablet.record_visit(patient)
    rows = open_refused(tablet)
    rows.first.get_by_role("button", name="Tarik").click()
    expect(page.locator("#withdraw-reason")).to_be_focused()
    page.get_by_role("button", name="Tarik").last.click()
    expect(page.locator("#withdraw-reason-about")).to_have_text("Wajib diisi.")
    page.get_by_label("Alasan ditarik").fill("Salah orang")
    page.get_by_role("button", name="Tarik").last.click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Seluruh rekam medisnya di perangkat ini ikut hilang")
    dialog.get_by_role("button", name="Tarik").click()
    expect(page.locator("#notice-undo")).to_contain_text("7 data ditarik.")
    expect(page.get_by_role("heading", name="Ditolak server")).to_be_focused()
    page.get_by_role("button", name="Batalkan").click()
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button", name="Tarik").click()
    expect(page.locator("#withdraw-reason")).to_be_focused()
    page.get_by_label("Alasan ditarik").fill("Salah orang")
    page.get_by_role("button", name="Tarik").last.click()
    dialog.get_by_role("button", name="Tarik").click()
    expect(rows).to_have_count(0)
    expect(tablet.find("Nyoman")).to_have_count(0)
    refuse_all(live_server, undo=True)
    page.context.set_offline(False)
    tablet.wait_until_all_on_server()
    found = live_server.fetch("select distinct reason, settled_by is not null as by from refused")
    assert found == [{"reason": "Salah orang", "by": True}]
    assert live_server.fetch("select 1 from change") == []
    assert "Salah orang" in live_server.run_command("refused", "list", "--all")
    assert tablet.errors == []


def test_a_refused_edit_is_read_and_mended_in_the_words_of_the_chart(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    apart.write(live_server)
    tablet = open_to_be_refused(browser, live_server)
    page = tablet.page
    page.goto(f"{tablet.url}/#/patients/{apart.PATIENT}/edit/{apart.CONDITION}")
    page.locator("#clinicalStatus").select_option("resolved")
    page.locator("#note").fill("Bebas keluhan")
    page.locator("#save").click()
    expect(tablet.badge).to_contain_text(NEEDS_ATTENTION, timeout=SYNC_MS_MAX)
    rows = open_refused(tablet)
    expect(rows).to_have_count(1)
    expect(rows.locator("dt")).to_have_text(["Status klinis", "Catatan"])
    expect(rows.locator("dd")).to_have_text(["Sembuh", "Bebas keluhan"])
    rows.first.get_by_role("button", name="Perbaiki").click()
    status = page.get_by_label("Status klinis", exact=True)
    status.select_option("remission")
    page.get_by_label("Catatan").fill("Bebas keluhan 3 bulan")
    page.locator("#lock").click()
    tablet.enter(live_server.username, live_server.password)
    expect(status).to_have_value("remission")
    refuse_all(live_server, undo=True)
    rows.first.get_by_role("button", name="Simpan perbaikan").click()
    tablet.wait_until_all_on_server()
    tablet.open_chart(apart.PATIENT)
    expect(page.locator(".panel-problems")).to_contain_text("Riwayat (1)")
    [found] = live_server.fetch(
        "select (body->'resource')::text as text from resource where key = $1", apart.CONDITION
    )
    assert "remission" in found["text"]
    assert "3 bulan" in found["text"]
    assert tablet.errors == []
