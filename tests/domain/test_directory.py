"""The directory in memory: what a commit expects of its segments."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pwa.py.domain.directory import Directory, joined

# Ids that begin or end like one another.
PATIENTS = st.sampled_from(["p1", "p11", "1p1", "p", "P1", "ü1"])
NAMES = st.sampled_from(["Siti", "p1", "Ünal p11", ""])
EDITS = st.dictionaries(PATIENTS, st.none() | NAMES, max_size=5)


def test_who_is_new_in_memory_finds_a_place_only_while_no_segment_has_changed() -> None:
    """Another tab may have found the same patient a place in a segment that was full here."""
    directory = Directory()
    directory.committed(0, 4, "p1\t\tSiti")
    directory.committed(1, 2, "p2\t\tBudi")
    assert directory.expected("p1", 0) == {0: 4}
    assert directory.expected("p3", 1) == {0: 4, 1: 2}
    assert directory.expected("p3", 2) == {0: 4, 1: 2, 2: 0}


@given(commits=st.lists(EDITS, max_size=8))
def test_each_patient_has_the_last_line_that_was_stored(commits: list[Any]) -> None:
    """Whatever is put in and taken out together, also beside ids that look alike."""
    directory, model = Directory(), dict[str, str]()
    for edits in commits:
        staged: dict[int, list[str]] = {}
        for patient, name in edits.items():
            if name is None and patient in model and directory.get(patient) is not None:
                directory.unstage(patient, staged)
                del model[patient]
            elif name is not None:
                directory.stage(f"{patient}\t\t{name}", staged)
                model[patient] = name
        for segment, parts in staged.items():
            text = joined(parts)
            assert "" not in text.split("\n") or text == ""
            directory.committed(segment, directory.version(segment) + 1, text)
    assert len(directory) == len(model)
    for patient in ("p1", "p11", "1p1", "p", "P1", "ü1"):
        found = directory.get(patient)
        assert (found and found["name"]) == model.get(patient)
