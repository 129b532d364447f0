"""A clinician at a tablet, as Playwright sees it: what they do, in the words of the page.

`page.wait_for_function` evaluates text in the page, which our Content-Security-Policy forbids;
so everything here waits by locators.
"""

from __future__ import annotations

import os
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browsers import Browser
from tests.live import LiveServerWithDatabase

START_MS_MAX = 60_000
SYNC_MS_MAX = 60_000

VISIT_SAVED = "Kunjungan tersimpan di perangkat ini"
SAVED = "Tersimpan di perangkat ini"
ON_SERVER = re.compile(r"Di server · no\. \d+")
ALL_ON_SERVER = "Semua di server"

VISIT: dict[str, Any] = {
    "reason": "Demam tiga hari",
    "note": "Batuk, pilek. Tenggorokan merah.",
    "vitals": {"systolic": "120", "diastolic": "80", "temperature": "38,2", "weight": "61,45"},
    "diagnosis": "J06.9",
}


class Tablet:
    """One browser profile and its first tab. `errors` collects what the page threw."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.errors: list[str] = []

    @property
    def page(self) -> Page:
        return self.browser.page

    def open(self, route: str = "") -> None:
        """Goes to the app and waits until Python has taken over the page."""
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(self.url + "/" + route)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        expect(self.page.locator("html[data-ready]")).to_be_attached(timeout=START_MS_MAX)

    def wait_for_worker(self) -> None:
        """Until the service worker holds the shell: from then on the app starts offline."""
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")

    def unlock(self, username: str, password: str) -> None:
        self.page.locator("#username").fill(username)
        self.page.locator("#password").fill(password)
        self.page.locator("#unlock-button").click()

    def enter(self, username: str, password: str) -> None:
        self.unlock(username, password)
        expect(self.page.locator("#lock")).to_be_visible(timeout=START_MS_MAX)

    def register(self, name: str, **given: str) -> str:
        """Fills the form and saves; the new patient's id."""
        page = self.page
        page.goto(self.url + "/#/patients/new")
        page.locator("#name").fill(name)
        page.locator("#gender-" + given.get("gender", "female")).check()
        page.locator("#birthDate").fill(given.get("birthDate", "1990-05-17"))
        for field in ("nik", "bpjs", "mrn", "phone", "village", "address"):
            if field in given:
                page.locator("#" + field).fill(given[field])
        page.locator("#save").click()
        expect(page.locator("#record")).to_be_visible()
        return page.url.rsplit("/", 1)[1]

    def record_visit(self, patient: str, **given: Any) -> None:
        """Writes a visit and returns as soon as the page says that it is saved."""
        page, visit = self.page, VISIT | given
        page.goto(f"{self.url}/#/patients/{patient}/visit")
        page.locator("#reason").fill(visit["reason"])
        for name, value in visit["vitals"].items():
            page.locator("#vitals-" + name).fill(value)
        page.locator("#note").fill(visit["note"])
        page.locator("#diagnosis").fill(visit["diagnosis"])
        page.locator("#diagnosis").press("Enter")
        # An earlier visit's message must not be taken for this one's.
        expect(page.locator("#toasts")).not_to_contain_text(VISIT_SAVED, timeout=START_MS_MAX)
        page.locator("#save").click()
        expect(page.locator("#toasts")).to_contain_text(VISIT_SAVED)

    def open_chart(self, patient: str) -> None:
        self.page.goto(f"{self.url}/#/patients/{patient}")
        expect(self.page.locator("#record")).to_be_visible(timeout=START_MS_MAX)

    def find(self, text: str) -> Locator:
        """The rows of the patient list that a search leaves."""
        self.page.goto(self.url + "/#/patients")
        self.page.locator("#search").fill(text)
        return self.page.locator("#patients li")

    @property
    def badge(self) -> Locator:
        return self.page.locator(".badge")

    @property
    def encounters(self) -> Locator:
        return self.page.locator("li.encounter")

    def wait_until_all_on_server(self) -> None:
        expect(self.badge).to_have_text(ALL_ON_SERVER, timeout=SYNC_MS_MAX)

    def look(self, name: str) -> None:
        """A picture for whoever wants to see it: REKAM_PICTURES names a folder."""
        folder = os.environ.get("REKAM_PICTURES")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    def restart(self, *, by_force: bool = False) -> None:
        """Ends the browser, as a person does or as a dead battery does, and starts it again."""
        if by_force:
            self.browser.kill()
        else:
            self.browser.close()
        self.browser.start()


def signed_in(browser: Browser, server: LiveServerWithDatabase, url: str = "") -> Tablet:
    """A tablet at which somebody has just signed in; `url` where the way to the server is not
    the straight one."""
    tablet = Tablet(browser, url or server.url)
    tablet.open()
    tablet.enter(server.username, server.password)
    return tablet
