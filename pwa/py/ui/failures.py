"""What to tell a person about a failure, and what to do: never a traceback, never silence."""

from __future__ import annotations

from pwa.py.domain.failures import (
    Offline,
    Outdated,
    Refused,
    ServerFault,
    SignedOut,
    Stale,
    StorageFault,
    StorageFull,
)
from pwa.py.ui.words import say

DETAIL_CHARACTERS_MAX = 300


def explain(failure: BaseException) -> str:
    for kind, key in (
        (StorageFull, "error.storage"),
        (StorageFault, "error.storage_fault"),
        (Outdated, "error.outdated"),
        (Stale, "error.stale"),
        (Offline, "error.offline"),
        (SignedOut, "error.signed_out"),
        (ServerFault, "error.server"),
        (Refused, "error.refused"),
    ):
        if isinstance(failure, kind):
            return say(key)
    return say("error.unknown")


def detail(failure: BaseException) -> str:
    """For whoever gives support: the kind of failure and its own words."""
    return (type(failure).__name__ + ": " + str(failure))[:DETAIL_CHARACTERS_MAX]
