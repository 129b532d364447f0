"""The open conflicts of a chart, field by field, and the decisions that settled earlier ones.

Everything comes out of the rows: the values that stand, those they replaced, who wrote each,
when by the device's clock, on which device, why, and what the writer had seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock, names, values
from pwa.py.domain.merge import conflicts, live_timestamps, same

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.chart import Chart, Entry
    from pwa.py.domain.shapes import Resource, Row


def open_conflicts(chart: Chart) -> list[dict[str, Any]]:
    """One for each resource with conflicts, newest first: {"resource", "type", "title", "date",
    "fields": [{"field", "seen", "options"}]}."""
    found: list[dict[str, Any]] = []
    for entry in chart.holding("siblings"):
        fields = fields_of(entry.row())
        if fields:
            about = _about(entry)
            about["fields"] = fields
            found.append(about)
    return found


def fields_of(row: Row) -> list[dict[str, Any]]:
    """The fields of a row in conflict. `seen` is what a decision has to name as its base."""
    differing = conflicts(row)
    return [
        {
            "field": field,
            "seen": live_timestamps(row, field),
            "options": _options(row, field, differing[field]),
        }
        for field in sorted(differing)
    ]


def standing(row: Row, field: str) -> list[Any]:
    """The values of a field, all of them where they differ: the one written first comes first."""
    differing = conflicts(row).get(field)
    if differing:
        return [sibling["value"] for sibling in differing]
    return [row["resource"].get(field)]


def variants(row: Row) -> list[Resource]:
    """The resource as it stands, and once for each value that stands beside: so that what shows a
    resource can show every value. The one that was written last comes last."""
    found: list[Resource] = []
    differing = conflicts(row)
    for field in sorted(differing):
        for sibling in differing[field][:-1]:
            other = row["resource"].copy()
            other[field] = sibling["value"]
            found.append(other)
    return found + [row["resource"]]


def _options(row: Row, field: str, written: list[Any]) -> list[dict[str, Any]]:
    """The distinct values of what was written, each with all who wrote it, the first first."""
    found: list[dict[str, Any]] = []
    for one in written:
        writer = _writer(row, field, one["timestamp"], one["author"])
        for option in found:
            if same(option["value"], one["value"]):
                option["writers"].append(writer)
                break
        else:
            option = values.describe(field, one["value"])
            option["writers"] = [writer]
            found.append(option)
    return found


def decisions(chart: Chart) -> list[dict[str, Any]]:
    """What settled conflicts of this chart, the latest first: {"resource", …, "timestamp", who,
    why, "fields": [{"field", "to", "from", "is_live"}], "can_undo"}."""
    found: list[dict[str, Any]] = []
    for entry in chart.holding("seen"):
        by_stamp: dict[str, list[dict[str, Any]]] = {}
        row = entry.row()
        for field, seen in row.get("seen", {}).items():
            for stamp, base in seen.items():
                settled = _settled(row, field, stamp, base)
                if settled is not None:
                    by_stamp.setdefault(stamp, []).append(settled)
        for stamp, fields in by_stamp.items():
            author = fields[0]["author"]
            decision = _about(entry)
            decision.update(_writer(row, fields[0]["field"], stamp, author))
            decision["fields"] = sorted(fields, key=lambda one: one["field"])
            decision["can_undo"] = any([one["is_live"] for one in fields])
            found.append(decision)
    return sorted(found, key=lambda one: (one["timestamp"], one["resource"]), reverse=True)


def written_value(row: Row, field: str, stamp: str) -> dict[str, Any] | None:
    """{"value", "author"} of what was written then, standing or replaced; None when unknown."""
    replaced: Any = row.get("past", {}).get(field, {}).get(stamp)
    if replaced:
        return {"value": replaced["value"], "author": replaced["author"]}
    for sibling in row.get("siblings", {}).get(field, []):
        if sibling["timestamp"] == stamp:
            return {"value": sibling["value"], "author": sibling["author"]}
    if live_timestamps(row, field) == [stamp]:
        return {"value": row["resource"].get(field), "author": row["by"].get(stamp, "")}
    return None


def _about(entry: Entry) -> dict[str, Any]:
    resource = entry.resource()
    return {
        "resource": entry.key,
        "type": resource["resourceType"],
        "title": names.title(resource),
        "date": entry.date,
    }


def _writer(row: Row, field: str, stamp: str, author: str) -> dict[str, Any]:
    """Who wrote a value, when by the device's clock, where, why, and upon which values."""
    seen: list[dict[str, Any]] = []
    for earlier in row.get("seen", {}).get(field, {}).get(stamp, []):
        found = written_value(row, field, earlier)
        if found is not None and not any([same(one["value"], found["value"]) for one in seen]):
            seen.append(values.describe(field, found["value"]))
    milliseconds, _, device = clock.read(stamp)
    return {
        "timestamp": stamp,
        "at_ms": milliseconds,
        "device": device,
        "author": author,
        "reason": row.get("reasons", {}).get(stamp, ""),
        "seen": seen,
    }


def _settled(row: Row, field: str, stamp: str, base: list[str]) -> dict[str, Any] | None:
    """A field that a change settled: it had seen several values, and they differed."""
    to = written_value(row, field, stamp)
    if to is None or len(base) < 2:
        return None
    written: list[Any] = []
    for earlier in base:
        found = written_value(row, field, earlier)
        if found is not None:
            found["timestamp"] = earlier
            written.append(found)
    before = _options(row, field, written)
    if len(before) < 2:
        return None
    return {
        "field": field,
        "to": values.describe(field, to["value"]),
        "from": before,
        "author": to["author"],
        # Also where another has decided the same elsewhere: that is no conflict.
        "is_live": stamp in live_timestamps(row, field) and field not in conflicts(row),
    }
