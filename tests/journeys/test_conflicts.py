"""Two clinicians edit the same entries offline: a conflict, two decisions apart, one together, and
all of it in the history."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browsers import Browser
from tests.journeys import apart
from tests.journeys.tablets import SYNC_MS_MAX, Tablet
from tests.live import LiveServerWithDatabase

REVIEW = f"#/review/{apart.PATIENT}"
HISTORY = f"#/patients/{apart.PATIENT}/history/{apart.CONDITION}"
FIRST, SECOND = "Asma terkontrol tanpa obat", "Mengi masih ada"
SETTLED = "Keputusan tersimpan di perangkat ini."
EDITED = "perubahan tersimpan di perangkat ini"


class Reviewer(Tablet):
    """A clinician who settles what was written differently."""

    def go(self, route: str) -> None:
        self.page.goto(f"{self.url}/{route}")

    def edit(self, key: str, **said: str) -> None:
        """From the chart into the entry, and back to the chart once it is saved."""
        page = self.page
        self.go(f"#/patients/{apart.PATIENT}")
        page.locator(f"a[href$='/edit/{key}']").click()
        for name, text in said.items():
            field = page.locator("#" + name)
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(text)
            else:
                field.fill(text)
        page.locator("#save").click()
        expect(page.locator("#notice-undo")).to_contain_text(EDITED)

    def form(self, entry: str) -> Locator:
        return self.page.locator("form.settle").filter(has_text=entry)

    def settle(self, entry: str, value: str, reason: str) -> None:
        self.go(REVIEW)
        form = self.form(entry)
        form.locator("label.side").filter(has_text=value).locator("input").check()
        form.get_by_label("Alasan keputusan").fill(reason)
        form.get_by_role("button", name="Simpan keputusan").click()
        expect(self.page.locator("#notice-undo")).to_contain_text(SETTLED)

    def expect_both(self, *values: str) -> None:
        """The chart shows every value, beside the diagnosis and in the visit."""
        self.go(f"#/patients/{apart.PATIENT}")
        for place in (".panel-problems .differing", ".encounter .differing"):
            for value in values:
                expect(self.page.locator(place).first).to_contain_text(value, timeout=SYNC_MS_MAX)


def test_a_conflict_is_settled_offline_undone_and_told_in_the_history(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser]
) -> None:
    server = live_server
    apart.write(server)
    one = Reviewer(open_browser("one"), server.url)
    two = Reviewer(open_browser("two", viewport={"width": 390, "height": 844}), server.url)
    one.open()
    one.enter(server.username, server.password)
    two.open()
    two.enter(apart.OTHER_USERNAME, apart.OTHER_PASSWORD)
    for tablet in (one, two):
        tablet.wait_until_all_on_server()
        tablet.browser.context.set_offline(True)
    edit_apart(one, two)
    for tablet in (one, two):
        expect(tablet.page.locator("#conflicts")).to_have_attribute(
            "aria-label", "3 isian berbeda menunggu keputusan"
        )
        tablet.expect_both("Sembuh", "Kambuh")
        tablet.browser.context.set_offline(True)

    # Each decides without the other: that is a conflict of its own, and nobody's word is lost.
    check_reason_is_asked(one)
    one.settle("Asma", "Sembuh", FIRST)
    two.settle("Asma", "Kambuh", SECOND)
    expect(one.page.locator("#conflicts")).to_contain_text("2 berbeda")
    meet(one, two)
    for tablet in (one, two):
        tablet.expect_both("Sembuh", "Kambuh")
        tablet.go(REVIEW)
        expect(tablet.form("Asma")).to_contain_text(FIRST)
        expect(tablet.form("Asma")).to_contain_text(SECOND)

    # One decides, offline, by a value that nobody had written; both agree.
    two.browser.context.set_offline(True)
    write_another(two)
    meet(two, one)
    for tablet in (one, two):
        tablet.go(f"#/patients/{apart.PATIENT}")
        expect(tablet.page.locator(".panel-problems")).to_contain_text("Riwayat (1)")
        expect(tablet.page.locator(".panel-problems .differing")).to_have_count(0)

    check_undo(one)
    meet(one, two)
    two.expect_both("Sembuh", "Kambuh")
    check_history(one, server)
    assert one.errors == two.errors == []
    log = server.fetch("select body::text as body from change where resource = $1", apart.CONDITION)
    assert len(log) == 3 + 2 + 1 + 2  # what was written; two decisions; one; and its undoing


def edit_apart(one: Reviewer, two: Reviewer) -> None:
    one.edit(apart.CONDITION, clinicalStatus="resolved")
    one.edit(apart.ALLERGY, criticality="high", reaction="Sesak napas")
    two.edit(apart.CONDITION, clinicalStatus="recurrence")
    two.edit(apart.ALLERGY, criticality="unable-to-assess", reaction="Ruam di lengan")
    meet(one, two)


def check_reason_is_asked(tablet: Reviewer) -> None:
    tablet.go(REVIEW)
    form = tablet.form("Asma")
    form.get_by_role("button", name="Simpan keputusan").click()
    expect(form).to_contain_text("Wajib diisi.")
    expect(form).to_contain_text("Pilih isian yang benar terlebih dahulu.")


def write_another(tablet: Reviewer) -> None:
    """By keyboard alone."""
    tablet.go(REVIEW)
    form = tablet.form("Asma")
    form.get_by_label("Tulis isian lain").focus()
    tablet.page.keyboard.press("Space")
    editor = form.get_by_label("Isian lain untuk Status klinis")
    expect(editor).to_be_focused()
    editor.select_option("inactive")
    form.get_by_label("Alasan keputusan").fill("Diperiksa bersama")
    # Half decided, the tablet is locked: nothing of it is lost.
    tablet.page.locator("#lock").click()
    tablet.unlock(apart.OTHER_USERNAME, apart.OTHER_PASSWORD)
    expect(form.locator(".notice")).to_contain_text("Draf Anda dipulihkan.", timeout=SYNC_MS_MAX)
    expect(editor).to_have_value("inactive")
    reason = form.get_by_label("Alasan keputusan")
    expect(reason).to_have_value("Diperiksa bersama")
    reason.press("Enter")
    expect(tablet.page.locator("#notice-undo")).to_contain_text(SETTLED)


def check_undo(tablet: Reviewer) -> None:
    tablet.go(REVIEW)
    decision = tablet.page.locator(".decisions li").first
    expect(decision).to_contain_text("Status klinis: Tidak aktif")
    expect(decision).to_contain_text("Diperiksa bersama")
    decision.get_by_text("Batalkan keputusan").first.click()
    decision.get_by_label("Alasan pembatalan").fill("Hasil spirometri belum ada")
    decision.get_by_role("button", name="Batalkan keputusan").click()
    expect(tablet.form("Asma")).to_contain_text("Hasil spirometri belum ada")


def check_history(tablet: Reviewer, server: LiveServerWithDatabase) -> None:
    tablet.go(HISTORY)
    versions = tablet.page.locator("li.version")
    expect(versions).to_have_count(8)
    expect(tablet.page.locator(".history")).to_contain_text("Semua versi yang ada di server")
    expect(versions.nth(0)).to_contain_text("berbeda, belum diputuskan")
    expect(versions.nth(2)).to_contain_text("Sembuh / Kambuh → Tidak aktif")
    expect(versions.nth(2)).to_contain_text(apart.OTHER_NAME)
    expect(versions.last).to_contain_text("Dibuat")
    expect(versions.last).to_contain_text(re.compile(r"jam perangkat selisih \d jam"))
    server.kill()
    tablet.go("#/patients")
    tablet.go(HISTORY)
    expect(tablet.page.locator(".history .notice")).to_contain_text("memerlukan jaringan")
    expect(versions).to_have_count(8)
    expect(versions.nth(2)).to_contain_text("Diperiksa bersama")
    expect(versions.last).to_contain_text("Dari catatan di perangkat ini")


def meet(*tablets: Reviewer) -> None:
    """All come online; the first once more, for what the others brought."""
    for tablet in tablets:
        tablet.browser.context.set_offline(False)
    for tablet in (*tablets, tablets[0]):
        tablet.go("#/sync")
        tablet.page.get_by_role("button", name="Kirim sekarang").click()
        tablet.wait_until_all_on_server()
