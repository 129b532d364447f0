"""The schedule: a list of small actions made from a seed, and what each does to the world.

An action is (name, three numbers, steps): the numbers choose tablet, patient, field or time
among what is there, so that an action means something whatever others were left out; `steps`
is how far the scheduler then goes on by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

from pwa.py.domain import changes, schema
from pwa.py.domain.failures import Failure
from tests.charts import whole_chart
from tests.simulation import decisions, refused_actions, rescue_actions
from tests.simulation.judging import require
from tests.simulation.server import FAULTS, SLOW_REPLY
from tests.simulation.witness import live

if TYPE_CHECKING:
    from tests.simulation.tablet import Tab
    from tests.simulation.world import World

Action = tuple[str, int, int, int, int]

AUTHORS = ("doctor", "nurse", "stranger")
YEAR_MS = 365 * 24 * 3_600_000
SKEWS_MS = (0, -2 * YEAR_MS, 3 * YEAR_MS, 60_000, -60_000, 3_600_000, -3_600_000, 40 * YEAR_MS)
VISIT: dict[str, Any] = {"vitals": {"systolic": "120", "diastolic": "80", "temperature": "37,2"}}
# A field or two of each type, so that people meet on them; unknown ones as a newer app has them.
FIELDS = {
    "Patient": ("birthDate", "telecom", "identifier", "newerField"),
    "Encounter": ("reasonCode", "location"),
    "Observation": ("valueQuantity", "note"),
    "Condition": ("clinicalStatus", "note", "code"),
    "DocumentReference": ("description",),
    "AllergyIntolerance": ("reaction", "note"),
    "MedicationRequest": ("dosageInstruction", "status"),
    "Immunization": ("note",),
    "CarePlan": ("newerField", "status"),
}
CREATED = ("AllergyIntolerance", "MedicationRequest", "Immunization", "CarePlan")
# So much more is chosen of what a schedule is to have often.
OFTEN = 12
SEEN_MS_MAX = 20_000


def make(random: Random, length: int, often: tuple[str, ...] = ()) -> list[Action]:
    """Weights differ from schedule to schedule, so that some have much of one thing."""
    names = list(ACTIONS) + [name for name in often if name not in ACTIONS]
    weights = [(ACTIONS | ASKED_FOR)[name][1] * random.choice((0, 1, 1, 2, 4)) for name in names]
    weights = [
        weight + OFTEN if name in often else weight
        for name, weight in zip(names, weights, strict=True)
    ]
    chosen = random.choices(names, [weight + 0.02 for weight in weights], k=length)
    first: list[Action] = [("register", random.randrange(3), 0, 0, 200) for _ in range(2)]
    return first + [
        (name, *(random.randrange(1 << 16) for _ in range(3)), random.choice((0, 3, 20, 90, 300)))
        for name in chosen
    ]


def perform(world: World, action: Action) -> None:
    name, one, two, three, steps = action
    (ACTIONS | ASKED_FOR)[name][0](world, one, two, three)
    world.scheduler.run(steps)


def register(world: World, one: int, two: int, three: int) -> None:
    tab = world.tab(one)
    if tab is None:
        return
    marker = world.marker()
    form = {"name": f"Pasien {marker}", "birthDate": "1990-05-17", "gender": "female"}
    form["phone"] = marker if two % 2 else ""

    async def journey(tab: Tab) -> None:
        answer = await tab.desk.register_patient(form)
        require(answer["issues"] == [], "cannot register", answer)
        tab.tablet.oracle.returned(tab.tablet, f"Patient/{answer['id']}", marker)

    tab.act(journey)


def visit(world: World, one: int, two: int, three: int) -> None:
    tab, patient = world.chart(one, two)
    if tab is None:
        return
    marker = world.marker()
    diagnoses = [{"code": "J06.9", "text": f"ISPA {marker}"}] if three % 2 else []
    form = VISIT | {"reason": marker, "note": marker if three % 3 else "", "diagnoses": diagnoses}

    async def journey(tab: Tab) -> None:
        await tab.desk.note_use(patient)
        answer = await tab.desk.record_encounter(patient, form)
        if was_let_go(answer["issues"]):
            return
        require(answer["issues"] == [], "cannot record", answer)
        tab.tablet.oracle.returned(tab.tablet, f"Encounter/{answer['id']}", marker)

    tab.act(journey)


def create(world: World, one: int, two: int, three: int) -> None:
    tab, patient = world.chart(one, two)
    if tab is None:
        return
    marker, kind = world.marker(), CREATED[three % len(CREATED)]
    resource: Any = {"resourceType": kind, "id": tab.tablet.new_id(), "status": "active"}
    resource["note"] = [{"text": marker}]

    async def journey(tab: Tab) -> None:
        await tab.desk.note_use(patient)
        draft = changes.create(resource, patient)
        if three % 5 == 0:
            # As a newer app writes it: a member of the change that this version does not know.
            draft["situation"] = {"newer": [marker]}
        issues = await tab.record.write(patient, [draft])
        if was_let_go(issues):
            return
        require(issues == [], "cannot create", issues)
        tab.tablet.oracle.returned(tab.tablet, f"{kind}/{resource['id']}", marker)

    tab.act(journey)


def amend(world: World, one: int, two: int, three: int) -> None:
    """Somebody reads a chart, thinks for a while, and writes upon what was read."""
    tab, patient = world.chart(one, two)
    if tab is None:
        return
    marker = world.marker()

    async def journey(tab: Tab) -> None:
        await tab.desk.note_use(patient)
        await tab.desk.open_chart(patient)
        chart = whole_chart(tab.tablet.disk, patient)
        keys = [f"Patient/{patient}", *sorted(chart.keys())[:3]]
        key = keys[three % len(keys)]
        row = chart.row(key)
        if row is None:
            return
        fields, reason = edit(key, three, marker)
        seen = {field: sorted(live_seen(row, field)) for field in fields}
        draft = changes.amend(row, fields, reason)
        await world.scheduler.sleep(three % SEEN_MS_MAX, tab)
        issues = await tab.record.write(patient, [draft])
        if was_let_go(issues):
            return
        require(issues == [], "cannot amend", issues, draft)
        kept = {field: stamps for field, stamps in seen.items() if stamps}
        tab.tablet.oracle.returned(tab.tablet, key, marker, kept)

    tab.act(journey)


def was_let_go(issues: list[Any]) -> bool:
    """The chart left the device while somebody wrote: a clock that jumps makes it look old. The
    person is told, and the form is still there."""
    return [one["code"] for one in issues] == ["not-found"]


def edit(key: str, three: int, marker: str) -> tuple[dict[str, Any], str]:
    """New values for a field of a resource, and the reason where one is due."""
    kind = key.split("/")[0]
    known = FIELDS.get(kind, ("note",))
    field = known[(three >> 4) % len(known)]
    value: Any = [{"text": marker}]
    if field == "birthDate":
        number = int(marker[1:-1])
        value = f"{1900 + number // 300}-{1 + number // 25 % 12:02d}-{1 + number % 25:02d}"
    elif field == "telecom":
        value = [{"system": "phone", "value": marker}]
    elif field == "identifier":
        value = [{"system": "urn:rekam:mrn", "value": marker}]
    fields: dict[str, Any] = {field: value}
    if three % 11 == 0:
        fields["note"] = None
    if schema.is_fact(kind):
        is_error = three % 7 == 0
        fields["status"] = "entered-in-error" if is_error else "amended"
        return fields, f"because {marker}"
    return fields, f"because {marker}"


def live_seen(row: Any, field: str) -> list[str]:
    kind = row["resource"]["resourceType"]
    return live(row, field) if schema.keeps_both(kind, field) else []


def look(world: World, one: int, two: int, three: int) -> None:
    tab, patient = world.chart(one, two)
    if tab is None:
        return

    async def journey(tab: Tab) -> None:
        await tab.desk.open_chart(patient)
        if three % 2:
            await tab.desk.note_use(patient)
        for row in tab.tablet.rows("waiting"):
            if tab.under_way.holds(row["key"]):
                tab.tablet.oracle.sent(tab, row["key"])
        await tab.refusals.list()

    tab.spawn(journey(tab), "look")


def look_up(world: World, one: int, two: int, three: int) -> None:
    """Somebody searches the facility, chooses one of those found, and opens the chart."""
    tab = world.tab(one)
    if tab is None:
        return

    async def journey(tab: Tab) -> None:
        found = (await tab.lookup.find("pasien"))["found"]
        if not found:
            return
        patient = found[two % len(found)]["id"]
        if three % 2:
            # The chart is long on its way, and everybody goes on meanwhile.
            tab.tablet.wire.faults.insert(0, SLOW_REPLY)
            for tablet in world.tablets:
                for other in tablet.tabs:
                    world.scheduler.after(1_000 + three % 2_000, other.sync.kick, other)
        if await tab.lookup.keep(patient):
            await tab.desk.note_use(patient)
            await tab.desk.open_chart(patient)

    tab.spawn(quietly(tab, journey), "look up")


async def quietly(tab: Tab, journey: Any) -> None:
    """Without a network it is said so, and nothing happens."""
    with suppress(Failure):
        await journey(tab)


def hear(world: World, one: int, two: int, three: int) -> None:
    """The server's stream says a number, the newest one or one that is long past."""
    tab = world.tab(one)
    if tab is not None:
        newest = world.server.tables.sequence
        tab.sync.hear(newest if two % 3 else two % (newest + 1))


def kick(world: World, one: int, two: int, three: int) -> None:
    tab = world.tab(one)
    if tab is not None:
        tab.sync.kick()


def open_tab(world: World, one: int, two: int, three: int) -> None:
    tablet = world.tablets[one % len(world.tablets)]
    if len(tablet.tabs) < 2:
        tablet.open(AUTHORS[two % 8] if two % 8 < len(AUTHORS) else "doctor")


def close_tab(world: World, one: int, two: int, three: int) -> None:
    tablet = world.tablets[one % len(world.tablets)]
    if tablet.tabs:
        tablet.close(tablet.tabs[two % len(tablet.tabs)])


def crash_tablet(world: World, one: int, two: int, three: int) -> None:
    tablet = world.tablets[one % len(world.tablets)]
    tablet.crash()
    tablet.open(AUTHORS[two % 8] if two % 8 < len(AUTHORS) else "doctor")


def new_tablet(world: World, one: int, two: int, three: int) -> None:
    world.add_tablet(AUTHORS[two % 2])


def copy_tablet(world: World, one: int, two: int, three: int) -> None:
    """A browser's profile is copied to another tablet, or an old image put onto one."""
    tablet = world.tablets[one % len(world.tablets)]
    if tablet.disk.rows("meta").get("device") is not None:
        world.add_tablet(AUTHORS[two % 2], tablet)


def revoke(world: World, one: int, two: int, three: int) -> None:
    """Most schedules keep most of their tablets."""
    if three % 4 == 0 and not world.server.tables.revoked:
        world.server.revoke(world.tablets[one % len(world.tablets)].device())


def crash_server(world: World, one: int, two: int, three: int) -> None:
    world.server.crash()
    world.scheduler.after(two % 5_000, world.server.start, world)


def back_up(world: World, one: int, two: int, three: int) -> None:
    world.server.back_up()


def restore(world: World, one: int, two: int, three: int) -> None:
    """From a backup made now and then, or from the first: mostly the newest is at hand."""
    world.server.restore(-1 - one % 2 if one % 4 else one)


def cut(world: World, one: int, two: int, three: int) -> None:
    wire = world.tablets[one % len(world.tablets)].wire
    wire.is_cut = not wire.is_cut


def fault(world: World, one: int, two: int, three: int) -> None:
    wire = world.tablets[one % len(world.tablets)].wire
    wire.faults.append(FAULTS[two % len(FAULTS)])


def sign_out(world: World, one: int, two: int, three: int) -> None:
    wire = world.tablets[one % len(world.tablets)].wire
    wire.is_signed_out = not wire.is_signed_out


def skew(world: World, one: int, two: int, three: int) -> None:
    world.tablets[one % len(world.tablets)].clock_off_ms = SKEWS_MS[two % len(SKEWS_MS)]


def fill(world: World, one: int, two: int, three: int) -> None:
    world.tablets[one % len(world.tablets)].full_commits = 1 + two % 3


def admit(world: World, one: int, two: int, three: int) -> None:
    """The stranger is taken into the facility, or let go."""
    world.server.database.members ^= {"stranger"}


def wait(world: World, one: int, two: int, three: int) -> None:
    world.scheduler.run_until(world.scheduler.now_ms + one % 60_000, world.steps_max)


# What an action does, and how often it is chosen beside the others.
ACTIONS: dict[str, tuple[Callable[[Any, int, int, int], None], float]] = {
    "register": (register, 3),
    "visit": (visit, 4),
    "create": (create, 3),
    "amend": (amend, 12),
    "look": (look, 2),
    "disagree": (decisions.disagree, 3),
    "settle": (decisions.settle, 5),
    "undo": (decisions.undo, 2),
    "look_up": (look_up, 2),
    "hear": (hear, 1),
    "send_again": (refused_actions.send_again, 2),
    "mend": (refused_actions.mend, 2),
    "withdraw": (refused_actions.withdraw, 2),
    "kick": (kick, 3),
    "open_tab": (open_tab, 1.5),
    "close_tab": (close_tab, 1),
    "crash_tablet": (crash_tablet, 2),
    "new_tablet": (new_tablet, 0.7),
    "copy_tablet": (copy_tablet, 0.7),
    "revoke": (revoke, 0.7),
    "say_again": (refused_actions.say_again, 1.5),
    "crash_server": (crash_server, 2),
    "back_up": (back_up, 2),
    "restore": (restore, 1),
    "cut": (cut, 2),
    "fault": (fault, 4),
    "sign_out": (sign_out, 0.5),
    "skew": (skew, 1.5),
    "fill": (fill, 1),
    "admit": (admit, 0.7),
    "wait": (wait, 3),
}
# Only in schedules that ask for them (`often`): the seeds of all others mean what they meant.
ASKED_FOR: dict[str, tuple[Callable[[Any, int, int, int], None], float]] = {
    "judge": (decisions.judge, 6),
    "write_file": (rescue_actions.write_file, 2),
    "read_file": (rescue_actions.read_file, 2),
}
