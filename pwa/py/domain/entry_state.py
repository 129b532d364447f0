"""How far an entry of a chart has come on its way to the server, and whether it still counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import names
from pwa.py.domain.conflicts import variants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pwa.py.domain.chart import Entry
    from pwa.py.domain.shapes import Resource, Row

SAVED = "saved"
SENT = "sent"
SERVER = "server"
# Given up here, and still shown until the server's chart has come in its place.
WITHDRAWN = "withdrawn"
ATTENTION = "attention"
_RANK = (SERVER, WITHDRAWN, SENT, SAVED, ATTENTION)
_IN_ERROR = ("entered-in-error", "refuted")


def state_of(entries: list[Entry], states: Mapping[str, str]) -> dict[str, Any]:
    """The word for what is shown as one, and the server's number once all of it is there: one
    unsent entry makes the whole unsent."""
    worst = SERVER
    for entry in entries:
        word = states.get(entry.key, SERVER)
        if _RANK.index(word) > _RANK.index(worst):
            worst = word
    sequence = max([entry.sequence for entry in entries])
    return {"word": worst, "sequence": sequence if worst == SERVER else None}


def is_withdrawn_by_all(row: Row) -> bool:
    """Whether it is withdrawn in each of the values that stand: while people differ, it is not."""
    return all([is_withdrawn(resource) for resource in variants(row)])


def is_withdrawn(resource: Resource) -> bool:
    """Entered in error or refuted: kept in the record, and never shown as if it were so."""
    verification = names.first_code(resource.get("verificationStatus"))
    return resource.get("status") == _IN_ERROR[0] or verification in _IN_ERROR
