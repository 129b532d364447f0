"""Whatever a client sends, the answer is never a 5xx, and good changes beside bad ones land."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.database import Database
from pwa.py.domain import chart_page
from tests.backend.clinics import Clinic, Tablet, condition, new_id, open_clinic, patient

EXAMPLES = 60
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

DEEP = "[" * 3000 + "]" * 3000
# Texts that no JSON writer would make, put where a value belongs.
RAW_VALUES = st.sampled_from(
    [
        DEEP,
        "NaN",
        "-Infinity",
        "1e999",
        "1e-999",
        "1e300",
        "9" * 400,
        "9" * 5000,
        '"\\u0000"',
        '"\\ud800"',
        '"\x01"',
        '"\x7f\u2028\ufffe"',
        '{"a":1,"a":2}',
        '{"\\u0000":1}',
        "01",
        "tru",
        "{}",
        "[[[]]]",
        '""',
        '"' + "x" * 20_000 + '"',
    ]
)
VALUES = RAW_VALUES | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
).map(json.dumps)
FIELDS = st.sampled_from(
    ["timestamp", "author", "patient", "resource", "base", "set", "reason", "device", "colour"]
)
ELEMENTS = st.sampled_from(
    ["birthDate", "gender", "name", "identifier", "subject", "encounter", "status", "_x", ""]
)
CHANGE_FAULTS = st.tuples(FIELDS, VALUES)
SET_FAULTS = st.tuples(st.just("set"), st.tuples(ELEMENTS, VALUES).map(lambda p: nested(*p)))
BASE_FAULTS = st.tuples(st.just("base"), st.tuples(ELEMENTS, VALUES).map(lambda p: nested(*p)))
FAULTS = CHANGE_FAULTS | SET_FAULTS | BASE_FAULTS


def nested(name: str, value: str) -> str:
    return f"{{{json.dumps(name)}:{value}}}"


def spoil(text: str, field: str, value: str) -> str:
    """The change with one field replaced, or added, as text: the value need not be JSON."""
    fields = {name: json.dumps(content) for name, content in json.loads(text).items()}
    fields[field] = value
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in fields.items()) + "}"


def write_spoilt(tablet: Tablet, draft: dict[str, Any], fault: tuple[str, str]) -> bytes:
    """A change of the right number and chain, with a fault."""
    [text] = tablet.write(draft)
    spoilt = spoil(text, *fault).encode()
    tablet.state["hash"] = hashlib.sha256(spoilt).hexdigest()
    return spoilt


@pytest.fixture
async def clinic(database: Database) -> Clinic:
    """One for all examples of a test; each example has a tablet of its own."""
    return await open_clinic(database)


@FUZZ
@given(faults=st.lists(FAULTS, min_size=1, max_size=4))
async def test_good_changes_beside_bad_ones_land(
    clinic: Clinic, faults: list[tuple[str, str]]
) -> None:
    tablet = await clinic.tablet()
    patient_id = new_id("patient")
    texts = [tablet.write(patient(patient_id))[0].encode()]
    good = [0]
    for fault in faults:
        for draft in (condition(patient_id), patient(new_id("spoilt"))):
            texts.append(write_spoilt(tablet, draft, fault))
        good.append(len(texts))
        texts.append(tablet.write(condition(patient_id))[0].encode())
    body = tablet.body([])[:-2] + b",".join(texts) + b"]}"
    answer = await tablet.send(body)
    assert answer.status_code == 200, answer.text
    outcomes = answer.json()["outcomes"]
    assert [outcomes[at]["outcome"] for at in good] == ["created"] * len(good)
    assert [outcome["number"] for outcome in outcomes] == list(range(1, len(texts) + 1))
    # Sent again, nothing is written twice and each has the same sequence.
    again = (await tablet.send(body)).json()
    assert [item["sequence"] for item in again["outcomes"]] == [
        item["sequence"] for item in outcomes
    ]
    assert again["receipt"]["number"] == len(texts)
    # And all of it can be read again.
    named = await clinic.client.get(f"/api/charts?patients={patient_id}")
    assert [chart[0] for chart in chart_page.read(named.text)["charts"]] == [patient_id]
    assert chart_page.read((await clinic.client.get("/api/snapshot")).text)["epoch"]
    reader = await clinic.tablet()
    assert (await reader.push([])).json()["receipt"]["number"] == 0


@FUZZ
@given(body=st.binary(max_size=200) | VALUES.map(str.encode))
async def test_any_bytes_are_answered(clinic: Clinic, body: bytes) -> None:
    tablet = await clinic.tablet()
    assert (await tablet.send(body)).status_code == 400


@FUZZ
@given(
    field=st.sampled_from(
        ["protocol", "device", "epoch", "cursor", "now_ms", "limit", "changes", "other"]
    ),
    value=VALUES,
)
async def test_any_envelope_is_answered(clinic: Clinic, field: str, value: str) -> None:
    tablet = await clinic.tablet()
    [text] = tablet.write(patient(new_id("patient")))
    answer = await tablet.send(spoil(tablet.body([text]).decode(), field, value).encode())
    assert answer.status_code < 500, answer.text


@FUZZ
@given(cuts=st.lists(st.integers(0, 2000), min_size=2, max_size=2), noise=st.binary(max_size=5))
async def test_a_damaged_body_is_answered(clinic: Clinic, cuts: list[int], noise: bytes) -> None:
    tablet = await clinic.tablet()
    patient_id = new_id("patient")
    body = tablet.body(tablet.write(patient(patient_id), condition(patient_id)))
    start, end = sorted(cut % len(body) for cut in cuts)
    answer = await tablet.send(body[:start] + noise + body[end:])
    assert answer.status_code < 500, answer.text


@FUZZ
@given(path=st.text(min_size=1, max_size=40), query=st.text(max_size=40))
async def test_any_address_is_answered(clinic: Clinic, path: str, query: str) -> None:
    for prefix in ("/", "/pwa/", "/api/fhir/Patient/"):
        address = prefix + quote(path, safe="/")
        answer = await clinic.client.get(address, params={"after": query, "limit": query})
        assert answer.status_code < 500, address
    for address in ("/api/snapshot", "/api/charts"):
        asked = {"after": query, "limit": query, "patients": query}
        answer = await clinic.client.get(address, params=asked)
        assert answer.status_code < 500
