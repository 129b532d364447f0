"""The settling of conflicts broken on purpose; the simulation has to catch every one."""

from __future__ import annotations

from typing import Any

from pwa.py.domain import merge, references, settling
from pwa.py.domain.chart import Chart
from pwa.py.workflow.judgements import Judgements

Patch = tuple[Any, str, Any]


def settle_what_was_not_shown() -> list[Patch]:
    """A decision also closes what has come while somebody was deciding."""
    settle = settling.settle

    def mutant(row: Any, conflict: Any, choices: Any, reason: str) -> Any:
        fields = [
            one | {"seen": merge.live_timestamps(row, one["field"])} for one in conflict["fields"]
        ]
        return settle(row, conflict | {"fields": fields}, choices, reason)

    return [(settling, "settle", mutant)]


def take_back_to_one_value() -> list[Patch]:
    """A decision that is taken back becomes one of the earlier values, not all of them."""
    undo = settling.undo

    def mutant(row: Any, decision: Any, reason: str) -> Any:
        return undo(row, decision, reason)[:1]

    return [(settling, "undo", mutant)]


def take_back_one_after_the_other() -> list[Patch]:
    """The values of a decision taken back replace one another."""
    undo = settling.undo

    def mutant(row: Any, decision: Any, reason: str) -> Any:
        drafts = undo(row, decision, reason)
        return [draft | {"set": drafts[0]["set"]} for draft in drafts]

    return [(settling, "undo", mutant)]


def let_the_later_value_win() -> list[Patch]:
    """A conflict closes by itself when something else is written to its entry."""
    put = Chart.put

    def mutant(self: Any, rows: Any) -> None:
        settled = dict(rows)
        for key, row in rows.items():
            before = self.row(key) or {}
            if "siblings" in row and row["siblings"] == before.get("siblings"):
                settled[key] = {name: part for name, part in row.items() if name != "siblings"}
        put(self, settled)

    return [(Chart, "put", mutant)]


def count_conflicts_once() -> list[Patch]:
    """The directory is told of the first conflict of a chart and of no other."""
    count = Chart.conflict_count
    return [(Chart, "conflict_count", lambda self: min(count(self), 1))]


def edit_upon_what_has_come_meanwhile() -> list[Patch]:
    """An edit replaces what its writer has never seen, when that came before it was saved."""
    edit = Judgements.edit

    async def mutant(self: Any, patient: str, opened: Any, *said: Any) -> Any:
        found = await self.open(patient, references.key_of(opened["resource"]))
        return await edit(self, patient, found["opened"] if found else opened, *said)

    return [(Judgements, "edit", mutant)]


# What people do often while these are looked for: else they show only rarely, or never.
OFTEN = ("judge", "settle")

RARE_MUTANTS = [settle_what_was_not_shown, edit_upon_what_has_come_meanwhile]

MUTANTS = [
    take_back_to_one_value,
    take_back_one_after_the_other,
    let_the_later_value_win,
    count_conflicts_once,
]
