"""What was refused: who waits for it, how it is replaced or withdrawn, and that it stays."""

from __future__ import annotations

from typing import Any

import pytest

from backend import refused
from backend.database import Database
from pwa.py.domain import changes
from tests.backend.clinics import Clinic, Tablet, condition, open_clinic, patient


@pytest.fixture
async def clinic(database: Database) -> Clinic:
    return await open_clinic(database)


def sealed(tablet: Tablet, draft: dict[str, Any], author: str = "") -> tuple[dict[str, Any], str]:
    """One change with its text; by default of the clinic's account."""
    by = author or tablet.clinic.account_id
    [(change, text)], tablet.state = changes.seal([draft], tablet.state, by, 1_795_398_170_000)
    found: Any = change
    return found, text


async def push(tablet: Tablet, *texts: str, **fields: Any) -> list[dict[str, Any]]:
    answer = await tablet.push(list(texts), **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"]


def why(outcome: dict[str, Any]) -> tuple[str, int | None]:
    if not outcome["issues"]:
        return outcome["outcome"], None
    return outcome["issues"][0]["code"], outcome["issues"][0].get("waits_for")


async def refuse_patient(tablet: Tablet) -> dict[str, Any]:
    change, text = sealed(tablet, patient("p1"), "stranger")
    assert [why(one) for one in await push(tablet, text)] == [("forbidden", None)]
    return change


async def test_what_builds_upon_a_refused_creation_waits_for_it(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    old = await refuse_patient(tablet)
    _, visit = sealed(tablet, condition("p1", resource_id="c1"))
    edit: dict[str, Any] = {"patient": "p1", "resource": "Condition/c1", "base": {}, "set": {}}
    _, later = sealed(tablet, edit | {"set": {"note": []}})
    assert [why(one) for one in await push(tablet, visit, later)] == [("incomplete", 1)] * 2
    _, again = sealed(tablet, changes.repeat(old) | {"author": clinic.account_id})
    _, visit = sealed(tablet, condition("p1", resource_id="c1") | {"replaces": 2})
    assert [why(one)[0] for one in await push(tablet, again, visit)] == ["created", "created"]
    rows = await clinic.fetch(
        "select number, settled_number, waits_for, patient_id from refused order by 1"
    )
    assert [tuple(row) for row in rows] == [(1, 4, None, "p1"), (2, 5, 1, "p1"), (3, None, 1, "p1")]


async def test_what_names_a_refused_value_as_seen_waits_for_it(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    _, first = sealed(tablet, patient("p1"))
    _, second = sealed(tablet, condition("p1", resource_id="c1"))
    draft = {"patient": "p1", "resource": "Condition/c1", "base": {}}
    wrong, third = sealed(tablet, draft | {"set": {"code": {"text": "x"}}}, "stranger")
    seen = {"code": [wrong["timestamp"]]}
    _, fourth = sealed(tablet, draft | {"base": seen, "set": {"code": {"text": "y"}}})
    _, fifth = sealed(tablet, draft | {"set": {"note": [{"text": "free"}]}})
    outcomes = await push(tablet, first, second, third, fourth, fifth)
    assert [why(one) for one in outcomes] == [
        ("created", None),
        ("created", None),
        ("forbidden", None),
        ("incomplete", 3),
        ("updated", None),
    ]


async def test_another_device_never_waits(clinic: Clinic) -> None:
    await refuse_patient(await clinic.tablet())
    other = await clinic.tablet()
    assert [why(one)[0] for one in await push(other, *other.write(patient("p1")))] == ["created"]


async def test_only_a_change_of_the_same_resource_replaces(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    await refuse_patient(tablet)
    texts = tablet.write(patient("p2") | {"replaces": 1}, patient("p3") | {"replaces": 2})
    assert [why(one)[0] for one in await push(tablet, *texts)] == ["business-rule"] * 2
    assert await clinic.fetch("select 1 from refused where settled_at is not null") == []


async def test_what_was_accepted_may_be_said_again(clinic: Clinic) -> None:
    """As after a restore: the reason for which it was refused then is gone."""
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), patient("p1") | {"replaces": 1})
    assert [why(one)[0] for one in await push(tablet, *texts)] == ["created", "updated"]


async def test_withdrawn_work_is_noted_once_with_who_and_why(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    await refuse_patient(tablet)
    for _ in range(2):
        await push(tablet, withdrawn=[{"number": 1, "reason": "salah\0 orang"}])
    [row] = await clinic.fetch("select settled_by, reason, settled_at from refused")
    assert (row["settled_by"], row["reason"]) == (clinic.account_id, "salah\ufffd orang")
    [found] = await clinic.fetch("select details from audit where action = 'changes-withdrawn'")
    assert found["details"] == '{"numbers": [1]}'
    _, visit = sealed(tablet, condition("p1"))
    assert [why(one) for one in await push(tablet, visit)] == [("deleted", 1)]


async def test_withdrawn_work_that_comes_only_now_is_not_accepted(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), patient("p2"))
    outcomes = await push(tablet, *texts, withdrawn=[{"number": 1, "reason": "batal"}])
    assert [why(one)[0] for one in outcomes] == ["deleted", "created"]
    [row] = await clinic.fetch("select number, reason from refused")
    assert tuple(row) == (1, "batal")


async def test_what_was_accepted_cannot_be_withdrawn(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"))
    await push(tablet, *texts)
    told = [{"number": 1, "reason": "batal"}, {"number": 7, "reason": "belum ada"}]
    assert [why(one)[0] for one in await push(tablet, *texts, withdrawn=told)] == ["duplicate"]
    assert await clinic.fetch("select 1 from refused") == []


@pytest.mark.parametrize(
    "told", [5, [5], [{"number": 0, "reason": "x"}], [{"number": 1, "reason": ""}], [{"number": 1}]]
)
async def test_nonsense_is_not_taken_for_a_withdrawal(clinic: Clinic, told: Any) -> None:
    tablet = await clinic.tablet()
    answer = await tablet.push([], withdrawn=told)
    assert answer.status_code == 400


async def test_the_operator_sees_what_was_refused_and_how_it_ended(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    await refuse_patient(tablet)
    _, visit = sealed(tablet, condition("p1"))
    await push(tablet, visit, withdrawn=[{"number": 1, "reason": "salah orang"}])
    async with clinic.database.connection() as connection:
        unsettled = await refused.list_lines(connection, is_all=False)
        every = await refused.list_lines(connection, is_all=True)
    assert [line.split("\t")[-1] for line in unsettled] == ["waits for no. 1"]
    assert len(every) == 2
    assert every[0].endswith("salah orang")
    assert "Siti" not in "".join(every)
