"""Runs in the page, on Pyodide: takes over the unlock form, and paints the patients."""

from __future__ import annotations

import asyncio
from typing import Any

import js
from pyodide.ffi import create_proxy

SVG = "http://www.w3.org/2000/svg"


def element(tag: str, attributes: dict[str, str], *children: Any) -> Any:
    made = js.document.createElement(tag)
    for name, value in attributes.items():
        made.setAttribute(name, value)
    made.append(*children)
    return made


def icon(name: str) -> Any:
    svg = js.document.createElementNS(SVG, "svg")
    svg.setAttribute("class", "icon go")
    use = js.document.createElementNS(SVG, "use")
    use.setAttribute("href", "/pwa/vendor/icons.svg#" + name)
    svg.append(use)
    return svg


def row(line: str) -> Any:
    patient, _, name, birth_date, gender, _, _, identifiers = line.split("\t")
    return element(
        "li",
        {},
        element(
            "a",
            {"href": "#/patients/" + patient},
            element("strong", {}, name),
            element("span", {"class": "about"}, " · ".join((gender, birth_date))),
            element("span", {"class": "numbers"}, " · ".join(identifiers.split(" ")[:2])),
            icon("chevron-right"),
        ),
    )


async def start() -> None:
    database = await js.record.openDatabase()
    known = await js.record.isKnown(database)
    find = js.document.getElementById
    find("unlock-title").textContent = "Buka kunci" if known else "Masuk"

    tasks: list[Any] = []

    async def show() -> None:
        texts = await js.record.unlock(database, find("password").value)
        lines = "\n".join(texts).split("\n")
        rows = [row(line) for line in reversed(lines[-50:])]
        find("page").replaceChildren(
            element("h1", {}, "Pasien"),
            element("input", {"type": "search", "id": "search"}),
            element("p", {"class": "quiet"}, f"{len(lines)} pasien"),
            element("div", {"id": "patients"}, element("ul", {"class": "rows"}, *rows)),
        )

    def submit(event: Any) -> None:
        event.preventDefault()
        tasks.append(asyncio.ensure_future(show()))

    find("unlock-form").addEventListener("submit", create_proxy(submit))
    js.document.documentElement.setAttribute("data-ready", "1")
