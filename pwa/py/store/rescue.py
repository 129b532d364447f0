"""A rescue file: what was not sent, encrypted by the device key, to be carried to the server.

The first line says what it is, and holds the device key as the keyring does: wrapped by the
recovery key, which the server alone keeps. Behind it stands the cipher, as bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.store.indexeddb import IndexedStore
    from pwa.py.store.keyring import Keyring

FORMAT = "rekam-rescue"
VERSION = 1


async def seal(
    store: IndexedStore, keyring: Keyring, facility: str, lines: list[str], made_ms: int
) -> list[Any]:
    """The parts of the file, in order: a text, and bytes of JavaScript."""
    device, wrapped = await keyring.recovery()
    label = "rescue/%s/%d/%d" % (device, made_ms, len(lines))
    iv, cipher = await store.seal(label, "\n".join(lines))
    header: dict[str, Any] = {"format": FORMAT, "version": VERSION, "device": device}
    header["facility"] = facility
    header.update({"made_ms": made_ms, "count": len(lines), "iv": iv, "key": wrapped})
    return [json_text.dumps(header) + "\n", cipher]
