"""Who can open this device's store: its key, wrapped once for each user and once for recovery.

The device key is made on the device and never leaves it unwrapped. A password opens it with no
network; the recovery key, which the server keeps for the device, opens it for a user who comes
to the device for the first time or whose password was changed. Nothing here names a user in the
clear: a user is found by the hash of the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.failures import UnknownUser, Unreadable, WrongPassword
from pwa.py.domain.transaction import put, retry_when_stale
from pwa.py.store import contract, crypto

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.store.contract import Put
    from pwa.py.store.indexeddb import IndexedStore

_KEY = "keyring"


class Keyring:
    """Opens a store; `lock()` of the store closes it again."""

    def __init__(self, store: IndexedStore) -> None:
        self._store = store

    async def device(self) -> str:
        """This device's id, made at the first call and the same for ever after, in all tabs."""

        async def attempt() -> str:
            keyring, version = await self._read()
            if version == 0:
                await self._write(keyring, version)
            return keyring["device"]

        return await retry_when_stale(attempt)

    async def renamed(self, device: str) -> tuple[Put, int]:
        """The row with another id, and the version that was seen: for a store that begins another
        chain, in the transaction that does. The recovery key stays the same on the server."""
        keyring, version = await self._read()
        keyring["device"] = device
        return _put(keyring), version

    async def recovery(self) -> tuple[str, dict[str, str]]:
        """(the device's id, its key as wrapped by the recovery key that the server keeps)."""
        keyring, _ = await self._read()
        return keyring["device"], keyring["recovery"]

    async def is_new(self) -> bool:
        """Whether nobody can open this store yet: the first sign-in needs the network."""
        keyring, _ = await self._read()
        return not keyring["users"]

    async def is_known(self, username: str) -> bool:
        keyring, _ = await self._read()
        return _name_hash(username) in keyring["users"]

    async def enroll(
        self, username: str, password: str, account: dict[str, Any], recovery_key: str
    ) -> None:
        """Opens the store for a user whom the server has just signed in, and from now on offline.

        `account` is what the server said of the user; `unlock` gives it back.
        """

        async def attempt() -> None:
            keyring, version = await self._read()
            await self._enroll(keyring, version, username, password, account, recovery_key)

        await retry_when_stale(attempt)

    async def unlock(self, username: str, password: str) -> dict[str, Any]:
        """Opens the store with no network; the user's account as the server last said it."""
        keyring, _ = await self._read()
        name = _name_hash(username)
        user = keyring["users"].get(name)
        if user is None:
            raise UnknownUser("nobody of that name signed in on this device")
        password_key = await crypto.key_from_password(password, user)
        secret = await crypto.unwrap(user, password_key, _user_label(name))
        device_key = await crypto.import_key(secret)
        crypto.wipe(secret)
        text = await crypto.open_text(device_key, user["account"], _account_label(name))
        self._store.open_with(device_key)
        return json_text.loads(text)

    async def _enroll(
        self,
        keyring: dict[str, Any],
        version: int,
        username: str,
        password: str,
        account: dict[str, Any],
        recovery_key: str,
    ) -> None:
        name = _name_hash(username)
        secret = await self._secret(keyring, name, password, recovery_key)
        device_key = await crypto.import_key(secret)
        user: dict[str, Any] = crypto.new_parameters()
        password_key = await crypto.key_from_password(password, user)
        user.update(await crypto.wrap(secret, password_key, _user_label(name)))
        recovery = await crypto.key_from_recovery(recovery_key)
        keyring["recovery"] = await crypto.wrap(secret, recovery, _KEY)
        crypto.wipe(secret)
        text = json_text.dumps(account)
        user["account"] = await crypto.close_text(device_key, text, _account_label(name))
        keyring["users"][name] = user
        await self._write(keyring, version)
        self._store.open_with(device_key)

    async def _secret(
        self, keyring: dict[str, Any], name: str, password: str, recovery_key: str
    ) -> Any:
        """The bytes of the device key: new on a new device, else unwrapped."""
        if "recovery" not in keyring:
            return crypto.new_device_key()
        try:
            recovery = await crypto.key_from_recovery(recovery_key)
            return await crypto.unwrap(keyring["recovery"], recovery, _KEY)
        except WrongPassword:
            # The server was restored from before it knew this device, and made a new key.
            user = keyring["users"].get(name)
        if user is None:
            raise Unreadable(contract.META, _KEY)
        try:
            password_key = await crypto.key_from_password(password, user)
            return await crypto.unwrap(user, password_key, _user_label(name))
        except WrongPassword:
            raise Unreadable(contract.META, _KEY) from None

    async def _read(self) -> tuple[dict[str, Any], int]:
        row = await self._store.get(contract.META, _KEY)
        if row is None:
            return {"device": crypto.new_id(), "users": {}}, 0
        return json_text.loads(row["text"]), row["version"]

    async def _write(self, keyring: dict[str, Any], version: int) -> None:
        await self._store.commit([_put(keyring)], expected=[(contract.META, _KEY, version)])


def _put(keyring: dict[str, Any]) -> Put:
    row = put(contract.META, _KEY, json_text.dumps(keyring))
    row["secret"] = False
    return row


def _name_hash(username: str) -> str:
    return crypto.sha256("rekam:" + username.strip().lower())


def _user_label(name: str) -> str:
    return "keyring/user/" + name


def _account_label(name: str) -> str:
    return "keyring/account/" + name
