"""The device's own changes on their way: which are sent next, and what an answer makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text, validate
from pwa.py.domain.outbox import (
    ASIDE,
    DONE,
    LEFT,
    REFUSED,
    SET_ASIDE,
    WAITING,
    WITHDRAWN,
    change_of,
    noted,
    reason_of,
    replaced_by,
    text_of,
)
from pwa.py.domain.transaction import put

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.store.contract import Rows, Store
    from pwa.py.sync.charts import ChartBatch

# What the server has to be given, or told of that it was given up.
UNSENT = (WAITING, WITHDRAWN, LEFT)
# What the server has and did not take.
UNTAKEN = (REFUSED, SET_ASIDE)
# So much left work is told of at once.
LEFT_MAX = 200

_SHORT_LINK = '"previous":"%s"' % validate.SHORT_LINK
_KEY_MARK = '"resource":"'
_REPLACES_MARK = '"replaces":'
_STATES = {"rejected": REFUSED, "set-aside": SET_ASIDE}


async def list_unsent(store: Store, changes_max: int, after: Any = None) -> Rows:
    """The oldest changes of which the server has to be given the numbers. A withdrawn one goes
    too, whether the server has its number or not: it then has it, and as withdrawn."""
    rows = await store.list("outbox", state=WAITING, after=after, limit=changes_max)
    withdrawn = await store.list("outbox", state=WITHDRAWN, after=after, limit=changes_max)
    if withdrawn:
        rows = sorted(rows + withdrawn, key=lambda row: row["key"])[:changes_max]
    return rows


async def list_unsent_versions(store: Store, changes_max: int) -> list[tuple[Any, int]]:
    """Key and version of each row that `list_unsent` finds."""
    found = await store.list_versions("outbox", WAITING, changes_max)
    withdrawn = await store.list_versions("outbox", WITHDRAWN, changes_max)
    return sorted(found + withdrawn)[:changes_max] if withdrawn else found


def count_fitting(rows: Rows, characters_max: int) -> int:
    """How many of the rows one request may carry; the first always."""
    characters = 0
    for at, row in enumerate(rows):
        characters += len(row["text"])
        if at > 0 and characters > characters_max:
            return at
    return len(rows)


def of_earlier_chains(batch: Rows, device: str) -> Rows:
    """The rows of a batch that the store wrote under other ids than its present one."""
    return [row for row in batch if change_of(row)["device"] != device]


def again(row: Any) -> tuple[str, str]:
    """The text and state of a row whose change the server has to be given once more. What was
    replaced or withdrawn goes for its number alone, and is not to be accepted."""
    if not reason_of(row):
        return text_of(row), WAITING
    return row["text"], WAITING if replaced_by(row) else WITHDRAWN


def said_instead(rows: list[Any]) -> dict[int, int]:
    """The number of each change that another of the device stands for, and of that other. One
    that was withdrawn stands for nothing."""
    found: dict[int, int] = {}
    gone: set[int] = set()
    for row in sorted(rows, key=lambda row: row["key"], reverse=True):
        successor = replaced_by(row)
        if successor in gone or (reason_of(row) and not successor):
            gone.add(row["key"])
        elif _REPLACES_MARK in row["text"]:
            number = json_text.loads(text_of(row)).get("replaces")
            if number:
                found[number] = row["key"]
    return found


async def list_aside(store: Store, changes_max: int, after: Any) -> Rows:
    """What lies aside, oldest first, also what was left there."""
    rows: Rows = []
    for state in ASIDE:
        rows += await store.list("outbox", state=state, after=after, limit=changes_max)
    return sorted(rows, key=lambda row: row["key"])[:changes_max]


async def left_aside(store: Store) -> list[dict[str, str]]:
    """What the server is to be told of work that was left aside, as the request has it."""
    rows = await store.list("outbox", state=LEFT, limit=LEFT_MAX)
    return [{"hash": changes.text_hash(text_of(row)), "reason": reason_of(row)} for row in rows]


async def let_go_of_left(
    store: Store, charts: ChartBatch, told: list[dict[str, str]], wanted: list[str]
) -> None:
    """The server was told: it goes, unless somebody thought better of it meanwhile. While a chart
    is `wanted` it stays: it may stand there, and is taken out when the server has no such chart."""
    if not told:
        return
    reasons = {one["hash"]: one["reason"] for one in told}
    for row in await store.list("outbox", state=LEFT, limit=LEFT_MAX):
        is_told = reasons.get(changes.text_hash(text_of(row))) == reason_of(row)
        if is_told and row["patient"] not in wanted:
            charts.expect("outbox", row["key"], row["version"])
            charts.removes.append(("outbox", row["key"]))


def body_of(envelope: dict[str, Any], batch: Rows, texts: list[str] | None = None) -> str:
    """The request. `texts` are those of the batch, where they were written before."""
    given_up = [(row["key"], reason_of(row)) for row in batch]
    told = [{"number": number, "reason": reason} for number, reason in given_up if reason]
    if told:
        envelope["withdrawn"] = told
    return _joined(envelope, texts_of(batch) if texts is None else texts)


def aside_body(envelope: dict[str, Any], batch: Rows) -> str:
    """As `body_of`, of what lies aside: what was left there is not given up."""
    return _joined(envelope, texts_of(batch))


def _joined(envelope: dict[str, Any], texts: list[str]) -> str:
    return json_text.dumps(envelope)[:-1] + ',"changes":[' + ",".join(texts) + "]}"


def texts_of(batch: Rows) -> list[str]:
    """The changes go as the very texts that were hashed, never written anew. Only a link to the
    change before it is left out, which the server puts back (docs/sync.md)."""
    texts: list[str] = []
    before = ""
    for row in batch:
        text = text_of(row)
        texts.append(_shortened(text, before) if before else text)
        before = text
    return texts


def _shortened(text: str, before: str) -> str:
    link = '"previous":"' + changes.text_hash(before) + '"'
    at = text.find(link)
    if at < 0 or text.find(link, at + 1) >= 0 or _SHORT_LINK in text:
        return text
    return text[:at] + _SHORT_LINK + text[at + len(link) :]


def resource_of(text: str) -> str:
    """The resource that a change is of. Its text says so once, and is parsed only when some value
    in it looks the same: parsing costs ten times as much."""
    at = text.find(_KEY_MARK)
    if at < 0 or text.find(_KEY_MARK, at + 1) >= 0:
        return json_text.loads(text)["resource"]
    start = at + len(_KEY_MARK)
    return text[start : text.find('"', start)]


async def settle(
    store: Store,
    charts: ChartBatch,
    batch: list[Any],
    outcomes: list[Any],
    seen: list[Any] | None = None,
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Marks each sent change with its outcome. {patient: {resource: sequence}} of those that the
    record took, and the patients of whom it took what was given up too late.

    `seen` are the rows as they were read to be sent, good for a first attempt: whoever was faster
    has made their versions stale. Without them they are read.
    """
    stored: Any = seen
    if stored is None:
        stored = await store.get_many("outbox", [row["key"] for row in batch])
    # Another tab may have sent the same changes and heard first: then it is settled. What was
    # withdrawn meanwhile, or taken back, is told with the next exchange.
    sent = {row["key"]: row["state"] for row in batch}
    rows = {row["key"]: row for row in stored if row and row["state"] == sent[row["key"]]}
    sequences: dict[str, dict[str, int]] = {}
    still_there: list[str] = []
    for outcome in outcomes:
        row = rows.get(outcome["number"])
        if row is None:
            continue
        state, is_given_up = _STATES.get(outcome["outcome"], DONE), reason_of(row) != ""
        charts.expect("outbox", row["key"], row["version"])
        if state != DONE and not is_given_up:
            text = noted(text_of(row), outcome["issues"])
            charts.puts.append(put("outbox", row["key"], text, row["patient"], state))
            continue
        mark = put("outbox", row["key"], "", row["patient"], DONE)
        mark["same"] = True
        if state == DONE:
            key = resource_of(text_of(row))
            sequences.setdefault(row["patient"], {})[key] = outcome["sequence"]
            if text_of(row) != row["text"]:
                # It was given up, or refused in another life of the server: that is over.
                mark = put("outbox", row["key"], text_of(row), row["patient"], DONE)
            if is_given_up:
                still_there.append(row["patient"])
        charts.puts.append(mark)
    return sequences, still_there
