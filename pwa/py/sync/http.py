"""The door to `fetch`: text to the server and back, failures turned into ours.

Bodies of some size go compressed (gzip, by the browser's own CompressionStream).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from js import (
    AbortController,
    Blob,
    CompressionStream,
    EventSource,
    Response,
    TransformStream,
    clearTimeout,
    setTimeout,
)
from js import fetch as js_fetch
from jsffi import to_js

from pwa.py.domain import chart_page, json_text
from pwa.py.domain.failures import Offline, Refused, ServerFault, SignedOut

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.sync.contract import Meanwhile

COMPRESS_CHARACTERS_MIN = 1_000
# Long, for a link of a few bytes a second; a request that hangs for ever must end all the same.
TIMEOUT_MS = 600_000
_OURS = ("application/json", "application/fhir+json", chart_page.MEDIA_TYPE)


class Fetch:
    """`sync.contract.Http` over the browser's fetch."""

    async def get(self, path: str, timeout_ms: int = TIMEOUT_MS) -> str:
        return await self.begin(path, timeout_ms).text()

    def begin(self, path: str, timeout_ms: int = TIMEOUT_MS) -> Begun:
        return Begun(path, _options("GET"), timeout_ms)

    async def post(
        self,
        path: str,
        body: str,
        timeout_ms: int = TIMEOUT_MS,
        meanwhile: Meanwhile | None = None,
    ) -> str:
        return await self._request("POST", path, body, None, timeout_ms, meanwhile)

    async def upload(self, path: str, file: Any) -> str:
        """The bytes of a file, as they are."""
        return await self._request("POST", path, None, file)

    async def delete(self, path: str) -> None:
        await self._request("DELETE", path, None)

    async def _request(
        self,
        method: str,
        path: str,
        body: str | None,
        file: Any = None,
        timeout_ms: int = TIMEOUT_MS,
        meanwhile: Meanwhile | None = None,
    ) -> str:
        options = _options(method)
        headers = options["headers"]
        payload: Any = body
        if file is not None:
            headers["Content-Type"] = "application/octet-stream"
            payload = file
        if body is not None:
            headers["Content-Type"] = "application/json"
            if len(body) >= COMPRESS_CHARACTERS_MIN:
                headers["Content-Encoding"] = "gzip"
                payload = await _gzip(body)
        begun = Begun(path, options, timeout_ms, payload)
        if meanwhile is not None:
            await meanwhile()
        return await begun.text()


class Begun:
    """`sync.contract.Begun`: the browser fetches it, and reads it whole, while Python is busy.

    `timeout_ms` is how long the server may be silent: what arrives piece by piece is not given up
    however long that takes, or it would have to come from its first byte again.
    """

    def __init__(
        self, path: str, options: dict[str, Any], timeout_ms: int, payload: Any = None
    ) -> None:
        self._response: Any = None
        self._controller = AbortController.new()
        self._timeout_ms = timeout_ms
        self._timer = setTimeout(self._give_up, timeout_ms)
        # Why it was given up; the browser would only say that it failed.
        self._why = ""
        request = to_js(options)
        if payload is not None:
            request.body = payload
        request.signal = self._controller.signal
        self._text = js_fetch(path, request).then(self._read)
        # Else the browser would report the failure of one for which nobody waits.
        self._text.then(self._end, self._end)

    def _read(self, response: Any, *_: Any) -> Any:
        self._response = response
        self._wait_on()
        if response.body is None:
            return response.text()
        heard = TransformStream.new(to_js({"transform": self._hear}))
        return Response.new(response.body.pipeThrough(heard)).text()

    def _hear(self, piece: Any, stream: Any, *_: Any) -> None:
        self._wait_on()
        stream.enqueue(piece)

    def _wait_on(self) -> None:
        clearTimeout(self._timer)
        self._timer = setTimeout(self._give_up, self._timeout_ms)

    def _give_up(self, *_: Any) -> None:
        self._why = f"nothing came for {self._timeout_ms // 1000} s"
        self._controller.abort()

    def _end(self, *_: Any) -> None:
        clearTimeout(self._timer)

    async def text(self) -> str:
        try:
            text = await self._text
        except Exception as failure:
            raise Offline(self._why or str(failure))
        response = self._response
        _raise_for(response.status, response.headers.get("content-type"), text)
        return text

    def let_go(self) -> None:
        self._controller.abort()


def open_stream(
    path: str,
    on_number: Callable[[int], None],
    on_open: Callable[[], None],
    on_end: Callable[[], None],
) -> Callable[[], None]:
    """Listens to the server's events, each a number; answers what closes the stream.

    The browser opens a stream again that was cut; `on_end` is told when it does not.
    """
    source = EventSource.new(path)

    def hear(event: Any, *_: Any) -> None:
        on_number(int(event.data))

    def opened(*_: Any) -> None:
        on_open()

    def fail(*_: Any) -> None:
        if source.readyState == EventSource.CLOSED:
            on_end()

    source.onmessage = hear
    source.onopen = opened
    source.onerror = fail
    return lambda: source.close()


def _options(method: str) -> dict[str, Any]:
    headers = {"Accept": "application/json"}
    options: dict[str, Any] = {"method": method, "headers": headers, "cache": "no-store"}
    options["credentials"] = "same-origin"
    return options


async def _gzip(body: str) -> Any:
    stream = Blob.new(to_js([body])).stream().pipeThrough(CompressionStream.new("gzip"))
    return await Response.new(stream).blob()


def _raise_for(status: int, content_type: Any, text: str) -> None:
    if status == 204:
        return
    kind = content_type.split(";")[0].strip() if isinstance(content_type, str) else ""
    if status >= 500:
        raise ServerFault(str(status))
    if kind not in _OURS:
        # A captive portal, a proxy's own page: somebody answered, but not our server.
        raise Offline("the answer did not come from Rekam")
    if status == 401:
        raise SignedOut(text)
    if status >= 400:
        raise Refused(status, json_text.loads(text))
