"""Copies, out of node_modules, the few files that the browser loads, and makes the icon sprite.

The list here is all that Rekam serves of others' work. Licences are copied beside it.
"""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SVG = "http://www.w3.org/2000/svg"

# Folder in pwa/vendor/, folder in node_modules/, the files. PyScript's other chunks are an
# editor, a terminal, games and Pyodide, and are never asked for.
FILES = (
    (
        "pyscript",
        "@pyscript/core/dist",
        ("core.js", "core-*.js", "deprecations-manager-*.js", "error-*.js"),
    ),
    (
        "micropython",
        "@micropython/micropython-webassembly-pyscript",
        ("micropython.mjs", "micropython.wasm"),
    ),
    ("hash-wasm", "hash-wasm/dist", ("argon2.umd.min.js",)),
    ("pico", "@picocss/pico/css", ("pico.min.css",)),
)
LICENCES = ("@pyscript/core", "hash-wasm", "@picocss/pico", "lucide-static")

_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*\n?", re.MULTILINE)


def copy_files(modules: Path, icons: Path, target: Path) -> None:
    """Fill a new folder and put it in place of the old one, so that nothing stale remains."""
    fresh = target.with_name(target.name + ".new")
    if fresh.exists():
        shutil.rmtree(fresh)
    for folder, source, patterns in FILES:
        (fresh / folder).mkdir(parents=True)
        for pattern in patterns:
            _copy(modules / source, pattern, fresh / folder)
    (fresh / "licences").mkdir()
    for package in LICENCES:
        name = package.replace("/", "-").strip("@")
        for path in (modules / package).glob("LICENSE*"):
            shutil.copyfile(path, fresh / "licences" / f"{name}.txt")
    lines = icons.read_text("utf-8").splitlines()
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    sprite = make_sprite(modules / "lucide-static" / "icons", names)
    (fresh / "icons.svg").write_text(sprite, "utf-8")
    if target.exists():
        shutil.rmtree(target)
    fresh.rename(target)


def _copy(source: Path, pattern: str, target: Path) -> None:
    found = sorted(source.glob(pattern))
    if not found:
        raise FileNotFoundError(f"{source} has no {pattern}")
    for path in found:
        if path.suffix in (".js", ".mjs"):
            # The maps stay behind; a browser's tools would ask for them in vain.
            text = _SOURCE_MAP.sub("", path.read_text("utf-8"))
            (target / path.name).write_text(text, "utf-8")
        else:
            shutil.copyfile(path, target / path.name)


def make_sprite(folder: Path, names: list[str]) -> str:
    """One <symbol> for each name, drawn as Lucide draws it: lines in the text's own colour."""
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    for name in names:
        if not (folder / f"{name}.svg").exists():
            raise FileNotFoundError(f"Lucide has no icon named {name!r}")
        icon = ElementTree.parse(folder / f"{name}.svg").getroot()
        symbol = ElementTree.SubElement(sprite, f"{{{SVG}}}symbol", {"id": name})
        for attribute in ("viewBox", "fill", "stroke", "stroke-width"):
            symbol.set(attribute, icon.attrib[attribute])
        for attribute in ("stroke-linecap", "stroke-linejoin"):
            symbol.set(attribute, icon.attrib[attribute])
        symbol.extend(list(icon))
    for element in sprite.iter():
        element.tail = None
        element.text = None
    return ElementTree.tostring(sprite, encoding="unicode") + "\n"
