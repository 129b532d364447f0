"""Work that the server refuses: kept, listed with its reason in words, mended, sent again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.tablets import ON_SERVER, SYNC_MS_MAX, Tablet
from tests.live import LiveServerWithDatabase


def test_refused_work_is_listed_in_words_and_can_be_sent_again(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = Tablet(browser, live_server.url)
    tablet.open()
    tablet.enter(live_server.username, live_server.password)
    patient = tablet.register("Nyoman Tari")
    tablet.wait_until_all_on_server()
    # As after a mistake of the office: the server takes the patient for nobody of this facility.
    live_server.fetch("update resource set patient_id = 'x' || patient_id, key = 'x' || key")
    tablet.record_visit(patient)
    expect(tablet.badge).to_contain_text("perlu perhatian", timeout=SYNC_MS_MAX)
    expect(tablet.encounters.first).to_contain_text("Perlu perhatian")
    live_server.fetch(
        "update resource set patient_id = substr(patient_id, 2), key = substr(key, 2)"
    )
    tablet.badge.click()
    rows = tablet.page.locator("ul.refused > li")
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("Nyoman Tari")
    expect(rows.first).to_contain_text("Pasien ini tidak dikenal di fasilitas ini.")
    for left in range(6, 0, -1):
        expect(rows).to_have_count(left)
        rows.first.get_by_role("button", name="Kirim lagi").click()
    tablet.wait_until_all_on_server()
    tablet.open_chart(patient)
    expect(tablet.encounters.first).to_contain_text(ON_SERVER)
    assert live_server.fetch("select count(*) as count from refused") == [{"count": 6}]
    assert live_server.fetch("select count(*) as count from change") == [{"count": 7}]
