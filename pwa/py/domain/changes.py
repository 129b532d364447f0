"""Making changes: from what a clinician did to sealed, numbered, chained entries of the device.

A draft says what is to be set on which resource. Sealing gives it the device's next number, the
clock's next reading and the hash of the entry before it; from then on its JSON text is fixed,
for that very text is what is hashed, sent and kept.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pwa.py.domain import clock, json_text, references, schema
from pwa.py.domain.merge import live_timestamps
from pwa.py.domain.validate import BASE_TIMESTAMPS_MAX

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Change, Resource, Row

_CHAIN_FIELDS = ("device", "number", "previous", "timestamp", "base", "replaces")


def create(resource: Resource, patient: str) -> dict[str, Any]:
    """A draft that brings a new resource into a patient's chart."""
    fields = {name: value for name, value in resource.items() if name not in schema.IDENTITY_FIELDS}
    return {
        "patient": patient,
        "resource": references.key_of(resource),
        "base": {},
        "set": fields,
    }


def amend(row: Row, fields: dict[str, Any], reason: str = "") -> dict[str, Any]:
    """A draft that sets some fields of an existing resource, saying which values were seen."""
    key = references.key_of(row["resource"])
    resource_type = row["resource"]["resourceType"]
    base: dict[str, list[str]] = {}
    for field in fields:
        seen = live_timestamps(row, field)
        if seen and schema.keeps_both(resource_type, field):
            base[field] = seen
    draft = {"patient": row["patient"], "resource": key, "base": base, "set": fields}
    if reason:
        draft["reason"] = reason
    return draft


def repeat(old: Change) -> dict[str, Any]:
    """A draft that says a refused change of this device once more, and takes its place.

    Whoever sends it again, it stays its author's. `again` is for `seal`.
    """
    base = _replacing(old, old["base"])
    draft: dict[str, Any] = {"patient": old["patient"], "resource": old["resource"]}
    draft.update({"author": old["author"], "base": base, "set": old["set"]})
    draft.update({"replaces": old["number"], "again": old["timestamp"]})
    if "reason" in old:
        draft["reason"] = old["reason"]
    return draft


def carry(old: Change, device: str) -> dict[str, Any]:
    """A draft that says on another device's chain what a change said, by whom and when.

    It takes the place of the old one, should that still be somewhere. What the same chain said
    before is named by both its readings: it may have been carried over too.
    """
    draft: dict[str, Any] = {}
    for name, value in old.items():
        if name not in _CHAIN_FIELDS:
            draft[name] = value
    draft["timestamp"] = clock.follow(old["timestamp"], device)
    chain = clock.device_of(old["timestamp"])
    base: dict[str, list[str]] = {}
    for field, seen in old["base"].items():
        own = [clock.follow(one, device) for one in seen if clock.device_of(one) == chain]
        base[field] = (own + seen)[-BASE_TIMESTAMPS_MAX:]
    draft["base"] = _replacing(old, base)
    return draft


def _replacing(old: Change, base: dict[str, list[str]]) -> dict[str, list[str]]:
    """A base that names the old change too, should its values still stand somewhere."""
    found = base.copy()
    for field in old["set"]:
        if schema.keeps_both(references.type_of(old["resource"]), field):
            found[field] = (base.get(field, []) + [old["timestamp"]])[-BASE_TIMESTAMPS_MAX:]
    return found


def mend(old: Change, fields: dict[str, Any], author: str) -> dict[str, Any]:
    """A draft that says in place of a refused change what it ought to have said."""
    draft = repeat(old)
    draft.update({"author": author, "set": fields})
    return draft


def new_device_state(device: str) -> dict[str, Any]:
    """Where a device's chain begins: nothing written, nothing seen."""
    return {"device": device, "number": 0, "hash": "", "timestamp": ""}


def seal(
    drafts: list[dict[str, Any]], state: dict[str, Any], author: str, now_ms: int
) -> tuple[list[tuple[Change, str]], dict[str, Any]]:
    """The drafts as (change, its exact text) in order, and the device's state after them.

    A draft that names an author keeps it: someone else's work that is sent once more. A later
    draft whose writer had seen a change that is said `again` has also seen what it becomes.
    """
    sealed: list[tuple[Change, str]] = []
    become: dict[str, str] = {}
    number, previous, timestamp = state["number"], state["hash"], state["timestamp"]
    for draft in drafts:
        number += 1
        timestamp = clock.tick(timestamp, now_ms, state["device"])
        change: Any = {
            "device": state["device"],
            "number": number,
            "previous": previous,
            "timestamp": timestamp,
            "author": author,
        }
        change.update(draft)
        change["base"] = _with_successors(draft["base"], become)
        if "again" in draft:
            again = change.pop("again")
            become[again] = timestamp
            if clock.device_of(again) != state["device"]:
                # Refused on an earlier chain of this store: it has no number on this one.
                change.pop("replaces", None)
        text = json_text.dumps(change)
        previous = text_hash(text)
        sealed.append((change, text))
    after = {"device": state["device"], "number": number, "hash": previous}
    after["timestamp"] = timestamp
    return sealed, after


def _with_successors(base: dict[str, list[str]], become: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field, seen in base.items():
        after = [become[stamp] for stamp in seen if stamp in become]
        found[field] = (seen + after)[-BASE_TIMESTAMPS_MAX:]
    return found


def text_hash(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal: a link of the device's chain."""
    return hashlib.sha256(text.encode()).digest().hex()
