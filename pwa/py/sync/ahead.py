"""The batch after the one that is under way, read and written while the server works on that.

What was read ahead is good only if it is still so when its turn comes: the versions of the rows
tell. Whatever was saved, given up, said again or sent by another tab meanwhile makes it void, and
the batch is read as it is then. So a batch never differs from one that was read in its turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Failure
from pwa.py.sync import outbox

if TYPE_CHECKING:
    from pwa.py.store.contract import Rows, Store


class Ahead:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._forget()

    def _forget(self) -> None:
        self._rows: Rows = []
        # As the request will have them.
        self._texts: list[str] = []

    async def read(self, batch: Rows, changes_max: int) -> None:
        """What comes after a batch that is under way."""
        self._forget()
        if not batch:
            return
        try:
            rows = await outbox.list_unsent(self._store, changes_max, batch[-1]["key"])
        except Failure:
            # Whoever reads it in its turn meets the same, and says so.
            return
        self._rows, self._texts = rows, outbox.texts_of(rows)

    async def next_batch(self, changes_max: int, characters_max: int) -> tuple[Rows, list[str]]:
        """The oldest changes that the server has to be given, as many as one request may carry;
        and their texts as the request has them."""
        rows, texts = self._rows[:changes_max], self._texts
        self._forget()
        if not rows or not await self._is_so(rows):
            rows = await outbox.list_unsent(self._store, changes_max)
            texts = outbox.texts_of(rows)
        fitting = outbox.count_fitting(rows, characters_max)
        return rows[:fitting], texts[:fitting]

    async def _is_so(self, rows: Rows) -> bool:
        """Whether these are still the oldest, each as it was read."""
        found = await outbox.list_unsent_versions(self._store, len(rows))
        return found == [(row["key"], row["version"]) for row in rows]
