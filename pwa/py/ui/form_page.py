"""A page with forms: what is typed into them is kept as drafts, and outlives a lock or a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui.drafts import Draft
from pwa.py.ui.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App


class FormPage(Page):
    """Each of its forms has a draft of its own; leaving the page asks after all of them."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._drafts: list[Draft] = []

    def new_draft(self, name: str, read: Callable[[], dict[str, Any]]) -> Draft:
        """The draft of a form of this page; `read` answers what stands in the form."""
        draft = Draft(self.app, name, read)
        self._drafts.append(draft)
        return draft

    async def drop_draft(self, name: str) -> None:
        """What the form was for is done, or is not to be."""
        for draft in self._drafts:
            if draft.name == name:
                await draft.drop()
                return
        await self.app.desk.drop_draft(name)

    def forget_drafts(self) -> None:
        """The forms are taken away; what was kept of them stays kept."""
        for draft in self._drafts:
            draft.close()
        self._drafts = []

    def is_dirty(self) -> bool:
        return any([draft.is_dirty for draft in self._drafts])

    async def keep_draft(self) -> None:
        for draft in list(self._drafts):
            await draft.keep()

    async def discard(self) -> None:
        for draft in list(self._drafts):
            if draft.is_dirty:
                await draft.drop()

    def close(self) -> None:
        self.forget_drafts()
