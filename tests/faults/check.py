"""Whether the books, PostgreSQL and the tablets tell the same."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from pwa.py.domain.changes import text_hash
from tests.faults.clinic import FaultyTablet, Server

NAMES = """
select patient_id, body->'resource'->'name'->0->>'text' as text from resource
where key = 'Patient/' || patient_id
"""
REASONS = """
select patient_id, body->'resource'->'reasonCode'->0->>'text' as text from resource
where key like 'Encounter/%'
"""
CHANGES = "select device_id, number, sequence, hash, body::text as text from change"
REFUSED = """
select device_id, number, sequence, hash, convert_from(body, 'utf8') as text from refused
"""
DEVICES = "select device_id, number, hash from device"


def compare(
    patients: dict[str, str], visits: dict[str, str], tried: dict[str, str], server: Server
) -> None:
    """What was called saved is there once; what was cut off is there once or not at all."""
    found = Counter(row["text"] for row in server.fetch(NAMES))
    found += Counter(row["text"] for row in server.fetch(REASONS))
    for text in [*patients, *visits]:
        assert found[text] == 1, f"{text!r} was called saved and is there {found[text]} times"
    for text in tried:
        assert found[text] <= 1, f"{text!r} is there {found[text]} times"
    strangers = set(found) - set(patients) - set(visits) - set(tried)
    assert not strangers, strangers
    check_chains(server)


def check_chains(server: Server) -> None:
    """Numbers without a gap, each change holding the hash of the text before it."""
    chains: dict[str, list[dict[str, Any]]] = {}
    rows = server.fetch(CHANGES) + server.fetch(REFUSED)
    for row in rows:
        chains.setdefault(row["device_id"], []).append(row)
    sequences = [row["sequence"] for row in rows]
    assert len(sequences) == len(set(sequences)), "a sequence was given twice"
    for device in server.fetch(DEVICES):
        chain = sorted(chains.get(device["device_id"], []), key=lambda row: row["number"])
        assert [row["number"] for row in chain] == list(range(1, len(chain) + 1)), "a gap"
        before = ""
        for row in chain:
            assert json.loads(row["text"])["previous"] == before, row["number"]
            before = text_hash(row["text"])
            assert row["hash"] == before, row["number"]
        assert (device["number"], device["hash"]) == (len(chain), before)


def compare_tablet(tablet: FaultyTablet, server: Server) -> None:
    """Every chart shows the visits that the server holds, and no others."""
    reasons = server.fetch(REASONS)
    for patient in server.fetch(NAMES):
        own = [row["text"] for row in reasons if row["patient_id"] == patient["patient_id"]]
        tablet.shows(patient["patient_id"], patient["text"], own)
