"""The links that stand with an entry of a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import elements, routes
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from pwa.py.ui.dom import Element


def to_edit(patient: str, key: str) -> Element:
    route = routes.judgement(patient, key)
    return elements.link(route, say("judgement.link"), css="history-link")


def to_history(patient: str, key: str, text: str = "") -> Element:
    route = routes.history(patient, key)
    return elements.link(route, text or say("history.link"), css="history-link")
