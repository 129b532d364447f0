"""The one decision about clinical data: what the record is once some changes have been seen.

`merge` is what the browser runs in its IndexedDB transaction and the server in its PostgreSQL
transaction. It is pure, and the rows it answers do not depend on the order in which changes
come, on how they are grouped into calls, or on how often each one is repeated.

Why that holds. A REGISTER field keeps the value with the greatest timestamp: a maximum.
A field that keeps both is the set of values written, less the set of timestamps that some
writer had seen and so replaced (`past`): both sets only grow, and a difference of two
growing sets does not care for order. (An observed-remove register: Shapiro, Preguiça, Baquero,
Zawirski, "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import references, schema
from pwa.py.domain.json_text import is_list, is_object
from pwa.py.domain.validate import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pwa.py.domain.shapes import Change, Outcome, Row, Sibling

CREATED = "created"
UPDATED = "updated"
DUPLICATE = "duplicate"
SUPERSEDED = "superseded"
CONFLICT = "conflict"
REJECTED = "rejected"
OUTCOMES = (CREATED, UPDATED, DUPLICATE, SUPERSEDED, CONFLICT, REJECTED)


def merge(
    rows: Mapping[str, Row], changes: Sequence[Change]
) -> tuple[dict[str, Row], list[Outcome]]:
    """The rows to write, by "Type/id", and an outcome for each change, in the order given.

    `rows` must hold the present row of every resource that `changes` name, where there is one.
    """
    writes: dict[str, Row] = {}
    outcomes: list[Outcome] = []
    for change in changes:
        issues = check(change)
        word = REJECTED
        if not issues:
            key = change["resource"]
            row = writes.get(key) or rows.get(key)
            row, word = merge_one(row, change)
            if word != DUPLICATE:
                writes[key] = row
        outcomes.append(
            {
                "device": change.get("device", "") if is_object(change) else "",
                "number": change.get("number", 0) if is_object(change) else 0,
                "outcome": word,
                "issues": issues,
            }
        )
    return writes, outcomes


def merge_one(row: Row | None, change: Change) -> tuple[Row, str]:
    """One valid change upon one row: a new row, and what happened as one of the words above."""
    stamps, live, past, authors = _expand(row, change)
    resource_type = change["resource"].split("/")[0]
    seen: list[str] = []
    for field, value in change["set"].items():
        if schema.keeps_both(resource_type, field):
            word = _keep_both(live, past, field, value, change)
        else:
            word = _keep_latest(stamps, live, field, value, change)
        seen.append(word)
    for field, replaced in change["base"].items():
        # What was seen of a field that this change does not set says nothing about that field.
        if field in change["set"] and schema.keeps_both(resource_type, field):
            _forget(live, past, field, replaced)
    new = _compact(change, stamps, live, past, authors)
    if row is None:
        return new, CREATED
    return new, _summarise(seen, new, change)


def live_timestamps(row: Row, field: str) -> list[str]:
    """The timestamps of the values a field holds now: what a writer who sees the row has seen."""
    siblings = row.get("siblings", {}).get(field)
    if siblings:
        return [sibling["timestamp"] for sibling in siblings]
    stamp = _stamp(row, field)
    return [stamp] if stamp else []


def conflicts(row: Row) -> dict[str, list[Sibling]]:
    """The fields whose concurrent values differ, each with all its values, latest last."""
    found: dict[str, list[Sibling]] = {}
    for field, siblings in row.get("siblings", {}).items():
        first = siblings[0]["value"]
        if any([not same(sibling["value"], first) for sibling in siblings]):
            found[field] = siblings
    return found


def same(one: Any, other: Any) -> bool:
    """Equality as JSON sees it: true is not 1 (Python thinks it is), and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_object(one) and is_object(other):
        if len(one) != len(other):
            return False
        return all([key in other and same(one[key], other[key]) for key in one])
    if is_list(one) and is_list(other):
        if len(one) != len(other):
            return False
        return all([same(item, other[at]) for at, item in enumerate(one)])
    return one == other


def _stamp(row: Row, field: str) -> str:
    stamp = row["stamps"].get(field)
    if stamp is not None:
        return stamp
    return row["stamps"].get(schema.DEFAULT, "") if field in row["resource"] else ""


def _expand(row: Row | None, change: Change) -> Any:
    """A row as four maps: field to stamp, to live values, to past; stamp to author.

    `live` of a field is {timestamp: (value, author)}.
    """
    stamps: dict[str, str] = {}
    live: dict[str, dict[str, Any]] = {}
    past: dict[str, set[str]] = {}
    authors = {change["timestamp"]: change["author"]}
    if row is None:
        return stamps, live, past, authors
    authors.update(row["by"])
    resource = row["resource"]
    for field in list(resource) + [name for name in row["stamps"] if name not in resource]:
        if field in ("resourceType", "id", schema.DEFAULT):
            continue
        stamp = _stamp(row, field)
        stamps[field] = stamp
        live[field] = {stamp: (resource.get(field), authors.get(stamp, ""))}
    for field, siblings in row.get("siblings", {}).items():
        live[field] = {
            sibling["timestamp"]: (sibling["value"], sibling["author"]) for sibling in siblings
        }
    for field, timestamps in row.get("past", {}).items():
        past[field] = set(timestamps)
    return stamps, live, past, authors


def _keep_latest(stamps: Any, live: Any, field: str, value: Any, change: Change) -> str:
    timestamp = change["timestamp"]
    held = stamps.get(field, "")
    if timestamp == held:
        return DUPLICATE
    if timestamp < held:
        return SUPERSEDED
    stamps[field] = timestamp
    live[field] = {timestamp: (value, change["author"])}
    return UPDATED


def _keep_both(live: Any, past: Any, field: str, value: Any, change: Change) -> str:
    timestamp = change["timestamp"]
    values = live.setdefault(field, {})
    if timestamp in values:
        return DUPLICATE
    if timestamp in past.get(field, ()):
        return SUPERSEDED
    values[timestamp] = (value, change["author"])
    return UPDATED


def _forget(live: Any, past: Any, field: str, replaced: list[str]) -> None:
    """Takes out the values that the writer had seen, and remembers not to let them back in."""
    if not replaced:
        return
    gone = past.setdefault(field, set())
    for timestamp in replaced:
        gone.add(timestamp)
        live[field].pop(timestamp, None)


def _compact(change: Change, stamps: Any, live: Any, past: Any, authors: Any) -> Row:
    """The row in its one canonical form: equal knowledge gives an equal row."""
    resource_type, resource_id = references.split_key(change["resource"])
    resource = {"resourceType": resource_type, "id": resource_id}
    tops: dict[str, str] = {}
    siblings: dict[str, list[Any]] = {}
    for field, values in live.items():
        if not values:
            continue
        top = max(values)
        tops[field] = top
        if values[top][0] is not None:
            resource[field] = values[top][0]
        if len(values) > 1:
            siblings[field] = [_sibling(stamp, values[stamp]) for stamp in sorted(values)]
    lowest = min(tops.values()) if tops else ""
    compact = {schema.DEFAULT: lowest}
    for field, top in tops.items():
        if top != lowest or field not in resource:
            compact[field] = top
    row: Row = {
        "patient": change["patient"],
        "resource": resource,
        "stamps": compact,
        "by": {top: authors.get(top, "") for top in set(tops.values())},
    }
    if siblings:
        row["siblings"] = siblings
    if past:
        row["past"] = {field: sorted(timestamps) for field, timestamps in past.items()}
    return row


def _sibling(timestamp: str, value: Any) -> Sibling:
    return {"value": value[0], "timestamp": timestamp, "author": value[1]}


def _summarise(words: list[str], row: Row, change: Change) -> str:
    if UPDATED in words:
        differing = [field for field in conflicts(row) if field in change["set"]]
        return CONFLICT if differing else UPDATED
    return SUPERSEDED if SUPERSEDED in words else DUPLICATE
