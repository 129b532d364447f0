"""The table of patients: their lines of the directory, the last day of each, and the look-up.

It follows from the resources and is written with them, in the transaction that applies a batch.
A device searches in it for whom it does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from backend import audit, bodies, sessions
from backend.errors import Failure
from backend.sessions import Member
from pwa.py.domain import chart, dates, directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Connection

    from backend.database import Database
    from pwa.py.domain.shapes import Row

# A visit or an appointment brings a patient to the front of a device's first sync.
DATED_TYPES = ("Encounter", "Appointment")
DAY_CHARACTERS = 10
SEARCH_CHARACTERS_MAX = 1_000
FIND_CHARACTERS_MIN = 2
FIND_CHARACTERS_MAX = 200
FIND_PATIENTS_MAX = 50
FIND_PATIENTS_DEFAULT = 20

WRITE_LINES = """
insert into patient (facility_id, patient_id, line, search)
select $1, patient_id, line, search
from unnest($2::text[], $3::text[], $4::text[]) as written (patient_id, line, search)
on conflict (facility_id, patient_id) do update
set line = excluded.line, search = excluded.search
where patient.line <> excluded.line
"""

# A date that lies further ahead is a slip of somebody's pen, and must not win for ever.
WRITE_DATES = """
update patient set date = written.date
from (
    select patient_id, max(date) as date
    from unnest($2::text[], $3::text[]) as given (patient_id, date)
    where date <= to_char(now() + interval '366 days', 'YYYY-MM-DD')
    group by patient_id
) as written
where patient.facility_id = $1 and patient.patient_id = written.patient_id
    and patient.date < written.date
"""


COUNT = "select count(*) from patient where facility_id = $1"

# Whoever was here lately first: of many who match, one of those is meant most likely.
FIND = """
select patient_id, line from patient
where facility_id = $1 and search like all ($2::text[])
order by date desc, patient_id limit $3
"""


class Search(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody looks for; in a body, because addresses are written into logs."""

    find: str
    limit: int = FIND_PATIENTS_DEFAULT


async def find(request: Request, member: Member) -> Response:
    """POST /api/patients"""
    search = await bodies.read(request, Search)
    reply = await answer_search(sessions.database_of(request), member, search)
    return Response(msgspec.json.encode(reply), media_type="application/json")


async def answer_search(database: Database, member: Member, search: Search) -> dict[str, Any]:
    """The lines of who matches every word, as a device's own search would find them."""
    words = directory.query_words(search.find)
    if not FIND_CHARACTERS_MIN <= sum(map(len, words)) <= FIND_CHARACTERS_MAX:
        text = f"must have {FIND_CHARACTERS_MIN} to {FIND_CHARACTERS_MAX} characters"
        raise Failure("value", text, "find")
    if not 1 <= search.limit <= FIND_PATIENTS_MAX:
        raise Failure("value", f"must be from 1 to {FIND_PATIENTS_MAX}", "limit")
    if any("\x00" in word for word in words):
        raise Failure("value", "holds a character that no name has", "find")
    patterns = [f"%{escape(word)}%" for word in words]
    async with database.transaction() as connection:
        rows = await connection.fetch(FIND, member.facility_id, patterns, search.limit + 1)
        patients = await connection.fetchval(COUNT, member.facility_id)
        lines = [row["line"] for row in rows[: search.limit]]
        # Who was seen, and not what was typed: that may name somebody who is not here.
        details = {
            "words": len(words),
            "characters": len(search.find),
            "patients": [line.split("\t", 1)[0] for line in lines],
        }
        await audit.record_of(connection, member, audit.PATIENTS_FOUND, details=details)
    return {"lines": lines, "more": len(rows) > search.limit, "patients": patients}


def escape(word: str) -> str:
    for character in "\\%_":
        word = word.replace(character, "\\" + character)
    return word


async def write(
    connection: Connection, facility_id: str, writes: Mapping[str, tuple[int, Row]]
) -> None:
    """Follows the resources that a batch has written; most batches change nothing here."""
    lines: dict[str, str] = {}
    days: set[tuple[str, str]] = set()
    for _, row in writes.values():
        resource, patient_id = row["resource"], row["patient"]
        if resource["resourceType"] == "Patient":
            lines[patient_id] = directory.line_of(resource, 0)
        elif resource["resourceType"] in DATED_TYPES:
            day = chart.date_of(resource)[:DAY_CHARACTERS]
            if len(day) == DAY_CHARACTERS and dates.is_date(day):
                days.add((patient_id, day))
    if lines:
        searches = [search_text(line) for line in lines.values()]
        await connection.execute(
            WRITE_LINES, facility_id, list(lines), list(lines.values()), searches
        )
    if days:
        visitors, dates_of = zip(*sorted(days), strict=True)
        await connection.execute(WRITE_DATES, facility_id, visitors, dates_of)


def search_text(line: str) -> str:
    """What a search looks into: all but the id and the conflicts, folded as devices fold it."""
    return directory.fold(line.split("\t", 2)[2])[:SEARCH_CHARACTERS_MAX]
