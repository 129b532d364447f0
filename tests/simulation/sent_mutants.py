"""More mutants: "sent" said of what is not on its way; used as `mutants` says."""

from __future__ import annotations

from typing import Any

from pwa.py.sync.ahead import Ahead
from pwa.py.sync.under_way import UnderWay

Patch = tuple[Any, str, Any]


def stay_sent_without_an_answer() -> list[Patch]:
    """The network failed, and the entry is called sent until the next request."""
    return [(UnderWay, "end", lambda self: None)]


def call_all_that_waits_sent() -> list[Patch]:
    return [(UnderWay, "holds", lambda self, number: True)]


def send_what_was_read_ahead_as_it_is() -> list[Patch]:
    async def mutant(self: Any, rows: Any) -> bool:
        return True

    return [(Ahead, "_is_so", mutant)]


MUTANTS = [
    stay_sent_without_an_answer,
    call_all_that_waits_sent,
    send_what_was_read_ahead_as_it_is,
]
