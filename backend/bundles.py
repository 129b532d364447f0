"""Reads files of FHIR R4 resources, entry by entry, and says of each entry why it cannot be read.

Takes Bundles of any type, single resources, and newline-delimited JSON of either, plain or gzip.
Knows nothing of whose a resource is, of the database or of merging. A fault stays with its
entry: all others are still yielded. Numbers keep their digits (`exact_json`).
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from backend import exact_json, json_pieces

FILE_BYTES_MAX = 512 * 1024 * 1024
LINE_BYTES_MAX = 64 * 1024 * 1024
SUFFIXES = (".json", ".json.gz", ".ndjson", ".ndjson.gz")

DIGITS_MAX = 1_000

# Only text in which one of these stands can hold what `_refuse_unstorable` looks for.
_SUSPECT = re.compile(rb"\\u0000|[0-9]{300}|[0-9][eE][+-]?[0-9]{3}")
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError)


@dataclass(slots=True)
class Problem:
    """What could not be read or written, and where it stands."""

    file: str
    entry: int
    resource: str
    reason: str

    def __str__(self) -> str:
        named = f" {self.resource}" if self.resource else ""
        return f"{self.file}, entry {self.entry}{named}: {self.reason}"


@dataclass(slots=True)
class Entry:
    """One resource as it stands in a file.

    `aliases` belongs to its whole Bundle: the full URLs that say another id than their resource.
    A full URL lives in its Bundle alone, so references to these must name the resource instead.
    """

    file: str
    index: int
    type: str
    id: str
    text: msgspec.Raw
    aliases: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def key(self) -> str:
        return f"{self.type}/{self.id}"

    def problem(self, reason: str) -> Problem:
        return Problem(self.file, self.index, self.key, reason)


class Unreadable(ValueError):
    """This entry, or this file, is not what it should be; the message says why."""


def find_files(paths: list[Path]) -> Iterator[Path | Problem]:
    """The files to read, folders walked in the order of their names."""
    for path in paths:
        if path.is_dir():
            found = (item for item in path.rglob("*") if item.name.endswith(SUFFIXES))
            yield from sorted(item for item in found if item.is_file())
        elif path.is_file():
            yield path
        else:
            yield Problem(str(path), 0, "", "no such file or folder")


def read_entries(path: Path) -> Iterator[Entry | Problem]:
    """Entries are counted from 1: in a Bundle by position, in newline-delimited JSON by line."""
    try:
        with _open(path) as stream:
            if ".ndjson" in path.name:
                yield from _read_lines(path.name, stream)
            else:
                text = stream.read(FILE_BYTES_MAX + 1)
                if len(text) > FILE_BYTES_MAX:
                    raise Unreadable(f"larger than {FILE_BYTES_MAX} bytes")
                yield from _read_document(path.name, 1, text)
    except (OSError, EOFError, zlib.error) as error:
        yield Problem(path.name, 0, "", f"cannot be read: {error}")
    except Unreadable as error:
        yield Problem(path.name, 0, "", str(error))


def decode_entry(entry: Entry) -> dict[str, Any]:
    """The resource as a dict; Unreadable for what neither merge nor PostgreSQL could keep."""
    try:
        resource = cast(dict[str, Any], exact_json.decode(entry.text))
    except _FAULTS as error:
        raise Unreadable(f"not JSON: {error}") from error
    try:
        if _SUSPECT.search(entry.text):
            _refuse_unstorable(resource)
        return _resolve(resource, entry.aliases) if entry.aliases else resource
    except RecursionError:
        raise Unreadable("nested too deeply") from None


def _open(path: Path) -> BinaryIO:
    if path.name.endswith(".gz"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _read_lines(file: str, stream: BinaryIO) -> Iterator[Entry | Problem]:
    number = 0
    while line := stream.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(line) > LINE_BYTES_MAX:
            raise Unreadable(f"line {number} is longer than {LINE_BYTES_MAX} bytes")
        if line.strip():
            try:
                yield from _read_document(file, number, line)
            except Unreadable as error:
                yield Problem(file, number, "", str(error))


def _read_document(file: str, index: int, text: bytes) -> Iterator[Entry | Problem]:
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        fields = _read_members(text)
    except _FAULTS as error:
        raise Unreadable(f"not a JSON object: {error}") from error
    if _read_text(fields, "resourceType") == "Bundle":
        yield from _read_damage(file, text)
        yield from _read_bundle(file, fields)
    else:
        yield _read_resource(file, index, "", msgspec.Raw(text), {})


def _read_damage(file: str, text: bytes) -> Iterator[Problem]:
    """A Bundle that is no JSON may have lost entries of which nothing can be told."""
    if len(text) > json_pieces.PIECES_BYTES_MAX:
        return  # Then it was read as a whole, and is sound.
    try:
        _OBJECT.decode(text)
    except _FAULTS:
        try:
            # Half a character or a number out of range is JSON all the same: its entry tells it.
            json.loads(text, parse_int=str, parse_float=str)
        except RecursionError:
            pass
        except ValueError as error:
            yield Problem(file, 0, "", f"not valid JSON: {error}")


def _read_bundle(file: str, bundle: dict[str, msgspec.Raw]) -> Iterator[Entry | Problem]:
    try:
        items = _read_elements(bundle.get("entry", msgspec.Raw(b"[]")))
    except _FAULTS as error:
        raise Unreadable(f"Bundle.entry is not a list: {error}") from error
    aliases: dict[str, str] = {}
    # A history Bundle holds older versions of a resource after the newest one.
    newest_only = _read_text(bundle, "type") == "history"
    read: list[Entry | Problem] = []
    seen: set[str] = set()
    for index, item in enumerate(items, 1):
        entry = _read_item(file, index, item, aliases)
        if isinstance(entry, Entry) and newest_only:
            if entry.key in seen:
                continue
            seen.add(entry.key)
        read.append(entry)
    yield from read


def _read_item(
    file: str, index: int, item: msgspec.Raw, aliases: dict[str, str]
) -> Entry | Problem:
    try:
        fields = _read_members(item)
    except _FAULTS as error:
        return Problem(file, index, "", f"the entry is not an object: {error}")
    url = _read_text(fields, "fullUrl")
    if "resource" not in fields:
        return Problem(file, index, url, "the entry holds no resource")
    entry = _read_resource(file, index, url, fields["resource"], aliases)
    if isinstance(entry, Entry) and url and _id_of_url(url) != entry.id:
        aliases[url] = entry.key
    return entry


def _read_resource(
    file: str, index: int, url: str, text: msgspec.Raw, aliases: dict[str, str]
) -> Entry | Problem:
    try:
        fields = _read_members(text)
    except _FAULTS as error:
        return Problem(file, index, url, f"the resource is not an object: {error}")
    kind = _read_text(fields, "resourceType")
    if not kind:
        return Problem(file, index, url, "resourceType is missing or is not text")
    if "id" in fields and not _read_text(fields, "id"):
        return Problem(file, index, f"{kind} {url}".strip(), "id is not text")
    identity = _read_text(fields, "id") or _id_of_url(url)
    if not identity:
        return Problem(file, index, kind, "neither an id nor a fullUrl that holds one")
    return Entry(file, index, kind, identity, text, aliases)


def _id_of_url(url: str) -> str:
    if url.startswith("urn:"):
        return url.rpartition(":")[2]
    parts = url.split("/")
    if len(parts) >= 4 and parts[-2] == "_history":
        parts = parts[:-2]
    return parts[-1]


def _read_members(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Where one value deep within cannot be decoded, the members around it still can be told."""
    try:
        return _OBJECT.decode(text)
    except _FAULTS:
        members = json_pieces.members(bytes(text))
        if members is None:
            raise
        return {name: msgspec.Raw(value) for name, value in members.items()}


def _read_elements(text: msgspec.Raw) -> list[msgspec.Raw]:
    try:
        return _LIST.decode(text)
    except _FAULTS:
        elements = json_pieces.elements(bytes(text))
        if elements is None:
            raise
        return [msgspec.Raw(element) for element in elements]


def _read_text(fields: dict[str, msgspec.Raw], name: str) -> str:
    try:
        return _TEXT.decode(fields[name]) if name in fields else ""
    except _FAULTS:
        return ""


def _resolve(value: Any, aliases: dict[str, str]) -> Any:
    """The value with every reference to an alias replaced by the resource's own name."""
    if isinstance(value, list):
        return [_resolve(item, aliases) for item in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    fields = {name: _resolve(item, aliases) for name, item in cast(dict[str, Any], value).items()}
    reference = fields.get("reference")
    if isinstance(reference, str) and reference in aliases:
        fields["reference"] = aliases[reference]
    return fields


def _refuse_unstorable(value: object) -> None:
    if isinstance(value, dict):
        for name, item in cast(dict[str, object], value).items():
            _refuse_unstorable(name)
            _refuse_unstorable(item)
    elif isinstance(value, list):
        for item in cast(list[object], value):
            _refuse_unstorable(item)
    elif isinstance(value, str):
        if "\0" in value:
            raise Unreadable('holds the character "\\u0000", which cannot be stored')
    elif isinstance(value, Decimal):
        if (
            abs(value.adjusted()) > exact_json.EXPONENT_MAX
            or len(value.as_tuple().digits) > DIGITS_MAX
        ):
            raise Unreadable("holds a number out of range")
    elif isinstance(value, int) and abs(value) >= 10**exact_json.EXPONENT_MAX:
        raise Unreadable("holds a number out of range")
