"""Refused work handled wrongly on purpose: more mutants, as in `mutants`."""

from __future__ import annotations

from typing import Any

from backend import refused
from backend.envelopes import Envelope
from pwa.py.domain import dependence, withdrawal
from pwa.py.sync import exchange, outbox

# Schedules that meet these faults soon have much of what makes work refused, and settles it.
OFTEN = ("open_tab", "visit", "amend", "withdraw", "kick")

Patch = tuple[Any, str, Any]


def let_followers_through() -> list[Patch]:
    """What builds upon refused work is taken as if it stood for itself."""
    return [(dependence, "waits_for", lambda *_: None)]


def replace_and_settle_nothing() -> list[Patch]:
    settle = refused.settle

    async def mutant(connection: Any, place: Any, settlements: Any) -> list[int]:
        withdrawn = {number: one for number, one in settlements.items() if one.by is None}
        return await settle(connection, place, withdrawn)

    return [(refused, "settle", mutant)]


def hear_no_withdrawal() -> list[Patch]:
    return [(Envelope, "reasons", lambda self: {})]


def keep_what_was_withdrawn_in_the_chart() -> list[Patch]:
    """Where the server is asked for the rest, its chart takes this one's place all the same."""
    rebuild = withdrawal.rebuild

    def mutant(chart: Any, *arguments: Any) -> Any:
        return chart, rebuild(chart, *arguments)[1]

    return [(withdrawal, "rebuild", mutant)]


def ask_nobody_for_what_was_there() -> list[Patch]:
    rebuild = withdrawal.rebuild

    def mutant(*arguments: Any) -> Any:
        return rebuild(*arguments)[0], False

    return [(withdrawal, "rebuild", mutant)]


def believe_withdrawn_work_was_sent() -> list[Patch]:
    """Withdrawn on the tablet, it counts as done there, and the server is never told."""
    unsent = tuple(state for state in outbox.UNSENT if state != outbox.WITHDRAWN)
    return [(exchange, "UNSENT", unsent), (outbox, "WITHDRAWN", "told")]


MUTANTS = [
    let_followers_through,
    replace_and_settle_nothing,
    hear_no_withdrawal,
    keep_what_was_withdrawn_in_the_chart,
    ask_nobody_for_what_was_there,
    believe_withdrawn_work_was_sent,
]
