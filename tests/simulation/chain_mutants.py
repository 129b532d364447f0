"""More mutants: of chains that end, and of what is set aside. How they are used is `mutants`."""

from __future__ import annotations

from typing import Any

from backend import ledger
from backend.envelopes import Envelope
from pwa.py.sync import outbox
from pwa.py.sync.chain import Chain
from pwa.py.sync.exchange import Exchange
from pwa.py.sync.succession import Succession
from pwa.py.workflow.set_aside import SetAside

Patch = tuple[Any, str, Any]


def take_a_copy_for_oneself() -> list[Patch]:
    """A tablet does not look whose texts the server has under its id."""

    async def mutant(self: Any, receipt: Any) -> bool:
        return False

    return [(Chain, "is_fork", mutant)]


def keep_only_the_first_batch_aside() -> list[Patch]:
    """The server says that it keeps what a parted tablet hands over, and does not."""
    quarantine = ledger.quarantine

    async def mutant(connection: Any, place: Any, batch: Any, reason: str) -> None:
        await quarantine(connection, place, batch[:1], reason)

    return [(ledger, "quarantine", mutant)]


def call_what_is_aside_done() -> list[Patch]:
    return [(outbox, "settle", settle_as_done("set-aside"))]


def settle_as_done(word: str) -> Any:
    settle = outbox.settle

    async def mutant(store: Any, charts: Any, batch: Any, outcomes: Any, *rest: Any) -> Any:
        done = {"outcome": "duplicate", "sequence": 1}
        heard = [one | done if one["outcome"] == word else one for one in outcomes]
        return await settle(store, charts, batch, heard, *rest)

    return mutant


def begin_anew_without_what_was_lost() -> list[Patch]:
    async def mutant(self: Any, *_: Any) -> Any:
        return await self._device.store.list("outbox", state="waiting")

    return [(Succession, "_rows_to_carry", mutant)]


# What people and machines do often while these are looked for: else they show only rarely.
OFTEN = ("copy_tablet", "copy_tablet", "restore", "restore", "revoke", "register", "visit")

RARE_MUTANTS = [begin_anew_without_what_was_lost]


def leave_aside_and_tell_nobody() -> list[Patch]:
    """As it was once: the entry leaves the list, and the server never hears of it."""

    async def mutant(self: Any, number: int, reason: str) -> bool:
        await self._record.store.commit([], removes=[("outbox", number)])
        return True

    return [(SetAside, "leave", mutant)]


def hear_nothing_of_what_is_left() -> list[Patch]:
    return [(Envelope, "left_reasons", lambda self: {})]


def trust_a_restored_server_with_what_lies_aside() -> list[Patch]:
    """As it was once: what an earlier life of the server had kept is not handed over again."""

    async def mutant(self: Any, state: Any) -> list[Any]:
        return []

    return [(Exchange, "_list_aside", mutant)]


OFTEN_ASIDE = ("copy_tablet", "say_again", "amend")

ASIDE_MUTANTS = [leave_aside_and_tell_nobody, hear_nothing_of_what_is_left]

MUTANTS = [
    take_a_copy_for_oneself,
    keep_only_the_first_batch_aside,
    call_what_is_aside_done,
    trust_a_restored_server_with_what_lies_aside,
]
