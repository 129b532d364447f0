"""A clinician edits a diagnosis, an allergy and a medicine: offline, by keyboard, locked midway,
taken back, called an error and brought back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys import apart
from tests.journeys.tablets import START_MS_MAX, Tablet, signed_in
from tests.live import LiveServerWithDatabase

CHART = f"#/patients/{apart.PATIENT}"
MEDICINE = "MedicationRequest/m-1"


def enter(server: LiveServerWithDatabase, browser: Browser) -> Tablet:
    apart.write(server)
    tablet = signed_in(browser, server)
    tablet.wait_until_all_on_server()
    return tablet


def open_form(tablet: Tablet, key: str) -> None:
    tablet.page.goto(f"{tablet.url}/{CHART}/edit/{key}")
    expect(tablet.page.locator("#save")).to_be_visible(timeout=START_MS_MAX)


def test_an_edit_survives_a_lock_says_what_is_wrong_and_is_taken_back(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = enter(live_server, browser)
    page = tablet.page
    page.context.set_offline(True)
    open_form(tablet, apart.CONDITION)
    page.locator("#save").click()
    expect(page.locator("form .failure").first).to_have_text("Belum ada yang diubah.")
    page.locator("#onsetDateTime").fill("2031")
    page.locator("#note").fill("Kambuh saat musim hujan")
    page.keyboard.press("Tab")
    page.keyboard.type("Menurut ibu pasien")
    page.locator("#lock").click()
    tablet.unlock(live_server.username, live_server.password)
    expect(page.locator("#note")).to_have_value("Kambuh saat musim hujan", timeout=START_MS_MAX)
    expect(page.locator("#reason")).to_have_value("Menurut ibu pasien")
    expect(page.locator(".notice")).to_contain_text("Draf Anda dipulihkan.")
    page.locator("#onsetDateTime").press("Enter")
    expect(page.locator("#onsetDateTime-about")).to_contain_text("tidak di masa depan")
    expect(page.locator("#onsetDateTime")).to_be_focused()
    page.locator("#onsetDateTime").fill("17/4/2019")
    page.locator("#diagnosis").fill("J44.9")
    page.keyboard.press("Enter")
    expect(page.locator(".chosen li")).to_have_count(1)
    page.locator("#clinicalStatus").select_option("relapse")
    page.locator("#reason").press("Enter")
    bar = page.locator("#notice-undo")
    expect(bar).to_contain_text("perubahan tersimpan di perangkat ini")
    problems = page.locator(".panel-problems")
    expect(problems).to_contain_text("Penyakit paru obstruktif kronik")
    expect(problems).to_contain_text("Tersimpan di perangkat ini")
    bar.get_by_role("button", name="Batalkan").click()
    expect(problems).to_contain_text("Asma")
    expect(bar).to_have_count(0)
    page.context.set_offline(False)
    tablet.wait_until_all_on_server()
    found = live_server.fetch(
        "select (body->'resource')::text as text from resource where key = $1", apart.CONDITION
    )
    assert "Asma" in found[0]["text"]
    assert "onsetDateTime" not in found[0]["text"]
    log = live_server.fetch("select 1 from change where resource = $1", apart.CONDITION)
    assert len(log) == 3
    assert tablet.errors == []


def test_an_allergy_entered_in_error_goes_from_the_chart_and_comes_back(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = enter(live_server, browser)
    page = tablet.page
    page.context.set_offline(True)
    open_form(tablet, apart.ALLERGY)
    page.get_by_text("Salah catat?").click()
    page.locator("#withdraw").click()
    expect(page.locator("#error-reason-about")).to_have_text("Wajib diisi.")
    page.locator("#error-reason").fill("Alergi pasien lain")
    page.locator("#error-reason").press("Enter")
    expect(page.locator("#notice-undo")).to_contain_text("dinyatakan salah catat")
    expect(page.locator(".panel-allergies")).to_contain_text("Tidak ada alergi tercatat")
    expect(page.locator(".banner .alert")).to_have_count(0)
    page.goto(f"{tablet.url}/{CHART}/history/{apart.ALLERGY}")
    expect(page.locator("li.version").first).to_contain_text("Alergi pasien lain")
    page.get_by_role("link", name="Ubah").click()
    expect(page.locator(".notice")).to_contain_text("Alergi pasien lain")
    page.locator("#restore").click()
    expect(page.locator("#reason-about")).to_have_text("Wajib diisi.")
    page.locator("#reason").fill("Pasien ini memang alergi")
    page.locator("#restore").click()
    expect(page.locator(".panel-allergies")).to_contain_text("Amoksisilin")
    expect(page.locator(".banner .alert")).to_contain_text("Amoksisilin")
    assert tablet.errors == []


def test_whoever_edits_what_another_edited_meanwhile_is_told_and_both_are_kept(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser]
) -> None:
    one = enter(live_server, open_browser("one"))
    two = Tablet(open_browser("two"), live_server.url)
    two.open()
    two.enter(apart.OTHER_USERNAME, apart.OTHER_PASSWORD)
    two.wait_until_all_on_server()
    open_form(one, MEDICINE)
    one.page.locator("#dosageInstruction").fill("2 x 1 tablet")
    open_form(two, MEDICINE)
    two.page.locator("#status").select_option("stopped")
    two.page.locator("#dosageInstruction").fill("1 x 1 tablet")
    two.page.locator("#save").click()
    two.wait_until_all_on_server()
    expect(one.page.locator("#notice-changed")).to_contain_text(
        "diubah orang lain", timeout=START_MS_MAX
    )
    one.page.locator("#save").click()
    medicines = one.page.locator(".panel-medications")
    for text in ("2 x 1 tablet", "1 x 1 tablet"):
        expect(medicines.locator(".differing")).to_contain_text(text)
    # One way of settling: the form sends to it.
    one.page.goto(f"{one.url}/{CHART}/edit/{MEDICINE}")
    expect(one.page.locator("#save")).to_have_count(0)
    one.page.locator(".narrow .differing a").click()
    expect(one.page.locator("form.settle")).to_have_count(1)
    assert one.errors == two.errors == []
