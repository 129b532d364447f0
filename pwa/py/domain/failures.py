"""The failures of the world around us: network, server, storage, password.

Each is raised where it is seen and caught only at the edge (a page, the sync engine). Faults of
the program are assertions, faults of the data are issues (`issues.py`): neither is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue


class Failure(Exception):
    """Every failure of this file."""


# --- the store on this device ---------------------------------------------------------------


class Stale(Failure):
    """Another tab changed a row since it was read: read again, decide again."""


class StorageFull(Failure):
    """The browser has no room left for this site. Nothing of the commit was written."""


class StorageFault(Failure):
    """The browser could not read or write for another reason, or the connection was closed."""


class Outdated(Failure):
    """The store was upgraded by a newer Rekam than this one: the page must be reloaded."""


class Locked(Failure):
    """A secret row was asked for, and the device key is not in memory."""


class WrongPassword(Failure):
    """The password does not open this device's store for this user."""


class UnknownUser(Failure):
    """This user never signed in on this device: the first time needs the network."""


class Unreadable(Failure):
    """A stored row does not decrypt: it was damaged or altered. It is kept as it is."""

    def __init__(self, table: str, key: str | int) -> None:
        super().__init__(f"{table}/{key} cannot be decrypted")
        self.table = table
        self.key = key


# --- the network and the server -------------------------------------------------------------


class Offline(Failure):
    """No answer, or an answer that is not from our server."""


class SignedOut(Failure):
    """The server does not know the session any more. Work goes on; sending waits."""


class ServerFault(Failure):
    """The server answered that it failed (5xx): nothing is known to be written."""


class Refused(Failure):
    """The server understood and said no (4xx other than 401), with its reasons."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        """`body` is the answer: an OperationOutcome, with members of its own for some refusals."""
        super().__init__(f"refused with status {status}")
        self.status = status
        self.body = body
        self.issues: list[Issue] = body.get("issue", [])


class OtherProtocol(Refused):
    """The server speaks other versions of the protocol: the app, or the server, is too old."""

    def __init__(self, status: int, body: dict[str, Any], is_app_old: bool) -> None:
        super().__init__(status, body)
        self.is_app_old = is_app_old


class Revoked(Refused):
    """The facility has revoked this device: it gets nothing more, and nobody works on it."""
