"""A day's work counted, on the device and on the server by the same rule, and both compared.

A change belongs to the day in which its own timestamp lies. What was replaced by another change
is not counted: that other one is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import outbox

if TYPE_CHECKING:
    from typing import Any

SERVER, WAITING, REFUSED, WITHDRAWN = "server", "waiting", "refused", "withdrawn"
COLUMNS = (SERVER, WAITING, REFUSED, WITHDRAWN)

AGREE, UNSENT, DIFFER = "agree", "unsent", "differ"


def column_of(row: Any) -> str:
    """Where a row of the outbox counts; empty for one that was replaced."""
    if outbox.replaced_by(row) or row["state"] == outbox.LEFT:
        return ""
    if row["state"] == outbox.DONE:
        return WITHDRAWN if outbox.reason_of(row) else SERVER
    if row["state"] == outbox.WITHDRAWN:
        return WITHDRAWN
    return WAITING if row["state"] == outbox.WAITING else REFUSED


def new_counts() -> dict[str, int]:
    return {column: 0 for column in COLUMNS}


def written(counts: dict[str, int]) -> int:
    return sum([counts[column] for column in COLUMNS])


def add(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {column: one[column] + other[column] for column in COLUMNS}


def compare(own: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """{"verdict", "why"}: whether the server's count and hash are those of the device.

    `own` is {"counts": {author: counts}, "devices", "heads": {number: hash}, "broken"}; `heads`
    are the hashes of the changes that are still here.
    """
    why: list[Any] = []
    if own["broken"]:
        why.append(["broken", own["broken"]])
    for receipt in answer["devices"]:
        if receipt["device"] == own["devices"][-1]:
            why += _compare_heads(own, receipt)
    here, there = new_counts(), new_counts()
    for counts in own["counts"].values():
        here = add(here, counts)
    for row in answer["counts"]:
        if row["device"] in own["devices"]:
            there = add(there, row)
    if own["is_whole"]:
        why += _compare_counts(here, there)
    if why:
        return {"verdict": DIFFER, "why": why}
    return {"verdict": UNSENT if own["unsent"] else AGREE, "why": []}


def _compare_heads(own: dict[str, Any], receipt: dict[str, Any]) -> list[Any]:
    number = receipt["number"]
    if number < own["acknowledged"] or number > own["number"]:
        return [["number", own["acknowledged"]]]
    known = own["heads"].get(number)
    if known is not None and known != receipt["hash"]:
        return [["number", number]]
    return []


def _compare_counts(here: dict[str, int], there: dict[str, int]) -> list[Any]:
    """What waits may be there already: the answer was lost, or is on its way."""
    most = here[SERVER] + here[WAITING]
    lost = not here[SERVER] <= there[SERVER] <= most
    settled = there[REFUSED] + there[WITHDRAWN]
    open_here = here[REFUSED] + here[WITHDRAWN]
    unclear = not open_here <= settled <= open_here + here[WAITING]
    return [["count", here, there]] if lost or unclear else []
