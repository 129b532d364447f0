"""What every store must do, as cases that run on CPython and on MicroPython: no pytest here.

A case is given `open_store`, an async function; stores that it opens are tabs of one device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Stale

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from pwa.py.store.contract import Store

    OpenStore = Callable[[], Awaitable[Store]]

TEXT = "Sitti \u00e9\u4e16\U0001f600 \u2028 \\ud83d\n\t" + "x" * 1000


def put(
    table: str, key: Any, text: str = "text", patient: str = "", state: str = ""
) -> dict[str, Any]:
    return {"table": table, "key": key, "text": text, "patient": patient, "state": state}


async def is_stale(store: Store, puts: Any, expected: Any, removes: Any = ()) -> bool:
    try:
        await store.commit(puts, removes=removes, expected=expected)
    except Stale:
        return True
    return False


async def fill_outbox(store: Store, count: int) -> None:
    """Numbers from 1; every third is done, and patients are a and b in turn."""
    puts = []
    for number in range(1, count + 1):
        state = "waiting" if number % 3 else "done"
        puts.append(put("outbox", number, f"c{number}", "ab"[number % 2], state))
    await store.commit(puts)


def keys(rows: Any) -> list[Any]:
    return [row["key"] for row in rows]


async def a_row_comes_back_as_it_was_put(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("charts", "p1", TEXT, "p1")])
    row = await store.get("charts", "p1")
    wanted: Any = put("charts", "p1", TEXT, "p1")
    wanted["version"] = 1
    assert row == wanted, row


async def an_empty_text_comes_back(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("drafts", "visit", "")])
    row = await store.get("drafts", "visit")
    assert row is not None
    assert row["text"] == ""


async def every_table_keeps_its_own_rows(open_store: OpenStore) -> None:
    store = await open_store()
    tables = (("meta", "k"), ("charts", "k"), ("drafts", "k"), ("directory", 0), ("outbox", 0))
    await store.commit([put(table, key, table) for table, key in tables])
    for table, key in tables:
        row = await store.get(table, key)
        assert row is not None
        assert row["text"] == table


async def a_missing_row_is_none(open_store: OpenStore) -> None:
    store = await open_store()
    assert await store.get("charts", "nobody") is None
    assert await store.get_many("charts", []) == []
    assert await store.list("outbox") == []
    assert await store.count("outbox") == 0


async def many_rows_come_in_the_order_of_the_keys_asked(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("charts", f"p{at}", f"t{at}") for at in range(5)])
    rows = await store.get_many("charts", ["p3", "nobody", "p0", "p3"])
    assert [None if row is None else row["text"] for row in rows] == ["t3", None, "t0", "t3"]


async def rows_are_listed_in_the_order_of_keys(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("outbox", number) for number in (10, 9, 2, 1, 100)])
    await store.commit([put("charts", key) for key in ("b", "c", "a")])
    assert keys(await store.list("outbox")) == [1, 2, 9, 10, 100]
    assert keys(await store.list("charts")) == ["a", "b", "c"]


async def a_list_goes_on_after_a_key(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 10)
    assert keys(await store.list("outbox", limit=3)) == [1, 2, 3]
    assert keys(await store.list("outbox", after=3, limit=3)) == [4, 5, 6]
    assert keys(await store.list("outbox", after=9)) == [10]
    assert await store.list("outbox", after=10) == []


async def the_outbox_is_asked_by_state(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 10)
    assert keys(await store.list("outbox", state="done")) == [3, 6, 9]
    assert keys(await store.list("outbox", state="done", limit=2)) == [3, 6]
    assert keys(await store.list("outbox", state="done", after=3)) == [6, 9]
    assert keys(await store.list("outbox", state="wait")) == []
    assert await store.count("outbox", "waiting") == 7
    assert await store.count("outbox", state="refused") == 0
    assert await store.count("outbox") == 10
    assert await store.counts("outbox", ("refused", "waiting", "done")) == [0, 7, 3]
    assert await store.counts("outbox", ["wait"]) == [0]


async def the_outbox_is_asked_by_patient(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 12)
    assert keys(await store.list("outbox", patient="a")) == [2, 4, 6, 8, 10, 12]
    assert keys(await store.list("outbox", patient="a", limit=2)) == [2, 4]
    assert keys(await store.list("outbox", patient="a", after=8)) == [10, 12]
    assert keys(await store.list("outbox", patient="a", state="done")) == [6, 12]
    assert keys(await store.list("outbox", patient="a", state="done", limit=1)) == [6]
    assert keys(await store.list("outbox", patient="a", state="done", after=6)) == [12]
    assert await store.list("outbox", patient="c") == []


async def a_put_counts_the_version_up(open_store: OpenStore) -> None:
    store = await open_store()
    for version in (1, 2, 3):
        await store.commit([put("charts", "p1", f"v{version}")])
        row = await store.get("charts", "p1")
        assert row is not None
        assert row["version"] == version
        assert row["text"] == f"v{version}"


async def a_put_changes_the_state(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 2)
    await store.commit([put("outbox", 1, "c1", "b", "refused")])
    assert keys(await store.list("outbox", state="refused")) == [1]
    assert keys(await store.list("outbox", state="waiting")) == [2]


async def keys_of_the_outbox_are_listed_by_state(open_store: OpenStore) -> None:
    store = await open_store()
    states = ("waiting", "done", "waiting", "refused", "waiting")
    await store.commit([put("outbox", at + 1, "", "a", state) for at, state in enumerate(states)])
    assert await store.list_keys("outbox", None, "waiting") == [1, 3, 5]
    assert await store.list_keys("outbox", 2, "waiting") == [1, 3]
    assert await store.list_keys("outbox", None, "set_aside") == []


def mark(key: int, state: str) -> Any:
    found = put("outbox", key, "not this text", "a", state)
    found["same"] = True
    return found


async def a_marked_row_keeps_its_text(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("outbox", at, f"text {at}", "a", "waiting") for at in (1, 2, 3)])
    await store.commit(
        [mark(1, "done"), put("outbox", 2, "text 2\nissues", "a", "refused"), mark(3, "done")],
        expected=[("outbox", 1, 1), ("outbox", 2, 1), ("outbox", 3, 1)],
    )
    rows = await store.list("outbox")
    assert [row["text"] for row in rows] == ["text 1", "text 2\nissues", "text 3"]
    assert [row["state"] for row in rows] == ["done", "refused", "done"]
    assert [row["version"] for row in rows] == [2, 2, 2]
    assert [row["patient"] for row in rows] == ["a", "a", "a"]
    assert keys(await store.list("outbox", state="done")) == [1, 3]


async def a_stale_mark_changes_nothing(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 2)
    assert await is_stale(store, [mark(1, "done")], [("outbox", 1, 2)])
    assert await is_stale(store, [mark(1, "done"), put("meta", "clock")], [("outbox", 1, 7)])
    assert await store.count("outbox", "done") == 0
    assert await store.get("meta", "clock") is None


async def many_marks_and_gaps_among_them(open_store: OpenStore) -> None:
    """More than one request reads at once; every seventh is not asked for, and far ones too."""
    store = await open_store()
    await store.commit([put("outbox", at, f"c{at}", "a", "waiting") for at in range(1, 601)])
    await store.commit([], removes=[("outbox", at) for at in range(1, 601) if at % 10 == 0])
    await store.commit([put("outbox", 5_000, "far", "a", "waiting")])
    asked = [at for at in range(1, 601) if at % 7 and at % 10] + [5_000]
    await store.commit([mark(at, "done") for at in asked], expected=expect(asked))
    assert keys(await store.list("outbox", state="done")) == asked
    rows = await store.list("outbox")
    assert [row["text"] for row in rows[:3]] == ["c1", "c2", "c3"]
    assert [row["version"] for row in rows if row["state"] == "done"] == [2] * len(asked)
    assert [row["version"] for row in rows if row["state"] != "done"] == [1] * 77
    assert rows[-1]["text"] == "far"


async def marks_in_any_order(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 40)
    asked = [9, 3, 4, 5, 30, 6, 2, 31, 40, 1]
    await store.commit([mark(at, "set_aside") for at in asked], expected=expect(asked))
    assert keys(await store.list("outbox", state="set_aside")) == sorted(asked)
    assert (await store.get_many("outbox", [30]))[0] == as_marked(30, "set_aside")


def expect(numbers: list[int], version: int = 1) -> list[tuple[str, int, int]]:
    return [("outbox", number, version) for number in numbers]


def as_marked(number: int, state: str) -> Any:
    found: Any = put("outbox", number, f"c{number}", "ab"[number % 2], state)
    found["version"] = 2
    return found


async def one_stale_row_in_the_middle_stops_all(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 30)
    await store.commit([mark(15, "refused")], expected=[("outbox", 15, 1)])
    asked = list(range(1, 31))
    marks: Any = [mark(at, "withdrawn") for at in asked] + [put("meta", "clock")]
    assert await is_stale(store, marks, expect(asked))
    assert await store.count("outbox", "withdrawn") == 0
    assert await store.get("meta", "clock") is None


async def a_removed_row_in_the_middle_stops_all(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 30)
    await store.commit([], removes=[("outbox", 15)])
    asked = [at for at in range(1, 31) if at != 15]
    others = [mark(at, "withdrawn") for at in asked]
    assert await is_stale(store, others, expect(list(range(1, 31))))
    assert await store.count("outbox", "withdrawn") == 0
    await store.commit(others, expected=expect(asked))
    assert keys(await store.list("outbox", state="withdrawn")) == asked


async def a_removed_row_that_came_back_is_another(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 5)
    await store.commit([mark(3, "done")], expected=[("outbox", 3, 1)])
    await store.commit([], removes=[("outbox", 3)])
    await store.commit([put("outbox", 3, "anew", "a", "waiting")])
    assert await is_stale(store, [mark(2, "done"), mark(3, "done")], expect([2, 3], 2))
    await store.commit([mark(at, "done") for at in (2, 3, 4)], expected=expect([2, 3, 4]))
    assert [row["text"] for row in await store.list("outbox", after=1)] == [
        "c2",
        "anew",
        "c4",
        "c5",
    ]


async def rows_are_marked_put_and_removed_in_one_commit(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 12)
    puts: Any = [mark(1, "done"), put("outbox", 2, "c2\nwhy", "a", "refused"), mark(8, "done")]
    puts += [put("outbox", 4, "unasked", "a", "waiting"), put("outbox", 20, "new", "a", "waiting")]
    removes = [("outbox", number) for number in (5, 6, 7, 10, 99)]
    await store.commit(puts, removes, expect([1, 2, 5, 8, 10]) + expect([20], 0))
    rows = await store.list("outbox")
    assert keys(rows) == [1, 2, 3, 4, 8, 9, 11, 12, 20]
    assert [row["version"] for row in rows] == [2, 2, 1, 2, 2, 1, 1, 1, 1]
    assert [row["text"] for row in rows][:5] == ["c1", "c2\nwhy", "c3", "unasked", "c8"]


async def what_was_expected_is_written(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("charts", "p1", "v1")], expected=[("charts", "p1", 0)])
    await store.commit([put("charts", "p1", "v2")], expected=[("charts", "p1", 1)])
    row = await store.get("charts", "p1")
    assert row is not None
    assert row["version"] == 2


async def a_stale_commit_writes_nothing(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("charts", "p1", "old"), put("outbox", 1)])
    puts = [put("charts", "p1", "new"), put("outbox", 2), put("meta", "clock")]
    for expected in (
        [("charts", "p1", 0)],
        [("charts", "p1", 2)],
        [("charts", "p1", 1), ("charts", "p2", 1)],
        [("meta", "other", 3)],
    ):
        assert await is_stale(store, puts, expected, removes=[("outbox", 1)]), expected
    row = await store.get("charts", "p1")
    assert row is not None
    assert row["text"] == "old"
    assert row["version"] == 1
    assert keys(await store.list("outbox")) == [1]
    assert await store.get("meta", "clock") is None


async def a_store_goes_on_after_a_stale_commit(open_store: OpenStore) -> None:
    store = await open_store()
    assert await is_stale(store, [put("charts", "p1")], [("charts", "p1", 7)])
    await store.commit([put("charts", "p1")], expected=[("charts", "p1", 0)])
    assert await store.count("charts") == 1


async def removed_rows_are_gone(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 3)
    await store.commit([], removes=[("outbox", 1), ("outbox", 3), ("outbox", 99)])
    assert keys(await store.list("outbox")) == [2]
    assert await store.count("outbox", "done") == 0


async def of_many_removed_rows_those_between_stay(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 600)
    gone = [at for at in range(1, 551) if at % 100 and at not in (3, 7, 8)]
    await store.commit([], removes=[("outbox", at) for at in gone[300:] + gone[:300]])
    stays = [3, 7, 8, 100, 200, 300, 400, 500]
    assert keys(await store.list("outbox")) == stays + list(range(551, 601))


async def a_commit_of_nothing_is_allowed(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([])
    assert await is_stale(store, [], [("charts", "p1", 1)])


async def a_row_put_twice_in_a_commit_counts_once(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("charts", "p1", "first"), put("charts", "p1", "last")])
    row = await store.get("charts", "p1")
    assert row is not None
    assert (row["version"], row["text"]) == (1, "last")


async def another_tab_sees_what_was_committed(open_store: OpenStore) -> None:
    one, other = await open_store(), await open_store()
    await one.commit([put("charts", "p1", "from one")])
    row = await other.get("charts", "p1")
    assert row is not None
    assert row["text"] == "from one"
    assert await is_stale(other, [put("charts", "p1", "lost")], [("charts", "p1", 0)])


async def what_was_read_can_be_altered(open_store: OpenStore) -> None:
    """A reader may do with its row as it likes."""
    store = await open_store()
    await store.commit([put("charts", "p1", "kept")])
    row = await store.get("charts", "p1")
    assert row is not None
    row["text"] = "altered"
    again = await store.get("charts", "p1")
    assert again is not None
    assert again["text"] == "kept"


async def a_large_commit_is_one(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 1000)
    assert await store.count("outbox") == 1000
    assert (await store.list("outbox", after=998))[1]["text"] == "c1000"


async def the_largest_number_is_a_key(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit([put("outbox", 2**31 - 1), put("outbox", 2**31 - 2)])
    assert keys(await store.list("outbox")) == [2**31 - 2, 2**31 - 1]


async def charts_are_named_in_the_order_of_their_use(open_store: OpenStore) -> None:
    store = await open_store()
    uses = (("a", "2026-02-03"), ("b", ""), ("c", "2026-02-03o"), ("d", "0000-00-00"))
    await store.commit([put("charts", key, "text", key, use) for key, use in uses])
    assert await store.list_keys("charts") == ["d", "a", "c"]
    assert await store.list_keys("charts", limit=2) == ["d", "a"]
    await store.commit([put("charts", "d", "", "d", "")])
    assert await store.list_keys("charts") == ["a", "c"]


async def versions_are_listed_by_state(open_store: OpenStore) -> None:
    store = await open_store()
    await fill_outbox(store, 10)
    await store.commit([mark(4, "waiting"), mark(5, "done")], expected=expect([4, 5]))
    assert await store.list_versions("outbox", "waiting", 4) == [(1, 1), (2, 1), (4, 2), (7, 1)]
    assert await store.list_versions("outbox", "done", 10) == [(3, 1), (5, 2), (6, 1), (9, 1)]
    assert await store.list_versions("outbox", "wait", 10) == []
