"""What stands at a path of a resource; the rest of `leaves` runs as vectors."""

from __future__ import annotations

from pwa.py.domain import leaves


def test_what_stands_at_a_path() -> None:
    value = {"component": [{"code": {"text": "Sistolik"}}]}
    assert leaves.leaf_at(value, ["component", 0, "code", "text"]) == "Sistolik"
    assert leaves.leaf_at(value, ["component", 1, "code", "text"]) is None
    assert leaves.leaf_at(value, ["component", 0, "text", "code"]) is None
    assert leaves.leaf_at("text", [0]) is None
