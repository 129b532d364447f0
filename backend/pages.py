"""Answers that come in pages: what a request asks for, and rows until a page is full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend.errors import Failure

if TYPE_CHECKING:
    from asyncpg import Connection

ROWS_FETCHED_AT_ONCE = 20
DIGITS_MAX = 19


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX


def read_number(
    query: Mapping[str, str], name: str, least: int, most: int, default: int | None = None
) -> int:
    text = query.get(name, "" if default is None else str(default))
    if not is_number(text) or not least <= int(text) <= most:
        raise Failure("value", f"must be a whole number from {least} to {most}", name)
    return int(text)


async def read_rows(
    connection: Connection,
    rows_max: int,
    text_column: str,
    characters_max: int,
    statement: str,
    *arguments: Any,
) -> tuple[list[Any], bool]:
    """Rows until the page is full, by number or by the length of their texts, and whether they
    were the last. The statement has to give one row more than the page may have."""
    rows: list[Any] = []
    length = 0
    async for row in connection.cursor(statement, *arguments, prefetch=ROWS_FETCHED_AT_ONCE):
        if len(rows) == rows_max or length >= characters_max:
            return rows, False
        rows.append(row)
        length += len(row[text_column])
    return rows, True
