"""The way in: sign in, unlock without a network, another user. It adopts the form of index.html."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import (
    Offline,
    Refused,
    Revoked,
    ServerFault,
    SignedOut,
    UnknownUser,
    WrongPassword,
)
from pwa.py.ui import dom
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App

TOO_MANY_REQUESTS = 429
FORBIDDEN = 403
REVOKED_CODE = "suppressed"


class Unlock:
    """The static section lives on while another page is shown, and comes back emptied."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._section = dom.find("unlock")
        self._username = dom.find("username")
        self._password = dom.find("password")
        self._failure = dom.find("unlock-failure")
        self._button = dom.find("unlock-button")
        self._wait = dom.find("unlock-wait")
        self._texts = [dom.find(name) for name in ("unlock-title", "unlock-hint")]
        self._labels = [dom.find(name) for name in ("username-label", "password-label")]
        self._is_busy = False
        dom.on(dom.find("unlock-form"), "submit", self._submit)

    async def show(self, message: str) -> None:
        known = "_known" if await self._app.services.is_known_device() else ""
        title, hint = self._texts
        dom.set_text(title, say("unlock.title" + known))
        dom.set_text(hint, say("unlock.hint" + known))
        dom.set_text(self._labels[0], say("unlock.username"))
        dom.set_text(self._labels[1], say("unlock.password"))
        dom.set_text(self._button, say("unlock.button" + known))
        dom.set_text(dom.find("skip"), say("app.skip"))
        dom.set_text(self._wait, message)
        self._app.frame.show_locked()
        if not self._section.isConnected:
            dom.set_text(self._failure, "")
            dom.fill(dom.find("page"), self._section)
        if dom.marked("submitted"):
            # Sent before Python was there.
            dom.mark("submitted", "")
            dom.spawn(self._submit(None))
        elif not self._username.value:
            dom.focus(self._username)
        elif not self._password.value:
            dom.focus(self._password)

    def refuse(self, message: str) -> None:
        """Says that no password opens this tablet."""
        dom.set_text(self._texts[1], "")
        dom.set_text(self._failure, message)

    async def _submit(self, _: Any) -> None:
        username = str(self._username.value).strip()
        password = str(self._password.value)
        if self._is_busy:
            return
        if not username or not password:
            self._fail(say("unlock.empty"))
            return
        self._set_busy(True)
        try:
            identity = await self._app.services.unlock(username, password)
        except (WrongPassword, SignedOut):
            self._fail(say("unlock.wrong"))
            return
        except (Offline, UnknownUser):
            self._fail(say("unlock.offline"))
            return
        except Revoked:
            self._fail(say("unlock.revoked"))
            return
        except Refused as refused:
            self._fail(_refused_words(refused))
            return
        except ServerFault:
            self._fail(say("error.server"))
            return
        finally:
            self._set_busy(False)
        self._password.value = ""
        dom.set_text(self._failure, "")
        await self._app.opened(identity)

    def _set_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self._button.disabled = is_busy
        dom.set_attribute(self._button, "aria-busy", "true" if is_busy else None)
        dom.set_text(self._wait, say("unlock.busy") if is_busy else "")

    def _fail(self, message: str) -> None:
        dom.set_text(self._failure, message)
        self._password.value = ""
        dom.focus(self._password if self._username.value else self._username)


def _refused_words(refused: Refused) -> str:
    if refused.status == TOO_MANY_REQUESTS:
        return say("unlock.too_many")
    if any([issue["code"] == REVOKED_CODE for issue in refused.issues]):
        return say("unlock.revoked")
    if refused.status == FORBIDDEN:
        return say("unlock.other_facility")
    return say("error.refused")


def revoked_words(waiting: int) -> str:
    return say("unlock.revoked_waiting", count=waiting) if waiting else say("unlock.revoked")
