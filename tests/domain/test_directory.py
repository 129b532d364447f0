"""The directory in memory: what a commit expects of its segments."""

from __future__ import annotations

from pwa.py.domain.directory import Directory


def test_who_is_new_in_memory_finds_a_place_only_while_no_segment_has_changed() -> None:
    """Another tab may have found the same patient a place in a segment that was full here."""
    directory = Directory()
    directory.committed(0, 4, "p1\t\tSiti")
    directory.committed(1, 2, "p2\t\tBudi")
    assert directory.expected("p1", 0) == {0: 4}
    assert directory.expected("p3", 1) == {0: 4, 1: 2}
    assert directory.expected("p3", 2) == {0: 4, 1: 2, 2: 0}
