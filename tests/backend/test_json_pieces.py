"""Taking JSON apart without decoding what is inside."""

from __future__ import annotations

import json
import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend import json_pieces

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.lists(JSON), st.booleans())
def test_elements_are_those_of_the_array(values: list[Any], is_ascii: bool) -> None:
    text = json.dumps(values, ensure_ascii=is_ascii, indent=1).encode()
    found = json_pieces.elements(text)
    assert found is not None
    assert [json.loads(piece) for piece in found] == values


@given(st.dictionaries(st.sampled_from(["a", "b", "number"]), JSON))
def test_members_are_those_of_the_object(value: dict[str, Any]) -> None:
    found = json_pieces.members(json.dumps(value).encode())
    assert found is not None
    assert {name: json.loads(text) for name, text in found.items()} == value


@given(st.binary())
def test_any_bytes_are_answered_without_an_exception(text: bytes) -> None:
    json_pieces.members(text)
    json_pieces.elements(b"[" + text + b"]")


def test_depth_does_not_matter() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert json_pieces.elements(b"[1," + deep + b"]") == [b"1", deep]


def test_a_text_without_an_end_is_given_up_at_once() -> None:
    started = time.monotonic()
    for unclosed in (b'\\"' * 500_000, b'x"' + b'\\"' * 500_000):
        assert json_pieces.members(b'{"' + unclosed + b"}") is None
    assert time.monotonic() - started < 1


def test_a_comma_without_an_element_is_no_array() -> None:
    assert json_pieces.elements(b"[1,,2]") is None
