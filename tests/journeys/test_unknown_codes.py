"""What a newer app wrote, on the pages of this one: shown, and marked as not understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.bundles import make_bundle
from tests.journeys.tablets import signed_in
from tests.live import LiveServerWithDatabase

SUBJECT = {"reference": "urn:uuid:made-1"}
NOT_KNOWN = "(kode yang belum dikenal versi ini)"


def newer() -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Condition",
            "id": "made-4",
            "subject": SUBJECT,
            "code": {"text": "Demam berulang"},
            "clinicalStatus": {"coding": [{"code": "waxing"}]},
        },
        {
            "resourceType": "AllergyIntolerance",
            "id": "made-5",
            "patient": SUBJECT,
            "code": {"text": "Amoksisilin"},
            "criticality": "extreme",
        },
        {
            "resourceType": "MedicationRequest",
            "id": "made-6",
            "status": "paused",
            "intent": "order",
            "subject": SUBJECT,
            "medicationCodeableConcept": {"text": "Metformin 500 mg"},
        },
    ]


def test_codes_of_a_newer_app_are_shown_and_marked(
    live_server: LiveServerWithDatabase, browser: Browser, tmp_path: Path
) -> None:
    bundle = make_bundle()
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["class"] = {"code": "SPACE"}
    bundle["entry"] += [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in newer()]
    path = tmp_path / "newer.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    live_server.run_command("import", str(path))
    tablet = signed_in(browser, live_server)
    tablet.wait_until_all_on_server()
    tablet.find("Contoh").first.locator("a").first.click()
    page = tablet.page
    for panel, words in (
        (".panel-problems", "Status klinis: “waxing”"),
        (".panel-allergies", "Tingkat risiko: “extreme”"),
        (".panel-medications", "Status: “paused”"),
        ("li.encounter", "Jenis kunjungan: “SPACE”"),
    ):
        mark = page.locator(f"{panel} .unknown-code")
        expect(mark).to_be_visible()
        expect(mark).to_contain_text(words + " " + NOT_KNOWN)
    tablet.look("unknown-codes")
    page.locator(".panel-problems .history-link").last.click()
    expect(page.locator(".versions")).to_contain_text("“waxing” " + NOT_KNOWN)
    page.locator("#language").click()
    expect(page.locator(".versions")).to_contain_text("“waxing” (a code this version does not")
    assert tablet.errors == []
