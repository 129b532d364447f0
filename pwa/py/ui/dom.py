"""The pages' only door to the browser: elements, events, timers, the address.

Text reaches the page as text nodes and attributes alone; nothing here parses HTML. It must not
know what a patient is. Elements are opaque values (`Element`) to the other files of `ui/`.
A JavaScript function that throws at once cannot be caught from MicroPython, so nothing here calls
one that may: the choice of language, in localStorage, is kept by start.js.

    dom.h("button", {"type": "button", "on:click": save}, icon("check"), "Simpan")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import js
from jsffi import to_js

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    Element = Any
    Event = Any
    Handler = Callable[[Any], Any]

_SVG = "http://www.w3.org/2000/svg"
# Set as properties: as attributes they would only be the value that the field began with.
_PROPERTIES = ("value", "checked", "disabled", "hidden", "open")
# A browser has begun to write a file long before.
DOWNLOAD_MS_MAX = 60_000
_reporters: list[Callable[[BaseException], None]] = []


def h(tag: str, attributes: dict[str, Any] | None = None, *children: Any) -> Element:
    """An element. `None` and `False` attributes are left out; "on:click" adds a listener."""
    element = js.document.createElement(tag)
    if attributes:
        for name, value in attributes.items():
            if value is None or value is False:
                continue
            if name.startswith("on:"):
                on(element, name[3:], value)
            elif name in _PROPERTIES:
                setattr(element, name, value)
            else:
                element.setAttribute(name, "" if value is True else str(value))
    add(element, children)
    return element


def add(element: Element, children: Any) -> None:
    """Appends elements and texts; lists are opened and `None` is skipped."""
    for child in children:
        if child is None or child is False:
            continue
        if isinstance(child, (list, tuple)):
            add(element, child)
        else:
            # Element.append makes a text node of a string.
            element.append(child)


def fill(element: Element, *children: Any) -> None:
    """Puts these in place of what the element held.

    A page is filled anew whenever somebody else writes: whoever reads or goes through it by
    keyboard stays where they are. What has the id or the address of what had the focus gets it,
    else the page; folds that were open, and have an id, are open again.
    """
    focused = js.document.activeElement
    had_focus = element.contains(focused) and not focused.contains(element)
    folds = element.querySelectorAll("details[open][id]")
    opened = [folds.item(at).id for at in range(folds.length)]
    element.replaceChildren()
    add(element, children)
    for identifier in opened:
        fold = find(identifier)
        if fold is not None:
            fold.open = True
    if had_focus:
        _focus_in_place(_like(element, focused) or find("page"))


def _like(element: Element, gone: Element) -> Element | None:
    if gone.id:
        return find(gone.id)
    address = gone.getAttribute("href")
    return element.querySelector('[href="' + js.CSS.escape(address) + '"]') if address else None


def _focus_in_place(element: Element) -> None:
    """Without scrolling there: somebody may be reading further down."""
    element.focus(to_js({"preventScroll": True}))


def use(address: str, css: str) -> Element:
    """An <svg> that shows a symbol of a sprite; hidden from readers, who get words."""
    picture = js.document.createElementNS(_SVG, "svg")
    picture.setAttribute("class", css)
    picture.setAttribute("aria-hidden", "true")
    shape = js.document.createElementNS(_SVG, "use")
    shape.setAttribute("href", address)
    picture.append(shape)
    return picture


def find(identifier: str) -> Element:
    return js.document.getElementById(identifier)


def set_text(element: Element, text: str) -> None:
    element.textContent = text


def set_attribute(element: Element, name: str, value: str | None) -> None:
    if value is None:
        element.removeAttribute(name)
    else:
        element.setAttribute(name, value)


def toggle(element: Element, css: str, is_on: bool) -> None:
    element.classList.toggle(css, is_on)


def focus(element: Element | None) -> None:
    if element is not None:
        element.focus()


def remove(element: Element) -> None:
    """Takes it away; the focus, if it was inside, goes to the page."""
    had_focus = element.contains(js.document.activeElement)
    element.remove()
    if had_focus:
        _focus_in_place(find("page"))


# --- events and errors: whatever a handler raises is shown, never lost -----------------------


def report_errors_to(reporter: Callable[[BaseException], None]) -> None:
    _reporters.clear()
    _reporters.append(reporter)


def on(element: Element, event: str, handler: Handler) -> None:
    element.addEventListener(event, _guarded(handler))


def on_window(event: str, handler: Handler) -> None:
    js.window.addEventListener(event, _guarded(handler))


def on_document(event: str, handler: Handler) -> None:
    js.document.addEventListener(event, _guarded(handler))


def spawn(work: Awaitable[Any]) -> None:
    """Runs a coroutine; what it raises is reported.

    The browser drives it: each await of a task of asyncio's costs 5 ms on MicroPython, each
    await of a coroutine that a promise runs 0.05.
    """

    async def run(*_: Any) -> None:
        await _watched(work)

    js.Promise.resolve().then(run)


def after(milliseconds: int, handler: Callable[[], Any]) -> int:
    """A timer; the number stops it with `cancel`."""
    return js.setTimeout(_guarded(handler), milliseconds)


def every(milliseconds: int, handler: Callable[[], Any]) -> int:
    return js.setInterval(_guarded(handler), milliseconds)


def cancel(timer: int) -> None:
    js.clearTimeout(timer)


def _guarded(handler: Callable[..., Any]) -> Callable[..., None]:
    def run(*arguments: Any) -> None:
        try:
            result = handler(*arguments)
            if hasattr(result, "send"):
                spawn(result)
        except Exception as failure:
            _report(failure)

    return run


async def _watched(work: Awaitable[Any]) -> None:
    try:
        await work
    except Exception as failure:
        _report(failure)


def _report(failure: BaseException) -> None:
    if not _reporters:
        # Before the pages are there, start.js shows what went wrong.
        mark("crash", type(failure).__name__ + ": " + str(failure))
        signal("rekam:crash")
    for reporter in _reporters:
        reporter(failure)


def tell_blocked() -> None:
    """Another tab keeps an older version of the store open: start.js says so."""
    signal("rekam:blocked")


# --- files: what the person keeps, and what the person chose -----------------------------------


def download(name: str, parts: list[Any]) -> None:
    """Gives the person a file; its parts are texts, or bytes of JavaScript."""
    address = js.URL.createObjectURL(js.Blob.new(js.Array.of(*parts)))
    h("a", {"href": address, "download": name}).click()
    after(DOWNLOAD_MS_MAX, lambda: js.URL.revokeObjectURL(address))


def chosen_file(field: Element) -> Any:
    """The file that was chosen in a field, None for none."""
    return field.files.item(0) if field.files.length else None


def file_size(file: Any) -> int:
    return int(file.size)


# --- the page as a whole ---------------------------------------------------------------------


def route_text() -> str:
    """What stands after the `#` of the address."""
    return js.location.hash[1:]


def go(route: str) -> None:
    js.location.hash = "#" + route


def replace_route(route: str) -> None:
    """Changes the address without an entry in the history and without an event."""
    js.history.replaceState(js.history.state, "", "#" + route)


def entry_number() -> int | None:
    """The number that `number_entry` gave to the entry of the history shown now."""
    number = js.history.state
    return None if number is None else int(number)


def number_entry(number: int) -> None:
    js.history.replaceState(number, "")


def travel(steps: int) -> None:
    """Back (negative) or forward in the history; "hashchange" follows. 0 would reload."""
    assert steps != 0
    js.history.go(steps)


def set_title(text: str) -> None:
    js.document.title = text


def set_language(code: str) -> None:
    js.document.documentElement.lang = code


def mark(name: str, value: str) -> None:
    """A data-attribute of the document: how start.js and the style sheet are told."""
    js.document.documentElement.setAttribute("data-" + name, value)


def marked(name: str) -> str:
    return js.document.documentElement.getAttribute("data-" + name) or ""


def signal(name: str) -> None:
    """An event of the window, for start.js."""
    js.window.dispatchEvent(js.Event.new(name))


def scroll_top() -> None:
    js.window.scrollTo(0, 0)


def print_page() -> None:
    js.window.print()


def is_visible() -> bool:
    return js.document.visibilityState == "visible"


def is_typing(event: Event) -> bool:
    """Whether a key press goes into a field."""
    tag = str(event.target.tagName).lower()
    return tag in ("input", "textarea", "select") or bool(event.target.isContentEditable)


def is_link_button(event: Event) -> bool:
    """Whether a key is pressed on a link that looks, and is announced, as a button."""
    target = event.target
    return str(target.tagName).lower() == "a" and target.getAttribute("role") == "button"


def today() -> str:
    """The day by the device's clock and zone, YYYY-MM-DD."""
    now = js.Date.new()
    return "%04d-%02d-%02d" % (now.getFullYear(), now.getMonth() + 1, now.getDate())


def zone_minutes() -> int:
    """How far the device's clock is ahead of UTC."""
    return -int(js.Date.new().getTimezoneOffset())
