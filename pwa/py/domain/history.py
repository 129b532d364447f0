"""The versions of one resource out of its changes: who, when, where, and what became of what.

Where not every change is at hand (no network), what the row itself remembers stands in: of the
fields that keep both the replaced values too, of the others the value that stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock, conflicts, merge, schema, values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pwa.py.domain.shapes import Row

# What became of a value: it stands; it stands beside another (a conflict); it was replaced by
# someone who had seen it; a later one had the word before it came.
CURRENT = "current"
OPEN = "open"
REPLACED = "replaced"
SUPERSEDED = "superseded"


def remembered(row: Row) -> list[dict[str, Any]]:
    """What a row knows of the changes that made it, a change for each timestamp."""
    found: dict[str, dict[str, Any]] = {}
    kind = row["resource"]["resourceType"]

    def note(field: str, stamp: str, value: Any, author: str) -> None:
        if stamp not in found:
            reason = row.get("reasons", {}).get(stamp, "")
            found[stamp] = {"timestamp": stamp, "author": author, "set": {}, "base": {}}
            found[stamp]["reason"] = reason
        found[stamp]["set"][field] = value
        seen = row.get("seen", {}).get(field, {}).get(stamp)
        if seen:
            found[stamp]["base"][field] = seen

    for field in merge.written_fields(row):
        stamps = merge.live_timestamps(row, field)
        if schema.keeps_both(kind, field):
            stamps = stamps + list(row.get("past", {}).get(field, {}))
        for stamp in stamps:
            written = conflicts.written_value(row, field, stamp)
            if written is not None:
                note(field, stamp, written["value"], written["author"])
    return list(found.values())


def versions(known: Sequence[dict[str, Any]], row: Row) -> list[dict[str, Any]]:
    """The changes in the order of the devices' clocks, newest first, each with its fields.

    `known` are {"change", "sequence", …}, whatever is known of how a change arrived; that is
    handed on. `row` is the resource as it stands.
    """
    kind = row["resource"]["resourceType"]
    ordered = sorted(known, key=lambda one: one["change"]["timestamp"])
    differing = merge.conflicts(row)
    found: list[dict[str, Any]] = []
    for at, one in enumerate(ordered):
        change = one["change"]
        milliseconds, _, device = clock.read(change["timestamp"])
        version = {name: value for name, value in one.items() if name != "change"}
        version.update(
            {
                "timestamp": change["timestamp"],
                "at_ms": milliseconds,
                "device": device,
                "author": change["author"],
                "reason": change.get("reason", ""),
                "is_first": at == 0,
                "fields": [],
            }
        )
        for field in sorted(change["set"]):
            fate = _fate(ordered, at, field, row, kind)
            if fate == CURRENT and field in differing:
                fate = OPEN
            version["fields"].append(
                {
                    "field": field,
                    "from": _before(ordered, at, field, kind),
                    "to": values.describe(field, change["set"][field]),
                    "fate": fate,
                }
            )
        found.append(version)
    found.reverse()
    return found


def _before(ordered: list[Any], at: int, field: str, kind: str) -> list[dict[str, Any]]:
    """The values that the writer replaced: those seen, or for a register the last before."""
    change = ordered[at]["change"]
    if schema.keeps_both(kind, field):
        seen = change["base"].get(field, [])
        earlier = [one["change"] for one in ordered if one["change"]["timestamp"] in seen]
    else:
        earlier = [one["change"] for one in ordered[:at]]
        earlier = [one for one in earlier if field in one["set"]][-1:]
    found: list[dict[str, Any]] = []
    for one in earlier:
        value = one["set"].get(field)
        if field in one["set"] and not any([merge.same(value, held["value"]) for held in found]):
            found.append(values.describe(field, value))
    return found


def _fate(ordered: list[Any], at: int, field: str, row: Row, kind: str) -> str:
    stamp = ordered[at]["change"]["timestamp"]
    if stamp in merge.live_timestamps(row, field):
        return CURRENT
    if schema.keeps_both(kind, field):
        return REPLACED
    here = ordered[at].get("sequence")
    for later in ordered[at + 1 :]:
        sequence = later.get("sequence")
        if field in later["change"]["set"] and here and sequence and sequence < here:
            return SUPERSEDED
    return REPLACED
