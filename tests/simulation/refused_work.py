"""What must hold of refused work: never lost, never ahead of what it builds upon, always settled
on both sides alike. The oracle asks at every commit and at rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pwa.py.domain import day
from pwa.py.domain.outbox import DONE, LEFT, REFUSED, SET_ASIDE, WAITING, WITHDRAWN
from tests.simulation.judging import digest, require

if TYPE_CHECKING:
    from tests.simulation.tablet import Tablet
    from tests.simulation.witness import Witness


def nothing_comes_too_soon(tables: Any) -> None:
    """What the record took neither names an unsettled refused value as seen, nor goes on with
    what a device had begun with a change that is refused and unsettled."""
    unsettled: dict[tuple[str, str], list[Any]] = {}
    for row in tables.refused.values():
        if not row["is_settled"]:
            unsettled.setdefault((row["device_id"], row["resource"]), []).append(row)
    rows = [*tables.changes.values(), *tables.refused.values()]
    replaced = {(row["device_id"], row["number"]): said_before(row) for row in rows}
    begun: set[str] = set()
    for sequence in sorted(tables.changes):
        row = tables.changes[sequence]
        key = row["resource"]
        open_ones = unsettled.get((row["device_id"], key), [])
        seen: set[str] = set()
        if open_ones:
            seen.update(*json.loads(row["body"])["base"].values())
        named = [one["number"] for one in open_ones if one["timestamp"] in seen]
        require(not named, "builds upon what is refused", row["number"], named)
        if key not in begun:
            first = row["number"]
            while replaced.get((row["device_id"], first)):
                first = replaced[row["device_id"], first]
            earlier = [one["number"] for one in open_ones if one["number"] < first]
            require(not earlier, "goes on with what is refused", row["number"], earlier)
        begun.add(key)


def said_before(row: Any) -> int:
    """The number under which a change was said before, if it was."""
    return json.loads(row["body"]).get("replaces") or 0


def passes(witness: Witness, tablet: Tablet, number: int, move: Any, puts: Any) -> None:
    """Whether an outbox row may go from one state to the next, and says why it did."""
    name = (tablet.name, number)
    came, state, note = move
    text = witness.written[name]
    passed = (json.loads(text)["device"], name[1], digest(text))
    is_given_up = isinstance(note, dict)
    outbox = {one["key"]: one for one in puts if one["table"] == "outbox"}
    by = note.get("by") if is_given_up else None
    has_parted = any(one["key"] == "keyring" for one in puts)
    if state == WAITING:
        require(note is None or by is not None, "text of a change was altered", name)
    elif state == REFUSED:
        require(passed in witness.rejected, "called refused but was not", name)
        require(isinstance(note, list) and note != [], "the reason of a refusal is lost", name)
        # Whoever begins another chain asks what another life of the server made of the earlier.
        require(came != DONE or has_parted, "work is settled twice", name)
    elif state == LEFT:
        require(came == SET_ASIDE and note["reason"], "left without a reason", name)
    elif state == SET_ASIDE:
        require(text in witness.kept, "called kept aside but was not", name)
    elif state == WITHDRAWN:
        require(is_given_up and note["reason"], "withdrawn without a reason", name)
    elif came in (WAITING, WITHDRAWN) and not is_given_up:
        require(passed in witness.accepted, "called done but never committed", name)
    elif came in (WAITING, WITHDRAWN):
        is_heard = passed in witness.rejected or text in witness.kept or has_parted
        is_heard = is_heard or (by is not None and passed in witness.accepted)
        require(is_heard, "called done but never committed", name)
    elif came == REFUSED:
        is_again = by in outbox and outbox[by]["state"] == WAITING
        is_old = is_given_up and passed[0] != tablet.device()
        is_taken = has_parted and not is_given_up and passed in witness.accepted
        require(is_again or is_old or is_taken, "refused work is dropped", name)
    if by in outbox and by != name[1] and outbox[by]["state"] == WAITING:
        successor = json.loads(outbox[by]["text"].partition("\n")[0])
        is_its = successor.get("replaces") in (name[1], None)
        require(is_its, "replaced by another", name, by)


def is_ended(witness: Witness, tablet: Tablet, row: Any, end: Any) -> bool:
    """Whether what was refused is listed on its tablet, or settled on both sides alike."""
    text, _, note = row["text"].partition("\n")
    is_old = json.loads(text)["device"] != tablet.device()
    if row["state"] == SET_ASIDE:
        return True
    if row["state"] == REFUSED:
        # Taken back while the server was being told, it may be noted as withdrawn there; and on
        # the tablet of which this is a copy, it may have been settled.
        return is_old or end["settled_number"] is None
    said = json.loads(note or "{}")
    if "by" not in said:
        # The word of a revoked device is not taken: the operator's list still has it.
        is_unheard = is_old or tablet.is_revoked()
        return bool(said.get("reason")) and (is_unheard or bool(end["reason"]))
    if end["settled_number"] == said["by"]:
        return True
    return any(_is_untold(witness, tablet, by) for by in _successors(tablet, said["by"]))


def _is_untold(witness: Witness, tablet: Tablet, by: int) -> bool:
    """Carried over to another chain, or kept aside, it never told the server what it replaces."""
    text = witness.written.get((tablet.name, by), "{}")
    is_elsewhere = (tablet.name, by) in witness.said_again or text in witness.kept
    return is_elsewhere or json.loads(text).get("replaces") is None


def _successors(tablet: Tablet, number: int) -> list[int]:
    """The number, and what was said in its place after it, one after another."""
    outbox, found = tablet.disk.rows("outbox"), [number]
    while (row := outbox.get(found[-1])) is not None:
        by = json.loads(row["text"].partition("\n")[2] or "{}")
        if not isinstance(by, dict) or by.get("by", found[-1]) in found:
            break
        found.append(by["by"])
    return found


def day_agrees(tables: Any, tablet: Tablet) -> None:
    """All that a tablet's chain holds is counted alike on both sides, column by column."""
    device = tablet.device()
    here, there = day.new_counts(), day.new_counts()
    for row in tablet.disk.rows("outbox").values():
        column = day.column_of(row)
        if column and json.loads(row["text"].partition("\n")[0])["device"] == device:
            here[column] += 1
    there[day.SERVER] = sum(row["device_id"] == device for row in tables.changes.values())
    for row in tables.refused.values():
        if row["device_id"] == device and row["settled_number"] is None:
            there[day.WITHDRAWN if row["is_settled"] else day.REFUSED] += 1
    # Taken back while the server was being told: listed here, noted as withdrawn there.
    sums = [(one[day.SERVER], one[day.REFUSED] + one[day.WITHDRAWN]) for one in (here, there)]
    require(sums[0] == sums[1], "the day's counts differ", tablet.name, here, there)
