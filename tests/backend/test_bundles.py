"""Reading damaged files: what is there is read, and what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.bundles import Entry, Problem, Unreadable, decode_entry, read_entries

PATIENT = '{"resource":{"resourceType":"Patient","id":"p1","gender":"male"}}'


def read(folder: Path, text: str) -> tuple[list[str], list[Problem]]:
    """The keys of the entries, and the problems."""
    path = folder / "bundle.json"
    path.write_text(text)
    found = list(read_entries(path))
    keys = [item.key for item in found if isinstance(item, Entry)]
    return keys, [item for item in found if isinstance(item, Problem)]


@pytest.mark.parametrize(
    "rest", ['"type":nonsense', '"x":"cut', '"link":[}{]', '"x":tru', '"x":"\x01"']
)
def test_a_damaged_bundle_is_told_and_its_entries_are_kept(tmp_path: Path, rest: str) -> None:
    keys, problems = read(
        tmp_path, '{"resourceType":"Bundle","entry":[' + PATIENT + "]," + rest + "}"
    )
    assert keys in (["Patient/p1"], [])
    assert len(problems) == 1
    assert "not " in problems[0].reason


def test_entries_of_a_damaged_bundle_are_found(tmp_path: Path) -> None:
    text = '{"resourceType":"Bundle","type":nonsense,"entry":[' + PATIENT + "]}"
    keys, [problem] = read(tmp_path, text)
    assert keys == ["Patient/p1"]
    assert (problem.entry, problem.reason[:16]) == (0, "not valid JSON: ")


@pytest.mark.parametrize("value", [r'"\ud800"', "1e999999", "9" * 5000, "[" * 9000 + "]" * 9000])
def test_what_is_json_all_the_same_is_told_of_its_entry_alone(tmp_path: Path, value: str) -> None:
    odd = '{"resource":{"resourceType":"Patient","id":"p2","x":' + value + "}}"
    text = '{"resourceType":"Bundle","entry":[' + PATIENT + "," + odd + "]}"
    assert read(tmp_path, text) == (["Patient/p1", "Patient/p2"], [])
    entries = [item for item in read_entries(tmp_path / "bundle.json") if isinstance(item, Entry)]
    with pytest.raises(Unreadable):
        decode_entry(entries[1])


@pytest.mark.parametrize("value", ["1e99999999999999999999", "1e-99999999999999999999"])
def test_an_exponent_beyond_all_is_told_of_its_entry(tmp_path: Path, value: str) -> None:
    path = tmp_path / "patient.json"
    path.write_text('{"resourceType":"Patient","id":"p1","x":' + value + "}")
    [entry] = read_entries(path)
    assert isinstance(entry, Entry)
    with pytest.raises(Unreadable, match="not JSON"):
        decode_entry(entry)


def test_references_deep_inside_are_told_of_their_entry(tmp_path: Path) -> None:
    """As deep as can be decoded, and deeper than references can be looked for."""
    deep = "[" * 950 + "]" * 950
    alias = PATIENT.replace("{", '{"fullUrl":"urn:uuid:zzz",', 1)
    odd = '{"resource":{"resourceType":"Observation","id":"o1","x":' + deep + "}}"
    path = tmp_path / "bundle.json"
    path.write_text('{"resourceType":"Bundle","entry":[' + alias + "," + odd + "]}")
    _, entry = read_entries(path)
    assert isinstance(entry, Entry)
    with pytest.raises(Unreadable, match="nested too deeply"):
        decode_entry(entry)
