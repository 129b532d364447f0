"""The one decision about clinical data: what the record is once some changes have been seen.

`merge` is what the browser runs in its IndexedDB transaction and the server in its PostgreSQL
transaction. It is pure, and the rows it answers do not depend on the order in which changes
come, on how they are grouped into calls, or on how often each one is repeated.

Why that holds. A REGISTER field keeps the value with the greatest timestamp: a maximum.
A field that keeps both is the set of values written, less the set of timestamps that some
writer had seen and so replaced (`past`): both sets only grow, and a difference of two
growing sets does not care for order. (An observed-remove register: Shapiro, Preguiça, Baquero,
Zawirski, "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011.)

Of such a field the row also keeps the replaced values with their authors, what each writer had
seen (`seen`) and why (`reasons`), so that a conflict can be judged and undone with no network.
A row whose fields were each written once holds none of these.
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

_NOT_WRITTEN = schema.IDENTITY_FIELDS + (schema.DEFAULT,)


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
    known = _Known(row, change)
    resource_type = references.type_of(change["resource"])
    words: list[str] = []
    for field, value in change["set"].items():
        if schema.keeps_both(resource_type, field):
            word = _keep_both(known, field, value, change)
            # What was seen of a field that this change does not set says nothing about it.
            _forget(known, field, change["base"].get(field, []), change["timestamp"])
        else:
            word = _keep_latest(known, field, value, change)
        words.append(word)
    new = known.row(change)
    if row is None:
        return new, CREATED
    return new, _summarise(words, new, change)


def written_fields(row: Row) -> list[str]:
    """The fields that some change has set, also those that were removed again."""
    fields = list(row["resource"]) + [name for name in row["stamps"] if name not in row["resource"]]
    return [name for name in fields if name not in _NOT_WRITTEN]


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


class _Known:
    """A row opened up by field, and closed again in its one canonical form: equal knowledge
    gives an equal row."""

    def __init__(self, row: Row | None, change: Change) -> None:
        self.stamps: dict[str, str] = {}
        # {field: {timestamp: (value, author)}}
        self.live: dict[str, dict[str, Any]] = {}
        # {field: {timestamp: {"value", "author"}}}, an empty object where the change has not come.
        self.past: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, dict[str, list[str]]] = {}
        self.authors = {change["timestamp"]: change["author"]}
        self.reasons: dict[str, str] = {}
        if row is not None:
            self._open(row)
        if change.get("reason"):
            self.reasons[change["timestamp"]] = change["reason"]  # type: ignore[typeddict-item]

    def _open(self, row: Row) -> None:
        self.authors.update(row["by"])
        self.reasons.update(row.get("reasons", {}))
        for field in written_fields(row):
            stamp = _stamp(row, field)
            self.stamps[field] = stamp
            self.live[field] = {stamp: (row["resource"].get(field), self.authors.get(stamp, ""))}
        for field, siblings in row.get("siblings", {}).items():
            self.live[field] = {one["timestamp"]: (one["value"], one["author"]) for one in siblings}
        for field, replaced in row.get("past", {}).items():
            self.past[field] = replaced.copy()
        for field, seen in row.get("seen", {}).items():
            self.seen[field] = seen.copy()

    def row(self, change: Change) -> Row:
        resource_type, resource_id = references.split_key(change["resource"])
        resource = {"resourceType": resource_type, "id": resource_id}
        tops: dict[str, str] = {}
        siblings: dict[str, list[Any]] = {}
        for field, values in self.live.items():
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
            "by": {top: self.authors.get(top, "") for top in set(tops.values())},
        }
        if siblings:
            row["siblings"] = siblings
        if self.past:
            row["past"] = self.past
        if self.seen:
            row["seen"] = self.seen
        reasons = self._held_reasons()
        if reasons:
            row["reasons"] = reasons
        return row

    def _held_reasons(self) -> dict[str, str]:
        """Why those values were written that the row still holds."""
        if not self.reasons:
            return self.reasons
        held: set[str] = set()
        for values in self.live.values():
            held.update(values)
        for replaced in self.past.values():
            # One that is known from a base alone may never have set this field.
            held.update([stamp for stamp, entry in replaced.items() if entry])
        return {stamp: text for stamp, text in self.reasons.items() if stamp in held}


def _keep_latest(known: _Known, field: str, value: Any, change: Change) -> str:
    timestamp = change["timestamp"]
    held = known.stamps.get(field, "")
    if timestamp == held:
        return DUPLICATE
    if timestamp < held:
        return SUPERSEDED
    known.stamps[field] = timestamp
    known.live[field] = {timestamp: (value, change["author"])}
    return UPDATED


def _keep_both(known: _Known, field: str, value: Any, change: Change) -> str:
    timestamp = change["timestamp"]
    values = known.live.setdefault(field, {})
    if timestamp in values:
        return DUPLICATE
    replaced = known.past.get(field, {})
    if replaced.get(timestamp):
        return DUPLICATE
    if timestamp in replaced:
        replaced[timestamp] = {"value": value, "author": change["author"]}
        return SUPERSEDED
    values[timestamp] = (value, change["author"])
    return UPDATED


def _forget(known: _Known, field: str, replaced: list[str], timestamp: str) -> None:
    """Takes the values that the writer had seen out of those that stand, into the past."""
    if not replaced:
        return
    known.seen.setdefault(field, {})[timestamp] = sorted(set(replaced))
    past = known.past.setdefault(field, {})
    values = known.live[field]
    for stamp in replaced:
        if stamp in values:
            value, author = values.pop(stamp)
            past[stamp] = {"value": value, "author": author}
        elif stamp not in past:
            past[stamp] = {}


def _sibling(timestamp: str, value: Any) -> Sibling:
    return {"value": value[0], "timestamp": timestamp, "author": value[1]}


def _summarise(words: list[str], row: Row, change: Change) -> str:
    if UPDATED in words:
        differing = [field for field in conflicts(row) if field in change["set"]]
        return CONFLICT if differing else UPDATED
    return SUPERSEDED if SUPERSEDED in words else DUPLICATE
