"""The shapes of the dicts that travel everywhere. For type checkers: never imported at run time.

MicroPython has no TypedDict, so other modules import these names under `if TYPE_CHECKING:`.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

Resource = dict[str, Any]
"""A FHIR R4 resource; it always has `resourceType` and `id`. Unknown fields are kept."""

Timestamp = str
"""A hybrid logical clock reading as sortable text; see `clock`."""


class Issue(TypedDict):
    severity: str
    code: str
    expression: list[str]
    diagnostics: str
    waits_for: NotRequired[int]
    """The number of the refused change that has to be settled first."""


class Change(TypedDict):
    """One person's edit of one resource, made once on one device; never altered afterwards."""

    device: str
    number: int
    previous: str
    timestamp: Timestamp
    author: str
    patient: str
    resource: str
    base: dict[str, list[Timestamp]]
    set: dict[str, Any]
    reason: NotRequired[str]
    replaces: NotRequired[int]
    """The number of the refused change that this one stands for."""


class Sibling(TypedDict):
    value: Any
    timestamp: Timestamp
    author: str


class Replaced(TypedDict, total=False):
    """A value that was seen and replaced; empty while its change has not come here."""

    value: Any
    author: str


class Row(TypedDict):
    """The state of one resource: what all changes seen so far amount to.

    `past`, `seen` and `reasons` are of the fields that keep both (`reasons` also of the values
    that stand). `seen` tells what the writer of a value had seen, by field and timestamp.
    """

    patient: str
    resource: Resource
    stamps: dict[str, Timestamp]
    by: dict[Timestamp, str]
    siblings: NotRequired[dict[str, list[Sibling]]]
    past: NotRequired[dict[str, dict[Timestamp, Replaced]]]
    seen: NotRequired[dict[str, dict[Timestamp, list[Timestamp]]]]
    reasons: NotRequired[dict[Timestamp, str]]


class Outcome(TypedDict):
    device: str
    number: int
    outcome: str
    issues: list[Issue]
