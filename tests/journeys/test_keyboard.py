"""A morning's work by keyboard alone: Tab, Enter, arrows and typing, and the focus in sight."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browsers import Browser
from tests.journeys import apart
from tests.journeys.tablets import ON_SERVER, SYNC_MS_MAX, VISIT_SAVED, Tablet
from tests.journeys.test_refused import refuse_all
from tests.live import LiveServerWithDatabase

TABS_MAX = 60
# Where the focus is, whether it is marked there, and whether anything lies over it.
FOCUS = """
() => {
  const focused = document.activeElement;
  // The field of a file is not shown; its label is marked in its place.
  const style = getComputedStyle(focused.closest(".file-button") ?? focused);
  const box = focused.getBoundingClientRect();
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return {
    name: focused.outerHTML.slice(0, 120),
    isMarked: outlined || style.boxShadow !== "none",
    isInSight: over !== null && (focused.contains(over) || over.contains(focused)),
  };
}
"""


class Keyboard:
    """Presses keys, and looks after each whether the person can see where they are."""

    def __init__(self, tablet: Tablet) -> None:
        self.page = tablet.page
        self._keys = tablet.page.keyboard

    def press(self, *names: str) -> None:
        for name in names:
            self._keys.press(name)

    def write(self, text: str) -> None:
        self._keys.type(text)

    def tab_to(self, target: Locator, key: str = "Tab") -> None:
        for _ in range(TABS_MAX):
            self._keys.press(key)
            focus: dict[str, Any] = self.page.evaluate(FOCUS)
            assert focus["isMarked"], focus["name"]
            assert focus["isInSight"], focus["name"]
            # By what it looks like: a page that is filled anew has another element there.
            if target.evaluate("element => element.outerHTML.slice(0, 120)") == focus["name"]:
                return
        raise AssertionError(f"not reached by Tab: {target}")

    def open(self, target: Locator) -> None:
        self.tab_to(target)
        self.press("Enter")


def test_a_morning_by_keyboard_alone(live_server: LiveServerWithDatabase, browser: Browser) -> None:
    apart.write(live_server)
    tablet = Tablet(browser, live_server.url)
    tablet.open()
    keyboard = Keyboard(tablet)
    sign_in(tablet, keyboard, live_server)
    tablet.wait_until_all_on_server()
    find_patient(tablet, keyboard)
    record_visit(tablet, keyboard)
    stay_while_the_chart_changes(tablet, keyboard)
    refuse_all(live_server)
    edit_diagnosis(tablet, keyboard)
    expect(tablet.badge).to_contain_text("perlu perhatian", timeout=SYNC_MS_MAX)
    mend(tablet, keyboard, live_server)
    tablet.wait_until_all_on_server()
    tablet.open_chart(apart.PATIENT)
    expect(tablet.page.locator(".panel-problems")).to_contain_text("Riwayat (1)")
    assert tablet.errors == []


def sign_in(tablet: Tablet, keyboard: Keyboard, server: LiveServerWithDatabase) -> None:
    expect(tablet.page.locator("#username")).to_be_focused()
    keyboard.write(server.username)
    keyboard.tab_to(tablet.page.locator("#password"))
    keyboard.write(server.password)
    keyboard.press("Enter")


def find_patient(tablet: Tablet, keyboard: Keyboard) -> None:
    page = tablet.page
    expect(page.locator("#page")).to_be_focused()
    keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    keyboard.write("suarta")
    expect(page.locator("#patients li")).to_have_count(1)
    keyboard.open(page.locator("#patients a").first)
    expect(page.locator("#record")).to_be_visible()


def record_visit(tablet: Tablet, keyboard: Keyboard) -> None:
    page = tablet.page
    keyboard.open(page.locator("#record"))
    expect(page.locator("#reason")).to_be_focused()
    keyboard.write("Sesak berkurang")
    keyboard.tab_to(page.locator("#vitals-pulse"))
    keyboard.write("88")
    keyboard.tab_to(page.locator("#diagnosis"))
    keyboard.write("J06")
    expect(page.get_by_role("option").first).to_be_visible()
    keyboard.press("ArrowDown", "Enter")
    expect(page.locator(".chosen li")).to_have_count(1)
    keyboard.tab_to(page.locator("#note"))
    keyboard.write("Kontrol seminggu lagi")
    keyboard.open(page.locator("#save"))
    expect(page.locator("#toasts")).to_contain_text(VISIT_SAVED)
    expect(page.locator("#page")).to_be_focused()
    expect(tablet.encounters).to_have_count(2)


def stay_while_the_chart_changes(tablet: Tablet, keyboard: Keyboard) -> None:
    """The page is filled anew when the visit has reached the server; the fold stays open."""
    fold = tablet.encounters.first.locator("details.entries")
    keyboard.open(fold.locator("summary"))
    expect(fold.locator("a")).to_have_count(4)
    expect(tablet.encounters.first).to_contain_text(ON_SERVER, timeout=SYNC_MS_MAX)
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator("a")).to_have_count(4)
    expect(fold.locator("summary")).to_be_focused()


def edit_diagnosis(tablet: Tablet, keyboard: Keyboard) -> None:
    page = tablet.page
    edit = page.locator(f"a[href$='/edit/{apart.CONDITION}']")
    keyboard.tab_to(edit, "Shift+Tab")
    keyboard.press("Enter")
    status = page.locator("#clinicalStatus")
    expect(status).to_be_visible()
    keyboard.tab_to(status)
    for _ in range(5):
        keyboard.press("ArrowDown")
    expect(status).to_have_value("resolved")
    keyboard.open(page.locator("#save"))
    expect(page.locator("#notice-undo")).to_contain_text("perubahan tersimpan")
    expect(page.locator("#page")).to_be_focused()


def mend(tablet: Tablet, keyboard: Keyboard, server: LiveServerWithDatabase) -> None:
    """From the badge in the frame to the list of refused work, and out of it."""
    page = tablet.page
    keyboard.tab_to(tablet.badge, "Shift+Tab")
    keyboard.press("Enter")
    expect(page.locator("#to-refused")).to_be_visible()
    # What is counted there changes with each exchange, under the focus.
    keyboard.open(page.locator("#send-now"))
    expect(page.locator(".sync-now")).to_contain_text("perlu perhatian", timeout=SYNC_MS_MAX)
    expect(page.locator("#send-now")).to_be_focused()
    refuse_all(server, undo=True)
    keyboard.open(page.locator("#to-refused"))
    rows = page.locator("ul.refused > li")
    expect(rows).to_have_count(1)
    keyboard.open(rows.get_by_role("button", name="Perbaiki"))
    status = page.get_by_label("Status klinis", exact=True)
    expect(status).to_be_focused()
    keyboard.open(rows.get_by_role("button", name="Simpan perbaikan"))
    expect(rows).to_have_count(0)
    expect(page.get_by_role("heading", name="Ditolak server")).to_be_focused()
