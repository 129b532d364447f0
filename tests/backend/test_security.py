"""Headers on every answer, and the refusal of writes that come from elsewhere."""

from __future__ import annotations

import httpx
import pytest

from backend.database import Database
from tests.backend.clinics import client_of, open_clinic


@pytest.mark.parametrize("path", ["/", "/sw.js", "/pwa/index.html", "/nothing"])
async def test_pages_have_the_policy(database: Database, path: str) -> None:
    async with client_of(database) as client:
        headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"


async def test_answers_of_the_api_are_never_stored(database: Database) -> None:
    async with client_of(database) as client:
        for path in ("/api/health", "/api/session", "/api/nothing"):
            headers = (await client.get(path)).headers
            assert headers["cache-control"] == "no-store"
            assert headers["content-security-policy"].startswith("default-src 'none'")


async def test_strict_transport_is_asked_for_on_https_alone(database: Database) -> None:
    async with client_of(database) as client:
        assert "strict-transport-security" in (await client.get("/")).headers
        plain = await client.get("http://rekam.test/")
    assert "strict-transport-security" not in plain.headers


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({}, True),
        ({"origin": "https://rekam.test"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "https://rekam.test"}, True),
        ({"origin": "https://evil.test"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
    ],
)
async def test_a_write_of_another_site_is_refused(
    database: Database, headers: dict[str, str], is_let_in: bool
) -> None:
    clinic = await open_clinic(database)
    body = {"device": "tablet-1"}
    answer = await clinic.client.post("/api/devices", json=body, headers=headers)
    assert answer.status_code == (200 if is_let_in else 403)


async def test_a_refused_write_has_the_headers_too(database: Database) -> None:
    async with client_of(database) as client:
        answer: httpx.Response = await client.post(
            "/api/session", json={}, headers={"origin": "https://evil.test"}
        )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["resourceType"] == "OperationOutcome"
