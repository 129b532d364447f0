"""The table of patients: their lines of the directory, and the last day of each.

It follows from the resources and is written with them, in the transaction that applies a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import chart, dates, directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Connection

    from pwa.py.domain.shapes import Row

# A visit or an appointment brings a patient to the front of a device's first sync.
DATED_TYPES = ("Encounter", "Appointment")
DAY_CHARACTERS = 10
SEARCH_CHARACTERS_MAX = 1_000

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
