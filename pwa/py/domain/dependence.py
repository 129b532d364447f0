"""Which refused change a later one of the same device builds upon, and so has to wait for.

The server asks this of each change it is given, the device before it withdraws one. A change of
another device never waits: it can have seen nothing of what was refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypedDict

    from pwa.py.domain.shapes import Change

    class Refusal(TypedDict):
        """A change that was refused and has not been replaced.

        `waits_for` is the refused change that this one waits for itself, 0 for none.
        """

        number: int
        resource: str
        timestamp: str
        waits_for: int
        is_withdrawn: bool


def waits_for(
    change: Change, refusals: Mapping[str, Iterable[Refusal]], rows: Mapping[str, Any]
) -> Refusal | None:
    """The refusal to wait for; None where the change can stand for itself.

    `refusals` are by resource, in the order of their numbers. `rows` names what there is: a
    resource (or its Patient) that is not there was to be created by what was refused.
    """
    key, patient = change["resource"], "Patient/" + change["patient"]
    for needed in (patient, key):
        if needed not in rows:
            found = _creation(refusals.get(needed, ()), change["number"])
            if found is not None:
                return found
    seen = _seen(change)
    for refusal in refusals.get(key, ()):
        if refusal["timestamp"] in seen and not refusal["is_withdrawn"]:
            return refusal
    return None


def _creation(refusals: Iterable[Refusal], number: int) -> Refusal | None:
    """The first that stands for itself; a withdrawn one only when there is no other."""
    withdrawn: Refusal | None = None
    for refusal in refusals:
        if refusal["waits_for"] or refusal["number"] >= number:
            continue
        if not refusal["is_withdrawn"]:
            return refusal
        withdrawn = withdrawn or refusal
    return withdrawn


def _seen(change: Change) -> set[str]:
    seen: set[str] = set()
    for timestamps in change["base"].values():
        seen.update(timestamps)
    return seen
