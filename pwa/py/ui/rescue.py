"""The rescue file: everything unsent into a file, and such a file of another tablet read in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Refused
from pwa.py.ui import dom, elements, in_words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

FILE_BYTES_MAX = 16_000_000


class RescuePanel:
    def __init__(self, app: App) -> None:
        self._app = app
        self._said = dom.h("p", {"role": "status", "id": "rescue-said"})

    def build(self) -> Element:
        keep = elements.button(say("rescue.write"), self._write, "secondary", name="rescue-write")
        field: dict[str, Any] = {"type": "file", "id": "rescue-file", "accept": ".rekam"}
        field["class"] = "spoken"
        field["on:change"] = self._read
        return dom.h(
            "section",
            {"class": "panel", "id": "rescue"},
            elements.heading("hard-drive", say("rescue.title")),
            elements.quiet(say("rescue.hint")),
            dom.h("p", None, keep),
            # The browser's own button speaks the browser's language, not the page's.
            dom.h(
                "label",
                {"class": "file-button"},
                dom.h("input", field),
                icon("file-text"),
                say("rescue.read"),
            ),
            elements.quiet(say("rescue.read_hint")),
            self._said,
        )

    async def _write(self, _: Any) -> None:
        count = await write(self._app)
        key = "rescue.written" if count else "rescue.nothing"
        dom.set_text(self._said, say(key, count=count))

    async def _read(self, event: Any) -> None:
        file = dom.chosen_file(event.target)
        if file is None:
            return
        if dom.file_size(file) > FILE_BYTES_MAX:
            dom.set_text(self._said, say("rescue.too_large"))
            return
        dom.set_text(self._said, say("rescue.reading"))
        try:
            report = await self._app.services.read_rescue(file)
        except Refused as refused:
            texts = [issue["diagnostics"] for issue in refused.issues]
            dom.set_text(self._said, say("rescue.failed") + " " + " ".join(texts))
            return
        finally:
            event.target.value = ""
        dom.set_text(self._said, self._words(report))
        self._app.services.kick()
        # Whose tablet it is may not be known here yet: said as soon as it is.
        await self._app.services.people.meet(report["device"])
        dom.set_text(self._said, self._words(report))

    def _words(self, report: dict[str, Any]) -> str:
        said = [
            say("rescue.from", device=in_words.device(self._app, report["device"])),
            say("rescue.done", read=report["read"], new=report["new"], known=report["known"]),
        ]
        for name in ("refused", "set_aside"):
            if report[name]:
                said.append(say("rescue." + name, count=report[name]))
        return " ".join(said)


async def write(app: App) -> int:
    """Gives the file to the browser to keep; how many entries it holds, 0 for no file."""
    parts, count = await app.services.write_rescue()
    if count:
        name = "rekam-%s-%d.rekam" % (dom.today(), count)
        dom.download(name, parts)
    return count
