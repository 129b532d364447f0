"""Which changes a request carries at this moment: what makes an entry "sent".

They were handed to the network, and no answer is here yet, so the server may have them or not.
It is known in memory alone: a tab that dies takes it along, and what it had sent is honestly
"saved" again (docs/decisions/0026). One tab sends at a time; the others hear of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.outbox import WAITING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.store.contract import Rows

# Most answers are here sooner: a page that changed twice in a moment would only flicker. Until
# then nothing is "sent" either: a page drawn in between would be told of no end.
SHOWN_AFTER_MS = 400


class UnderWay:
    def __init__(
        self,
        set_timer: Callable[[int, Callable[[], None]], Callable[[], None]],
        on_shown: Callable[[list[str]], None],
    ) -> None:
        """`on_shown` is told the patients when an answer is long in coming, and when it is over."""
        self._set_timer = set_timer
        self._on_shown = on_shown
        self._patients: dict[int, str] = {}
        self._heard: list[int] = []
        self._cancel_timer: Callable[[], None] | None = None
        self._is_shown = False

    def holds(self, number: int) -> bool:
        return (self._is_shown and number in self._patients) or number in self._heard

    def numbers(self) -> list[Any]:
        """Those that this tab has sent, for the other tabs."""
        return list(self._patients) if self._is_shown else []

    def count(self) -> int:
        return len(self.numbers()) + len(self._heard)

    def begin(self, batch: Rows) -> None:
        """The request goes out now. What was withdrawn goes along, and is no longer an entry."""
        patients: dict[Any, str] = {}
        for row in batch:
            if row["state"] == WAITING:
                patients[row["key"]] = row["patient"]
        self._patients = patients
        if patients:
            self._cancel_timer = self._set_timer(SHOWN_AFTER_MS, self._show)

    def end(self) -> None:
        """An answer is here, or none will come. Whoever has its turn to send ends what it had
        heard of others too: they may have died on the way."""
        patients = set(self._patients.values())
        self._patients, self._heard = {}, []
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None
        if self._is_shown:
            self._is_shown = False
            self._on_shown(list(patients))

    def hear(self, numbers: list[int]) -> None:
        """What another tab has sent; nothing when that is over."""
        self._heard = numbers

    def _show(self) -> None:
        self._cancel_timer = None
        self._is_shown = True
        self._on_shown(list(set(self._patients.values())))
