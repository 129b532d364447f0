"""What the pages need of the rest of the app. For type checkers only: never imported at run time.

`main.py` hands in an object of this shape; `ui/` knows neither store nor transport.
"""

from __future__ import annotations

from typing import Any, Protocol, TypedDict


class Account(TypedDict):
    id: str
    username: str
    name: str
    role: str


class Facility(TypedDict):
    id: str
    name: str


class Identity(TypedDict):
    """Who works here now."""

    account: Account
    facility: Facility
    device: str


class Progress(TypedDict):
    """How far the first sync is, see `sync/first.py`."""

    done: int
    total: int
    patients: int
    left_ms: int | None


class Status(TypedDict):
    """The engine's status, see `sync/engine.py`."""

    word: str
    waiting: int
    refused: int
    sent: int
    last_success_ms: int | None
    events: list[dict[str, Any]]
    is_done: bool
    drift_ms: int
    progress: Progress | None
    patients: int
    detail: str


class Storage(TypedDict):
    """What the browser promises; None where it does not say."""

    persisted: bool | None
    used: float | None
    quota: float | None


class Services(Protocol):
    desk: Any
    refusals: Any
    day: Any
    set_aside: Any
    events: Any
    review: Any
    judgements: Any
    history: Any
    people: Any
    lookup: Any
    storage_watch: Any

    def now_ms(self) -> int: ...

    def status(self) -> Status: ...

    def kick(self) -> None: ...

    async def is_known_device(self) -> bool: ...

    async def unlock(self, username: str, password: str) -> Identity:
        """Raises WrongPassword, Offline (first time without network) or Refused."""
        ...

    async def sign_in_again(self, password: str) -> None: ...

    async def lock(self) -> None: ...

    async def sign_out(self) -> None: ...

    async def device(self) -> str: ...

    async def write_rescue(self) -> tuple[list[Any], int]:
        """The parts of a file with all that is not in the record on the server, and how many."""
        ...

    async def read_rescue(self, file: Any) -> dict[str, Any]:
        """Sends a file of any tablet of the facility; what became of its entries, counted."""
        ...

    async def storage(self) -> Storage: ...
