"""A form's draft: written a moment after the last key, so that no crash costs more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes
from pwa.py.ui import dom, elements
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

DRAFT_PAUSE_MS = 800
KEY_CHARACTERS = 32
REGISTER = "register"


def of_visit(patient: str) -> str:
    """The name of the draft of a patient's visit form."""
    return "visit/" + patient


def of_entry(form: str, patient: str, key: str) -> str:
    """Of a form about one entry of a chart. The id of the patient in it keeps the chart on the
    device; a whole key may be too long for a name."""
    return form + "/" + patient + "/" + changes.text_hash(key)[:KEY_CHARACTERS]


async def load(app: App, name: str) -> dict[str, Any] | None:
    """The draft that the person signed in has kept under a name."""
    return await app.desk.load_draft(own(app, name))


def own(app: App, name: str) -> str:
    """Drafts belong to who writes them: on a shared tablet nobody goes on with another's."""
    assert app.identity is not None
    return app.identity["account"]["id"] + "/" + name


class Draft:
    """Keeps what `read` answers under a name, while the form is dirty."""

    def __init__(self, app: App, name: str, read: Callable[[], dict[str, Any]]) -> None:
        self._app = app
        self.name = own(app, name)
        self._read = read
        self._timer: int | None = None
        self._is_writing = False
        self._is_restored = False
        self.is_dirty = False

    async def load(self) -> dict[str, Any] | None:
        """What was kept; it counts as dirty only once it is typed into again."""
        kept = await self._app.desk.load_draft(self.name)
        self._is_restored = kept is not None
        return kept

    def notice(self, show_empty: Callable[[], Any]) -> Element | None:
        """Tells that a draft is back, with a way to begin anew; None when none is."""
        if not self._is_restored:
            return None

        async def drop(_: Any) -> None:
            await self.drop()
            await show_empty()

        return dom.h(
            "p",
            {"class": "notice", "role": "status"},
            icon("rotate-ccw"),
            dom.h("span", {"class": "grow"}, say("draft.restored")),
            elements.button(say("draft.drop"), drop, "plain"),
        )

    def watch(self, form: Element) -> Element:
        """Whatever is typed or chosen in the form is kept."""
        for event in ("input", "change"):
            dom.on(form, event, self.touch)
        return form

    def touch(self, *_: Any) -> None:
        """Something was typed."""
        self.is_dirty = True
        self._stop_timer()
        self._timer = dom.after(DRAFT_PAUSE_MS, self.keep)

    async def keep(self) -> None:
        """Writes it now, if anything was typed. A second call waits for its own turn."""
        self._stop_timer()
        if not self.is_dirty:
            return
        if self._is_writing:
            self.touch()
            return
        self._is_writing = True
        try:
            await self._app.desk.save_draft(self.name, self._read())
            if not self.is_dirty:
                # It was saved or dropped while the draft was being written.
                await self._app.desk.drop_draft(self.name)
        finally:
            self._is_writing = False

    async def drop(self) -> None:
        self.close()
        self.is_dirty = False
        await self._app.desk.drop_draft(self.name)

    def close(self) -> None:
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            dom.cancel(self._timer)
            self._timer = None


def is_duplicate(issues: list[Any]) -> bool:
    """Whether the very form was saved before: its draft was open in another tab, too."""
    return any([issue["code"] == "duplicate" for issue in issues])


def duplicate_notice(text: str, route: str) -> list[Any]:
    """Says that the form was saved elsewhere, with a way to what was saved."""
    return [text, " ", elements.link(route, say("status.open_chart"))]
