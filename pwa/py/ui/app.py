"""The app as the pages see it: which page is shown, who is signed in, what happens on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Locked
from pwa.py.ui import dom, failures, notices, routes, words
from pwa.py.ui.chart import ChartPage
from pwa.py.ui.day import DayPage
from pwa.py.ui.frame import Frame
from pwa.py.ui.history import HistoryPage
from pwa.py.ui.judgement import JudgementPage
from pwa.py.ui.missing import MissingPage
from pwa.py.ui.patients import PatientsPage
from pwa.py.ui.refused import RefusedPage
from pwa.py.ui.register import RegisterPage
from pwa.py.ui.review import ReviewPage
from pwa.py.ui.sync_status import SyncPage
from pwa.py.ui.unlock import Unlock, revoked_words
from pwa.py.ui.visit import VisitPage
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.contract import Identity, Services, Status
    from pwa.py.ui.page import Page

# A tablet left on a table locks itself; what was typed is kept as a draft.
LOCK_AFTER_MS = 15 * 60_000
LOCK_LOOK_MS = 20_000

PAGES = {
    "patients": PatientsPage,
    "register": RegisterPage,
    "chart": ChartPage,
    "visit": VisitPage,
    "sync": SyncPage,
    "review": ReviewPage,
    "history": HistoryPage,
    "judgement": JudgementPage,
    "refused": RefusedPage,
    "day": DayPage,
    "missing": MissingPage,
}


class App:
    def __init__(self, services: Services) -> None:
        self.services = services
        self.identity: Identity | None = None
        self.page: Page | None = None
        # What the list of patients is searched for: it outlives the page, never the lock.
        self.search_text = ""
        self.frame = Frame(self)
        self._unlock = Unlock(self)
        self._route = ""
        self._turn = 0
        self._entry = 0
        self._last_input_ms = 0
        self._is_draft_lost = False
        self._is_outrun = False

    @property
    def desk(self) -> Any:
        return self.services.desk

    async def start(self) -> None:
        """Takes over the static page; nothing typed into it so far is touched."""
        words.choose(dom.marked("language"))
        dom.report_errors_to(self.show_failure)
        self._count_steps()
        dom.on_window("hashchange", self._address_changed)
        dom.on_window("beforeunload", self._before_unload)
        dom.on_window("rekam:version", lambda _: self.offer_version())
        dom.on_document("visibilitychange", lambda _: self._look_at_clock())
        dom.on_document("keydown", self._key)
        dom.on_document("pointerdown", self.frame.pressed)
        for event in ("pointerdown", "keydown", "input"):
            dom.on_document(event, self._note_input)
        dom.every(LOCK_LOOK_MS, self._look_at_clock)
        if dom.marked("version"):
            self.offer_version()
        await self._unlock.show("")
        dom.mark("ready", "1")

    # --- who is here -------------------------------------------------------------------------

    async def opened(self, identity: Identity) -> None:
        """The password was right: show the frame and the page that the address names."""
        self.identity = identity
        self._last_input_ms = self.services.now_ms()
        self.frame.show()
        await self.show(dom.route_text())
        dom.spawn(self.look_at_storage())

    async def lock(self, reason: str = "") -> None:
        """Blanks the page and drops the key. What was typed is written as a draft first."""
        if self.identity is None:
            return
        await self.leave()
        await self.services.lock()
        await self.show_locked(reason)

    async def shut_out(self, waiting: int) -> None:
        """The facility has revoked this tablet: nothing is shown any more."""
        if self.identity is not None:
            await self.leave()
        await self.show_locked("")
        self._unlock.refuse(revoked_words(waiting))

    async def sign_out(self) -> None:
        await self.leave()
        await self.services.sign_out()
        await self.show_locked("")

    async def leave(self) -> None:
        """Keeps the draft of the page and takes it away: nothing of a patient stays on screen.

        A draft that cannot be written must not hold the record open.
        """
        try:
            if self.page is not None:
                await self.page.keep_draft()
        except Exception:
            self._is_draft_lost = True
        self._blank()

    async def show_locked(self, reason: str) -> None:
        if self._is_draft_lost:
            reason = say("unlock.draft_lost")
        self._is_draft_lost = False
        await self._unlock.show(reason)

    def _blank(self) -> None:
        self._turn += 1
        if self.page is not None:
            self.page.close()
        self.page = None
        self.identity = None
        self.search_text = ""
        self.frame.clear()
        notices.clear()
        dom.set_title("Rekam")
        if dom.marked("version"):
            self.offer_version()

    async def look_at_storage(self) -> None:
        """Warns while there is still room for everything that matters."""
        watch = self.services.storage_watch
        before = watch.used
        await watch.look()
        if self.identity is None or not watch.is_nearly_full:
            notices.drop("quota")
        elif watch.used != before or not notices.has("quota"):
            text = say("quota.bar", share=watch.used)
            actions = [(say("event.open"), self._open_storage)]
            notices.bar("quota", "hard-drive", text, actions)

    def _open_storage(self, _: Any) -> None:
        self.open_sync("storage-full")

    # --- which page --------------------------------------------------------------------------

    def go(self, route: str) -> None:
        dom.go(route)

    def open_sync(self, part: str) -> None:
        """The page of synchronisation; who is there already is led to the part of this name."""
        if self._route == routes.SYNC:
            dom.focus(dom.find(part))
        else:
            self.go(routes.SYNC)

    async def replace(self, route: str) -> None:
        """Goes there so that "back" does not return here: after a form was saved."""
        dom.replace_route(route)
        await self.show(route)

    async def show(self, route: str) -> None:
        self._turn += 1
        turn = self._turn
        self._is_outrun = False
        # Noted before it is built: an address that changes meanwhile is compared with this one.
        self._route = route
        name, patient = routes.parse(route)
        page: Page = PAGES[name](self, patient)
        element = await page.build()
        if turn != self._turn:
            # Another page was asked for, or the app was locked, while this one was built.
            page.close()
            return
        if self.page is not None:
            self.page.close()
        self.page = page
        notices.drop("failure")
        # Emptied first: nothing of the page before is put back.
        dom.fill(dom.find("page"))
        dom.fill(dom.find("page"), element)
        self.show_title(page)
        dom.focus(page.first_focus or dom.find("page"))
        dom.scroll_top()
        if self._is_outrun:
            await page.refresh(None)

    def show_title(self, page: Page) -> None:
        """The title of the tab, unless another page is shown by now."""
        if self.page is page:
            dom.set_title(page.title + " · Rekam")

    async def change_language(self) -> None:
        words.choose(words.other_language())
        dom.mark("language", words.language())
        dom.set_language(words.language())
        dom.signal("rekam:language")
        if self.identity is None:
            await self._unlock.show("")
            return
        if self.page is not None:
            await self.page.keep_draft()
        # Said anew, in the other language.
        notices.clear()
        if dom.marked("version"):
            self.offer_version()
        self.frame.show()
        await self.show(self._route)
        await self.look_at_storage()

    async def _address_changed(self, _: Any) -> None:
        route = dom.route_text()
        steps = self._count_steps()
        if self.identity is None or route == self._route:
            return
        if self.page is not None and self.page.is_dirty() and steps:
            dom.travel(-steps)
            self._ask_to_leave(route)
            return
        await self.show(route)

    def _count_steps(self) -> int:
        """How far the history has moved since it was last looked at; back is negative.

        Each of its entries carries a number. One without is new, made by a link.
        """
        number = dom.entry_number()
        if number is None:
            number = self._entry + 1
            dom.number_entry(number)
        steps = number - self._entry
        self._entry = number
        return steps

    def _ask_to_leave(self, route: str) -> None:
        """The form's own entry in the history becomes the page gone to: "back" skips the form."""

        async def keep() -> None:
            if self.page is not None:
                await self.page.keep_draft()
            await self.replace(route)

        async def discard() -> None:
            if self.page is not None:
                await self.page.discard()
            await self.replace(route)

        answers = [
            (say("leave.stay"), "", lambda: None),
            (say("leave.keep"), "secondary", keep),
            (say("leave.discard"), "danger", discard),
        ]
        notices.ask(say("leave.title"), say("leave.body"), answers)

    # --- what may happen at any time ---------------------------------------------------------

    def status_changed(self, status: Status) -> None:
        """The engine says how synchronisation goes."""
        if self.identity is not None:
            self.frame.show_status(status)
            # After saves and exchanges, once a minute at most.
            if self.services.storage_watch.is_due:
                dom.spawn(self.look_at_storage())
            if status["word"] == "app_old":
                self.offer_version()
            if self.page is not None:
                dom.spawn(self.page.status_changed())

    def record_changed(self, patients: list[str] | None) -> None:
        """These patients' records changed here, in another tab or by the server; None: some."""
        # A page that is being built may have read what was there before.
        self._is_outrun = True
        if self.identity is not None:
            self.frame.show_conflicts()
        if self.page is not None:
            dom.spawn(self.page.refresh(patients))

    def show_failure(self, failure: BaseException) -> None:
        if self.identity is None and isinstance(failure, Locked):
            # Work that was under way when the device was locked: it starts again later.
            return
        notices.failure(failures.explain(failure), failures.detail(failure))

    def offer_version(self) -> None:
        """A new version is here; it is taken when the person says so."""
        actions = [(say("app.reload"), self._take_version)]
        notices.bar("version", "refresh-cw", say("app.new_version"), actions)

    async def _take_version(self, _: Any) -> None:
        """Reloads into the new version; a form that is being written is kept as a draft."""
        if self.page is not None:
            await self.page.keep_draft()
            self.page.close()
            self.page = None
        dom.signal("rekam:take-version")

    def _before_unload(self, event: Any) -> None:
        if self.page is not None and self.page.is_dirty():
            event.preventDefault()

    def _note_input(self, _: Any) -> None:
        self._last_input_ms = self.services.now_ms()

    async def _look_at_clock(self) -> None:
        """Timers sleep with the screen, so the clock is also looked at on waking."""
        if self.identity is None:
            return
        if not dom.is_visible() and self.page is not None:
            await self.page.keep_draft()
        if self.services.now_ms() - self._last_input_ms >= LOCK_AFTER_MS:
            await self.lock(say("unlock.locked"))

    def _key(self, event: Any) -> None:
        if event.key == "/" and not dom.is_typing(event) and self.page is not None:
            event.preventDefault()
            self.page.search()
        if event.key == "Escape":
            self.frame.close_menu()
        if event.key == " " and dom.is_link_button(event):
            event.preventDefault()
            event.target.click()
