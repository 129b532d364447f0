"""Who can open the device's store: by password with no network, by recovery key with one."""

from __future__ import annotations

from tests.micropython import Micropython, PythonPage

START = """
from pwa.py.domain import failures
from pwa.py.store import keyring as rings
from pwa.py.store.keyring import Keyring
from tests.store import browser_store
from tests.store.browser_store import OTHER_RECOVERY_KEY, RECOVERY_KEY
from tests.store.suite import put

ACCOUNT = {"id": "a1", "username": "sitti", "name": "Sitti Zubaedah \\u00e9", "role": "clinician"}

async def raised(attempt):
    try:
        await attempt
    except failures.Failure as failure:
        return type(failure).__name__
    return None

async def new_store():
    await browser_store.empty()
    return await browser_store.open_store()
"""
ENROLL = """
async def main(argument):
    store = await new_store()
    ring = Keyring(store)
    answers = [await ring.is_new()]
    await ring.enroll("Sitti", "rahasia", ACCOUNT, RECOVERY_KEY)
    answers += [await ring.is_new(), store.is_open, await ring.is_known("sitti "),
                await ring.is_known("budi")]
    await store.commit([put("charts", "p1", "chart of p1")])
    store.close()
    return answers
"""
UNLOCK = """
async def main(password):
    store = await browser_store.open_store()
    ring = Keyring(store)
    failure = await raised(ring.unlock("sitti", "Rahasia"))
    stranger = await raised(ring.unlock("budi", "rahasia"))
    was_open = store.is_open
    account = await ring.unlock("sitti", "rahasia")
    row = await store.get("charts", "p1")
    store.close()
    return [failure, stranger, was_open, account == ACCOUNT, row["text"]]
"""


def test_a_password_opens_the_store_again_without_a_network(profile: Micropython) -> None:
    first = profile.open_page()
    assert first.run(START + ENROLL) == [True, False, True, True, False]
    first.page.close()
    # What unlocking needs beside the store is loaded only now, from the service worker's cache
    # in the app; nothing else is asked for.
    second = profile.open_page()
    asked: list[str] = []
    second.page.on("request", lambda request: asked.append(request.url))
    answers = second.run(START + UNLOCK)
    assert answers == ["WrongPassword", "UnknownUser", False, True, "chart of p1"]
    assert [url.rsplit("/", 1)[1] for url in asked] == ["argon2.umd.min.js"]
    second.page.close()


def test_a_second_user_shares_the_device_key(python_page: PythonPage) -> None:
    source = """
async def main(argument):
    store = await new_store()
    ring = Keyring(store)
    await ring.enroll("sitti", "rahasia", ACCOUNT, RECOVERY_KEY)
    await store.commit([put("outbox", 1, "unsynced", "p1", "waiting")])
    store.lock()
    await ring.enroll("budi", "lain", {"id": "a2"}, RECOVERY_KEY)
    seen = (await store.get("outbox", 1))["text"]
    store.lock()
    first = await ring.unlock("sitti", "rahasia")
    second = await ring.unlock("BUDI", "lain")
    return [seen, first["id"], second["id"], await raised(ring.unlock("budi", "rahasia"))]
"""
    assert python_page.run(START + source) == ["unsynced", "a1", "a2", "WrongPassword"]


def test_a_changed_password_replaces_the_old_one(python_page: PythonPage) -> None:
    source = """
async def main(argument):
    store = await new_store()
    ring = Keyring(store)
    await ring.enroll("sitti", "lama", ACCOUNT, RECOVERY_KEY)
    await store.commit([put("charts", "p1", "kept")])
    store.lock()
    await ring.enroll("sitti", "baru", ACCOUNT, RECOVERY_KEY)
    store.lock()
    old = await raised(ring.unlock("sitti", "lama"))
    await ring.unlock("sitti", "baru")
    return [old, (await store.get("charts", "p1"))["text"]]
"""
    assert python_page.run(START + source) == ["WrongPassword", "kept"]


def test_a_new_recovery_key_is_taken_from_one_who_knows_the_password(
    python_page: PythonPage,
) -> None:
    """A server restored from before it knew the device makes another recovery key."""
    source = """
async def main(argument):
    store = await new_store()
    ring = Keyring(store)
    await ring.enroll("sitti", "rahasia", ACCOUNT, RECOVERY_KEY)
    await store.commit([put("charts", "p1", "kept")])
    store.lock()
    answers = [await raised(ring.enroll("budi", "lain", ACCOUNT, OTHER_RECOVERY_KEY)),
               await raised(ring.enroll("sitti", "lain", ACCOUNT, OTHER_RECOVERY_KEY)),
               store.is_open]
    await ring.enroll("sitti", "rahasia", ACCOUNT, OTHER_RECOVERY_KEY)
    store.lock()
    await ring.enroll("budi", "lain", ACCOUNT, OTHER_RECOVERY_KEY)
    return answers + [(await store.get("charts", "p1"))["text"]]
"""
    assert python_page.run(START + source) == ["Unreadable", "Unreadable", False, "kept"]


def test_the_device_has_one_id_in_all_tabs(python_page: PythonPage) -> None:
    source = """
import js

async def main(argument):
    one = await new_store()
    other = await browser_store.open_store()
    rings = [Keyring(one), Keyring(other), Keyring(one)]
    # Begun together: each reads before any has written.
    begun = [js.Promise.resolve(ring).then(lambda ring: ring.device()) for ring in rings]
    ids = set()
    for promise in begun:
        ids.add(await promise)
    await rings[0].enroll("sitti", "rahasia", ACCOUNT, RECOVERY_KEY)
    ids.add(await rings[1].device())
    return [len(ids), len(list(ids)[0])]
"""
    assert python_page.run(START + source) == [1, 36]


def test_two_tabs_enroll_at_once_under_one_key(python_page: PythonPage) -> None:
    source = """
import js

async def main(argument):
    one = await new_store()
    other = await browser_store.open_store()
    both = [("sitti", one), ("budi", other)]
    def begin(pair):
        return Keyring(pair[1]).enroll(pair[0], "rahasia", {"id": pair[0]}, RECOVERY_KEY)
    begun = [js.Promise.resolve().then(lambda *ignored, pair=pair: begin(pair)) for pair in both]
    for promise in begun:
        await promise
    await one.commit([put("charts", "p1", "by one")])
    return [(await other.get("charts", "p1"))["text"], await Keyring(one).is_known("sitti"),
            await Keyring(one).is_known("budi")]
"""
    assert python_page.run(START + source) == ["by one", True, True]


def test_derivation_is_stored_with_what_it_made(python_page: PythonPage) -> None:
    """So that its cost can be raised later without locking anybody out."""
    source = """
from pwa.py.domain import json_text
from pwa.py.store import crypto

async def main(argument):
    store = await new_store()
    ring = Keyring(store)
    today = dict(crypto.ARGON2)
    crypto.ARGON2.update({"memory_kib": 1024, "passes": 1})
    try:
        await ring.enroll("sitti", "rahasia", ACCOUNT, RECOVERY_KEY)
    finally:
        crypto.ARGON2.update(today)
    store.lock()
    account = await ring.unlock("sitti", "rahasia")
    users = json_text.loads((await store.get("meta", "keyring"))["text"])["users"]
    await ring.enroll("sitti", "rahasia", ACCOUNT, RECOVERY_KEY)
    later = json_text.loads((await store.get("meta", "keyring"))["text"])["users"]
    return [account["id"], list(users.values())[0]["memory_kib"],
            list(later.values())[0]["memory_kib"]]
"""
    assert python_page.run(START + source) == ["a1", 1024, 19_456]
