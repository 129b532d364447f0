"""Charts as PostgreSQL writes them: a facility's panel in pages for a new device, and by name.

A chart's lines are those of `pwa.py.domain.chart`; the browser stores the text as it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from backend import audit, devices, pages, patients, sessions
from backend.errors import Failure
from backend.sessions import Member
from backend.sync import READ_HEAD
from pwa.py.domain import chart_page, dates, references

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asyncpg import Connection

    from backend.database import Database

SNAPSHOT_PATIENTS_MAX = 500
SNAPSHOT_PATIENTS_DEFAULT = 100
SNAPSHOT_BYTES_MAX = 2 * 1024 * 1024
CHARTS_NAMED_MAX = 100
NUMBER_MAX = 999_999_999

_CHART = """
cross join lateral (
    select string_agg(
               key || E'\\t' || encounter_id || E'\\t' || date || E'\\t' || sequence
                   || E'\\t' || body::text,
               E'\\n' order by key <> 'Patient/' || patient_id, date desc, key) as text,
           max(sequence) as sequence
    from resource where facility_id = $1 and patient_id = page.patient_id
) as chart
"""

# In the order of the last visit or appointment. `$2` and `$3` are the last patient before the
# page: a patient who is moved to the front meanwhile was moved by a change after the cursor of
# the first page, and comes with the pull.
READ_PAGE = f"""
select page.patient_id, page.date, chart.text, chart.sequence
from (
    select patient_id, date from patient
    where facility_id = $1 and date <= $2 and (date < $2 or patient_id > $3)
    order by date desc, patient_id limit $4
) as page {_CHART}
order by page.date desc, page.patient_id
"""

READ_NAMED = f"""
select page.patient_id, page.date, chart.text, chart.sequence
from (
    select patient_id, date from patient where facility_id = $1 and patient_id = any($2::text[])
) as page {_CHART}
order by page.patient_id
"""

# Of one patient: the id, the lines, the newest sequence among them, and the last day.
ChartText = tuple[str, str, int, str]

# After every date.
FRONT = "~"


class Place:
    """How far a device has come: so many charts, the last of this day and patient."""

    def __init__(self, count: int = 0, date: str = FRONT, patient: str = "") -> None:
        self.count = count
        self.date = date
        self.patient = patient

    def __str__(self) -> str:
        return f"{self.count}_{self.date}_{self.patient}"


def read_place(token: str) -> Place:
    """The place that a page's `after` names; the front for none."""
    if not token:
        return Place()
    parts = token.split("_")
    if len(parts) != 3 or not references.is_id(parts[2]) or not pages.is_number(parts[0]):
        raise Failure("value", "must be what an earlier page gave", "after")
    if parts[1] and not dates.is_date(parts[1]):
        raise Failure("value", "must be what an earlier page gave", "after")
    return Place(int(parts[0]), parts[1], parts[2])


async def read_snapshot(request: Request, member: Member) -> Response:
    """GET /api/snapshot?after=&limit=&cap="""
    return respond(await answer_page(sessions.database_of(request), member, request.query_params))


def respond(page: dict[str, Any]) -> Response:
    return Response(chart_page.write(page), media_type=chart_page.MEDIA_TYPE)


async def answer_page(
    database: Database, member: Member, query: Mapping[str, str]
) -> dict[str, Any]:
    """One page of the panel: the `cap` charts of who was here last, or is expected."""
    after = read_place(query.get("after", ""))
    limit = pages.read_number(query, "limit", 1, NUMBER_MAX, SNAPSHOT_PATIENTS_DEFAULT)
    cap = pages.read_number(query, "cap", 1, NUMBER_MAX, NUMBER_MAX)
    limit = min(limit, SNAPSHOT_PATIENTS_MAX, max(0, cap - after.count))
    async with database.transaction() as connection:
        # The cursor is read before the charts: what is written meanwhile may already be in a
        # chart and comes once more with the next pull, which merge does not mind. The other way
        # round it would be missed.
        reply = await begin_reply(connection, member.facility_id)
        place = (member.facility_id, after.date, after.patient)
        charts, is_end = await read_charts(connection, limit, READ_PAGE, *place, limit + 1)
        await record_charts(connection, member, audit.SNAPSHOT_READ, charts)
    count = after.count + len(charts)
    following = None
    if not is_end and count < cap:
        following = str(Place(count, charts[-1][3], charts[-1][0]))
    return reply | {"charts": charts, "after": following, "panel": min(cap, reply["patients"])}


async def begin_reply(connection: Connection, facility_id: str) -> dict[str, Any]:
    head = await connection.fetchrow(READ_HEAD, facility_id)
    assert head is not None
    count = await connection.fetchval(patients.COUNT, facility_id)
    return {"epoch": head["epoch"], "cursor": head["sequence"], "patients": count}


async def read_charts(
    connection: Connection, limit: int, statement: str, *arguments: Any
) -> tuple[list[ChartText], bool]:
    """Charts until the page is full, and whether they were the last."""
    rows, is_end = await pages.read_rows(
        connection, limit, "text", SNAPSHOT_BYTES_MAX, statement, *arguments
    )
    charts = [(row["patient_id"], row["text"], row["sequence"], row["date"]) for row in rows]
    return charts, is_end


async def read_named(request: Request, member: Member) -> Response:
    """GET /api/charts?patients="""
    return respond(await answer_named(sessions.database_of(request), member, request.query_params))


def read_patients(text: str) -> list[str]:
    named = text.split(",")
    if len(named) > CHARTS_NAMED_MAX:
        raise Failure("too-many", f"at most {CHARTS_NAMED_MAX} patients", "patients")
    for patient in named:
        devices.require_id(patient, "patients")
    return named


async def answer_named(
    database: Database, member: Member, query: Mapping[str, str]
) -> dict[str, Any]:
    """Their charts; whoever is in neither list did not fit, and is to be asked for again."""
    named = read_patients(query.get("patients", ""))
    async with database.transaction() as connection:
        reply = await begin_reply(connection, member.facility_id)
        charts, is_end = await read_charts(
            connection, CHARTS_NAMED_MAX, READ_NAMED, member.facility_id, named
        )
        await record_charts(connection, member, audit.CHARTS_READ, charts)
    found = {chart[0] for chart in charts}
    absent = sorted(set(named) - found) if is_end else []
    return reply | {"charts": charts, "absent": absent}


async def record_charts(
    connection: Connection, member: Member, action: str, charts: Sequence[ChartText]
) -> None:
    seen = [chart[0] for chart in charts]
    if seen:
        patient_id = seen[0] if len(seen) == 1 else None
        details = {"patients": seen}
        await audit.record_of(connection, member, action, patient_id=patient_id, details=details)
