"""How a person gets to the record: sign in once with the network, then unlock without it.

The password opens the device's store by itself. The server is asked only the first time a
person uses this device, or when the password is not the one the device knows: it may have been
changed elsewhere. What waits to be sent belongs to the device and survives all of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text
from pwa.py.domain.failures import Offline, Refused, ServerFault, SignedOut, Stale, WrongPassword
from pwa.py.domain.transaction import put

if TYPE_CHECKING:
    from typing import Any, Protocol

    from pwa.py.store.contract import Store

    class Keyring(Protocol):
        async def device(self) -> str: ...

        async def is_new(self) -> bool: ...

        async def is_known(self, username: str) -> bool: ...

        async def unlock(self, username: str, password: str) -> dict[str, Any]: ...

        async def enroll(
            self, username: str, password: str, account: dict[str, Any], recovery_key: str
        ) -> None: ...

    class Http(Protocol):
        async def post(self, path: str, body: str) -> str: ...

        async def delete(self, path: str) -> None: ...


class Access:
    def __init__(self, store: Store, keyring: Keyring, http: Http) -> None:
        self._store = store
        self._keyring = keyring
        self._http = http

    async def is_known_device(self) -> bool:
        """Whether somebody can open this device's store without the network."""
        return not await self._keyring.is_new()

    async def unlock(self, username: str, password: str) -> dict[str, Any]:
        """Opens the store; {"account", "facility", "device"} of who is here now.

        Raises WrongPassword, Refused, or Offline when the server is needed and not reached.
        """
        device = await self._keyring.device()
        if await self._keyring.is_known(username):
            try:
                identity = await self._keyring.unlock(username, password)
            except WrongPassword:
                identity = await self._ask_server(username, password, device)
        else:
            identity = await self.sign_in(username, password)
            await self._enroll(username, password, identity, device)
        await self._begin_chain(device)
        return {
            "account": identity["account"],
            "facility": identity["facility"],
            "device": device,
        }

    async def sign_in(self, username: str, password: str) -> dict[str, Any]:
        """A session at the server, for sending and fetching; no part of opening the store."""
        body = json_text.dumps({"username": username, "password": password})
        try:
            return json_text.loads(await self._http.post("/api/session", body))
        except SignedOut:
            raise WrongPassword("the server does not know this name with this password")

    async def sign_out(self) -> None:
        """Ends the session at the server. Without the network it ends there by itself later."""
        try:
            await self._http.delete("/api/session")
        except (Offline, ServerFault, SignedOut):
            return

    async def _ask_server(self, username: str, password: str, device: str) -> dict[str, Any]:
        """The device knows another password; the server's word counts, when it can be had."""
        try:
            identity = await self.sign_in(username, password)
        except (Offline, ServerFault):
            raise WrongPassword("not the password this device knows, and no server to ask")
        await self._enroll(username, password, identity, device)
        return identity

    async def renew_enrolment(self, username: str, password: str, identity: dict[str, Any]) -> None:
        """Sees to it that the server knows this device, and that the recovery key is the one it
        holds: it may have been restored from a backup older than the device."""
        recovery_key = await self._ask_recovery_key(identity["device"])
        row = await self._store.get("meta", "recovery")
        if row is None or row["text"] != changes.text_hash(recovery_key):
            await self._keep(username, password, identity, recovery_key)

    async def _enroll(
        self, username: str, password: str, identity: dict[str, Any], device: str
    ) -> None:
        await self._keep(username, password, identity, await self._ask_recovery_key(device))

    async def _ask_recovery_key(self, device: str) -> str:
        body = json_text.dumps({"device": device})
        try:
            enrolled = json_text.loads(await self._http.post("/api/devices", body))
        except Refused as refused:
            # Signed in, and not for this device: the session would be another's in our cookie.
            # A revoked device needs it, to hand over what it has not sent.
            if not _is_revoked(refused):
                await self.sign_out()
            raise
        return enrolled["recovery_key"]

    async def _keep(
        self, username: str, password: str, identity: dict[str, Any], recovery_key: str
    ) -> None:
        known = {"account": identity["account"], "facility": identity["facility"]}
        await self._keyring.enroll(username, password, known, recovery_key)
        fingerprint = changes.text_hash(recovery_key)
        await self._store.commit([put("meta", "recovery", fingerprint)])

    async def _begin_chain(self, device: str) -> None:
        """The device's first row: number 0, no hash. Another tab may be faster, with the same."""
        if await self._store.get("meta", "device") is not None:
            return
        row = put("meta", "device", json_text.dumps(changes.new_device_state(device)))
        try:
            await self._store.commit([row], expected=[("meta", "device", 0)])
        except Stale:
            return


def _is_revoked(refused: Refused) -> bool:
    return any([issue["code"] == "suppressed" for issue in refused.issues])
