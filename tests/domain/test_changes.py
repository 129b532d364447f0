"""Changes that are carried over to another chain say the same, and take the old ones' place."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from pwa.py.domain import changes
from pwa.py.domain.merge import merge
from pwa.py.domain.validate import check
from tests.domain.strategies import histories


def known(rows: Any) -> Any:
    """What rows hold, without their history: who has the old text remembers more of that."""
    names = ("resource", "stamps", "siblings", "by")
    return {key: {name: row.get(name) for name in names} for key, row in rows.items()}


def carried(history: list[dict[str, Any]], device: str) -> list[Any]:
    state = changes.new_device_state(device)
    drafts = [changes.carry(change, device) for change in history]  # type: ignore[arg-type]
    sealed, _ = changes.seal(drafts, state, "whoever is here", 0)
    return [change for change, _ in sealed]


@given(histories())
def test_a_chain_that_is_carried_over_makes_the_same_record(history: list[Any]) -> None:
    own = [change for change in history if change["device"] == "alpha"]
    others = [change for change in history if change["device"] != "alpha"]
    for device in ("aaa", "zeta"):
        again = carried(own, device)
        assert all(check(change) == [] for change in again)
        alone = known(merge({}, others + again)[0])
        # As where the old ones are still held, or come in late, in any order.
        assert known(merge({}, [*history, *again])[0]) == alone
        assert known(merge({}, [*again, *history])[0]) == alone


@given(histories())
def test_what_is_carried_over_keeps_its_author_and_its_values(history: list[Any]) -> None:
    own = [change for change in history if change["device"] == "alpha"]
    for old, new in zip(own, carried(own, "zeta"), strict=True):
        for name in ("author", "patient", "resource", "set"):
            assert new[name] == old[name]
        assert new["timestamp"] > old["timestamp"]
        assert all(set(seen) <= set(new["base"][name]) for name, seen in old["base"].items())


def test_members_that_this_version_does_not_know_are_carried_over_too() -> None:
    old: Any = {
        "device": "alpha",
        "number": 7,
        "previous": "",
        "timestamp": "000000000000005-0001-alpha",
        "author": "doctor",
        "patient": "p1",
        "resource": "Patient/p1",
        "base": {},
        "set": {"telecom": []},
        "location": {"newer": True},
    }
    assert changes.carry(old, "beta")["location"] == {"newer": True}
