"""The page for an address that names no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, elements, routes
from pwa.py.ui.page import Page
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element


class MissingPage(Page):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("app.not_found_title")

    async def build(self) -> Element:
        back = elements.link_button(routes.PATIENTS, say("app.patients"))
        return dom.h("section", {"class": "empty"}, dom.h("h1", None, say("app.not_found")), back)
