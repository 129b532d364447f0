"""More mutants: "sent" said of what is not on its way. How they are used is `mutants`."""

from __future__ import annotations

from typing import Any

from pwa.py.sync.under_way import UnderWay

Patch = tuple[Any, str, Any]


def stay_sent_without_an_answer() -> list[Patch]:
    """The network failed, and the entry is called sent until the next request."""
    return [(UnderWay, "end", lambda self: None)]


def call_all_that_waits_sent() -> list[Patch]:
    return [(UnderWay, "holds", lambda self, number: True)]


MUTANTS = [stay_sent_without_an_answer, call_all_that_waits_sent]
