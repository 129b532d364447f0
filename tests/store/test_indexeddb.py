"""What only the browser's store can show: secrecy at rest, upgrades, tabs, a full disk."""

from __future__ import annotations

import pytest

from tests.micropython import Micropython, PythonPage

START = """
import js
from pwa.py.domain import failures
from pwa.py.store import crypto, indexeddb
from tests.store import browser_store
from tests.store.browser_store import Device, ignore
from tests.store.suite import put
"""
# Everything in the database as one text, bytes read as Latin-1 so that any clear text shows.
DUMP = """async () => {
  const promise = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const text = (value) => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (value instanceof Uint8Array)
      return Array.from(value, (byte) => String.fromCharCode(byte)).join("");
    if (Array.isArray(value)) return value.map(text).join(" ");
    if (value && typeof value === "object")
      return Object.entries(value).map((pair) => pair.map(text).join(": ")).join("\\n");
    return String(value);
  };
  const parts = [];
  for (const { name, version } of await indexedDB.databases()) {
    const database = await promise(indexedDB.open(name, version));
    for (const table of database.objectStoreNames) {
      const store = database.transaction(table).objectStore(table);
      const keys = await promise(store.getAllKeys());
      const rows = await promise(store.getAll());
      parts.push(name, table, text(keys), text(rows));
    }
    database.close();
  }
  return parts.join("\\n");
}"""


def test_nothing_of_a_person_is_in_the_clear(python_page: PythonPage) -> None:
    marks = ["Sitti Zubaedah", "7371114509870001", "batuk darah", "dr.wahidin", "rahasia-kata"]
    marks.append("Puskesmas Kaluku")
    source = """
from pwa.py.store.keyring import Keyring

async def main(marks):
    await browser_store.empty()
    store = await browser_store.open_store()
    account = {"id": "a1", "name": marks[0], "facility": marks[5]}
    await Keyring(store).enroll(marks[3], marks[4], account, browser_store.RECOVERY_KEY)
    text = "\\n".join(marks)
    await store.commit([
        put("charts", "p1", text, "p1"), put("directory", 0, text), put("drafts", "d1", text),
        put("outbox", 1, text, "p1", "waiting"), put("meta", "device", text),
    ])
    store.close()
    return None
"""
    python_page.run(START + source, marks)
    dump = python_page.page.evaluate(DUMP)
    assert "keyring" in dump
    assert "waiting" in dump
    for mark in marks:
        for form in (mark, mark.lower(), mark.encode("utf-16-le").decode("latin-1")):
            assert form not in dump, mark


def test_pain_04_an_upgrade_keeps_unsynced_work(python_page: PythonPage) -> None:
    source = """
async def main(argument):
    await browser_store.empty()
    device = Device()
    all_steps = indexeddb.STEPS
    indexeddb.STEPS = all_steps[:1]
    try:
        old = await device.open_store()
        puts = [put("outbox", n, f"change {n}", "p1", "waiting") for n in (1, 2, 3)]
        await old.commit(puts + [put("charts", "p1", "chart", "p1"), put("meta", "sync", "7")])
        before = list(js.Array.of(*[name for name in old._database.objectStoreNames]))
    finally:
        indexeddb.STEPS = all_steps
    new = await device.open_store()
    waiting = await new.list("outbox", state="waiting")
    await new.commit([put("drafts", "visit", "draft")])
    await new.commit([put("charts", "p1", "chart 2", "p1")], expected=[("charts", "p1", 1)])
    chart = await new.get("charts", "p1")
    return [
        before,
        [[row["key"], row["text"], row["version"]] for row in waiting],
        [chart["text"], (await new.get("meta", "sync"))["text"]],
        await new.count("outbox", "waiting"),
    ]
"""
    before, waiting, others, count = python_page.run(START + source)
    assert "drafts" not in before
    assert waiting == [[1, "change 1", 1], [2, "change 2", 1], [3, "change 3", 1]]
    assert others == ["chart 2", "7"]
    assert count == 3


def test_an_older_tab_makes_way_for_an_upgrade(python_page: PythonPage) -> None:
    source = """
async def main(argument):
    await browser_store.empty()
    told = []
    def outdated():
        told.append("outdated")
    all_steps = indexeddb.STEPS
    indexeddb.STEPS = all_steps[:1]
    try:
        old = await indexeddb.open_store(outdated, ignore)
    finally:
        indexeddb.STEPS = all_steps
    new = await browser_store.open_store()
    try:
        await old.count("outbox")
    except failures.StorageFault:
        told.append("closed")
    return [told, await new.count("drafts")]
"""
    assert python_page.run(START + source) == [["outdated", "closed"], 0]


def test_older_code_refuses_a_newer_store(python_page: PythonPage) -> None:
    source = """
async def main(argument):
    await browser_store.empty()
    (await browser_store.open_store()).close()
    all_steps = indexeddb.STEPS
    indexeddb.STEPS = all_steps[:1]
    try:
        await browser_store.open_store()
    except failures.Outdated:
        return "outdated"
    finally:
        indexeddb.STEPS = all_steps
"""
    assert python_page.run(START + source) == "outdated"


def test_a_row_moved_to_another_key_is_unreadable(python_page: PythonPage) -> None:
    source = """
async def main(argument):
    await browser_store.empty()
    store = await Device().open_store()
    await store.commit([put("charts", key, "chart of " + key, key) for key in ("p1", "p2", "p3")])
    records = store._database.transaction("charts", "readwrite").objectStore("charts")
    done = js.Promise.withResolvers()
    request = records.get("p1")
    def move(event):
        moved = request.result
        moved.key = "p2"
        records.put(moved).onsuccess = done.resolve
    request.onsuccess = move
    await done.promise
    answers = []
    for key in ("p1", "p2", "p3"):
        try:
            answers.append((await store.get("charts", key))["text"])
        except failures.Unreadable as failure:
            answers.append([failure.table, failure.key])
    answers.append(await store.count("charts"))
    return answers
"""
    assert python_page.run(START + source) == ["chart of p1", ["charts", "p2"], "chart of p3", 3]


def test_a_locked_store_neither_reads_nor_writes_secrets(python_page: PythonPage) -> None:
    source = """
async def main(argument):
    await browser_store.empty()
    store = await Device().open_store()
    clear = put("meta", "open", "clear")
    clear["secret"] = False
    await store.commit([put("charts", "p1", "chart"), clear])
    store.lock()
    answers = [store.is_open, (await store.get("meta", "open"))["text"]]
    for attempt in (lambda: store.get("charts", "p1"), lambda: store.commit([put("drafts", "d")])):
        try:
            await attempt()
        except failures.Locked:
            answers.append("locked")
    answers.append(await store.count("drafts"))
    return answers
"""
    assert python_page.run(START + source) == [False, "clear", "locked", "locked", 0]


def test_a_full_disk_is_told_and_writes_nothing(profile: Micropython) -> None:
    source = """
async def main(argument):
    await browser_store.empty()
    store = await Device().open_store()
    await store.commit([put("charts", "p1", "kept")])
    try:
        await store.commit([put("charts", "p1", "x" * 8_000_000), put("outbox", 1)])
    except failures.StorageFull:
        row = await store.get("charts", "p1")
        return [row["text"], row["version"], await store.count("outbox")]
"""
    # A profile of its own: Chromium asks for the room left only now and then.
    small = profile.new_profile()
    page = small.open_page()
    session = small.context.new_cdp_session(page.page)
    origin = profile.address.rstrip("/")
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 4_000_000})
    assert page.run(START + source) == ["kept", 1, 0]
    small.context.close()


def test_a_commit_is_one_strict_transaction(python_page: PythonPage) -> None:
    """Strict means flushed to the disk: the browser is asked for it, and waited for."""
    python_page.page.evaluate("""() => {
      globalThis.begun = [];
      const begin = IDBDatabase.prototype.transaction;
      IDBDatabase.prototype.transaction = function (tables, mode, options) {
        const transaction = begin.call(this, tables, mode, options);
        const entry = [mode, transaction.durability, false];
        transaction.addEventListener("complete", () => { entry[2] = true; });
        globalThis.begun.push(entry);
        return transaction;
      };
      globalThis.restoreBegin = () => { IDBDatabase.prototype.transaction = begin; };
    }""")
    source = """
async def main(argument):
    await browser_store.empty()
    store = await Device().open_store()
    await store.commit([put("charts", "p1"), put("outbox", 1), put("directory", 0)])
    return None
"""
    try:
        python_page.run(START + source)
        assert python_page.page.evaluate("begun") == [["readwrite", "strict", True]]
    finally:
        python_page.page.evaluate("restoreBegin()")


TWO_TABS = (
    START
    + """
from pwa.py.domain.failures import Stale

async def main(argument):
    name, count = argument
    key = await crypto.import_key(js.Uint8Array.new(32))
    store = await browser_store.open_store()
    store.open_with(key)
    stale = 0
    for at in range(count):
        for attempt in range(1000):
            row = await store.get("charts", "shared")
            text, version = ("", 0) if row is None else (row["text"], row["version"])
            try:
                await store.commit(
                    [put("charts", "shared", text + f"{name}{at} "), put("meta", "last", name)],
                    expected=[("charts", "shared", version)],
                )
                break
            except Stale:
                stale += 1
    row = await store.get("charts", "shared")
    store.close()
    return [stale, row["text"], row["version"]]
"""
)


def test_two_tabs_lose_no_update(profile: Micropython, python_page: PythonPage) -> None:
    python_page.run(START + "async def main(argument):\n    await browser_store.empty()\n")
    other = profile.open_page()
    count = 50
    # Both begin before either is waited for.
    for page, name in ((python_page, "a"), (other, "b")):
        page.begin(TWO_TABS, [name, count])
    answers = [page.finish() for page in (python_page, other)]
    other.page.close()
    text, version = max(((text, version) for _, text, version in answers), key=lambda one: one[1])
    assert version == 2 * count
    wanted = [f"{name}{at}" for name in "ab" for at in range(count)]
    assert sorted(text.split()) == sorted(wanted)
    assert [word for word in text.split() if word[0] == "a"] == wanted[:count]
    assert sum(stale for stale, _, _ in answers) > 0, "the tabs never met: nothing was shown"


@pytest.mark.parametrize("with_storage", [True, False])
def test_persistence_and_room_are_asked_for(python_page: PythonPage, with_storage: bool) -> None:
    source = """
from tests.store import browser_store

async def main(argument):
    store = await browser_store.open_store()
    answer = [await store.persist(), await store.estimate()]
    store.close()
    return answer
"""
    page = python_page.page
    if not with_storage:
        page.evaluate(
            "Object.defineProperty(navigator, 'storage', {value: {}, configurable: true})"
        )
    try:
        persisted, (usage, quota) = python_page.run(source)
    finally:
        page.evaluate("delete navigator.storage")
    assert persisted in (True, False)
    assert (quota > 2**31) is with_storage, quota
    assert usage <= quota
