"""Names of the facility's members and devices, for pages that say who wrote what and where.

They come from the server and are kept, encrypted, for when there is no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.failures import Failure
from pwa.py.domain.transaction import put

if TYPE_CHECKING:
    from typing import Any, Protocol

    from pwa.py.store.contract import Store

    class Http(Protocol):
        async def get(self, path: str) -> str: ...


MEMBERS = "members"
DEVICE_CHARACTERS_SHOWN = 4


class People:
    """`device` and `account` are this very device and who works on it now."""

    def __init__(self, store: Store, http: Http, device: str, account: dict[str, Any]) -> None:
        self._store = store
        self._http = http
        self.device = device
        self._account = account
        self._names: dict[str, str] = {}
        self._devices: dict[str, str] = {}
        # Devices that were asked for in vain: once is enough.
        self._missed: set[str] = set()
        # Whether the server was asked since somebody unknown was met.
        self.is_fresh = False

    async def load(self) -> None:
        """What the server said last."""
        row = await self._store.get("meta", MEMBERS)
        if row is not None:
            self._take(row["text"])

    async def refresh(self) -> None:
        """Asks the server; without an answer the names known so far stay. On a full disk those
        that came are known as long as the page is open."""
        self.is_fresh = True
        try:
            text = await self._http.get("/api/members")
            self._take(text)
            await self._store.commit([put("meta", MEMBERS, text)])
        except Failure:
            # A name is worth no error: nobody asked for it.
            return

    async def meet(self, device: str) -> None:
        """Asks the server whose a device is, before it is named, when that is not known here."""
        if device not in self._devices:
            await self.refresh()

    def name(self, account: str) -> str:
        """Of a person; empty when it is not known here."""
        if account == self._account["id"]:
            return self._account["name"]
        if account and account not in self._names:
            self.is_fresh = False
        return self._names.get(account, "")

    def device_owner(self, device: str) -> str:
        """Who brought a device into the facility; empty when that is not known here."""
        if device not in self._devices and device not in self._missed:
            self._missed.add(device)
            self.is_fresh = False
        return self.name(self._devices.get(device, ""))

    def device_mark(self, device: str) -> str:
        """What tells devices of one owner apart."""
        return device[-DEVICE_CHARACTERS_SHOWN:]

    def _take(self, text: str) -> None:
        answer = json_text.loads(text)
        self._names = {one["id"]: one["name"] for one in answer["members"]}
        self._devices = {one["id"]: one["account"] for one in answer["devices"]}
