"""More mutants: pages of a first sync that were begun early. How they are used is `mutants`."""

from __future__ import annotations

from typing import Any

from pwa.py.sync import first
from pwa.py.sync.exchange import Exchange
from pwa.py.sync.first import FirstSync

Patch = tuple[Any, str, Any]
# A restored server makes every tablet begin again, with several tabs, and work of its own.
OFTEN = ("back_up", "restore", "register", "amend", "open_tab")


def land_pages_that_are_too_old() -> list[Patch]:
    """What was begun is taken for the page that is due, though own work was answered since."""

    def mutant(self: Any, state: Any) -> Any:
        begun, self._begun = self._begun, None
        return begun or self._begin_page(state["snapshot_after"])

    let_go = FirstSync.let_go
    return [
        (FirstSync, "_take_begun", mutant),
        (FirstSync, "let_go", lambda self: None),
        (Exchange, "rest", lambda self: let_go(self._first)),
        (first, "may_land", lambda found, page: True),
    ]


def leave_a_page_open() -> list[Patch]:
    """A round ends, and what it had begun is forgotten."""
    return [(Exchange, "rest", lambda self: None)]


MUTANTS = [land_pages_that_are_too_old, leave_a_page_open]
