"""Icons out of the sprite that the set-up command makes of the names in pwa/icons/lucide.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom

if TYPE_CHECKING:
    from pwa.py.ui.dom import Element

_SPRITE = "/pwa/vendor/icons.svg#"


def icon(name: str, css: str = "") -> Element:
    return dom.use(_SPRITE + name, ("icon " + css).strip())
