"""Opening and emptying the browser's store; runs in the page, on MicroPython."""

from __future__ import annotations

from typing import TYPE_CHECKING

import js

from pwa.py.store import crypto, indexeddb

if TYPE_CHECKING:
    from typing import Any


# As the server hands them out: base64 of 32 bytes.
RECOVERY_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER_RECOVERY_KEY = "/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def ignore() -> None:
    """For the tabs of a test, which need not reload."""


async def open_store() -> indexeddb.IndexedStore:
    return await indexeddb.open_store(ignore, ignore)


async def empty() -> None:
    """Deletes the database; open stores let go of it by themselves."""
    done = js.Promise.withResolvers()
    request = js.indexedDB.deleteDatabase(indexeddb.DATABASE)
    request.onsuccess = done.resolve
    await done.promise


class Device:
    """Opens stores with one device key, as tabs that were all unlocked."""

    def __init__(self) -> None:
        self._key: Any = None

    async def open_store(self) -> indexeddb.IndexedStore:
        if self._key is None:
            self._key = await crypto.import_key(crypto.new_device_key())
        store = await open_store()
        store.open_with(self._key)
        return store


async def run_case(case: Any) -> None:
    """Runs one case of the suite on an empty database."""
    await empty()
    await case(Device().open_store)
