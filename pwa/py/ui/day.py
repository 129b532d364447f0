"""The day's count: what was written, what is on the server, and whether both agree; printable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates as domain_dates
from pwa.py.domain import day
from pwa.py.domain.failures import Failure
from pwa.py.ui import dates, dom, elements, in_words, words
from pwa.py.ui.fields import Field
from pwa.py.ui.icons import icon
from pwa.py.ui.page import Page
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.contract import Account
    from pwa.py.ui.dom import Element

HASH_CHARACTERS_SHOWN = 16
_MINUTE_MS = 60_000
_ICONS = {day.AGREE: "cloud-check", day.UNSENT: "cloud-upload", day.DIFFER: "triangle-alert"}


class DayPage(Page):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("day.title")
        self._date = Field("day-date", say("day.date"), {"type": "date", "required": True})
        self._date.write(dom.today())
        dom.on(self._date.input, "change", self._check)
        self._verdict = dom.h("section", {"class": "panel", "role": "status", "id": "verdict"})
        self._sheet = dom.h("section", {"class": "panel", "id": "day-sheet"})
        self._turn = 0

    async def build(self) -> Element:
        dom.spawn(self._show())
        check = elements.button(say("day.check"), self._check, "", "refresh-cw", "check-day")
        printing = elements.button(say("day.print"), self._print, "secondary", name="print-day")
        buttons = dom.h("div", {"class": "actions no-print"}, check, printing)
        date = dom.h("div", {"class": "no-print"}, self._date.element)
        title = dom.h("h1", None, say("day.title"))
        parts = [title, date, self._verdict, self._sheet, buttons]
        return dom.h("section", {"class": "narrow sheet"}, parts)

    async def refresh(self, patients: list[str] | None) -> None:
        await self._show()

    async def _check(self, _: Any) -> None:
        await self._show()

    def _print(self, _: Any) -> None:
        dom.print_page()

    async def _show(self) -> None:
        """Counts here, then asks the server; whoever asks later is shown."""
        self._turn += 1
        turn = self._turn
        from_ms, to_ms = _bounds(self._date.read())
        if from_ms < 0:
            return
        progress = dom.h("span", None, say("day.checking", done=""))
        dom.fill(self._verdict, dom.h("p", {"class": "sync-now"}, icon("refresh-cw"), progress))

        def on_progress(done: int) -> None:
            dom.set_text(progress, say("day.checking", done=done))

        own = await self.app.services.day.count(from_ms, to_ms, on_progress)
        found: Any = None
        try:
            found = await self.app.services.day.compare(own, from_ms, to_ms)
        except Failure:
            # Without the server nothing is claimed; what it said last is told with its time.
            last = await self.app.services.day.last()
            if turn == self._turn:
                self._show_offline(own, last)
        if turn != self._turn:
            return
        if found is not None:
            self._show_verdict(own, found)
        self._show_sheet(own, found)

    def _show_offline(self, own: dict[str, Any], last: dict[str, Any] | None) -> None:
        text = dom.h("span", None, say("day.offline"))
        before = None
        if last is not None:
            when = in_words.moment(last["at_ms"])
            before = say("day.last", when=when, verdict=say("day.was_" + last["verdict"]))
        dom.set_attribute(self._verdict, "class", "panel verdict verdict-unknown")
        dom.fill(
            self._verdict,
            dom.h("p", {"class": "sync-now"}, icon("cloud-off"), text),
            None if before is None else elements.quiet(before),
            [elements.quiet(line) for line in _about_chain(own)],
        )

    def _show_verdict(self, own: dict[str, Any], found: dict[str, Any]) -> None:
        verdict = found["verdict"]
        dom.set_attribute(self._verdict, "class", "panel verdict verdict-" + verdict)
        text = dom.h("span", None, say("day." + verdict, count=own["unsent"]))
        why = [dom.h("p", None, line) for line in _reasons(found["why"])]
        chain = [elements.quiet(line) for line in _about_chain(own)]
        when = elements.quiet(in_words.moment(found["at_ms"]))
        now = dom.h("p", {"class": "sync-now"}, icon(_ICONS[verdict]), text)
        dom.fill(self._verdict, now, why, chain, when)

    def _show_sheet(self, own: dict[str, Any], found: dict[str, Any] | None) -> None:
        identity = self.app.identity
        assert identity is not None
        date = dates.day(self._date.read(), words.language())
        device = own["devices"][-1]
        about = [
            (say("day.facility"), identity["facility"]["name"]),
            (say("day.date"), date),
            (say("day.person"), identity["account"]["name"]),
            (say("day.device"), in_words.device_name(self.app, device)),
            (say("status.device_id"), device),
            (say("day.number"), str(own["number"])),
            (say("day.hash"), own["hash"][:HASH_CHARACTERS_SHOWN] or say("day.hash_none")),
        ]
        rows = _rows(self.app, own, found, identity["account"])
        table = _table(rows) if rows else elements.quiet(say("day.none"))
        sign = dom.h("p", {"class": "signature"}, say("day.sign"))
        dom.fill(self._sheet, elements.facts(about), table, sign)


def _bounds(date: str) -> tuple[int, int]:
    """From when to when a day lasts on this tablet's clock; (-1, -1) for no day."""
    start = domain_dates.to_milliseconds(date + "T00:00:00Z") if len(date) == 10 else None
    if start is None:
        return -1, -1
    from_ms = start - dom.zone_minutes() * _MINUTE_MS
    return from_ms, from_ms + domain_dates.DAY_MS


def _about_chain(own: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    if own["broken"]:
        lines.append(say("day.broken", number=own["broken"]))
    elif own["last"]:
        lines.append(say("day.chain", first=own["first"], last=own["last"]))
    if not own["is_whole"]:
        lines.append(say("day.since", number=own["first"]))
    if own["sent"]:
        lines.append(say("day.sent", count=own["sent"]))
    return lines


def _reasons(why: list[Any]) -> list[str]:
    lines: list[str] = []
    for one in why:
        if one[0] == "number":
            lines.append(say("day.differ_number", number=one[1]))
        if one[0] == "count":
            here = one[1][day.SERVER]
            lines.append(say("day.differ_count", here=here, there=one[2][day.SERVER]))
    return lines


def _rows(
    app: App, own: dict[str, Any], found: dict[str, Any] | None, account: Account
) -> list[tuple[str, str, Any]]:
    """(device, author, counts): this device's own, then the others' as the server has them."""
    answer: list[Any] = [] if found is None else found["answer"]["counts"]
    names = {row["author"]: row["name"] for row in answer}
    names[account["id"]] = account["name"]
    rows: list[tuple[str, str, Any]] = []
    for author in sorted(own["counts"]):
        name = names.get(author) or say("day.colleague")
        rows.append((say("device.here"), name, own["counts"][author]))
    for row in answer:
        if row["device"] not in own["devices"]:
            device = in_words.device(app, row["device"])
            rows.append((device, row["name"] or row["author"], row))
    return rows


def _table(rows: list[tuple[str, str, Any]]) -> Element:
    heads = ["day.written", "day.server", "day.waiting", "day.refused", "day.withdrawn"]
    top = [dom.h("th", None, say("day.author"))]
    top += [dom.h("th", {"class": "figure"}, say(key)) for key in heads]
    total = day.new_counts()
    body: list[Element] = []
    for device, author, counts in rows:
        total = day.add(total, counts)
        who = dom.h("th", {"scope": "row"}, author, dom.h("small", None, " · " + device))
        body.append(dom.h("tr", None, who, _figures(counts)))
    last = dom.h("tr", None, dom.h("th", {"scope": "row"}, say("day.total")), _figures(total))
    inner = [dom.h("thead", None, dom.h("tr", None, top)), dom.h("tbody", None, body)]
    table = dom.h("table", {"class": "counts"}, inner, dom.h("tfoot", None, last))
    return dom.h("div", {"class": "wide"}, table)


def _figures(counts: dict[str, int]) -> list[Element]:
    figures = [day.written(counts)] + [counts[column] for column in day.COLUMNS]
    return [dom.h("td", {"class": "figure"}, str(figure)) for figure in figures]
