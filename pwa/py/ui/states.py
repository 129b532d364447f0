"""How far an entry, or the whole device, has come with the server: in words and an icon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.contract import Status
    from pwa.py.ui.dom import Element

_ENTRY_ICONS = {
    "saved": "hard-drive",
    "sent": "send",
    "withdrawn": "x",
    "server": "cloud-check",
    "attention": "triangle-alert",
}
_SYNC_ICONS = {
    "unknown": "cloud-off",
    "synced": "cloud-check",
    "syncing": "refresh-cw",
    "waiting": "cloud-upload",
    "offline": "cloud-off",
    "signed_out": "cloud-alert",
    "attention": "triangle-alert",
    "first": "refresh-cw",
    "revoked": "lock",
    "app_old": "refresh-cw",
    "server_old": "cloud-alert",
}


def entry_state(state: dict[str, Any]) -> Element:
    """The state of one entry: "Tersimpan di perangkat ini"."""
    word = state["word"]
    css = "state state-" + word
    return dom.h("span", {"class": css}, icon(_ENTRY_ICONS[word]), " ", entry_words(state))


def entry_words(state: dict[str, Any]) -> str:
    if state["word"] == "server" and state.get("sequence"):
        return say("state.server_number", number=state["sequence"])
    return say("state." + state["word"])


def sync_icon(status: Status) -> Element:
    return icon(_SYNC_ICONS[status["word"]])


def sync_words(status: Status) -> str:
    """The state of the device as a whole, with what waits or was refused."""
    return _said("sync." + _sync_key(status), status)


def sync_words_short(status: Status) -> str:
    """The same for a narrow screen."""
    short = "sync_short." + _sync_key(status)
    return _said(short, status) if words.has(short) else sync_words(status)


def _sync_key(status: Status) -> str:
    word = status["word"]
    if word == "first" and status["progress"]:
        return "first_progress"
    if word == "syncing" and status["sent"]:
        return "syncing_sent"
    if word in ("offline", "syncing") and not status["waiting"]:
        return word + "_none"
    if word == "attention" and not status["refused"]:
        # A device that may not sync at all has nothing refused, and still needs somebody.
        return "attention_none"
    return word


def _said(key: str, status: Status) -> str:
    progress = status["progress"]
    done, total = (progress["done"], progress["total"]) if progress else (0, 0)
    count = status["refused"] if status["word"] == "attention" else status["waiting"]
    return say(key, count=count, done=done, total=total)
