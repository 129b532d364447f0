"""The main journey: written with no server at all, killed, started again, synchronised once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.bundles import write_bundle
from tests.journeys.tablets import ON_SERVER, SAVED, Tablet, signed_in
from tests.live import LiveServerWithDatabase

COUNT_CHANGES = "select resource, count(*) as count from change group by resource"


def test_a_visit_written_offline_reaches_postgresql_exactly_once(
    live_server: LiveServerWithDatabase, open_browser: Callable[..., Browser], tmp_path: Any
) -> None:
    server = live_server
    imported = write_bundle(tmp_path)
    server.run_command("import", str(imported.path))
    tablet = signed_in(open_browser("tablet"), server)
    tablet.wait_until_all_on_server()
    tablet.wait_for_worker()

    server.kill()
    tablet.restart()
    tablet.open()
    tablet.enter(server.username, server.password)
    siti = tablet.register("Siti Nurhaliza", nik="3201045705900001")
    tablet.record_visit(siti)
    expect(tablet.find(imported.name)).to_have_count(1)
    tablet.record_visit(imported.patient, reason="Kontrol tekanan darah")
    tablet.restart(by_force=True)
    check_saved(tablet, server, siti, imported.patient)

    server.start()
    tablet.page.goto(tablet.url + "/#/sync")
    tablet.page.locator("#send-now").click()
    tablet.wait_until_all_on_server()
    tablet.open_chart(siti)
    expect(tablet.encounters.first).to_contain_text(ON_SERVER)
    assert tablet.errors == []
    assert server.fetch(COUNT_CHANGES + " having count(*) <> 1") == []
    check_rows(server, siti, imported.patient)
    check_other(Tablet(open_browser("other"), server.url), server, siti)


def check_saved(tablet: Tablet, server: LiveServerWithDatabase, siti: str, imported: str) -> None:
    """After the browser was killed, with no server: everything is there, and marked so."""
    tablet.open(f"#/patients/{siti}")
    tablet.enter(server.username, server.password)
    expect(tablet.encounters).to_have_count(1)
    expect(tablet.encounters.first).to_contain_text("Demam tiga hari")
    expect(tablet.encounters.first).to_contain_text("38,2")
    expect(tablet.encounters.first).to_contain_text(SAVED)
    tablet.open_chart(imported)
    expect(tablet.encounters.first).to_contain_text("Kontrol tekanan darah")
    expect(tablet.badge).to_contain_text(re.compile("Luring"))


def check_other(other: Tablet, server: LiveServerWithDatabase, siti: str) -> None:
    """A second browser sees what the first one wrote."""
    other.open()
    other.enter(server.username, server.password)
    other.wait_until_all_on_server()
    expect(other.find("siti nur")).to_have_count(1)
    other.open_chart(siti)
    expect(other.encounters).to_have_count(1)
    expect(other.encounters.first).to_contain_text("Batuk, pilek. Tenggorokan merah.")
    expect(other.encounters.first).to_contain_text("J06.9")
    assert other.errors == []


def check_rows(server: LiveServerWithDatabase, siti: str, imported: str) -> None:
    """What was typed lies in PostgreSQL, number for number."""
    rows = server.fetch(
        "select key, (body->'resource')::text as resource from resource where patient_id = $1", siti
    )
    types = sorted(row["key"].split("/")[0] for row in rows)
    assert types == [
        "Condition",
        "DocumentReference",
        "Encounter",
        "Observation",
        "Observation",
        "Observation",
        "Patient",
    ]
    weights = server.fetch(
        "select body->'resource'->'valueQuantity'->>'value' as value from resource "
        "where patient_id = $1 and body->'resource'->'code'->'coding'->0->>'code' = '29463-7'",
        siti,
    )
    assert [row["value"] for row in weights] == ["61.45"]
    reasons = server.fetch(
        "select body->'resource'->'reasonCode'->0->>'text' as text from resource "
        "where patient_id = $1 and key like 'Encounter/%' order by date desc limit 1",
        imported,
    )
    assert [row["text"] for row in reasons] == ["Kontrol tekanan darah"]


def test_everything_starts_reloads_and_deep_links_with_the_server_killed(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    patient = tablet.register("Budi Santoso", gender="male")
    tablet.wait_until_all_on_server()
    tablet.wait_for_worker()
    live_server.kill()
    tablet.page.reload()
    tablet.wait_until_ready()
    tablet.enter(live_server.username, live_server.password)
    expect(tablet.page.locator(".banner")).to_contain_text("Budi Santoso")
    tablet.page.goto("about:blank")
    tablet.open(f"#/patients/{patient}/visit")
    tablet.enter(live_server.username, live_server.password)
    expect(tablet.page.locator("#reason")).to_be_visible()
    assert tablet.errors == []


def test_a_wrong_password_does_not_open_the_store_offline(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    tablet.wait_until_all_on_server()
    tablet.wait_for_worker()
    live_server.kill()
    tablet.page.reload()
    tablet.wait_until_ready()
    tablet.unlock(live_server.username, "bukan-kata-sandi")
    expect(tablet.page.locator("#unlock-failure")).to_contain_text("salah")
    expect(tablet.page.locator("#lock")).to_have_count(0)
    tablet.unlock("orang-lain", live_server.password)
    expect(tablet.page.locator("#unlock-failure")).to_contain_text("belum pernah masuk")
    tablet.enter(live_server.username, live_server.password)


def test_a_form_that_was_not_saved_is_back_after_the_browser_was_killed(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    patient = tablet.register("Dewi Lestari")
    tablet.wait_for_worker()
    tablet.page.goto(f"{tablet.url}/#/patients/{patient}/visit")
    tablet.page.locator("#note").fill("Belum selesai ditulis")
    tablet.page.wait_for_timeout(2_000)
    live_server.kill()
    tablet.restart(by_force=True)
    tablet.open(f"#/patients/{patient}/visit")
    tablet.enter(live_server.username, live_server.password)
    expect(tablet.page.locator("#note")).to_have_value("Belum selesai ditulis")
