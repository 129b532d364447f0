"""The door to the browser's cryptography: WebCrypto, and Argon2id from hash-wasm.

It knows keys, bytes and texts; not users (`keyring`) nor tables (`indexeddb`). Bytes stay
JavaScript arrays: moving 50 KB into Python takes 45 ms, a text of that size well below one.
"""

from __future__ import annotations

import binascii
import hashlib
from typing import TYPE_CHECKING

import js
from _pyscript import js_import
from jsffi import JsException, to_js

from pwa.py.domain.failures import WrongPassword

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_ARGON2_URL = "/pwa/vendor/hash-wasm/argon2.umd.min.js"
_CIPHER = "AES-GCM"
_KEY_BYTES = 32
_SALT_BYTES = 16
_IV_BYTES = 12

# OWASP's second choice for Argon2id; about 0.4 s on a slow tablet's core.
ARGON2 = {"kind": "argon2id", "memory_kib": 19_456, "passes": 2, "lanes": 1}

_encoder = js.TextEncoder.new()
_decoder = js.TextDecoder.new()
_subtle = js.crypto.subtle
_algorithm = to_js({"name": _CIPHER})


def new_id() -> str:
    return js.crypto.randomUUID()


def sha256(text: str) -> str:
    """In hexadecimal."""
    return hashlib.sha256(text.encode()).digest().hex()


async def encrypt(key: Any, labels: Sequence[str], texts: Sequence[str]) -> tuple[Any, Any]:
    """(one array of all the IVs, an array of ciphers), each bound to its label."""
    ivs = _random(_IV_BYTES * len(texts))
    begun: list[Any] = []
    for at, text in enumerate(texts):
        options = _options(ivs.subarray(at * _IV_BYTES, (at + 1) * _IV_BYTES), labels[at])
        begun.append(_subtle.encrypt(options, key, _encoder.encode(text)))
    return ivs, await js.Promise.all(js.Array.of(*begun))


def hex_of(array: Any) -> str:
    """A short array, such as one IV, as text."""
    return _hex(array)


def iv_of(ivs: Any, at: int) -> Any:
    """A copy of its own: stored as a view, each row would carry the whole array."""
    return ivs.slice(at * _IV_BYTES, (at + 1) * _IV_BYTES)


async def decrypt(
    key: Any, labels: Sequence[str], ivs: Sequence[Any], ciphers: Sequence[Any]
) -> list[str | None]:
    """The texts; None for each that is not what was encrypted under its label."""
    begun: list[Any] = []
    for at, label in enumerate(labels):
        begun.append(_subtle.decrypt(_options(ivs[at], label), key, ciphers[at]))
    texts: list[str | None] = []
    for settled in await js.Promise.allSettled(js.Array.of(*begun)):
        is_whole = settled.status == "fulfilled"
        texts.append(_decoder.decode(settled.value) if is_whole else None)
    return texts


def _options(iv: Any, label: str) -> Any:
    # Inheriting the name and setting the rest costs a tenth of converting a dict.
    options = js.Object.create(_algorithm)
    options.iv = iv
    options.additionalData = _encoder.encode(label)
    return options


# --- keys: a device key travels wrapped; unwrapped it cannot leave the browser's own memory -----


def new_device_key() -> Any:
    """The bytes of a key, to be wrapped, imported and then wiped."""
    return _random(_KEY_BYTES)


def wipe(secret: Any) -> None:
    secret.fill(0)


async def import_key(secret: Any) -> Any:
    uses = to_js(["encrypt", "decrypt"])
    return await _subtle.importKey("raw", secret, _algorithm, False, uses)


async def wrap(secret: Any, wrapping_key: Any, label: str) -> dict[str, str]:
    iv = _random(_IV_BYTES)
    cipher = await _subtle.encrypt(_options(iv, label), wrapping_key, secret)
    return {"iv": _hex(iv), "wrapped": _hex(js.Uint8Array.new(cipher))}


async def unwrap(wrapped: dict[str, str], wrapping_key: Any, label: str) -> Any:
    """The bytes of the device key. WrongPassword when this is not the key it was wrapped with."""
    options = _options(_bytes(wrapped["iv"]), label)
    try:
        secret = await _subtle.decrypt(options, wrapping_key, _bytes(wrapped["wrapped"]))
    except JsException as failure:
        raise WrongPassword(failure.args[1]) from None
    return js.Uint8Array.new(secret)


async def close_text(key: Any, text: str, label: str) -> dict[str, str]:
    """A short text, encrypted into hexadecimal text."""
    return await wrap(_encoder.encode(text), key, label)


async def open_text(key: Any, closed: dict[str, str], label: str) -> str:
    return _decoder.decode(await unwrap(closed, key, label))


async def key_from_password(password: str, parameters: dict[str, Any]) -> Any:
    """The wrapping key that `new_parameters` and a password make, again and again."""
    assert parameters["kind"] == "argon2id", parameters["kind"]
    if not hasattr(js.globalThis, "hashwasm"):
        await js_import(_ARGON2_URL)
    options = to_js(
        {
            "password": password,
            "salt": _bytes(parameters["salt"]),
            "memorySize": parameters["memory_kib"],
            "iterations": parameters["passes"],
            "parallelism": parameters["lanes"],
            "hashLength": _KEY_BYTES,
            "outputType": "binary",
        }
    )
    return await import_key(await js.hashwasm.argon2id(options))


def new_parameters() -> dict[str, Any]:
    """A fresh salt, with what the derivation costs today; stored beside what it wraps."""
    parameters: dict[str, Any] = dict(ARGON2)
    parameters["salt"] = _hex(_random(_SALT_BYTES))
    return parameters


async def key_from_recovery(recovery_key: str) -> Any:
    """From the base64 text in which the server keeps it."""
    secret = binascii.a2b_base64(recovery_key.encode())
    assert len(secret) == _KEY_BYTES, len(secret)
    return await import_key(js.Uint8Array.new(to_js(list(secret))))


def _random(count: int) -> Any:
    return js.crypto.getRandomValues(js.Uint8Array.new(count))


def _hex(array: Any) -> str:
    return bytes(array).hex()


def _bytes(text: str) -> Any:
    return js.Uint8Array.new(to_js(list(bytes.fromhex(text))))
