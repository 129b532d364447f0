"""What the page must never do: run text as code, show a record's markup, fetch elsewhere."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Browser
from tests.journeys.tablets import Tablet, signed_in
from tests.live import LiveServerWithDatabase

MARKUP = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"

# The test runner's own `evaluate` is exempt from the policy, so a file of the page itself asks.
PROBE = """
globalThis.probe = {};
for (const [name, attempt] of Object.entries({
  eval: () => eval("1"),
  Function: () => new Function("return 1")(),
  innerHTML: () => { document.createElement("p").innerHTML = "<b>x</b>"; },
  script: () => { document.createElement("script").src = "https://example.org/x.js"; },
})) {
  try { attempt(); globalThis.probe[name] = "ran"; }
  catch (error) { globalThis.probe[name] = error.name; }
}
"""


def test_text_is_never_run_as_code_and_the_app_starts(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = Tablet(browser, live_server.url)
    start = "/pwa/start.js"

    def add_probe(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        route.fulfill(response=answer, body=answer.text() + PROBE)  # type: ignore[attr-defined]

    tablet.page.route("**" + start, add_probe)
    tablet.open()
    probe = tablet.page.evaluate("() => globalThis.probe")
    assert probe == {
        "eval": "EvalError",
        "Function": "EvalError",
        "innerHTML": "TypeError",
        "script": "TypeError",
    }
    tablet.enter(live_server.username, live_server.password)


def test_markup_in_a_name_and_in_a_note_is_shown_as_text(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    patient = tablet.register("Sri " + MARKUP)
    tablet.record_visit(patient, note=MARKUP, reason=MARKUP, diagnosis=MARKUP[:40])
    expect(tablet.page.locator(".banner")).to_contain_text(MARKUP)
    expect(tablet.encounters.first).to_contain_text(MARKUP)
    expect(tablet.find("sri")).to_contain_text(MARKUP)
    assert tablet.page.locator("#page img").count() == 0
    assert "owned" not in tablet.page.title()
    assert tablet.errors == []


def test_nothing_is_fetched_from_anywhere_but_the_own_server(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = Tablet(browser, live_server.url)
    asked: list[str] = []
    browser.context.on("request", lambda request: asked.append(request.url))
    tablet.open()
    tablet.enter(live_server.username, live_server.password)
    patient = tablet.register("Putu Ayu")
    tablet.record_visit(patient)
    tablet.wait_until_all_on_server()
    tablet.wait_for_worker()
    own = (live_server.url, "data:", "blob:")
    assert asked
    assert [url for url in asked if not url.startswith(own)] == []


def test_locking_blanks_the_page_and_keeps_the_work(
    live_server: LiveServerWithDatabase, browser: Browser
) -> None:
    tablet = signed_in(browser, live_server)
    patient = tablet.register("Wayan Rahasia")
    tablet.record_visit(patient)
    tablet.page.locator("#lock").click()
    expect(tablet.page.locator("#unlock-form")).to_be_visible()
    assert "Rahasia" not in tablet.page.content()
    assert "Rahasia" not in tablet.page.title()
    tablet.enter(live_server.username, live_server.password)
    tablet.open_chart(patient)
    expect(tablet.encounters).to_have_count(1)
